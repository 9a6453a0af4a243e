"""Course packs: assignments to start from, which come with the grader, and how one is copied whole.

A pack is a folder with a `config.yaml` under `examples/`, called by the folder's name, or the main `config.yaml`,
called by its assignment's. In a clone they lie beside the grader, in a wheel inside of it, under `packs/`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath

import msgspec

import grader
from grader.assignment import forms
from grader.assignment.forms import Places, near
from grader.errors import UsageError
from grader.grading import config
from grader.grading.config import ConfigForm

CONFIG, EXPECTED, README = "config.yaml", "expected.yaml", "README.md"
PACKED = "packs"
LEFT = frozenset(("__pycache__", ".grader", "reports"))
"""What running the grader leaves behind."""

ABOUT = """# {title}

A copy of the course pack `{name}`. All of it is yours to change.

    grader grade

grades the sample class in `submissions/` and writes `{out}/`; name another folder to grade another class.

    grader preview --html sheet.html
    grader bundle student -o handout.zip

write the assignment sheet, and what students get. After a change: `grader lint`, then `grader audit`.

`config.yaml` says which exercises there are and how they are graded. Give it a `corpus.seed` of your own before
students hand in: a student who knows the seed can work out the private inputs. The solved homework is in
`{reference}/`{told}.
"""

TOLD = ", and what each sample submission must get in `expected.yaml`"


class Pack(msgspec.Struct, frozen=True):
    """An assignment to start from: what it is called, and its configuration."""

    name: str
    title: str
    config: Path


class _Path(msgspec.Struct, frozen=True):
    """A path in a configuration: the key it stands at, as it is written, and where it leads in a copy."""

    key: str
    written: str
    inside: str


def known() -> Mapping[str, Pack]:
    """Return the packs that came with this grader, by name. Raises UsageError where one cannot be read."""
    root = _root()
    if root is None:
        return {}
    found = {}
    for path in (root / CONFIG, *sorted((root / "examples").glob(f"*/{CONFIG}"))):
        if path.is_file():
            form = config.form(path)
            name = form.assignment if path.parent == root else path.parent.name
            found[name] = Pack(name, form.title, path)
    return found


def named(name: str) -> Pack:
    """Return the pack of a name. Raises UsageError."""
    packs = known()
    if not packs:
        raise UsageError("no packs came with this grader; install it from its own wheel, or work in a clone")
    if name not in packs:
        raise UsageError(f"no pack is called {name!r}{near(name, packs)}; there are {', '.join(packs)}")
    return packs[name]


def copied(pack: Pack) -> dict[str, bytes]:
    """Return the files of a copy of a pack, path -> content: whole, every path of its configuration inside of it.

    Raises UsageError where the pack's configuration cannot be read.
    """
    form, places = forms.read(pack.config, ConfigForm, pack.config.name)
    home, paths = pack.config.parent, list(_paths(form))
    found = {} if home == _root() else dict(_below(home, ""))
    found = {name: raw for name, raw in found.items() if not name.startswith(f"{form.out}/")}
    for one in paths:
        if one.key != "out":
            found.update(_below(home / one.written, one.inside))
    expected = home / form.submissions / ".." / EXPECTED
    if form.submissions and expected.is_file():
        found[EXPECTED] = expected.read_bytes()
    found[CONFIG] = _moved(pack.config.read_text("utf-8"), paths, places).encode()
    told = TOLD if EXPECTED in found else ""
    out, reference = (next(one.inside for one in paths if one.key == key) for key in ("out", "layout.reference"))
    about = ABOUT.format(title=form.title, name=pack.name, out=out, reference=reference, told=told)
    return {**found, README: about.encode()}


def _root() -> Path | None:
    """Return the folder that the packs are laid out in; None where there are none."""
    own = Path(grader.__file__).parent
    if (own / PACKED).is_dir():
        return own / PACKED
    return own.parent if (own.parent / "pyproject.toml").is_file() else None


def _paths(form: ConfigForm) -> Iterator[_Path]:
    """Yield the paths of a configuration: those that lead out of its folder lead into the copy."""
    for i, entry in enumerate(form.exercises):
        yield _Path(f"exercises.{i}", entry, _inside(entry))
    yield _Path("layout.reference", form.layout.reference, _inside(form.layout.reference))
    yield _Path("out", form.out, PurePosixPath(form.out).name)
    if form.submissions:
        yield _Path("submissions", form.submissions, PurePosixPath(form.submissions).name)
    if form.course.roster:
        yield _Path("course.roster", form.course.roster, _inside(form.course.roster))
    yield _Path("course.overrides", form.course.overrides, _inside(form.course.overrides))


def _inside(path: str) -> str:
    return str(PurePosixPath(*(part for part in PurePosixPath(path).parts if part != "..")))


def _below(path: Path, name: str) -> Iterator[tuple[str, bytes]]:
    """Yield the files of a folder, or the file, that is called `name` in a copy; nothing where it is not there."""
    for one in sorted(path.rglob("*")) if path.is_dir() else [path]:
        inside = one.relative_to(path)
        if one.is_file() and LEFT.isdisjoint(inside.parts):
            yield str(PurePosixPath(name, *inside.parts)), one.read_bytes()


def _moved(text: str, paths: Sequence[_Path], places: Places) -> str:
    """Return a configuration in which the paths lead to where they are in a copy; all else is as it was."""
    lines = text.splitlines(keepends=True)
    moved = [one for one in paths if one.written != one.inside]
    for one in sorted(moved, key=lambda one: places[one.key], reverse=True):  # from the end of a line on
        line, column = places[one.key]
        before, after = lines[line - 1][: column - 1], lines[line - 1][column - 1 :]
        lines[line - 1] = before + after.replace(one.written, one.inside, 1)
    return "".join(lines)
