"""The self-check in a second browser."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser import web
from tests.browser.firefox import FIREFOX, Firefox, firefox
from tests.browser.web import CHECK, differences, served, written
from tests.conftest import ROOT
from tests.desk.in_one import handed_in
from tests.desk.test_in_one import FIVE, HEAD, HOME, MUL, at_a_desk

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not web.available(), reason="npm and node are not installed; CI installs them"),
    pytest.mark.skipif(FIREFOX is None, reason="firefox is not installed; CI installs it"),
]

CLASS = ROOT / "examples" / "cohort" / "submissions"


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Firefox]:
    pytest.importorskip("websocket", reason="websocket-client is not installed: see requirements/dev.lock")
    with firefox(tmp_path_factory.mktemp("profile")) as browser:
        browser.open((written("lecture8", tmp_path_factory) / "check.html").as_uri())
        browser.wait_for("'took' in document.getElementById('status').dataset")
        yield browser


def checked(browser: Firefox, files: dict[str, bytes]) -> dict[str, object]:
    sent = json.dumps({name: b64encode(raw).decode() for name, raw in files.items()})
    found: dict[str, object] = browser.value(f"({CHECK})({sent})")
    return found


@pytest.mark.parametrize("who", ["u1001", "u2003", "u2008"])
def test_the_whole_document_is_that_of_a_desk(who: str, opened: Firefox, tmp_path: Path) -> None:
    told = checked(opened, handed_in(CLASS / who))["last"]
    assert isinstance(told, dict)
    assert list(differences(at_a_desk("config.yaml", CLASS / who, tmp_path / "homework"), told["json"])) == []


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("while True: pass", "✗ forward: time limit"),
        ("import os; os._exit(0)", "✗ forward: runtime error"),
        ("return TimesFive.forward(ctx, x)", "✗ forward: RecursionError"),
    ],
)
def test_what_ends_python_costs_its_exercise(line: str, said: str, opened: Firefox) -> None:
    rows = checked(opened, {HOME: (HEAD + FIVE.format(line) + MUL).encode()})["rows"]
    assert isinstance(rows, dict)
    assert rows["times-five-forward"].startswith(said)
    assert rows["mul-forward"] == "✓ right"


def test_from_a_web_server_nothing_is_complained_of(opened: Firefox, tmp_path_factory: pytest.TempPathFactory) -> None:
    with served(written("lecture8", tmp_path_factory)) as address:
        opened.complaints.clear()
        opened.open(f"{address}index.html")
        opened.wait_for("'took' in document.getElementById('status').dataset")
        assert opened.value("document.getElementById('progress').textContent") == "0 of 11 done"
        assert opened.complaints == []
