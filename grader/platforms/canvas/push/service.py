"""One assignment in Canvas, read and written through `canvasapi`: its requests, its pages and its way to write fields.

Not through its objects: they try to read every value as a date, which for a class is most of the time it all takes.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

from grader.errors import UsageError
from grader.platforms.canvas.gradebook import EXCUSED
from grader.platforms.canvas.push.client import CanvasClient, Pause
from grader.platforms.canvas.push.failures import Refused, Stopped, Unsure
from grader.platforms.canvas.push.plan import Change, Course, There
from grader.submissions.people import Person

from canvasapi.paginated_list import PaginatedList  # isort: skip - after `line`, which says what to do without it
from canvasapi.util import combine_kwargs  # isort: skip

UPLOADS = 5
POLLS, LONGEST_POLL = 120, 10.0
"""How often a bulk update is asked after, and the longest wait between; it is about 20 minutes in all."""

UNGRADED = ("pass_fail", "not_graded")


class _Plain:
    """A thing of a list, as it was told."""

    def __init__(self, _line: CanvasClient, told: Mapping[str, Any]) -> None:
        self.told = told


class Service:
    """An assignment of a course. Every call may raise Stopped, and UsageError where the token is not accepted."""

    def __init__(self, line: CanvasClient, course: int, assignment: int, pause: Pause | None = None) -> None:
        """Take the line to Canvas and the two numbers."""
        self._line, self._pause = line, pause or time.sleep
        self._course = f"courses/{course}"
        self._where = f"{self._course}/assignments/{assignment}"
        self._shown = f"assignment {assignment} of course {course} in Canvas"

    def read(self) -> Course:
        """Return the assignment, who is enrolled and what stands. Raises UsageError where it cannot be graded."""
        try:
            found = self._line.request("GET", self._where).json()
            enrolled = self._all(f"{self._course}/search_users", enrollment_type=["student"], include=["email"])
            people = tuple(map(_person, enrolled))
            there = self.there()
        except Refused as error:
            raise UsageError(f"{self._shown}: {error}") from None
        if found.get("grading_type") in UNGRADED:
            raise UsageError(f"{self._shown}: has no points; set `Display Grade as` to Points there")
        if found.get("anonymize_students"):
            raise UsageError(f"{self._shown}: is graded anonymously, so nobody can be told apart; end that there first")
        possible = found.get("points_possible")
        return Course(
            title=str(found.get("name") or self._shown),
            possible=None if possible is None else Fraction(str(possible)),
            people=people,
            there=there,
            late_policy=self._late_policy(),
            concerns=tuple(_concerns(found)),
        )

    def there(self) -> dict[str, There]:
        """Return what stands for each student, by Canvas's id."""
        found = self._all(f"{self._where}/submissions", include=["submission_comments"])
        return {str(one["user_id"]): _there(one) for one in found if one.get("user_id") is not None}

    def grade(self, changes: Sequence[Change]) -> str:
        """Give marks in one bulk update and wait until it is over. Return what Canvas says where it failed.

        Who has got theirs is not known then, nor for certain otherwise: read it back.
        """
        data = combine_kwargs(grade_data={one.user: _mark(one.after) for one in changes})
        progress = self._line.request("POST", f"{self._where}/submissions/update_grades", _kwargs=data).json()
        for poll in range(POLLS):
            if progress.get("workflow_state") == "completed":
                return ""
            if progress.get("workflow_state") == "failed":
                return str(progress.get("message") or "no reason was given")
            self._pause(min(0.25 * 1.5**poll, LONGEST_POLL))
            progress = self._line.request("GET", f"progress/{progress['id']}").json()
        raise Stopped("Canvas has not finished a bulk update; it may still do so")

    def comments(self, user: str) -> tuple[str, ...]:
        """Return the comments that a student has."""
        asked = combine_kwargs(include=["submission_comments"])
        return _there(self._line.request("GET", f"{self._where}/submissions/{user}", _kwargs=asked).json()).comments

    def comment(self, user: str, text: str, file: Path | None) -> None:
        """Add a comment, with a file where there is one. Raises Refused, or Unsure where it may or may not be there."""
        content: dict[str, Any] = {"text_comment": text}
        if file is not None:
            content["file_ids"] = [self._uploaded(user, file)]
        self._line.request("PUT", f"{self._where}/submissions/{user}", _kwargs=combine_kwargs(comment=content))

    def _all(self, path: str, **asked: Any) -> Iterator[Mapping[str, Any]]:
        """Yield everything of a list, page after page."""
        pages = PaginatedList(_Plain, self._line, "GET", path, _kwargs=combine_kwargs(**asked))
        return (one.told for one in pages)

    def _uploaded(self, user: str, file: Path) -> int:
        """Upload a file for a comment and return its number. An upload that broke is begun anew: without a comment a
        file is seen by nobody.
        """
        try:
            raw = file.read_bytes()
        except OSError:
            raise Refused("the feedback file cannot be read") from None
        for tried in range(UPLOADS):
            try:
                return self._upload(user, file.name, raw)
            except Unsure:
                self._pause(min(2.0**tried, LONGEST_POLL))
        raise Stopped("Canvas's file store cannot be reached")

    def _upload(self, user: str, name: str, raw: bytes) -> int:
        asked = [("name", name), ("size", len(raw)), ("content_type", "text/markdown")]
        told = self._line.request("POST", f"{self._where}/submissions/{user}/comments/files", _kwargs=asked).json()
        fields, part = told.get("upload_params") or {}, str(told.get("file_param") or "file")
        stored = self._line.without_token(str(told.get("upload_url")), fields, (name, raw), part)
        location = stored.headers.get("Location")
        if location:
            return _number(self._line.follow(location).json())
        try:
            return _number(stored.json())
        except ValueError:
            raise Refused("the file store did not say what became of the file") from None

    def _late_policy(self) -> bool | None:
        try:
            told = self._line.request("GET", f"{self._course}/late_policy").json()
        except Refused as error:
            return False if "not there" in str(error) else None
        return bool((told.get("late_policy") or {}).get("late_submission_deduction_enabled"))


def _number(told: Mapping[str, Any]) -> int:
    if "id" not in told:
        raise Refused("the file store did not say which number the file has")
    return int(told["id"])


def _mark(after: str) -> dict[str, Any]:
    return {"excuse": "true"} if after == EXCUSED else {"posted_grade": after}


def _person(user: Mapping[str, Any]) -> Person:
    """Read a user. What the token may not see is not there."""
    said = {name: str(user.get(name) or "") for name in ("name", "sis_user_id", "email", "login_id")}
    return Person(said["name"], said["sis_user_id"], said["email"], said["login_id"], canvas=str(user["id"]))


def _there(one: Mapping[str, Any]) -> There:
    entered = one.get("entered_score")
    score = one.get("score") if entered is None else entered
    return There(
        mark=EXCUSED if one.get("excused") else "" if score is None else f"{float(score):.2f}",
        deducted=bool(one.get("points_deducted")),
        comments=tuple(str(said.get("comment") or "") for said in one.get("submission_comments") or ()),
    )


def _concerns(assignment: Mapping[str, Any]) -> list[str]:
    said = []
    if assignment.get("published") is False:
        said.append("the assignment is not published in Canvas")
    if assignment.get("post_manually") is True:
        said.append("students see nothing of it until you post the grades in Canvas")
    elif assignment.get("post_manually") is False:
        said.append("students see grades and comments as soon as they are sent (Canvas posts them by itself)")
    if assignment.get("group_category_id") and not assignment.get("grade_group_students_individually"):
        said.append("Canvas gives everyone in a group the mark that was sent last; have it assign grades individually")
    return said
