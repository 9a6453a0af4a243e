"""The pages of `grader decide`, made where they are asked for. They need no script, and nothing in them can run one."""

from __future__ import annotations

import secrets
import unicodedata
from collections.abc import Sequence
from typing import Any

from markupsafe import Markup

from grader.batch import bench, staff_page
from grader.batch.bench import Bench, Effect, Shared
from grader.batch.deciding import Change, Decisions, digest, standing_of
from grader.course.marks import Marks
from grader.course.standings import Standing
from grader.course.writing import Decision
from grader.model import Result
from grader.reports import inlined, page
from grader.reports.text import a_few, inert
from grader.submissions.people import called, keys

MOST_FOUND = 30

GONE = "no longer in the file"


class DecidePages:
    """Makes pages whose links and forms lead to what is below `base`."""

    def __init__(self, table: Bench, decisions: Decisions, base: str) -> None:
        """Take what the pages are about, and the path that all of them begin with."""
        self._bench, self._decisions, self._base = table, decisions, base

    def of_class(self, who: str = "", notice: str = "") -> str:
        """Return the first page: the mistakes, and a student to look for."""
        text = self._decisions.text()
        standing = self._bench.marks(text)
        found = self._named(who, standing) if who.strip() else []
        return self._html(
            "class",
            self._bench.assignment.title,
            f"{len(self._bench.graded.rows)} submissions are graded.",
            notice=notice,
            concerns=(*standing.concerns, *_nobodys(standing)),
            mistakes=self._bench.mistakes(),
            who=who,
            found=found[:MOST_FOUND],
            more=max(len(found) - MOST_FOUND, 0),
            file=self._decisions.path.name,
        )

    def of_mistake(self, shared: Shared, decision: Decision | None = None) -> str:
        """Return the page of a mistake: who made it, one of them as an example, and a form for all."""
        result = self._bench.result(shared.students[0])
        return self._html(
            "mistake",
            shared.reads,
            shared.exercise.title,
            shared=shared,
            count=len(self._bench.graded.rows),
            unreached=self._unreached(shared),
            decision=decision or Decision(exercise=shared.exercise.id, mistake=shared.called),
            example=Markup(self._example(result, shared.exercise.id)) if result else "",
        )

    def of_student(self, result: Result) -> str:
        """Return the page of a student: what staff's page holds, and a form per exercise."""
        text = self._decisions.text()
        standing = self._standing(self._bench.marks(text), result.submission)
        beside = staff_page.beside(result, self._bench.work(result), self._bench.people().get(result.submission, ()))
        made = {one.id: self._bench.made_by(result.submission, one.id) for one in result.exercises}
        return page.for_staff(
            result,
            beside,
            "decide_student",
            **self._common(text),
            alone={id: Decision(student=result.submission, exercise=id) for id in ("", *made)},
            made=made,
            final=inert(bench.mark_of(standing)) if standing else "",
            comments=standing.comments if standing else (),
            unfinished=self._bench.unfinished,
        )

    def of_effects(self, decision: Decision, changes: Sequence[Effect], notice: str = "", wrong: bool = False) -> str:
        """Return what a decision would change, with a button that makes it, and a form to write it otherwise."""
        worth = {one.id: one.possible for one in self._bench.heads}.get(decision.exercise)
        return self._html(
            "preview",
            "What this changes",
            about(decision),
            notice=notice,
            wrong=wrong,
            effects=changes,
            as_seen=bench.digest_of(changes),
            decision=decision,
            worth=worth,
            about=about(decision),
        )

    def of_log(self, notice: str = "", wrong: bool = False) -> str:
        """Return every decision that was made here, the last first, and a button to take that one back."""
        made = self._decisions.made()
        standing = standing_of(made)
        there = self._decisions.in_file(standing)
        last = standing[-1].key if standing and self._decisions.can_undo(standing[-1]) else ""
        states = {one.key: "stands" if one.key in there else GONE for one in standing}
        decided = [one for one in made if one.what == "decided"]
        return self._html(
            "log",
            "What was decided",
            self._decisions.path.name,
            notice=notice,
            wrong=wrong,
            changes=[_shown(one, states.get(one.key, "undone"), one.key == last) for one in reversed(decided)],
            by_hand=bool(standing) and not last,
            file=self._decisions.path.name,
        )

    def of_fault(self, said: str) -> str:
        """Return a page that says what is wrong."""
        return self._html("fault", "This cannot be shown", "", notice=said, wrong=True)

    def _html(self, kind: str, heading: str, under: str, notice: str = "", wrong: bool = False, **more: Any) -> str:
        given = {"concerns": (), **more, **self._common(self._decisions.text())}
        given["concerns"] = tuple(filter(None, (self._bench.unfinished, *given["concerns"])))
        return inlined.template("decide").render(
            page=kind, heading=heading, under=under, notice=notice, wrong=wrong, **given
        )

    def _common(self, text: str) -> dict[str, str]:
        return {"base": self._base, "seen": digest(text), "key": secrets.token_urlsafe(12)}

    def _example(self, result: Result, exercise: str) -> str:
        """Return one exercise of a student's, with the code beside it."""
        return staff_page.one_exercise(result, self._bench.work(result), exercise)

    def _named(self, who: str, found: Marks) -> list[tuple[str, str]]:
        """Return the submissions that somebody may be called by, with how they read: whose id it is comes first.

        Who is on the roster and handed in nothing is among them, without a submission.
        """
        people = self._bench.people()
        known = [(name, people.get(name, ())) for name in self._bench.graded.rows]
        known += [("", (one.person,)) for one in found.standings if not one.submission]
        hits = []
        for name, theirs in known:
            words = [name, *(value for one in theirs for _, value in keys(one))]
            rank = _rank(who, words)
            if rank is not None:
                reads = ", ".join([*filter(None, [name]), *map(called, theirs)])
                hits.append((rank, (name, reads)))
        return [one for _, one in sorted(hits, key=lambda hit: hit[0])]

    def _unreached(self, shared: Shared) -> list[tuple[str, str]]:
        """Return who made a mistake and gets nothing of what is decided about it, and why."""
        found = self._bench.marks(self._decisions.text())
        counting = {one.submission for one in found.standings}
        nobodys = {one.submission for one in found.unmatched}
        return [
            (name, "it matches nobody on the roster" if name in nobodys else "another attempt of theirs counts")
            for name in shared.students
            if name not in counting
        ]

    def _standing(self, found: Marks, submission: str) -> Standing | None:
        return next((one for one in found.standings if one.submission == submission), None)


def _nobodys(found: Marks) -> list[str]:
    """Say what belongs to nobody on the roster, which no decision about a mistake reaches."""
    names = [one.submission for one in found.unmatched]
    if not names:
        return []
    said = "matches" if len(names) == 1 else "match"
    return [f"{a_few(names)} {said} nobody on the roster, and what is decided about a mistake does not reach them"]


def _rank(who: str, words: Sequence[str]) -> int | None:
    """Return how surely somebody is meant: 0 by an id or name as it is, 1 by parts of them; None where they are not."""
    plain = [_plain(word) for word in words]
    wanted = _plain(who)
    if wanted in plain:
        return 0
    return 1 if all(any(part in word for word in plain) for part in wanted.split()) else None


def _plain(text: str) -> str:
    """Return a text as it is compared: small letters without accents, words apart from commas."""
    bare = "".join(one for one in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(one))
    return " ".join(bare.replace(",", " ").split())


def about(decision: Decision) -> str:
    """Say whom a decision is for."""
    if decision.mistake:
        return f"everyone with the mistake “{decision.mistake}” in {decision.exercise}"
    return f"{decision.student}, {decision.exercise or 'the whole assignment'}"


def _shown(one: Change, state: str, last: bool) -> dict[str, object]:
    return {
        "about": about(one.decision),
        "points": one.decision.points,
        "comment": one.decision.comment,
        "state": state,
        "last": last,
        "key": one.key,
    }
