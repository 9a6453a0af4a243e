"""What any JUnit file of ours holds to: the signs of XML, the tag of a verdict, and how a suite counts."""

from __future__ import annotations

import re
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What no XML file may hold, not even escaped."""

TAGS = {"accepted": "", "judge error": "error", "skipped": "skipped"}
COUNTS = {"failure": "failures", "error": "errors", "skipped": "skipped"}
"""Tag of a case that is not right -> the attribute of a suite that counts such."""


def legal(text: str) -> str:
    """Return text with what no XML file may hold taken out.

    >>> legal("a\\x00b\\tc")
    'a\ufffdb\\tc'
    """
    return ILLEGAL.sub("\ufffd", text)


def tag(verdict: str) -> str:
    """Return what a verdict is in JUnit; blank where all is well.

    >>> tag("skipped"), tag("time limit"), tag("accepted")
    ('skipped', 'failure', '')
    """
    return TAGS.get(verdict, "failure")


def count(suite: Element) -> None:
    """Have a suite say how many cases it has, and how many of each tag."""
    cases = suite.findall("testcase")
    suite.set("tests", str(len(cases)))
    for name, counted in COUNTS.items():
        suite.set(counted, str(sum(case.find(name) is not None for case in cases)))


def encoded(root: Element) -> bytes:
    """Return the whole file, one element a line."""
    ElementTree.indent(root)
    text: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return text + b"\n"
