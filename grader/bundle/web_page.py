"""The page of the self-check in a browser, as HTML: what it shows before Python is there, and what it is made of."""

from __future__ import annotations

import base64
import functools
import json
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from grader.bundle.web_packages import FILES
from grader.reports import standalone, trace_view
from grader.reports.standalone import digest, shown
from grader.selfcheck import page
from grader.selfcheck.prepared import AssignmentBundle, EncodedExercise

SCRIPTS = ("editor.js", "interpreter.js", "files.js", "checking.js")
"""The page's own scripts, in their order: they make up one."""

NONCE = "editor"
"""The editor makes a style sheet of its own, under this name."""

WHERE = (
    "Nothing that you write leaves this browser: your code is run here, by a Python that came with this page. Your "
    "work is kept in this browser until you start over or clear the browser's data."
)
KEYS = (
    "Files, notebooks, folders and zips can be dropped onto this page. Keys: Ctrl+Enter (⌘+Enter) checks; Tab indents; "
    "to leave the editor by keyboard, press Escape and then Tab."
)
UNKEPT = "This browser does not keep your work: download it before you close the page."
BUTTONS = (
    *(("add", "Add files"), ("folder", "Add a folder"), ("new", "New file"), ("save", "Download my work")),
    ("over", "Start over"),
)
WITHOUT_SCRIPT = "This page runs Python in your browser, which takes JavaScript: switch it on for this page."


class Facts(msgspec.Struct, frozen=True):
    """What the page's script knows of the assignment. `parts`: where each part lies that is not within the page."""

    id: str
    title: str
    first: str
    files: Mapping[str, str]
    lock: str
    parts: Mapping[str, str]


def html(
    assignment: AssignmentBundle, facts: Facts, libraries: Sequence[str], licences: str, within: Mapping[str, bytes]
) -> str:
    """Return the page. `libraries` are texts of script that it is made of; parts that are `within` it go to its end."""
    style = standalone.text((*page.STYLES, *trace_view.STYLES)) + _ours("web.css")
    script = "\n".join([*libraries, _enliven(), *map(_ours, SCRIPTS)]).replace("</script", "<\\/script")
    body = "\n".join([*_header(assignment), *_main(assignment), *_about(licences)])
    known = json.dumps(msgspec.to_builtins(facts), ensure_ascii=False).replace("<", "\\u003c")
    parts = (_part(name, raw) for name, raw in within.items())
    body += f'\n<script type="application/json" id="facts">{known}</script>\n{"".join(parts)}'
    may = policy(style, script, bool(within))
    return standalone.page(assignment.title, body, style, script, may, '<link rel="icon" href="data:,">\n')


def policy(style: str, script: str, alone: bool) -> str:
    """Return what a browser may use: this script, what it starts from its own text, and files beside the page."""
    beside = "" if alone else " 'self'"
    return (
        f"default-src 'none'; style-src {digest(style)} 'nonce-{NONCE}'; style-src-attr 'unsafe-inline'; "
        f"script-src {digest(script)} 'wasm-unsafe-eval' blob:; worker-src blob:; "
        f"connect-src data:{beside}; img-src data:; base-uri 'none'; form-action 'none'"
    )


@functools.cache
def _ours(name: str) -> str:
    return (FILES / name).read_text("utf-8")


def _enliven() -> str:
    """Return the scripts of results as a function: they come again and again."""
    return f"const enliven = () => {{\n{standalone.text(('page.js', *trace_view.SCRIPTS))}\n}};\n"


def _part(name: str, raw: bytes) -> str:
    return f'<script type="text/plain" id="part-{name}">{base64.b64encode(raw).decode()}</script>\n'


def _header(assignment: AssignmentBundle) -> Iterator[str]:
    yield f"<header>\n<h1>{shown(assignment.title)}</h1>"
    yield '<p class="course">Check your own work in this browser, without installing anything</p>'
    yield f'<p class="total"><strong id="progress">0 of {len(assignment.exercises)} done</strong></p>'
    yield '<svg class="meter" viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true">'
    yield '<rect class="rest" width="100" height="1"/><rect class="got" id="got" width="0" height="1"/></svg>'
    yield "</header>"
    yield f'<noscript><p class="notice off">{WITHOUT_SCRIPT}</p></noscript>'


def _main(assignment: AssignmentBundle) -> Iterator[str]:
    yield '<main>\n<section class="work" aria-labelledby="work">\n<h2 id="work" class="vh">Your code</h2>'
    yield '<p id="status" role="status"></p>\n<p class="vh" role="status" id="said"></p>'
    yield f'<p class="notice off" id="unkept" role="alert" hidden>{UNKEPT}</p>'
    yield '<div class="files" role="tablist" aria-label="Your files" id="files"></div>'
    yield '<div class="editor" role="tabpanel" id="editor"><p id="unshown" class="notice" hidden></p></div>'
    yield '<div class="actions">\n<button type="button" class="primary" id="check">Check</button>'
    yield '<label><input type="checkbox" id="typing" checked> check when I stop typing</label>'
    yield from (f'<button type="button" id="{id}">{said}</button>' for id, said in BUTTONS)
    yield '<button type="button" id="remove" hidden>Remove this file</button>'
    yield '<button type="button" id="undo" hidden>Undo</button></div>'
    yield '<input type="file" id="some" multiple hidden><input type="file" id="whole" webkitdirectory hidden>'
    yield f"<p><small>{shown(KEYS)}</small></p>\n<p><small>{shown(WHERE)}</small></p>\n</section>"
    yield '<div class="results">'
    yield '<details class="asked"><summary>What each exercise asks</summary>\n<dl>'
    for one in assignment.exercises:
        yield f"<dt>{shown(one.title)} <small>{shown(assignment.path(one))}</small></dt><dd>{shown(one.statement)}</dd>"
    yield '</dl></details>\n<div id="found" tabindex="-1">\n<section aria-labelledby="exercises">'
    yield '<h2 id="exercises">Exercises</h2>\n<table class="list">'
    yield '<thead><tr><th scope="col">Exercise</th><th scope="col">How it is</th></tr></thead>\n<tbody>'
    yield from map(_row, assignment.exercises)
    yield "</tbody>\n</table>\n</section>\n</div>\n</div>\n</main>"


def _row(one: EncodedExercise) -> str:
    return (
        f'<tr class="none" data-exercise="{shown(one.id)}"><th scope="row">{shown(one.title)}</th>'
        '<td><span class="sign" aria-hidden="true">·</span> not checked yet</td></tr>'
    )


def _about(licences: str) -> Iterator[str]:
    yield '<footer class="about"><details><summary>What this page is made of</summary>'
    yield f"<pre>{standalone.lines(licences.splitlines())}</pre></details></footer>"
