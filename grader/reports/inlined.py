"""Templates of pages that stand alone (`standalone`), compiled once."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import sys
from pathlib import Path

import jinja2
from jinja2.bccache import Bucket
from markupsafe import Markup

from grader.reports import scores, standalone
from grader.reports.standalone import HERE
from grader.reports.text import inert, points, sentence, verdict

COMPILED = Path(__file__).with_name("__pycache__")


MADE_OF = {
    "staff": (("page", "staff"), ("page",)),
    "decide": (("page", "staff", "decide"), ("page",)),
    "decide_student": (("page", "staff", "decide"), ("page",)),
}
"""The styles and scripts of a page that has not simply one of each by its own name."""

SERVED = ("decide", "decide_student")
"""The pages of a server, whose forms lead back to it: by the referrer it knows its own."""


class _Compiled(jinja2.FileSystemBytecodeCache):
    """Keeps compiled templates where Python keeps compiled modules, and does without where it may not."""

    def __init__(self) -> None:
        way = hashlib.sha256(jinja2.__version__.encode() + Path(__file__).read_bytes()).hexdigest()[:8]
        super().__init__(str(COMPILED), f"%s.{way}.jinja")

    def dump_bytecode(self, bucket: Bucket) -> None:
        if not sys.dont_write_bytecode:
            with contextlib.suppress(OSError):
                COMPILED.mkdir(exist_ok=True)
                super().dump_bytecode(bucket)


@functools.lru_cache
def template(name: str) -> jinja2.Template:
    """Return the template of a page, compiled once. Text put into it is escaped."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE),
        bytecode_cache=_Compiled(),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "inert": inert,
        "lines": lambda text: "\n".join(map(inert, text.expandtabs(4).split("\n"))),
        "points": points,
        "verdict": verdict,
        "sentence": lambda text: inert(sentence(text)),
        "scores": lambda bars: Markup(scores.svg(bars)),  # escaped there
    }
    environment.globals |= _inlined(name)
    return environment.get_template(f"{name}.html")


def _inlined(name: str) -> dict[str, Markup]:
    styles, scripts = MADE_OF.get(name, ((name,), (name,)))
    style = standalone.text(("base.css", *(f"{one}.css" for one in styles)))
    script = standalone.text([f"{one}.js" for one in scripts])
    served = name in SERVED
    policy = standalone.policy(style, script, forms_to="'self'" if served else "'none'")
    referrer = "same-origin" if served else "no-referrer"
    ours = {"style": style, "script": script, "policy": policy, "referrer": referrer}
    return {key: Markup(text) for key, text in ours.items()}  # ours, so not escaped
