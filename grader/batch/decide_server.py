"""The server of `grader decide`: on this machine alone, for whoever has the address, which nobody else can guess.

Every path begins with a token. A request is answered if it names this host and comes from no other page: by `Host`,
and by `Origin` where something is changed. So neither another program's guess nor a page that is open beside it, nor a
name that somebody points here, reads or decides anything. Only to the first page a file may lead, as the one does that
the command opens.
"""

from __future__ import annotations

import hmac
import http.server
import secrets
import threading
from collections.abc import Callable, Mapping
from http import HTTPStatus
from urllib.parse import parse_qs, urlencode, urlsplit

from grader.assignment.forms import FormError
from grader.batch import bench
from grader.batch.bench import Bench
from grader.batch.decide_pages import DecidePages
from grader.batch.deciding import Changed, Decisions, digest
from grader.course import writing
from grader.course.writing import Decision
from grader.errors import UsageError
from grader.reports import standalone

LONGEST = 64 * 1024
"""Bytes of a form."""

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Type": "text/html; charset=utf-8",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Security-Policy": "frame-ancestors 'none'",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}

REGRADED = (
    "Nothing was decided: there are other results than when this page was made. Below is what would change now; what "
    "you wrote is still here."
)
CHANGED = (
    "Nothing was decided: the file has changed since this page was made. Below is what would change now; what you "
    "wrote is still here."
)

Fields = Mapping[str, str]


class Answer(Exception):
    """Ends a request with this status; `said` is for whoever asked, `to` where they are led."""

    def __init__(self, status: HTTPStatus, said: str = "", to: str = "") -> None:
        super().__init__(said)
        self.status, self.said, self.to = status, said, to


class Server(http.server.ThreadingHTTPServer):
    """Serves one assignment's decisions. `url` is where a browser starts."""

    daemon_threads = True

    def __init__(self, table: Bench, decisions: Decisions, write: Callable[[], str], port: int = 0) -> None:
        """Listen on this machine alone. `write` writes the marks, and says in a sentence what it wrote.

        Raises OSError where the port is taken.
        """
        super().__init__(("127.0.0.1", port), Handler)
        self.token = secrets.token_urlsafe(24)
        self.base = f"/{self.token}/"
        self.bench, self.decisions, self.write = table, decisions, write
        self.pages = DecidePages(table, decisions, self.base)
        self.one_at_a_time = threading.Lock()
        self.written: dict[str, str] = {}

    @property
    def hosts(self) -> tuple[str, ...]:
        """Return what a browser on this machine calls this server."""
        port = self.server_address[1]
        return f"127.0.0.1:{port}", f"localhost:{port}"

    @property
    def url(self) -> str:
        """Return the address, token and all."""
        return f"http://{self.hosts[0]}{self.base}"


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers one request."""

    server: Server
    server_version, sys_version = "grader", ""
    timeout = 30

    def do_GET(self) -> None:
        """Show a page."""
        self._answered(self._get)

    def do_POST(self) -> None:
        """Decide something."""
        self._answered(self._post)

    def log_message(self, *_: object) -> None:
        """Say nothing: an address holds the token."""

    def _answered(self, make: Callable[[str, Fields], str]) -> None:
        status, body, to = HTTPStatus.OK, "", ""
        try:
            path, fields = self._admitted()
            with self.server.one_at_a_time:
                self.server.bench.look()  # once per request: a class is thousands of files
                body = make(path, fields)
        except Answer as answer:
            status, to = answer.status, answer.to
            body = standalone.document(answer.said, f"<p>{standalone.shown(answer.said)}</p>", (), ())
        except UsageError as error:
            status, body = HTTPStatus.CONFLICT, self._fault(str(error))
        except Exception as error:  # a bug of ours is told, and the next page is served all the same
            status, body = HTTPStatus.INTERNAL_SERVER_ERROR, self._fault(f"internal error: {error!r}")
        raw = body.encode("utf-8", "replace")
        self.send_response(status)
        for name, value in (HEADERS | ({"Location": to} if to else {})).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def _admitted(self) -> tuple[str, Fields]:
        """Return the path behind the token, and the fields. Raises Answer for a request that is not from our pages."""
        parts = urlsplit(self.path)
        token, _, path = parts.path.removeprefix("/").partition("/")
        ours = [f"http://{host}" for host in self.server.hosts]
        origin, site = self.headers.get("Origin"), self.headers.get("Sec-Fetch-Site", "none")
        if self.headers.get("Host") not in self.server.hosts:
            raise Answer(HTTPStatus.FORBIDDEN, "this is not what the server is called")
        if not hmac.compare_digest(token.encode("utf-8", "replace"), self.server.token.encode()):
            raise Answer(HTTPStatus.FORBIDDEN, "the address is not whole; open the one that the terminal shows")
        first = self.command == "GET" and not path and self.headers.get("Sec-Fetch-Mode") == "navigate"
        if not (first or site in ("none", "same-origin")) or (origin is not None and origin not in ours):
            raise Answer(HTTPStatus.FORBIDDEN, "this was asked for by another page")
        if self.command == "GET":
            return path, _fields(parts.query)
        if origin is None:
            raise Answer(HTTPStatus.FORBIDDEN, "this was asked for by no page of ours")
        return path, _fields(self._body())

    def _body(self) -> str:
        kind = self.headers.get("Content-Type", "").partition(";")[0].strip()
        length = self.headers.get("Content-Length", "")
        if kind != "application/x-www-form-urlencoded" or not length.isdecimal():
            raise Answer(HTTPStatus.BAD_REQUEST, "this is no form")
        if int(length) > LONGEST:
            raise Answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "this is too long")
        return self.rfile.read(int(length)).decode("utf-8", "replace")

    def _get(self, path: str, fields: Fields) -> str:
        pages, table = self.server.pages, self.server.bench
        if path == "":
            return pages.of_class(fields.get("who", ""), self.server.written.get(fields.get("wrote", ""), ""))
        if path == "log":
            return pages.of_log("Decided." if "done" in fields else "")
        if path == "mistake":
            shared = table.shared(fields.get("exercise", ""), fields.get("mistake", ""))
            if shared is None:
                raise UsageError("nobody makes this mistake in the results as they are now")
            return pages.of_mistake(shared)
        if path == "student":
            result = table.result(fields.get("student", ""))
            if result is None:
                raise UsageError("there is no result of that name now")
            return pages.of_student(result)
        raise Answer(HTTPStatus.NOT_FOUND, "there is no such page")

    def _post(self, path: str, fields: Fields) -> str:
        key = fields.get("key", "")
        if not key or len(key) > 100:
            raise Answer(HTTPStatus.BAD_REQUEST, "this is no form of ours")
        if path in ("preview", "decide"):
            return self._decision(path, fields, key)
        if path == "undo":
            return self._undo(fields.get("of", ""), key)
        if path == "write":
            if key not in self.server.written:
                self.server.written[key] = self.server.write()
            raise Answer(HTTPStatus.SEE_OTHER, to=f"{self.server.base}?{urlencode({'wrote': key})}")
        raise Answer(HTTPStatus.NOT_FOUND, "there is no such page")

    def _decision(self, path: str, fields: Fields, key: str) -> str:
        """Show what a decision changes, or make it."""
        table, decisions, pages = self.server.bench, self.server.decisions, self.server.pages
        comment = fields.get("comment", "").replace("\r\n", "\n").strip()
        student, exercise, mistake, points = (
            fields.get(name, "").strip() for name in ("student", "exercise", "mistake", "points")
        )
        decision = Decision(student, exercise, mistake, points.replace(",", "."), comment)
        if path == "decide" and decisions.has(key):  # sent twice, as by a second click
            raise Answer(HTTPStatus.SEE_OTHER, to=f"{self.server.base}log?done")
        text = decisions.text()
        try:
            table.checked(decision)
            made = decisions.with_one_more(decision, text)
            changes = bench.effects(table.marks(text), table.marks(made))
        except UsageError as error:
            return pages.of_effects(decision, (), _of_draft(error, writing.lines_added(text, decision)), wrong=True)
        if path == "preview":
            return pages.of_effects(decision, changes)
        if fields.get("seen") == digest(text) and fields.get("effects") != bench.digest_of(changes):
            return pages.of_effects(decision, changes, REGRADED, wrong=True)
        try:
            decisions.add(decision, fields.get("seen", ""), key)
        except Changed:
            return pages.of_effects(decision, changes, CHANGED, wrong=True)
        except UsageError as error:
            return pages.of_effects(decision, changes, str(error), wrong=True)
        raise Answer(HTTPStatus.SEE_OTHER, to=f"{self.server.base}log?done")

    def _undo(self, of: str, key: str) -> str:
        try:
            self.server.decisions.undo(of, key)
        except Changed:
            said = "Nothing was undone: the file has changed since, so take the lines out there by hand."
            return self.server.pages.of_log(said, wrong=True)
        raise Answer(HTTPStatus.SEE_OTHER, to=f"{self.server.base}log")

    def _fault(self, said: str) -> str:
        try:
            return self.server.pages.of_fault(said)
        except UsageError:  # the file itself cannot be read
            return standalone.document("decide", f"<p>{standalone.shown(said)}</p>", (), ())


def _of_draft(error: UsageError, lines: range) -> str:
    """Return what is wrong, where a line that is not in the file yet is called this decision."""
    if not isinstance(error, FormError):
        return str(error)
    said = (f"this decision: {one.message}" if one.line in lines else str(one) for one in error.problems)
    return "; ".join(said)


def _fields(query: str) -> dict[str, str]:
    try:
        found = parse_qs(query, keep_blank_values=True, max_num_fields=20)
    except ValueError:
        raise Answer(HTTPStatus.BAD_REQUEST, "this is no form of ours") from None
    return {name: values[-1] for name, values in found.items()}
