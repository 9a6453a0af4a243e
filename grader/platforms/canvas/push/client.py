"""The line to Canvas: canvasapi's requests, made patient.

Every call of ours goes through `CanvasClient.request`, one at a time. What Canvas throttles (429, or 403
`Rate Limit Exceeded` from older servers) had no effect and is asked again, when `Retry-After` says or after a wait that
grows. An address that never answered is given up at once. What breaks on the way, or ends in a 5xx, is asked again only
where doing it twice is the same as doing it once. A PUT, which adds a comment each time, is not: it raises Unsure, and
whoever sent it looks first.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urljoin, urlsplit

from grader.errors import UsageError, missing_extra
from grader.platforms.canvas.push.failures import Refused, Stopped, Unsure

try:
    import requests
    from canvasapi.exceptions import CanvasException
    from canvasapi.requester import Requester
    from requests.adapters import HTTPAdapter
    from tenacity import (
        RetryCallState,
        Retrying,
        retry_if_exception_type,
        stop_after_attempt,
        wait_exponential,
        wait_random,
    )
except ImportError:
    raise missing_extra("`grader canvas push`", "canvas") from None

TRIES = 9
"""With waits of 1, 2, 4 … 60 seconds and some more by chance, about three minutes."""

FIRST_WAIT, LONGEST_WAIT, LONGEST_ASKED = 1.0, 60.0, 300.0
LOW, REFILL = 100.0, 10.0
"""Under so much of its allowance a token goes slowly; Canvas gives back about so much of it a second."""

CONNECT_SECONDS, READ_SECONDS = 10.0, 60.0
THROTTLED = "rate limit exceeded"

GROWING = wait_exponential(FIRST_WAIT, LONGEST_WAIT) + wait_random(0, FIRST_WAIT)

Pause = Callable[[float], None]


class _Throttled(Exception):
    """Canvas would not do it now, and has not done it."""


class _Broken(Exception):
    """The connection or Canvas failed; whether there was an effect is not known."""


class _Timed(HTTPAdapter):
    def send(self, request: requests.PreparedRequest, **how: Any) -> requests.Response:  # type: ignore[override]
        how["timeout"] = how.get("timeout") or (CONNECT_SECONDS, READ_SECONDS)
        return super().send(request, **how)


class CanvasClient(Requester):  # type: ignore[misc]
    """A `canvasapi` requester for one address and token."""

    def __init__(self, address: str, token: str, pause: Pause | None = None) -> None:
        """Make a line; nothing is sent yet. `pause` waits for so many seconds."""
        super().__init__(address, token)
        self._pause: Pause = pause or time.sleep
        self._last: requests.Response | None = None
        self._answered = False
        self._session, self._plain = session(), session()
        self._session.hooks["response"].append(self._saw)
        self._retrying = Retrying(
            retry=retry_if_exception_type((_Throttled, _Broken)),
            wait=self._wait,
            stop=stop_after_attempt(TRIES),
            sleep=lambda seconds: self._pause(float(seconds)),
            reraise=True,
        )

    def request(self, method: str, endpoint: str | None = None, **how: Any) -> requests.Response:
        """Ask Canvas. Raises Refused, Unsure (a PUT only), Stopped, or UsageError where the token is not accepted."""
        try:
            response: requests.Response = self._retrying(self._once, method, endpoint, how)
        except _Throttled:
            raise Stopped("Canvas allows no more calls for now") from None
        except _Broken as error:
            raise Stopped(f"Canvas cannot be reached: {error}") from None
        self._slow_down(response)
        return response

    def without_token(
        self, url: str, fields: Mapping[str, Any], file: tuple[str, bytes], name: str
    ) -> requests.Response:
        """Post a form, a file as its last part, to wherever Canvas says, without the token. Raises Unsure, Refused."""
        if not self._may_be_told(url):
            raise Refused("Canvas asks for files over a connection that is not encrypted")
        parts = [(key, str(value)) for key, value in fields.items()]
        try:
            done = self._plain.post(url, data=parts, files={name: (*file, "text/markdown")}, allow_redirects=False)
        except requests.RequestException as error:
            raise Unsure(_said(error)) from None
        if done.status_code >= 500 or _throttled(done.status_code, done.text):
            raise Unsure(f"the file store answered {done.status_code}")
        if done.status_code >= 400:
            raise Refused(f"the file was refused ({done.status_code})")
        return done

    def follow(self, url: str) -> requests.Response:
        """Get an address that Canvas told us; with the token where that is Canvas itself, and only there."""
        url = urljoin(self.original_url, url)
        ours = _origin(url) == _origin(self.original_url)
        if not self._may_be_told(url):
            raise Refused("Canvas names an address that is not encrypted")
        return self.request("GET", _url=url, use_auth=ours)

    def _may_be_told(self, url: str) -> bool:
        return url.startswith("https://") or _origin(url) == _origin(self.original_url)

    def _once(self, method: str, endpoint: str | None, how: dict[str, Any]) -> requests.Response:
        self._last = None
        fields = list(how.get("_kwargs") or ())  # canvasapi adds to it, and a second try must not have it twice
        try:
            response: requests.Response = super().request(method, endpoint, **{**how, "_kwargs": fields})
        except requests.RequestException as error:
            if self._status == 401:
                raise _no_token() from None
            if not self._answered:
                self._expect_somebody(error)
            raise self._broken(method, _said(error)) from None
        except CanvasException as error:
            raise self._failed(method, error) from None
        try:
            response.json()
        except ValueError:
            raise Stopped("what answers is not Canvas, or wants a sign-in: is `canvas.url` right?") from None
        following = str(response.links.get("next", {}).get("url") or self.base_url)
        if not following.startswith(self.base_url):  # canvasapi would look for the rest in vain
            scheme, host = _origin(following)
            raise Stopped(f"Canvas calls itself {scheme}://{host} there; give that as `canvas.url`")
        return response

    def _failed(self, method: str, error: Exception) -> Exception:
        """Say what an answer that is none comes to."""
        status = self._status
        text = " ".join(str(error).split())[:200]
        if _throttled(status, text):
            return _Throttled()
        if status >= 500:
            return self._broken(method, f"it answered {status}")
        if status == 401 and type(error).__name__ == "InvalidAccessToken":
            return _no_token()
        if status in (401, 403):
            return Refused("the token may not do this")
        return Refused("it is not there" if status == 404 else f"{status}: {text}")

    @property
    def _status(self) -> int:
        return self._last.status_code if self._last is not None else 0

    def _broken(self, method: str, said: str) -> Exception:
        return Unsure(said) if method == "PUT" else _Broken(said)

    def _saw(self, response: requests.Response, *_: Any, **__: Any) -> None:
        self._last = response
        self._answered = True

    def _expect_somebody(self, error: requests.RequestException) -> None:
        """Raise at once, for an address that never answered, what trying again for minutes would not mend."""
        kind = type(getattr(next(iter(error.args), None), "reason", None)).__name__
        host = urlsplit(self.original_url).hostname
        if kind == "NameResolutionError":
            raise UsageError(f"no host is called {host}; is `canvas.url` right, and is there a network?") from None
        if kind in ("NewConnectionError", "ConnectTimeoutError"):
            raise Stopped(f"Canvas cannot be reached: nobody answers at {host}; is `canvas.url` right?") from None

    def _wait(self, state: RetryCallState) -> float:
        asked = self._last.headers.get("Retry-After", "") if self._last is not None else ""
        try:
            return min(max(float(asked), 0.0), LONGEST_ASKED)
        except ValueError:  # none, or a date
            return float(GROWING(state))

    def _slow_down(self, response: requests.Response) -> None:
        try:
            left = float(response.headers.get("X-Rate-Limit-Remaining", LOW))
        except ValueError:
            return
        if left < LOW:
            self._pause((LOW - left) / REFILL)


def session() -> requests.Session:
    """Return a session that never waits for ever, and takes no password from a file in the home folder."""
    made = requests.Session()
    made.auth = _as_it_is
    for scheme in ("https://", "http://"):
        made.mount(scheme, _Timed())
    return made


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def _throttled(status: int, text: str) -> bool:
    return status == 429 or (status == 403 and THROTTLED in text.casefold())


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc


def _said(error: Exception) -> str:
    """Name what broke, without the address and whatever is in it."""
    return "it took too long" if isinstance(error, requests.Timeout) else "the connection broke"


def _no_token() -> UsageError:
    return UsageError("Canvas does not accept the token in CANVAS_TOKEN: it is wrong, has expired, or was revoked")
