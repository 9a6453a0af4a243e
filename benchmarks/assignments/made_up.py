"""Make up a class: in the proportions of real ones, no two files alike, all from one seed."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator, Sequence

from benchmarks.assignments.pack import Pack
from benchmarks.assignments.student import Sort, Student
from benchmarks.assignments.wording import Habits, habits, reworded
from benchmarks.assignments.written import Planted

WHOLE_EVERY = 3
"""One in so many hands in a whole repository."""

TRIES = 100


def made_up(pack: Pack, count: int, seed: str, sorts: Sequence[Sort] = ()) -> list[Student]:
    """Return `count` students, the same for the same seed. Their `sorts` come in turn; by default the pack's."""
    return list(each_made_up(pack, count, seed, sorts))


def each_made_up(pack: Pack, count: int, seed: str, sorts: Sequence[Sort] = ()) -> Iterator[Student]:
    """Yield the students of a class, one after the other."""
    turn = sorts or pack.sorts
    source = random.Random(f"{pack.name}:{seed}:{','.join(sorts)}")
    seen: set[bytes] = set()
    for i in range(count):
        yield _student(pack, f"s{i + 1:05d}", turn[i % len(turn)], _number(turn, i), source, seen)


def _number(turn: Sequence[Sort], i: int) -> int:
    """Return how many of this sort came before."""
    rounds, place = divmod(i, len(turn))
    return rounds * turn.count(turn[place]) + turn[:place].count(turn[place])


def _student(pack: Pack, name: str, sort: Sort, number: int, source: random.Random, seen: set[bytes]) -> Student:
    things = _things(pack, sort, number)
    by = habits(source)
    texts = {file: _unseen(pack, file, things, by, source, seen) for file in pack.files}
    root, files = pack.clutter(source, name) if source.randrange(WHOLE_EVERY) == 0 else ("", {})
    files = files | {f"{root}{pack.files[file]}": text.encode() for file, text in texts.items()}
    return Student(
        name,
        sort,
        root,
        files,
        tuple(one.told for one in things),
        any(one.costs for one in things),
        any(one.named for one in things),
    )


def _things(pack: Pack, sort: Sort, number: int) -> list[Planted]:
    """Return what is planted: one after the other of what there is of its sort."""
    kinds: tuple[tuple[Planted, ...], ...] = ()
    if sort == "wrong":
        kinds += (pack.wrong,)
    if sort in ("one-sided", "both"):
        kinds += (pack.one_sided,)
    if sort in ("exponential", "both"):
        kinds += (pack.exponential,)
    return [one[number % len(one)] for one in kinds]


def _unseen(
    pack: Pack, file: str, things: Sequence[Planted], by: Habits, source: random.Random, seen: set[bytes]
) -> str:
    """Write a file until it is like nobody else's. Raises RuntimeError where that cannot be."""
    for _ in range(TRIES):
        text = _written(pack, file, things, by, source)
        digest = hashlib.blake2b(text.encode(), digest_size=16).digest()
        if digest not in seen:
            seen.add(digest)
            return text
        by = habits(source)
    raise RuntimeError(f"there are not so many ways to write {file}")


def _written(pack: Pack, file: str, things: Sequence[Planted], by: Habits, source: random.Random) -> str:
    text, names = "", {part.name for part in pack.parts[file]}
    for part in pack.parts[file]:
        ways = next((one.ways for one in things if (one.module, one.part) == (file, part.name)), part.ways)
        code = source.choice(ways)
        if pack.files[file].endswith(".py"):
            code = code if part.given and ways == part.ways else reworded(code, by, source, names)
            text += ("\n\n" if code.startswith(" ") else "\n\n\n") if text else ""
        else:
            text += "\n" if text else ""
        text += code
    if file == "answers":
        text += f"\n# {source.getrandbits(32):08x}"
    return text + "\n"
