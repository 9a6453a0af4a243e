"""What cannot be traced is said in a sentence, and what can be shown of it is shown."""

from __future__ import annotations

import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import msgspec
import pytest

from grader.errors import UsageError
from grader.model import Picture, PictureNode, Trace
from grader.reports import trace_text
from grader.sandbox.fresh import Fresh
from grader.selfcheck import trace_asking, tracing
from grader.selfcheck.checking import SelfCheck
from grader.selfcheck.prepared import opened
from grader.selfcheck.trace_plan import planned
from grader.selfcheck.tracing import What
from tests.conftest import ROOT
from tests.desk.homes import MODULE1, environment, home, solve
from tests.machinery import replaced
from tests.trace.runs import H, Z, course, h, marked, source, trace


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("x ^ 2", "column 3: a power is written **, not ^"),
        ("2 x", "column 2: between factors write *, as in 2 * x"),
        ("x", "nothing is computed here"),
        ("x +", "this is not a formula"),
        ("__import__('os')", "unknown function '__import__'"),
        ("exp(x, y)", "exp takes 1 argument, not 2"),
        ("log(0 - x)", "has no value at x = 2: log of a number that is not positive"),
        ("where(x < y, x, y)", "where cannot be followed step by step"),
        ("x * log(0)", "log(0) has no value: log of a number that is not positive"),
        ("x + 1 / 0", "1 / 0 has no value"),
        ("x + exp(1000)", "exp(1000) has no value"),
        ("x + x " * 30, "this is not a formula"),
        (" + ".join("x" * 50), "more than 40 steps are too many to follow"),
    ],
)
def test_an_expression_with_a_mistake_is_refused_with_its_place(expression: str, said: str) -> None:
    with pytest.raises(UsageError) as refused:
        planned(expression)
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("where", "at", "said"),
    [
        (["x * y"], {}, "should be a name, = and what it is"),
        (["z = x * y", "z = x"], {}, "z is defined twice"),
        (["a = z", "z = x"], {}, "z is used above, and defined only here"),
        (["z = x *"], {}, "this is not a formula"),
        (["z = z * y"], {}, "z is defined by itself"),
        (["z = x * y", "w = z * z"], {}, "w is used nowhere"),
        (["z = x * y"], {"z": 1.0}, "no argument z (it is defined, not chosen)"),
        (["z = x * y"], {"w": 1.0}, "no argument w"),
    ],
)
def test_names_that_do_not_fit_are_refused(where: list[str], at: dict[str, float], said: str) -> None:
    with pytest.raises(UsageError) as refused:
        planned("log(z)", where, at)
    assert said in str(refused.value)


def text(found: Trace) -> str:
    """Return a trace as it is printed."""
    return "\n".join((trace_text.head(found), *trace_text.steps(found), *trace_text.end(found)))


def test_what_a_course_has_not_got_is_said() -> None:
    with pytest.raises(UsageError, match=r"this course has no log; there are .* and exp, relu, tanh"):
        trace("micrograd", What("log(x)"))


def test_a_second_send_is_refused_where_the_course_does_not_say() -> None:
    with pytest.raises(UsageError, match="does not say what a second call of backward should do"):
        trace("micrograd", What("x * y", times=2))


def test_an_exercise_without_steps_is_refused() -> None:
    with pytest.raises(UsageError, match="nothing is sent back in this exercise"):
        trace("module1", What("op-is-close"))


TWO = "def backward(ctx: Context, d_out: float) -> tuple[float, float]:"


def of_lecture8(what: str, *changes: tuple[str, str], below: str = "") -> Trace:
    """Return the trace of an exercise of lecture 8 with some text changed, and with lines below everything."""
    text = source("", "lecture8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    return trace("", What(what), {"lecture8": text + below})


def test_a_function_is_named_that_is_not_written_yet() -> None:
    back = of_lecture8("square", ("return float(2.0 * x * d_out)", "raise NotImplementedError"))
    assert back.steps[-1].said == "Square.backward still raises NotImplementedError: this is as far as it goes"
    forward = of_lecture8("square", ("ctx.save_for_backward(x)\n", "raise NotImplementedError\n"))
    assert forward.steps[-1].said == "Square.forward is not written yet: this is as far as it goes"


def test_an_exception_is_not_told_as_that_of_a_line_elsewhere() -> None:
    elsewhere = "\n\ndef later():\n    raise NotImplementedError\n\n\nlater()\n"
    found = of_lecture8("square", ("(x,) = ctx.saved_values", "(x, _) = ctx.saved_values"), below=elsewhere)
    assert "Square.backward raised an exception: ValueError" in found.steps[-1].said


BARE = ("(x,) = ctx.saved_values", "x = ctx.saved_values")


def test_a_bare_saved_value_is_read_as_a_check_reads_it() -> None:
    found = of_lecture8("square", BARE)
    assert tracing.is_right(found)
    assert found.notes[-1].startswith("Note: it uses ctx.saved_values without unpacking it")
    without = of_lecture8("square", BARE, ("float(2.0 * x * d_out)", "float(2.0 * x)"))
    assert not without.steps[-1].said
    assert any(step.wrong for step in without.steps)


def test_what_would_be_ignored_is_refused() -> None:
    for pack, what, said in (
        ("", What("square", times=2), "--again: Square returns its derivatives and adds to none"),
        ("dual-numbers", What("x * x", d=3.0), "--d-out: this course carries derivatives forward"),
        ("dual-numbers", What("x * x", times=2), "--again: this course carries derivatives forward"),
    ):
        with pytest.raises(UsageError, match=said):
            trace(pack, what)


def test_a_picture_that_sends_different_numbers_is_not_followed() -> None:
    bundle, _ = course("module1")
    exercise = opened(next(one for one in bundle.exercises if one.id == "backpropagate")).exercise
    nodes = (PictureNode("x", "Scalar(2.0)", "2"), PictureNode("a", "x * x", "4", (0, 0)))
    alike, other = ("a.backward(1.0)", "a.backward(1.0)"), ("a.backward(1.0)", "a.backward(3.0)")
    assert trace_asking.of_picture(exercise, Picture(nodes, alike)) is not None
    assert trace_asking.of_picture(exercise, Picture(nodes, other)) is None


def test_one_number_for_two_arguments_is_nobodys_derivative() -> None:
    found = of_lecture8("mul-backward", (f"{TWO}\n", f"{TWO}\n        return 1.0\n"))
    wrong = next(step for step in found.steps if step.wrong)
    assert wrong.wrong == "it returned one thing, and 2 inputs take a derivative each"
    assert wrong.returned == ((-1, "1.0 (one number)"),)


def test_what_is_sent_through_a_function_is_no_argument_of_it() -> None:
    found = of_lecture8("exp", ("return math.exp(x) * d_out", "return math.exp(d_out)"))
    wrong = next(step for step in found.steps if step.wrong)
    assert wrong.d_out not in {node.value for node in found.nodes}


def test_a_sort_of_things_that_are_no_variables_says_so() -> None:
    ids = "def topological_sort(variable):\n    return [1, 2]"
    assert "the sort returned 2 that are no variable of these" in text(
        trace("module1", h(), replaced("autodiff.topological_sort", ids))
    )


def test_a_function_of_ones_own_is_traced_by_its_exercise() -> None:
    with pytest.raises(UsageError, match=r"Square: a function of your own is traced by its exercise, .*trace square`"):
        trace("", What("Square(x)"))
    with pytest.raises(UsageError, match=r"'squar' is no expression, and no exercise's id; did you mean 'square'\?"):
        trace("", What("squar"))


def test_files_without_variables_name_an_exercise_instead() -> None:
    bundle, reference = course("")
    alone = {"lecture8": reference.modules["lecture8"]}
    with Fresh() as workers:
        found = tracing.traced(
            SelfCheck(bundle, workers),
            msgspec.structs.replace(reference, modules=alone),
            tracing.run_of(bundle, What("x * x")),
        )
    assert "; name an exercise instead, as in `grader trace times-five-forward`" in found.steps[-1].said


def test_what_is_made_of_numbers_alone_is_a_number() -> None:
    found = trace("module1", What("h = x * exp(z * z)", ("z = 2",)))
    assert [node.name for node in found.nodes] == ["x", "h"]
    assert marked(found) is None
    for expression in ("exp(z)", "e * pi"):
        with pytest.raises(UsageError, match="nothing is computed here"):
            planned(expression, ("z = 2",))


def test_a_difference_is_no_id_unless_it_nearly_is() -> None:
    assert trace("module1", What("x-y")).title == "x-y"
    with pytest.raises(
        UsageError, match=r"'queue-backpropagaton' is no expression, and no exercise's id; did you mean"
    ):
        trace("module1", What("queue-backpropagaton"))


def test_no_backpropagation_yet_shows_what_comes_forward() -> None:
    template = replaced(
        "autodiff.backpropagate", "def backpropagate(variable, deriv):\n    raise NotImplementedError()"
    )
    found = trace("module1", h(), template)
    assert [step.kind for step in found.steps].count("forward") == 6
    assert "backpropagation is not written yet: this is as far as it goes" in found.steps[-1].said
    assert not any(step.wrong for step in found.steps)


@pytest.mark.parametrize("body", ["while True:\n        pass", "while True:\n        variable.chain_rule(deriv)"])
def test_a_loop_that_never_ends_shows_what_came_before_it(body: str) -> None:
    found = trace(
        "module1", h(), replaced("autodiff.backpropagate", f"def backpropagate(variable, deriv):\n    {body}")
    )
    assert [step.kind for step in found.steps].count("forward") == 6
    assert found.steps[-1].kind == "stopped"
    assert "does a loop never end" in found.steps[-1].said


def test_a_loop_in_a_function_alone_is_told_with_its_line() -> None:
    changed = source("", "lecture8").replace("return float(2.0 * x * d_out)", "while True: pass")
    found = trace("", What("square"), {"lecture8": changed})
    assert found.steps[-1].kind == "stopped"
    assert "lecture8.py:" in found.steps[-1].place


def test_an_exception_shows_the_steps_up_to_it() -> None:
    broken = replaced(
        "autodiff.backpropagate", "def backpropagate(variable, deriv):\n    list(variable.chain_rule(deriv))\n    1 / 0"
    )
    found = trace("module1", h(), broken)
    assert [step.kind for step in found.steps][-2:] == ["call", "raised"]
    assert "ZeroDivisionError" in found.steps[-1].said
    assert "ZeroDivisionError" in text(found)


def test_a_function_that_changes_its_input_is_marked_and_told() -> None:
    right = "out = Value(self.data * other.data, (self, other), "
    engine = source("micrograd", "engine")
    assert right in engine
    changed = engine.replace(right, f"{right}'*'); self.data *= 2; (", 1)
    found = trace("micrograd", What("h = x * y + exp(x)"), {"engine": changed})
    values = {
        found.nodes[step.node].name: found.nodes[step.node].value for step in found.steps if step.kind == "forward"
    }
    assert (values["x"], values["x * y"]) == ("2", "6")  # as they were when they were made
    assert next(step.wrong for step in found.steps if step.wrong) == "exp(x) is 54.5982, and 7.38906 is right"
    assert found.notes[0] == "The value of x was 2 when it was made, and is 4 at the end: your code changed it."


LYING = {
    "a metaclass": """
        class Lying(type):
            def __getattribute__(cls, name):
                if name in ("__slots__", "__dict__"):
                    raise RuntimeError
                return type.__getattribute__(cls, name)

        class Scalar(metaclass=Lying):
    """,
    "a dictionary": """
        class Odd(dict):
            def values(self):
                raise RuntimeError

        class Scalar:
            def __new__(cls, *given):
                made = object.__new__(cls)
                made.__dict__ = Odd()
                return made

    """,
    "a property": """
        class Scalar:
            @property
            def grad_of_mine(self):
                raise SystemExit

            def __getattr__(self, name):
                raise RuntimeError
    """,
}


@pytest.mark.parametrize("what", LYING)
def test_a_class_that_raises_when_looked_at_is_seen_all_the_same(what: str) -> None:
    code = source("module1", "scalar").replace("class Scalar:", textwrap.dedent(LYING[what]).strip("\n"))
    found = trace("module1", h(), {"scalar": code})
    assert all(one.right for one in found.ends)
    assert [step.kind for step in found.steps].count("call") == 4


def test_a_list_that_raises_when_gone_through_is_seen_all_the_same() -> None:
    odd = "class Odd(list):\n    def __iter__(self):\n        raise RuntimeError\n\n\nclass ScalarHistory:"
    code = source("module1", "scalar").replace("class ScalarHistory:", odd)
    code = code.replace("        self.inputs = inputs\n", "        self.inputs = Odd(inputs)\n")
    found = trace("module1", h(), {"scalar": code})
    assert "RuntimeError" in found.steps[-1].said  # of the student's own loop
    assert found.nodes[2].inputs == (0, 1)


def test_a_derivative_that_exits_when_read_is_told() -> None:
    odd = "class Scalar:\n    @property\n    def derivative(self):\n        raise SystemExit\n"
    code = source("module1", "scalar").replace("class Scalar:\n", odd)
    found = trace("module1", h(), {"scalar": code.replace("self.derivative: float | None = None", "pass")})
    assert "SystemExit" in found.steps[-1].said
    assert [step.kind for step in found.steps].count("forward") == 6


def test_a_long_list_beside_the_inputs_does_no_harm() -> None:
    code = source("module1", "scalar").replace(
        "        self.inputs = inputs\n",
        "        self.inputs = inputs\n        self.rest = [object() for _ in range(30_000)]\n",
    )
    assert marked(trace("module1", h(), {"scalar": code})) is None


def test_a_file_that_does_not_load_is_said() -> None:
    found = trace("module1", h(), {"autodiff": "def backpropagate(:\n"})
    assert "loading autodiff.py raised an exception: SyntaxError" in found.steps[-1].said


def test_a_walk_along_every_path_of_a_deep_graph_is_ended() -> None:
    where = tuple(f"z{i + 1} = z{i} + z{i}" for i in range(1, 18))
    paths = (
        "def backpropagate(variable, deriv):\n"
        "    if variable.is_leaf():\n"
        "        variable.accumulate_derivative(deriv)\n"
        "        return\n"
        "    for parent, share in variable.chain_rule(deriv):\n"
        "        backpropagate(parent, share)"
    )
    found = trace("module1", What("h = z18 * y", ("z1 = x * y", *where)), replaced("autodiff.backpropagate", paths))
    assert found.steps[-1].kind == "stopped"


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "grader", "trace", *arguments]
    return subprocess.run(
        command, cwd=folder, env=environment(), capture_output=True, text=True, timeout=120, check=False
    )


@pytest.mark.skipif(sys.platform == "win32", reason="a pipe with a name is wanted")
def test_a_page_takes_no_pipes_or_devices_place(tmp_path: Path) -> None:
    import os
    import stat

    template = home(tmp_path)
    solve(template, "lecture8")
    pipe, link = tmp_path / "pipe", tmp_path / "link"
    os.mkfifo(pipe)
    link.symlink_to(pipe)
    for path in (pipe, link):
        done = run(template, "square", "--html", str(path))
        assert done.returncode == 2
        assert "it is a pipe or a device, and a file is needed" in done.stderr
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    assert link.is_symlink()


@pytest.mark.skipif(sys.platform == "win32", reason="a shell is wanted")
def test_output_that_is_closed_is_no_fault(tmp_path: Path) -> None:
    template = home(tmp_path)
    for command in ("trace square", "check"):
        done = subprocess.run(
            ["sh", "-c", f"{sys.executable} -m grader {command} >&-"],
            cwd=template,
            env=environment(),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode in (0, 3), done.stderr
        assert "grader fault" not in done.stderr


def test_the_command_prints_a_step_per_line_within_80_columns(tmp_path: Path) -> None:
    template = home(tmp_path)
    solve(template, "operators", "autodiff", "scalar_functions", "scalar")
    done = run(template, H, "--where", Z, "--at", "x=2", "y=3", "--config", str(tmp_path / MODULE1))
    assert done.returncode == 0, done.stderr
    assert max(map(len, done.stdout.splitlines())) <= 80
    assert "exp(z): d_out 1 → 403.429 for z" in done.stdout
    assert "✓ x  1210.79, central difference 1210.79" in done.stdout


def test_brackets_let_an_expression_begin_with_a_minus(tmp_path: Path) -> None:
    template = home(tmp_path)
    solve(template, "operators", "autodiff", "scalar_functions", "scalar")
    config = ("--config", str(tmp_path / MODULE1))
    assert run(template, "-x", *config).returncode == 2
    done = run(template, "(-x)", *config)
    assert done.returncode == 0, done.stderr
    assert "✓ x  -1" in done.stdout
    assert '"(-x)"' in run(template, "--help").stdout


@pytest.mark.skipif(sys.platform == "win32", reason="a pseudo-terminal is wanted")
def test_steps_wait_for_a_key_each_and_q_shows_the_rest(tmp_path: Path) -> None:
    import os
    import pty

    template = home(tmp_path)
    solve(template, "lecture8")
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "grader", "trace", "square", "--step"]
    with subprocess.Popen(command, cwd=template, env=environment(), stdin=theirs, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline().decode() for _ in range(4)]
        assert "1  x = 2" in lines[-1]
        os.write(ours, b" ")
        assert "2  Square(x) = 4" in process.stdout.readline().decode()
        os.write(ours, b"q")
        assert "✓ x  40" in process.stdout.read().decode()
    assert process.returncode == 0


def test_the_commands_mistakes_have_a_sentence_and_status_2(tmp_path: Path) -> None:
    template = home(tmp_path)
    config = ("--config", str(tmp_path / MODULE1))
    for arguments, said in (
        (("x *",), "this is not a formula"),
        (("backprop",), "did you mean 'backpropagate'?"),
        (("x * y", "--at", "x"), "should be a name, = and a number"),
        (("x * y", "--at", "x=inf"), "is no finite number"),
        (("x * y", "--at", "x=1", "--at", "x=2"), "--at x: it is given twice"),
        (("x * y", "--svg", str(tmp_path / "config.yaml")), "a file lies where a folder is needed"),
    ):
        done = run(template, *arguments, *config)
        assert done.returncode == 2, (arguments, done.stdout)
        assert said in done.stderr


def test_other_peoples_files_run_contained(tmp_path: Path) -> None:
    hostile = tmp_path / "sent" / "minitorch"
    hostile.mkdir(parents=True)
    seen = tmp_path / "seen"
    code = (ROOT / "reference" / "lecture8.py").read_text("utf-8")
    (hostile / "lecture8.py").write_text(
        f"{code}\nimport os\nos.system('touch {seen}')\nopen({str(seen)!r}, 'w').close()\n"
    )
    done = run(ROOT, "square", "--submission", str(hostile.parent))
    assert "other people's files: they run contained" in done.stderr
    assert not seen.exists()


def test_files_beside_a_config_are_own_only_where_its_author_writes_them(tmp_path: Path) -> None:
    shutil.copy(ROOT / "config.yaml", tmp_path)
    for name in ("exercises", "reference"):
        shutil.copytree(ROOT / name, tmp_path / name)
    for folder in ("hw1/u2001", "student_template"):
        shutil.copytree(ROOT / "reference", tmp_path / folder / "minitorch")
        done = run(tmp_path / folder, "square")
        assert done.returncode == 0, done.stderr
        assert ("they run contained" in done.stderr) == (folder != "student_template")


def test_every_pack_can_be_asked_for_each_of_its_exercises() -> None:
    for pack in ("module1", "micrograd", "dual-numbers", "cmu-11785"):
        bundle, _ = course(pack)
        for one in bundle.exercises:
            try:
                found = trace(pack, What(one.id))
            except UsageError as refused:
                assert "nothing is sent back" in str(refused) or "choose another point" in str(refused), one.id
            else:
                assert found.ends, (pack, one.id, text(found))
                assert all(end.right for end in found.ends), (pack, one.id)


def test_a_leaf_that_nothing_uses_may_have_no_derivative() -> None:
    bundle, reference = course("module1")
    nodes = (
        PictureNode("x", "Scalar(2.0)", "2"),
        PictureNode("y", "Scalar(3.0)", "3"),
        PictureNode("a", "y * y", "9", (1, 1)),
        PictureNode("h", "x * x", "4", (0, 0)),
    )
    exercise = opened(next(one for one in bundle.exercises if one.id == "backpropagate")).exercise
    run = trace_asking.of_picture(exercise, Picture(nodes, ("h.backward(1.0)",)))
    assert run is not None
    with Fresh() as workers:
        found = tracing.traced(SelfCheck(bundle, workers), reference, run)
    assert [(one.derivative, one.right) for one in found.ends] == [("None", True), ("4", True)]


def test_a_long_line_of_the_students_fits_as_well() -> None:
    line = "raise ValueError(" + " + ".join(["'a'"] * 30) + ")"
    found = trace(
        "module1", h(), replaced("autodiff.backpropagate", f"def backpropagate(variable, deriv):\n    {line}")
    )
    assert max(map(len, text(found).splitlines())) <= 80
