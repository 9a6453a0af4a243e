"""Count the words that a student reads per lost exercise, in the Markdown they get.

`python -m tests.words REPORTS...` measures folders that `grader grade` wrote; without one it grades the sample classes.
An exercise is lost where something of it was attempted and is not right. Code and numbers in a fence are counted apart:
they are looked at, not read.
"""

from __future__ import annotations

import re
import statistics
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from tests.conftest import ROOT, SAMPLES

LOST = re.compile(r"## ✗ (?P<title>.*) — ")
FENCE = re.compile(r"\s*`{3,}")
WORD = re.compile(r"\w")
SENTENCE = re.compile(r"(?<=[.?!])\s+|: ")
SHORTEST = 4
"""Words. Fewer are a label (`wrong answer`) and no sentence."""


class Section(NamedTuple):
    """The feedback on one lost exercise: whose, its title, and the lines outside and inside of fences."""

    student: str
    title: str
    prose: tuple[str, ...]
    fenced: tuple[str, ...]

    @property
    def words(self) -> int:
        """Return how many words there are to read."""
        return counted(self.prose)

    @property
    def all_words(self) -> int:
        """Return how many there are with those in fences."""
        return self.words + counted(self.fenced)


def counted(lines: Iterable[str]) -> int:
    """Return the number of words in some lines.

    >>> counted(["- **backward: wrong answer**: the gradient", "x = 2.0"])
    7
    """
    return sum(1 for line in lines for word in line.split() if WORD.search(word))


def sections(markdown: str, student: str = "") -> Iterator[Section]:
    """Yield the sections on lost exercises."""
    for part in re.split(r"(?m)^(?=## )", markdown):
        head, *lines = part.splitlines() or [""]
        found = LOST.match(head)
        if found is None:
            continue
        prose, fenced, inside = [], [], False
        for line in lines:
            if FENCE.match(line):
                inside = not inside
            else:
                (fenced if inside else prose).append(line)
        yield Section(student, found["title"], tuple(prose), tuple(fenced))


def of_reports(folder: Path) -> list[Section]:
    """Return every section of a class's feedback."""
    files = sorted((folder / "feedback").glob("*.md"))
    return [one for path in files for one in sections(path.read_text("utf-8"), path.stem)]


def repeated(section: Section) -> list[str]:
    """Return the sentences that stand in a section more than once."""
    lines = [re.sub(r"^\s*- (hint: )?|\*\*", "", line).strip() for line in section.prose]
    said = [sentence.strip(" .*") for line in lines for sentence in SENTENCE.split(line)]
    return [text for text, count in Counter(said).items() if count > 1 and len(text.split()) >= SHORTEST]


def measured(found: Sequence[Section]) -> dict[str, float]:
    """Return the median and the longest, of what is read and of everything."""
    read, everything = ([getattr(one, of) for one in found] for of in ("words", "all_words"))
    return {
        "lost exercises": len(found),
        "median": statistics.median(read),
        "longest": max(read),
        "median with code": statistics.median(everything),
        "longest with code": max(everything),
    }


def _graded(config: Path, out: Path) -> Path:
    command = [sys.executable, "-m", "grader", "grade", "--config", config, "--out", out]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return out


def main(folders: Sequence[str]) -> None:
    """Print the table, and the longest and what is repeated."""
    with tempfile.TemporaryDirectory() as made:
        given = {name: Path(name) for name in folders}
        for name, folder in (given or {one: _graded(path, Path(made) / one) for one, path in SAMPLES.items()}).items():
            found = of_reports(folder)
            print(name, measured(found))
            for one in sorted(found, key=lambda one: -one.words)[:3]:
                print(f"  {one.words} words: {one.student}, {one.title}")
            for one in found:
                for text in repeated(one):
                    print(f"  repeated: {one.student}, {one.title}: {text}")


if __name__ == "__main__":
    main(sys.argv[1:])
