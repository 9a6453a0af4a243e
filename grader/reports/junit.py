"""JUnit XML: a suite for each submission, a test for each check, as CI systems read it.

Points are properties of a suite, for JUnit knows none. A score that is withheld is not there; its checks are errors.
"""

from __future__ import annotations

from collections.abc import Iterable
from xml.etree.ElementTree import Element, SubElement

from grader.model import CheckResult, ExerciseResult, Result
from grader.reports import audience, junit_form, told
from grader.reports.text import inert, points


def xml(title: str, results: Iterable[Result], published: bool = False) -> bytes:
    """Return what students may read of some results, as one JUnit file."""
    root = Element("testsuites", name=_legal(title))
    for result in results:
        root.append(_suite(audience.for_student(result, published)))
    for count in ("tests", *junit_form.COUNTS.values()):
        root.set(count, str(sum(int(suite.get(count, "0")) for suite in root)))
    return junit_form.encoded(root)


def _suite(result: Result) -> Element:
    suite = Element("testsuite", name=_legal(result.submission))
    properties = SubElement(suite, "properties")
    if not result.withheld:
        SubElement(properties, "property", name="score", value=points(result.earned))
    SubElement(properties, "property", name="max_score", value=points(result.possible))
    SubElement(properties, "property", name="summary", value=_legal(told.summary(result)))
    suite.extend(_case(exercise, check) for exercise in result.exercises for check in exercise.checks)
    junit_form.count(suite)
    return suite


def _case(exercise: ExerciseResult, check: CheckResult) -> Element:
    case = Element("testcase", classname=_legal(exercise.id), name=_legal(told.name(exercise, check)))
    verdict = check.outcome.verdict
    tag = junit_form.tag(verdict)
    if tag:
        said = _legal(told.text(check))
        what = SubElement(case, tag, message=said.partition("\n")[0])
        if tag != "skipped":
            what.set("type", verdict)
            what.text = said
    elif check.outcome.reason:
        SubElement(case, "system-out").text = _legal(told.text(check))
    return case


def _legal(text: str) -> str:
    return junit_form.legal("\n".join(map(inert, text.split("\n"))))
