"""A headless Firefox, driven by WebDriver BiDi: Debian's own, which Playwright cannot drive."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

FIREFOX = shutil.which("firefox-esr") or shutil.which("firefox")
PATIENCE = 120
"""Seconds for one answer; a machine may be busy with other tests."""


class Firefox:
    """A browser with one page."""

    def __init__(self, socket: Any) -> None:
        self._socket, self._number = socket, 0
        self.complaints: list[str] = []
        self._told("session.new", capabilities={})
        self._told("session.subscribe", events=["log.entryAdded"])
        self._page = self._told("browsingContext.getTree")["contexts"][0]["context"]

    def open(self, address: str) -> None:
        """Open a page, and wait until it is loaded."""
        self._told("browsingContext.navigate", context=self._page, url=address, wait="complete")

    def value(self, script: str) -> Any:
        """Return what an expression of JavaScript comes to, as JSON; a promise is waited for."""
        wrapped = f"Promise.resolve({script}).then((found) => JSON.stringify(found === undefined ? null : found))"
        told = self._told("script.evaluate", expression=wrapped, target={"context": self._page}, awaitPromise=True)
        assert told["type"] == "success", told
        return json.loads(told["result"]["value"])

    def wait_for(self, script: str) -> None:
        """Wait until an expression is true."""
        end = time.monotonic() + PATIENCE
        while not self.value(script):
            assert time.monotonic() < end, script
            time.sleep(0.1)

    def _told(self, method: str, **parameters: Any) -> Any:
        self._number += 1
        self._socket.send(json.dumps({"id": self._number, "method": method, "params": parameters}))
        while True:
            told = json.loads(self._socket.recv())
            if told.get("id") == self._number:
                assert told["type"] == "success", told
                return told["result"]
            if told.get("method") == "log.entryAdded":
                self.complaints.append(str(told["params"].get("text")))


@contextmanager
def firefox(profile: Path) -> Iterator[Firefox]:
    """Start one, and end it."""
    import websocket

    assert FIREFOX is not None
    command = [FIREFOX, "--headless", "--no-remote", "--profile", str(profile), "--remote-debugging-port", "0"]
    process = subprocess.Popen([*command, "about:blank"], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
    try:
        assert process.stderr is not None
        address = next((found[1] for line in iter(process.stderr.readline, "") if (found := _address(line))), None)
        if address is None:
            pytest.skip("firefox does not start here")
        socket = websocket.create_connection(f"{address}/session", suppress_origin=True, timeout=PATIENCE)
        yield Firefox(socket)
        socket.close()
    finally:
        process.kill()
        process.communicate()


def _address(line: str) -> re.Match[str] | None:
    return re.search(r"BiDi listening on (ws://\S+)", line)
