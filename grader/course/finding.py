"""Find the submissions of one student, whichever way they are called: an id, a name, an e-mail, a folder's name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from grader.assignment.forms import near
from grader.course import matching
from grader.errors import UsageError
from grader.submissions.people import Handed, Person, called, ids, spellings


def submissions_of(text: str, handed: Sequence[Handed], roster: Sequence[Person], where: str) -> list[Handed]:
    """Return what one student handed in. `where` is what has it.

    Raises UsageError where nobody is called so, or several people are.
    """
    exact = [one for one in handed if text in (one.submission, one.called)]
    if exact:
        return exact
    people = _people(handed, roster)
    wanted = _plain(text)
    found = [(person, theirs) for person, theirs in people if wanted in map(_plain, _names(person))]
    if len(found) > 1:
        raise UsageError(f"{text!r} is the name of {', '.join(called(one) for one, _ in found)}; say whose, by id")
    if not found:
        known = [one.submission for one in handed] + [name for person, _ in people for name in _names(person)]
        raise UsageError(f"nobody in {where} is called {text!r}{near(text, known)}")
    person, theirs = found[0]
    if not theirs:
        raise UsageError(f"{called(person)} handed in nothing")
    return list(theirs)


def _people(handed: Sequence[Handed], roster: Sequence[Person]) -> list[tuple[Person, tuple[Handed, ...]]]:
    found = matching.matched(roster, handed, "latest", {})
    known = [(entry.person, entry.handed) for entry in found.entries]
    return known + [(person, (one,)) for one in found.unmatched for person in one.people]


def _names(person: Person) -> Iterator[str]:
    yield from ids(person)
    yield from spellings(person.name)


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())
