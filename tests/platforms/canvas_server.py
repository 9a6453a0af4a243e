"""A Canvas of our own, as far as marks go: it behaves as Canvas's REST interface is documented, and fails when told to.

Pages by Link headers, a token that is checked, an allowance that runs out, bulk updates with a Progress that fails over
an unknown student while the others are graded, uploads in three steps, and comments that add up.
"""

from __future__ import annotations

import contextlib
import email.parser
import email.policy
import json
import re
import socket
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

TOKEN = "s3cret-token"
COURSE, ASSIGNMENT = 42, 157892
PAGE = 100

Fault = str
"""`429`, `403`, `500`, `sign in`, `refuse`, `drop`: without an effect; `500 after`, `drop after`: with it."""


class Canvas:
    """What the course holds, what came in, and which calls are to fail: `fault(count, method, path)` names one."""

    def __init__(self, users: list[dict[str, Any]]) -> None:
        self.users = {str(one["id"]): one for one in users}
        self.marks: dict[str, dict[str, Any]] = {id: {"score": None, "excused": False} for id in self.users}
        self.given: dict[str, list[str]] = {id: [] for id in self.users}
        self.comments: dict[str, list[dict[str, Any]]] = {id: [] for id in self.users}
        self.files: dict[int, dict[str, Any]] = {}
        self.progress: dict[int, dict[str, Any]] = {}
        self.gone: set[str] = set()
        self.assignment = {"id": ASSIGNMENT, "name": "HW1: Autodiff", "points_possible": 4.0, "post_manually": True}
        self.late_policy: dict[str, Any] | None = None
        self.calls: list[tuple[str, str]] = []
        self.fault: Callable[[int, str, str], Fault] = lambda *_: ""
        self.remaining = 700.0
        self.retry_after = "0"
        self.wrongs: list[str] = []
        self.named = ""
        self.lock = threading.Lock()


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1  # a reply in one piece
    canvas: Canvas

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        self._serve("GET")

    def do_POST(self) -> None:
        self._serve("POST")

    def do_PUT(self) -> None:
        self._serve("PUT")

    def _serve(self, method: str) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        with self.canvas.lock:
            path = urlsplit(self.path).path
            self.canvas.calls.append((method, path))
            fault = self.canvas.fault(len(self.canvas.calls), method, path)
            if fault == "429":
                return self._answer(429, {"errors": "throttled"}, {"Retry-After": self.canvas.retry_after})
            if fault == "403":
                return self._raw(403, b"403 Forbidden (Rate Limit Exceeded)", {"Retry-After": self.canvas.retry_after})
            if fault == "500":
                return self._raw(500, b"<html>oops</html>", {"Retry-After": "0"})
            if fault == "sign in":
                return self._raw(200, b"<html>Who are you?</html>", {})
            if fault == "refuse":
                return self._answer(403, {"status": "unauthorized"}, {})
            if fault == "drop":
                return self._drop()
            status, answer, headers = self._do(method, path, body)
            if fault == "drop after":
                return self._drop()
            if fault == "500 after":
                return self._raw(502, b"<html>bad gateway</html>", {"Retry-After": "0"})
            return self._answer(status, answer, headers)

    def _drop(self) -> None:
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    def _answer(self, status: int, answer: Any, headers: dict[str, str]) -> None:
        self._raw(status, json.dumps(answer).encode(), {"Content-Type": "application/json", **headers})

    def _raw(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {"X-Rate-Limit-Remaining": str(self.canvas.remaining), **headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def _do(self, method: str, path: str, body: bytes) -> tuple[int, Any, dict[str, str]]:
        token = self.headers.get("Authorization")
        if path == "/store":
            return self._store(body, token)
        if token != f"Bearer {TOKEN}":
            wanted = {"WWW-Authenticate": 'Bearer realm="canvas-lms"'}
            return 401, {"errors": [{"message": "Invalid access token."}]}, wanted
        here = f"/api/v1/courses/{COURSE}"
        submissions = f"{here}/assignments/{ASSIGNMENT}/submissions"
        canvas = self.canvas
        form = dict(parse_qsl(body.decode())) if method != "GET" else {}
        if path == f"{here}/assignments/{ASSIGNMENT}":
            return 200, canvas.assignment, {}
        if path == f"{here}/late_policy":
            return (200, {"late_policy": canvas.late_policy}, {}) if canvas.late_policy else (404, {"errors": []}, {})
        if path == f"{here}/search_users":
            return self._page([*canvas.users.values()])
        if path == submissions:
            return self._page([self._submission(id) for id in canvas.users])
        if path == f"{submissions}/update_grades":
            return 200, self._bulk(body), {}
        found = re.fullmatch(r"/api/v1/progress/(\d+)", path)
        if found:
            told = canvas.progress[int(found[1])]
            told["workflow_state"] = told["end"]
            return 200, told, {}
        found = re.fullmatch(rf"{submissions}/(\d+)(/comments/files)?", path)
        if found and (found[1] not in canvas.users or found[1] in canvas.gone):
            return 404, {"errors": [{"message": "The specified resource does not exist."}]}, {}
        if found and found[2]:
            return 200, self._promise(form), {}
        if found and method == "PUT":
            file = form.get("comment[file_ids][]")
            if file and not canvas.files[int(file)]["done"]:
                canvas.wrongs.append("a file was attached before it was complete")
            said = {"id": len(canvas.comments[found[1]]), "comment": form["comment[text_comment]"], "file": file}
            canvas.comments[found[1]].append(said)
        if found:
            return 200, self._submission(found[1]), {}
        found = re.fullmatch(r"/api/v1/files/(\d+)/create_success", path)
        if found:
            canvas.files[int(found[1])]["done"] = True
            return 200, {"id": int(found[1]), "url": "…"}, {}
        canvas.wrongs.append(f"unknown call {method} {path}")
        return 404, {"errors": [{"message": "The specified resource does not exist."}]}, {}

    def _page(self, everything: list[Any]) -> tuple[int, Any, dict[str, str]]:
        asked = parse_qs(urlsplit(self.path).query)
        size, page = min(int(asked.get("per_page", ["10"])[0]), PAGE), int(asked.get("page", ["1"])[0])
        shown = everything[(page - 1) * size : page * size]
        named = self.canvas.named or f"http://{self.headers['Host']}"
        address = f"{named}{urlsplit(self.path).path}?per_page={size}&page="
        links = [f'<{address}1>; rel="first"']
        if page * size < len(everything):
            links.append(f'<{address}{page + 1}>; rel="next"')
        return 200, shown, {"Link": ",".join(links)}

    def _submission(self, id: str) -> dict[str, Any]:
        mark = self.canvas.marks[id]
        return {
            "id": 9000 + int(id),
            "user_id": int(id),
            "assignment_id": ASSIGNMENT,
            "attempt": 1,
            "score": mark["score"],
            "entered_score": mark["score"],
            "excused": mark["excused"],
            "submission_comments": list(self.canvas.comments[id]),
        }

    def _bulk(self, body: bytes) -> dict[str, Any]:
        """Grade whoever is known; where somebody is not, the Progress fails all the same."""
        unknown = []
        for key, value in parse_qsl(body.decode()):
            found = re.fullmatch(r"grade_data\[(\d+)\]\[(posted_grade|excuse)\]", key)
            if found is None:
                self.canvas.wrongs.append(f"unknown field {key}")
            elif found[1] not in self.canvas.users or found[1] in self.canvas.gone:
                unknown.append(found[1])
            else:
                excused = found[2] == "excuse"
                self.canvas.marks[found[1]] = {"score": None if excused else float(value), "excused": excused}
                self.canvas.given[found[1]].append("EX" if excused else value)
        number = len(self.canvas.progress) + 1
        said = f"Couldn't find User(s) with API ids {', '.join(unknown)}" if unknown else None
        end = "failed" if unknown else "completed"
        self.canvas.progress[number] = {"id": number, "workflow_state": "running", "message": said, "end": end}
        return self.canvas.progress[number]

    def _promise(self, form: dict[str, str]) -> dict[str, Any]:
        number = len(self.canvas.files) + 1
        self.canvas.files[number] = {"name": form["name"], "size": int(form["size"]), "done": False}
        return {
            "upload_url": f"http://{self.headers['Host']}/store",
            "upload_params": {"key": f"files/{number}", "policy": "p"},
            "file_param": "file",
        }

    def _store(self, body: bytes, token: str | None) -> tuple[int, Any, dict[str, str]]:
        head = f"Content-Type: {self.headers['Content-Type']}\r\n\r\n".encode()
        parts = list(email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(head + body).iter_parts())
        names = [part.get_param("name", header="content-disposition") for part in parts]
        if token is not None:
            self.canvas.wrongs.append("the token went to the file store")
        if names[-1] != "file" or names[:-1] != ["key", "policy"]:
            self.canvas.wrongs.append(f"the parts are {names}")
        number = int(parts[0].get_content().strip().rpartition("/")[2])
        file, content = self.canvas.files[number], parts[-1].get_payload(decode=True)
        file["content"] = content
        if len(content) != file["size"]:
            self.canvas.wrongs.append("a file came without all of it")
        location = f"http://{self.headers['Host']}/api/v1/files/{number}/create_success?uuid=x"
        return (301, {}, {"Location": location}) if number % 2 else (201, {}, {"Location": location})


@contextlib.contextmanager
def serving(canvas: Canvas) -> Iterator[str]:
    """Run it on a port of this machine, and tell its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (Handler,), {"canvas": canvas}))
    server.daemon_threads = True
    thread = threading.Thread(target=lambda: server.serve_forever(poll_interval=0.05), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
