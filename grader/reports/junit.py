"""JUnit XML: a suite for each submission, a test for each check, as CI systems read it.

Points are properties of a suite, for JUnit knows none. A score that is withheld is not there; its checks are errors.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from grader.model import CheckResult, ExerciseResult, Result
from grader.reports import audience, told
from grader.reports.text import inert, points

ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What no XML file may hold, not even escaped."""

COUNTED = {"judge error": "error", "skipped": "skipped"}
"""What a verdict is in JUnit; any other that is not `accepted` is a failure."""


def xml(title: str, results: Iterable[Result], published: bool = False) -> bytes:
    """Return what students may read of some results, as one JUnit file."""
    root = Element("testsuites", name=_legal(title))
    for result in results:
        root.append(_suite(audience.for_student(result, published)))
    for count in ("tests", "failures", "errors", "skipped"):
        root.set(count, str(sum(int(suite.get(count, "0")) for suite in root)))
    ElementTree.indent(root)
    text: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return text + b"\n"


def _suite(result: Result) -> Element:
    suite = Element("testsuite", name=_legal(result.submission))
    properties = SubElement(suite, "properties")
    if not result.withheld:
        SubElement(properties, "property", name="score", value=points(result.earned))
    SubElement(properties, "property", name="max_score", value=points(result.possible))
    SubElement(properties, "property", name="summary", value=_legal(told.summary(result)))
    cases = [_case(exercise, check) for exercise in result.exercises for check in exercise.checks]
    suite.extend(cases)
    kinds = [child.tag for case in cases for child in case]
    suite.set("tests", str(len(cases)))
    for tag, count in (("failure", "failures"), ("error", "errors"), ("skipped", "skipped")):
        suite.set(count, str(kinds.count(tag)))
    return suite


def _case(exercise: ExerciseResult, check: CheckResult) -> Element:
    case = Element("testcase", classname=_legal(exercise.id), name=_legal(told.name(exercise, check)))
    verdict = check.outcome.verdict
    if verdict != "accepted":
        said = _legal(told.text(check))
        what = SubElement(case, COUNTED.get(verdict, "failure"), message=said.partition("\n")[0])
        if what.tag != "skipped":
            what.set("type", verdict)
            what.text = said
    elif check.outcome.reason:
        SubElement(case, "system-out").text = _legal(told.text(check))
    return case


def _legal(text: str) -> str:
    return ILLEGAL.sub("\ufffd", "\n".join(map(inert, text.split("\n"))))
