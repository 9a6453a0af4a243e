"""What was graded, kept beside its result: staff read the very code that a verdict is about, whatever became of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from grader.model import Submission

MOST = 200_000
"""Characters of a file that are kept: a page of more is read by nobody."""


class Asked(msgspec.Struct, frozen=True, array_like=True):
    """What an exercise asks for: names in a file of the student's, by its path. The path is blank where it lacks."""

    path: str
    names: tuple[str, ...]


class Work(msgspec.Struct, frozen=True):
    """The files of a submission as they were graded, path -> text; `digest` is that of the result they belong to.

    `asked` says what each exercise asks for, by its id; `cut` are the files that were too long to keep whole. `ran`:
    exercise id -> path -> the lines that ran with the input that shows its mistake; `unseen` says why nobody knows.
    """

    digest: str
    files: dict[str, str]
    asked: dict[str, Asked] = {}
    cut: tuple[str, ...] = ()
    ran: dict[str, dict[str, tuple[int, ...]]] = {}
    unseen: str = ""


def of(submission: Submission, digest: str, asked: Mapping[str, tuple[str, Sequence[str]]]) -> Work:
    """Return what to keep of a submission. `asked`: exercise id -> (module, names).

    >>> of(Submission("u1", {"engine": ("engine.py", b"class Value: ...")}), "0f", {"add": ("engine", ["Value"])}).files
    {'engine.py': 'class Value: ...'}
    """
    found = {_plain(path): source for path, source in (*submission.modules.values(), *submission.extras.values())}
    texts = {path: source.decode("utf-8-sig", "replace") for path, source in found.items()}
    paths = {module: _plain(path) for module, (path, _) in submission.modules.items()}
    return Work(
        digest,
        {path: text[:MOST] for path, text in texts.items()},
        {id: Asked(paths.get(module, ""), tuple(names)) for id, (module, names) in asked.items()},
        tuple(path for path, text in texts.items() if len(text) > MOST),
    )


def with_lines(work: Work, ran: Mapping[str, Mapping[str, Sequence[int]]], unseen: str = "") -> Work:
    """Return it with the lines that ran, exercise by exercise, or why they are not known."""
    plain = {id: {_plain(path): tuple(lines) for path, lines in files.items()} for id, files in ran.items()}
    return msgspec.structs.replace(work, ran=plain, unseen=unseen)


def encode(work: Work) -> bytes:
    """Return it as JSON."""
    return msgspec.json.encode(work)


def path_of(out: Path, submission: str) -> Path:
    """Return where it lies, beside the result."""
    return Path(f"{out}/code/{submission}.json")


def read(out: Path, submission: str, digest: str) -> Work | None:
    """Return what was kept of a submission, or None where there is none that belongs to the result of this digest."""
    try:
        found = msgspec.json.decode(path_of(out, submission).read_bytes(), type=Work)
    except (OSError, msgspec.MsgspecError, ValueError):
        return None
    return found if found.digest == digest else None


def _plain(path: str) -> str:
    """Return a path as text that can be written: a name on disk need not be Unicode."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
