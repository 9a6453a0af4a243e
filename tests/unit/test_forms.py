"""Mistakes in YAML are told with file, line, column and the near miss, all at once."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.assignment import exercises, forms, nodes
from grader.assignment.forms import FormError
from grader.exercise_kinds.function import FunctionForm
from grader.exercise_kinds.kinds import KINDS
from grader.grading import config
from grader.submissions.entries import Unreadable
from grader.submissions.papers import answers

ROOT = Path(__file__).parents[2]

SQUARE = """\
format: 1
id: square
title: Square
statement: x squared
file: lecture8.py
class: Square
arguments: {x: real}
value: x ** 2
checks: {forward: 1, backward: 2}
"""


def problems(text: str, tmp_path: Path) -> list[str]:
    path = tmp_path / "square.yaml"
    path.write_text(text)
    with pytest.raises(FormError) as caught:
        exercises.read(path, "square.yaml", KINDS)
    return [str(problem) for problem in caught.value.problems]


def test_ten_lines_make_an_exercise(tmp_path: Path) -> None:
    path = tmp_path / "square.yaml"
    path.write_text(SQUARE)
    exercise = exercises.read(path, "square.yaml", KINDS)
    assert (exercise.id, exercise.module, exercise.under_test) == ("square", "lecture8", ("Square",))
    assert exercise.points == 3
    assert exercise.spec.formulas.value.value([3.0]) == 9.0


MISTAKES = {
    "an unknown key": (
        "title: Square",
        "tittle: Square",
        "square.yaml:3:1: unknown key 'tittle'; did you mean 'title'?",
    ),
    "an unknown kind": (
        "format: 1",
        "format: 1\nkind: functoin",
        "square.yaml:2:7: unknown kind 'functoin'; did you mean 'function'?; one of function",
    ),
    "a missing key": ("title: Square\n", "", "square.yaml:1:1: 'title' is missing"),
    "an unknown check": (
        "backward: 2",
        "backwards: 2",
        "square.yaml:9:22: unknown check 'backwards'; did you mean 'backward'?",
    ),
    "points that are no number": (
        "forward: 1",
        "forward: one",
        "square.yaml:9:19: forward: should be a number, not 'one'",
    ),
    "negative points": ("forward: 1", "forward: -1", "square.yaml:9:19: points of forward should not be negative"),
    "points that don't add up": (
        "value: x ** 2",
        "value: x ** 2\npoints: 5",
        "square.yaml:9:9: points don't add up: the checks are worth 3, not 5",
    ),
    "a wrong type": ("arguments: {x: real}", "arguments: [x]", "should be a mapping of keys to values, not a list"),
    "an unknown domain": (
        "x: real",
        "x: reel",
        "square.yaml:7:16: domain 'reel' of x should be one of real, positive, nonzero, whole, a range like -500..500, "
        "or an inequality like 0 < x <= 1; did you mean 'real'?",
    ),
    "a domain back to front": ("x: real", "x: 5..1", "domain '5..1' of x should be one of"),
    "a formula": ("x ** 2", "x ^ 2", "square.yaml:8:10: in 'x ^ 2': a power is written **, not ^"),
    "a name in a formula": ("x ** 2", "3 * z", "square.yaml:8:12: in '3 * z': unknown name 'z'"),
    "a format of the future": ("format: 1", "format: 2", "square.yaml:1:9: format: unknown '2'; one of 1"),
    "a duplicate key": ("title: Square", "id: other", "square.yaml:3:1: duplicate key 'id'"),
    "an alias": ("title: Square", "title: &a Square", "square.yaml:3:8: anchors, aliases and tags are not used here"),
    "a tag": ("title: Square", "title: !!python/name:os.system x", "anchors, aliases and tags are not used here"),
    "not YAML": ("title: Square", "title: [", "is not YAML"),
    "a bad id": ("id: square", "id: Square One", "id 'Square One' should be lower-case letters, digits and hyphens"),
    "a path for a file": ("lecture8.py", "../lecture8.py", "should be a module of the student's, like lecture8.py"),
    "an input with an unknown argument": (
        "value: x ** 2",
        "value: x ** 2\ninputs: [{x: 1, z: 2}]",
        "square.yaml:9:17: unknown argument 'z'; an input names x, d_out",
    ),
    "an input without an argument": (
        "value: x ** 2",
        "value: x ** 2\ninputs: [{d_out: 2}]",
        "square.yaml:9:10: 'x' is missing; an input has a number for every argument",
    ),
    "an input outside its domain": (
        "value: x ** 2",
        "value: x ** 2\ninputs:\n  - {x: 6.5}\n  - {x: 2e4}",
        "square.yaml:11:9: x = 20000.0 is outside its domain, -10000 to 10000",
    ),
    "an input that is no number": (
        "value: x ** 2",
        "value: x ** 2\ninputs: [{x: six}]",
        "square.yaml:9:14: x: should be a number, not 'six'",
    ),
    "an input where nothing is defined": (
        "value: x ** 2",
        "value: log(x)\ninputs: [{x: -1}]",
        "square.yaml:9:10: log(x) has no value or no derivative here; choose another input",
    ),
    "an input too near a comparison": (
        "value: x ** 2",
        "value: x > 3\ninputs: [{x: 3.001}]",
        "square.yaml:9:10: a comparison is decided by 0.001 here, which rounding may turn round; stay 0.01 away",
    ),
    "an input of enormous value": (
        "value: x ** 2",
        "value: exp(x)\ninputs: [{x: 400}]",
        "square.yaml:9:10: exp(x) or its derivative is too large to be judged here; choose a smaller input",
    ),
    "an input twice": (
        "value: x ** 2",
        "value: x ** 2\ninputs: [{x: 1}, {x: 1, d_out: 3}]",
        "square.yaml:9:18: this input is there already; each should have other arguments",
    ),
    "no checks": ("{forward: 1, backward: 2}", "{}", "should name at least one of forward, backward, contract"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_named_where_it_is(name: str, tmp_path: Path) -> None:
    old, new, message = MISTAKES[name]
    assert old in SQUARE
    assert any(message in problem for problem in problems(SQUARE.replace(old, new, 1), tmp_path))


@pytest.mark.parametrize("kind", ["function", "values", "scalars", "own"])
def test_an_authors_inputs_come_first_in_the_public_half_and_in_no_other(kind: str) -> None:
    body = SQUARE if kind == "function" else SQUARE.replace("class: Square", f"function: square\nkind: {kind}")
    given = "inputs: [{x: 6.5, d_out: 3}, {x: 7}]" if kind == "function" else "inputs: [{x: 6.5}, {x: 7}]"
    if kind == "own":
        body = body.replace("value: x ** 2", "judge: 'def holds(x, value): return True'")
    checks = {"function": "{forward: 1}", "own": "{holds: 1}"}.get(kind, "{value: 1}")
    text = body.replace("{forward: 1, backward: 2}", f"{checks}\n{given}")
    exercise = exercises.decode(text.encode(), "x.yaml", KINDS)
    public, private = (KINDS[kind].prepare(exercise, 20, "s", half).corpus for half in (True, False))
    d_out = 3.0 if kind == "function" else 2.0
    assert [(one.args, one.d_out) for one in public.inputs[:2]] == [((6.5,), d_out), ((7.0,), 2.0)]
    assert len(public.inputs) == len(private.inputs) == 20
    assert private.inputs[0].args == (2.0,)


def test_several_mistakes_are_told_at_once(tmp_path: Path) -> None:
    text = SQUARE.replace("x: real", "x: reel").replace("x ** 2", "y ** 2").replace("backward", "bakward")
    assert len(problems(text, tmp_path)) == 3


def test_mistakes_in_several_files_are_told_at_once(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.yaml").write_text(SQUARE.replace("x: real", "x: reel"))
    with pytest.raises(FormError) as caught:
        exercises.load(exercises.files([tmp_path]), tmp_path, KINDS)
    assert [problem.file for problem in caught.value.problems] == ["a.yaml", "b.yaml"]


def test_a_duplicate_id_names_both_files(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.yaml").write_text(SQUARE)
    with pytest.raises(FormError, match=r"b.yaml: duplicate id 'square': a.yaml has it too"):
        exercises.load(exercises.files([tmp_path]), tmp_path, KINDS)


def test_scalars_are_read_as_their_type_and_never_guessed() -> None:
    raw = SQUARE.replace("{forward: 1, backward: 2}", "{forward: 1e-1, backward: 1/3}").replace(
        "title: Square", "title: no"
    )
    form, _ = forms.decode(raw.encode(), FunctionForm, "x.yaml")
    assert form.title == "no"
    assert form.checks == {"forward": Fraction(1, 10), "backward": Fraction(1, 3)}


@pytest.mark.parametrize("trusted", [False, True])
@given(raw=st.binary(max_size=200))
@settings(max_examples=200)
def test_any_bytes_are_a_form_or_a_form_error(trusted: bool, raw: bytes) -> None:
    with pytest.raises(FormError):
        forms.decode(raw, FunctionForm, "x.yaml", trusted)


def test_a_deep_or_exploding_file_is_refused() -> None:
    for raw in (b"[" * 5000, b"{a: " * 2000, b"a: &a [x]\nb: [*a, *a]"):
        for trusted in (False, True):
            with pytest.raises(FormError):
                forms.decode(raw, FunctionForm, "x.yaml", trusted)


def shape(node: yaml.Node | None) -> object:
    """Return all that is read of a node: what it is, where, and whether it was quoted."""
    if node is None:
        return None
    place = (type(node), node.tag, node.start_mark.line, node.start_mark.column)
    if isinstance(node, yaml.ScalarNode):
        return (*place, node.value, bool(node.style))
    inner = node.value if isinstance(node, yaml.SequenceNode) else [one for pair in node.value for one in pair]
    return (*place, [shape(one) for one in inner])


def test_the_quick_reader_reads_what_the_other_reads() -> None:
    texts = [path.read_bytes() for path in ROOT.glob("e*/**/*.yaml")]
    texts += [b"a: [null, ~, '', \"~\", ]\nb:\n", "a: ä # note\nb: |\n  two\n  lines\n".encode(), b""]
    assert nodes.QUICK is not yaml.SafeLoader, "PyYAML was built without libyaml here"
    assert len(texts) > 50
    for raw in texts:
        assert shape(yaml.compose(raw, nodes.QUICK)) == shape(yaml.compose(raw, yaml.SafeLoader))


def test_without_libyaml_all_is_read_too(monkeypatch: pytest.MonkeyPatch) -> None:
    quick, _ = forms.decode(SQUARE.encode(), FunctionForm, "x.yaml", trusted=True)
    monkeypatch.setattr(nodes, "QUICK", yaml.SafeLoader)
    assert forms.decode(SQUARE.encode(), FunctionForm, "x.yaml", trusted=True)[0] == quick


def test_what_a_student_hands_in_never_comes_near_libyaml(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    class Refused:
        def __init__(self, _: bytes) -> None:
            raise AssertionError("it was given to libyaml")

    monkeypatch.setattr(nodes, "QUICK", Refused)
    assert answers(b"answers: {a: 5 * x}") == {"a": "5 * x"}
    with pytest.raises(Unreadable):
        answers(b"answers: [")
    (tmp_path / "square.yaml").write_text(SQUARE)
    with pytest.raises(AssertionError, match="libyaml"):
        exercises.read(tmp_path / "square.yaml", "square.yaml", KINDS)


def write_config(tmp_path: Path, text: str) -> Path:
    (tmp_path / "exercises").mkdir()
    (tmp_path / "exercises" / "square.yaml").write_text(SQUARE)
    path = tmp_path / "config.yaml"
    path.write_text("format: 1\nassignment: a\ntitle: A\nexercises: [exercises]\n" + text)
    return path


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("weigths: {}\n", "config.yaml:5:1: unknown key 'weigths'; did you mean 'weights'?"),
        ("weights: {sqare: 2}\n", "weights: no exercise has the id 'sqare'; did you mean 'square'?"),
        ("weights: {square: -2}\n", "weights: square should not be negative"),
        ("required_tier: 5\n", "required_tier should lie between 1 and 3, not 5"),
        ("limits: {exercise_cpu_seconds: fast}\n", "should be a number, not 'fast'"),
        ("corpus: {public: 1}\n", "corpus.public should lie between 4 and 10000, not 1"),
    ],
)
def test_a_mistake_in_the_config_is_named_where_it_is(tmp_path: Path, text: str, message: str) -> None:
    path = write_config(tmp_path, text)
    with pytest.raises(FormError) as caught:
        config.load(path)
    assert message in str(caught.value)


def test_the_config_weighs_and_chooses_exercises(tmp_path: Path) -> None:
    assignment = config.load(write_config(tmp_path, "weights: {square: 3/2}\n"), ("square",))
    assert assignment.weights == {"square": Fraction(3, 2)}
    assert [exercise.id for exercise in assignment.exercises] == ["square"]


def test_a_check_of_another_kind_is_told_to_be_one(tmp_path: Path) -> None:
    path = tmp_path / "square.yaml"
    path.write_text(SQUARE.replace("backward: 2}", "backward: 2, cost: 1}"))
    with pytest.raises(FormError) as caught:
        exercises.read(path, "square.yaml", KINDS)
    said = "unknown check 'cost'; it is one of `kind: graph`, and this kind has forward, backward, contract"
    assert [one.message for one in caught.value.problems] == [said]


REMEDIED = {
    "a colon in a title": (
        "title: Square",
        "title: Square: twice",
        "3:14: is not YAML: mapping values are not allowed here; put a text with a colon in it in quotes, and begin",
    ),
    "an indented key": (
        "title: Square",
        " title: Square",
        "is not YAML: mapping values are not allowed here; put a text",
    ),
    "a tab": (
        "title: Square",
        "\ttitle: Square",
        "3:1: is not YAML: found character '\\t' that cannot start any token; indent with blanks in place of tabs",
    ),
    "an open bracket": (
        "title: Square",
        "title: [",
        "; check the quotes, the brackets and the indentation here and in",
    ),
    "a key twice": ("title: Square", "id: other", "3:1: duplicate key 'id'; keep one of the two"),
    "nothing": (SQUARE, "", "square.yaml: is empty; is it the right file?"),
    "an equation": ("x ** 2", "x = 1", "8:10: in 'x = 1': this is not a formula; write the value alone, as 2 * x + "),
    "a choice": (
        "x ** 2",
        "x if x > 1 else 2",
        "ifexp has no place in a formula; a choice is written where(x > 0, a, b)",
    ),
    "and": (
        "value: x ** 2",
        "condition: x > 1 and x < 2\nvalue: x ** 2",
        "8:12: in 'x > 1 and x < 2': boolop has no place in a formula; conditions that all hold are a list; in a",
    ),
    "an index": ("x ** 2", "x[0]", "subscript has no place in a formula; it is made of numbers, names, + - * / ** and"),
    "too many formulas": (
        "checks:",
        "misconceptions: [{returns: [x, x], say: s}]\nchecks:",
        "9:28: returns should hold 1 in all, not 2; write […]",
    ),
    "no list": (
        "checks:",
        "misconceptions: [{returns: x, say: s}]\nchecks:",
        "9:28: returns: should be a list, not 'x'; write [x]",
    ),
    "an item that is no list": (
        "class: Square",
        "kind: own\nclass: Square\nat: [x, [x]]\njudge: j",
        "8:6: 0: should be a list, not 'x'; write [x]",
    ),
}


@pytest.mark.parametrize("mistake", REMEDIED)
def test_what_is_wrong_ends_with_what_to_do(mistake: str, tmp_path: Path) -> None:
    old, new, said = REMEDIED[mistake]
    assert any(said in one for one in problems(SQUARE.replace(old, new), tmp_path)), problems(
        SQUARE.replace(old, new), tmp_path
    )


def test_an_item_that_is_no_list_is_told_without_a_false_second(tmp_path: Path) -> None:
    old, new, _ = REMEDIED["an item that is no list"]
    told = problems(SQUARE.replace(old, new), tmp_path)
    assert not any("format" in one for one in told)
