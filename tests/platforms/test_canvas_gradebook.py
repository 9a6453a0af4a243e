"""The gradebook import: right by id, never a new assignment, never a score cleared by a blank."""

from __future__ import annotations

import csv
import io
from fractions import Fraction

import pytest

from grader.course import roster, tables
from grader.course.standings import Standing, Status
from grader.errors import UsageError
from grader.platforms.canvas import gradebook
from grader.platforms.canvas.gradebook import Import
from grader.submissions.people import Person

EXPORT = '''\
Student,ID,SIS User ID,SIS Login ID,Section,"HW1: Autodiff, again (157892)",HW2 (157893),Final Score
Manual Posting,,,,,,,
    Points Possible,,,,,10.00,10.00,(read only)
"Example, Ada",1234,00012345,ada,CS 101 - 01,17.50,,
"O'Neil, Bø",77,0755,bo,"CS 101 - 01 and CS 101 - 02",,,
"=""Sum, Sy""",80,0042,sy,CS 101 - 01,3.00,,
"Student, Test",99,,,CS 101 - 01,,,
'''


def standing(final: float | None, status: Status = "graded", taken: int = 0, **who: str) -> Standing:
    mark = None if final is None else Fraction(final)
    return Standing(Person(**who), "s", status, Fraction(10), mark, taken=Fraction(taken), final=mark)


def made(*standings: Standing, assignment: str = "157892", export: str = EXPORT) -> Import:
    return gradebook.made(tables.parse(export.encode(), "export.csv"), standings, assignment, "export.csv")


def rows(found: Import, delimiter: str = ",") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(found.text), delimiter=delimiter))


def test_everyone_is_found_by_whichever_id_is_known_and_ids_never_change() -> None:
    found = made(standing(9.5, sid="00012345"), standing(7, login="BO"), standing(1.005, name="=Sum, Sy", canvas="80"))
    assert [row["ID"] for row in rows(found)] == ["1234", "77", "80"]
    assert [row["SIS User ID"] for row in rows(found)] == ["00012345", "0755", "0042"]
    assert [row["HW1: Autodiff, again (157892)"] for row in rows(found)] == ["9.50", "7.00", "1.00"]
    assert rows(found)[1]["Student"] == "O'Neil, Bø"
    assert found.text.splitlines()[0] == ('Student,ID,SIS User ID,SIS Login ID,Section,"HW1: Autodiff, again (157892)"')
    assert [(change.before, change.after) for change in found.changes] == [
        ("17.50", "9.50"),
        ("", "7.00"),
        ("3.00", "1.00"),
    ]


def test_a_name_that_is_a_formula_stays_text() -> None:
    export = EXPORT.replace('"=""Sum, Sy"""', '"=""=1+1, Sy"""')
    (row,) = rows(made(standing(1, canvas="80"), export=export))
    assert row["Student"] == '="=1+1, Sy"'


def test_whoever_has_no_mark_has_no_row_and_is_named() -> None:
    found = made(
        standing(None, "missing", sid="00012345"),
        standing(None, "withheld", sid="0755"),
        standing(5, sid="999", name="Who"),
        standing(None, "excused", sid="0042"),
    )
    assert [row["ID"] for row in rows(found)] == ["80"]
    assert rows(found)[0]["HW1: Autodiff, again (157892)"] == "EX"
    assert found.left_out == (
        ("00012345", "handed in nothing; their cell stays as it is"),
        ("0755", "is withheld, through a fault of ours"),
        ("Who (999)", "is not in this gradebook"),
    )


def test_two_marks_for_one_person_are_never_both_written_nor_silently_lost() -> None:
    found = made(standing(5, sid="0755"), standing(6, login="bo"))
    assert [row["ID"] for row in rows(found)] == ["77"]
    assert found.left_out == (("bo", "is somebody who has a mark already"),)


@pytest.mark.parametrize("assignment", ["157892", "HW1: Autodiff, again", "HW1: Autodiff, again (157892)"])
def test_an_assignment_is_named_by_number_or_title(assignment: str) -> None:
    assert made(standing(5, sid="0755"), assignment=assignment).column == "HW1: Autodiff, again (157892)"


@pytest.mark.parametrize("assignment", ["157894", "HW1", "Final Score", ""])
def test_an_assignment_that_is_not_there_is_never_created(assignment: str) -> None:
    with pytest.raises(UsageError, match="Canvas would create one; it has HW1"):
        made(standing(5, sid="0755"), assignment=assignment)


def test_other_points_and_a_second_deduction_are_warned_of() -> None:
    found = made(
        standing(5, sid="0755", taken=1), assignment="157893", export=EXPORT.replace("10.00,10.00", "10.00,20")
    )
    assert found.concerns == (
        "Canvas has this assignment at 20 points, the grader at 10: nothing is scaled",
        "lateness is taken off already; a late policy of the course's own in Canvas would take it off again",
    )
    assert made(standing(5, sid="0755")).concerns == ()


def semicolons(export: str = EXPORT) -> str:
    return "\ufeff" + export.replace(",", ";").replace('"HW1: Autodiff; again (157892)"', "HW1 (157892)")


def test_an_export_with_semicolons_and_a_mark_of_order_comes_back_so() -> None:
    found = made(standing(5.5, sid="0755"), export=semicolons().replace("\n", "\r\n"))
    assert rows(found, ";")[0]["HW1 (157892)"] == "5.50"  # its numbers have points
    assert found.text.startswith("Student;ID;SIS User ID;") and found.text.count("\r\n") == 2
    commas = made(standing(5.5, sid="0755"), export=semicolons().replace("17.50", "17,50").replace("10.00", "10,00"))
    assert rows(commas, ";")[0]["HW1 (157892)"] == "5,50"
    assert commas.concerns == ()  # 10,00 is 10


def test_an_export_saved_with_tabs_comes_back_with_commas() -> None:
    export = EXPORT.replace('"HW1: Autodiff, again (157892)"', "HW1 (157892)")
    tabs = "\n".join("\t".join(line) for line in csv.reader(io.StringIO(export)))
    assert made(standing(5, sid="0755"), export=tabs).text.splitlines()[1].endswith(",5.00")


APART = """\
LastName,FirstName,ID,SIS User ID,SIS Login ID,Section,HW1 (157892)
    Points Possible,,,,,,35.00
Example,Ad,1001,s01,ad,Sec 1,
=Example,Be,1002,s02,be,Sec 1,35.00
Student,Test,1999,,abcdef,Sec 1,
"""


def test_first_and_last_names_of_their_own_are_read_and_written_back_first() -> None:
    people = roster.of(tables.parse(APART.encode(), "gradebook.csv"), "gradebook.csv")
    assert [(one.name, one.canvas) for one in people] == [("Ad Example", "1001"), ("Be =Example", "1002")]
    found = made(standing(35, canvas="1002"), standing(3, name="Ad Example"), export=APART)
    assert found.text.splitlines() == [
        "LastName,FirstName,ID,SIS User ID,SIS Login ID,Section,HW1 (157892)",
        '"=""=Example""",Be,1002,s02,be,Sec 1,35.00',
        "Example,Ad,1001,s01,ad,Sec 1,3.00",
    ]
    assert [(change.who, change.stays) for change in found.changes] == [
        ("Be =Example (s02)", True),
        ("Ad Example (s01)", False),
    ]
    other_way_round = "\n".join(",".join(reversed(line.split(","))) for line in APART.splitlines())
    assert made(standing(3, sid="s01"), export=other_way_round).text.startswith("LastName,FirstName,ID,")


def test_an_export_without_sis_ids_still_has_canvas_numbers() -> None:
    export = 'Student,ID,Section,HW1 (157892)\n    Points Possible,,,10.00\n"Example, Ada",1234,A,\n'
    (ada,) = roster.of(tables.parse(export.encode(), "gradebook.csv"), "gradebook.csv")
    assert (ada.canvas, ada.sid) == ("1234", "")
    assert rows(made(standing(3, canvas="1234"), export=export))[0]["ID"] == "1234"


def test_a_gradebook_without_names_is_refused() -> None:
    with pytest.raises(UsageError, match="has no column `Student`"):
        made(standing(3, canvas="1"), export="ID,SIS User ID,Section,HW1 (157892)\n1,2,A,\n")


def test_what_canvas_ignores_on_import_is_warned_of() -> None:
    closed = made(standing(5, sid="0755"), export=EXPORT.replace("10.00,10.00", "(read only),10.00"))
    assert "read only, and ignores it on import" in closed.concerns[0]
    unassigned = made(standing(5, sid="0755"), export=EXPORT.replace('CS 101 - 02",,', 'CS 101 - 02",N/A,'))
    assert unassigned.concerns[-1].endswith("(N/A there): O'Neil, Bø (0755)")
    odd = made(standing(5, sid="0755"), export=EXPORT.replace("10.00,10.00", "ten,10.00"))
    assert odd.concerns == ("the points that Canvas has for this assignment cannot be read: 'ten'",)


def test_points_that_can_be_read_in_two_ways_are_refused_by_line() -> None:
    with pytest.raises(
        UsageError, match=r"export.csv, line 3: HW1: Autodiff, again .* '1,000' can be read in two ways"
    ):
        made(standing(5, sid="0755"), export=EXPORT.replace("10.00,10.00", '"1,000",10.00'))


def test_an_id_that_lost_its_zeros_is_left_out_with_a_hint() -> None:
    found = made(standing(5, sid="755"))
    assert found.left_out == (("755", "is not in this gradebook; did you mean '0755'?"),)


def test_a_mark_that_is_written_otherwise_is_no_change() -> None:
    found = made(standing(17.5, sid="00012345"), export=EXPORT.replace("17.50", "17.5"))
    assert found.changes[0].stays
