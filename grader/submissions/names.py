"""What submissions are called in the reports: every one has a name of its own, and newcomers take nobody's.

Results are files, and on many systems `Alice` and `alice` are one file. Of several submissions whose names come to the
same there, at most one keeps its plain name; the others get a suffix (`Alice~3bc510`). It is kept by

1. whoever's name stands on the roster exactly, where there is a roster;
2. else whoever's name is in its plainest form: it is safe as it stands (printable, composed, no unseen characters), has
   no letters of other widths, styles or scripts that look like Latin ones, and is in lower case. At most one name of
   them all is all of that, so nobody who comes later can take it away;
3. of one name handed in twice, the folder before a file or a zip.

Where that decides nothing (`Alice` beside `ALICE`), all have a suffix. The suffix comes from where a submission lies,
not from its neighbours. Each result knows what its submission was called, and staff are told.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Iterator, Sequence

import msgspec

from grader.submissions.entries import clean_id

CALLED_CAP = 300
"""Characters kept of what a submission was called."""

MOST_TOLD = 20
"""Names that staff are told of one by one."""

Rostered = Callable[[], Collection[str]]
"""Returns the ids on the roster as they are written there; asked only where names clash."""


class Named(msgspec.Struct, frozen=True):
    """A class's names: the ids; what those were called whose id is another, by place; and what to tell staff."""

    ids: Sequence[str]
    called: dict[int, str] = {}
    concerns: tuple[str, ...] = ()


def nobody() -> Collection[str]:
    """Return the ids on a roster that there is not."""
    return ()


def named(names: Sequence[str], places: Sequence[str], rostered: Rostered = nobody) -> Named:
    """Return an id of its own for every submission: two names that clean up alike must not share a result.

    `places` tells those apart.
    """
    cleaned = [name if name == (clean := clean_id(name)) else clean for name in names]  # one string, where it is one
    clashes = _together(cleaned, _on_disk, range(len(cleaned)))
    ids = list(cleaned)
    keepers = {}
    roster = rostered() if clashes else ()
    for group in clashes:
        keeper = _keeper(group, names, cleaned, places, roster)
        keepers[tuple(group)] = group[0] if keeper is None else keeper
        suffixes = _suffixes([places[i] for i in group])
        for i, suffix in zip(group, suffixes):
            if i != keeper:
                ids[i] = f"{cleaned[i]}~{suffix}"
    called = {i: _kept(name) for i, name in enumerate(names) if name != ids[i]}
    told = [line for group, keeper in keepers.items() for line in _told(group, keeper, names, places, ids)]
    known = {i for group in clashes for i in group}
    for group in _look_alikes(names, cleaned):
        others = [i for i in group if i not in known]
        first = _plainest(group, names, cleaned)[0]
        told += _told([first, *(i for i in others if i != first)], first, names, places, ids)
    return Named(ids, called, _bounded(told))


def _on_disk(identity: str) -> str:
    """Return what a name is to a file system that knows no case and no ways to compose a letter."""
    folded = identity.casefold()
    return folded if folded.isascii() else _composed(folded)


def _composed(name: str, form: str = "NFC") -> str:
    import unicodedata  # one's own desk does without

    return unicodedata.normalize(form, name)  # type: ignore[arg-type]


def _together(names: Sequence[str], key: Callable[[str], str], places: Collection[int]) -> list[list[int]]:
    """Return the places of names that have the same key, where several have."""
    hashes = sorted(hash(key(names[i])) for i in places)  # far smaller than the names again, or a group of each
    suspect = {one for one, following in itertools.pairwise(hashes) if one == following}
    groups: dict[str, list[int]] = {}
    for i in places if suspect else ():
        if hash(known := key(names[i])) in suspect:
            groups.setdefault(known, []).append(i)
    return [group for group in groups.values() if len(group) > 1]


def _keeper(
    group: Sequence[int], names: Sequence[str], cleaned: Sequence[str], places: Sequence[str], roster: Collection[str]
) -> int | None:
    """Return whose name stays as it is; None where nothing decides."""
    pool = _plainest([i for i in group if names[i] in roster] or group, names, cleaned)
    if len({names[i] for i in pool}) == 1:
        pool = [i for i in pool if places[i] == names[i]] or pool
    return pool[0] if len(pool) == 1 else None


def _plainest(group: Sequence[int], names: Sequence[str], cleaned: Sequence[str]) -> list[int]:
    """Return those of a group whose names are in the plainest form that there is among them."""
    from grader.submissions import lookalikes  # one's own desk does without

    pool = list(group)
    traits: tuple[Callable[[int], bool], ...] = (
        lambda i: names[i] == cleaned[i],
        lambda i: names[i].isascii() or _composed(names[i], "NFKC") == names[i],
        lambda i: names[i] == names[i].translate(lookalikes.LATIN),
        lambda i: names[i] == names[i].strip(" ."),
        lambda i: names[i] == names[i].casefold(),
    )
    for trait in traits:
        pool = [i for i in pool if trait(i)] or pool
    return pool


def _suffixes(places: Sequence[str]) -> list[str]:
    """Return a short digest of each place, as long as it takes to tell them apart."""
    import hashlib  # one's own desk does without

    digests = [hashlib.sha256(place.encode("utf-8", "surrogatepass")).hexdigest() for place in places]
    enough = next(n for n in (6, 12, 24, 64) if len({one[:n] for one in digests}) == len(set(digests)))
    return [one[:enough] for one in digests]


def _kept(name: str) -> str:
    """Return what a submission was called as text that can be written, of bounded length."""
    return name[:CALLED_CAP].encode("utf-8", "backslashreplace").decode()


def _look_alikes(names: Sequence[str], cleaned: Sequence[str]) -> list[list[int]]:
    """Return the places of names that look the same, one of which at least has something unseen or odd in it."""
    from grader.submissions import lookalikes

    odd = {
        lookalikes.skeleton(name)
        for name, clean in zip(names, cleaned)
        if name != clean or not lookalikes.is_plain(name)
    }
    if not odd:
        return []
    close = [i for i, name in enumerate(names) if lookalikes.skeleton(name) in odd]
    return _together(names, lookalikes.skeleton, close)


def _told(
    group: Sequence[int], keeper: int, names: Sequence[str], places: Sequence[str], ids: Sequence[str]
) -> Iterator[str]:
    """Say of each of a group but one how its name differs from that one's, and what it is called now."""
    from grader.submissions import lookalikes

    for i in group:
        if i == keeper:
            continue
        alike = lookalikes.skeleton(names[i]) == lookalikes.skeleton(names[keeper])
        how = lookalikes.difference(names[i], names[keeper]) if alike else "comes to the same name as"
        same = names[i] == names[keeper]
        one, other = (places[i], places[keeper]) if same else (names[i], names[keeper])
        yield f"{one!r} {how} {other!r}: in the reports they are {ids[i]} and {ids[keeper]}"


def _bounded(told: Sequence[str]) -> tuple[str, ...]:
    more = len(told) - MOST_TOLD
    return (*told[:MOST_TOLD], *([f"{more} more submissions have names like these"] if more > 0 else []))
