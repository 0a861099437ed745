"""The known-answer check itself: it must fail when an answer does not do as it promises."""

from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest

from aicourse.authoring.known_answers import (
    AnswersError,
    LessonVerdict,
    check_known_answers,
    parse_answers,
    stub,
)
from aicourse.authoring.notebook_text import from_text
from aicourse.executor import Runner

LESSON = "01_math_python/90_double"
NOTEBOOK = '''
%% md title
# 1.90 Doubling
%% code setup
import os
FACTOR = 2
%% md double-statement
### Exercise 1 — Double
%% solution double
def double(x):
    """Twice `x`."""
    ### BEGIN SOLUTION
    return FACTOR * x
    ### END SOLUTION
%% visible double points=1
got = double(2)
assert got == 4, f"expected 4, got {got}: did you square?"
%% hidden double points=3
# Hidden tests: other numbers
### BEGIN HIDDEN TESTS
import os
seed = int(os.environ.get("AICOURSE_TEST_SEED", "5"))
got = [double(x) for x in (0, -3, seed)]
assert got == [0, -6, 2 * seed], f"got {got}"
### END HIDDEN TESTS
%% code double-check
check("double")
'''
ANSWERS = '''"""Known answers."""

# %% wrong double: squares
def double(x):
    return x * x

# %% wrong double: returns the example
def double(x):
    return 4

# %% wrong double: adds two
def double(x):
    return x + 2

# %% right double: adds x to itself
def double(x):
    return x + x
'''


@pytest.fixture(scope="module")
def runner() -> Iterator[Runner]:
    with Runner() as entered:
        yield entered


def verdict(
    tmp_path: Path, runner: Runner, notebook: str = NOTEBOOK, answers: str = ANSWERS
) -> LessonVerdict:
    source = tmp_path / "notebooks" / f"{LESSON}.ipynb"
    source.parent.mkdir(parents=True)
    nbformat.write(from_text(notebook), source)
    known = tmp_path / "grading" / "answers" / f"{LESSON}.py"
    known.parent.mkdir(parents=True)
    known.write_text(answers, encoding="utf-8")
    return check_known_answers(tmp_path, LESSON, runner)


def test_a_sound_lesson_has_no_problems(tmp_path: Path, runner: Runner) -> None:
    result = verdict(tmp_path, runner)
    assert result.problems == ()
    assert result.count("wrong") == (3, 3)
    assert result.count("right") == (1, 1)
    assert result.count("nothing") == (2, 2)
    points = {v.answer.name: v.earned for v in result.answers}
    assert points["squares"] == 1
    assert points["adds x to itself"] == 4
    assert points["the untouched stub"] == points["an empty cell"] == 0


def test_the_message_is_the_one_the_learner_reads(tmp_path: Path, runner: Runner) -> None:
    result = verdict(tmp_path, runner, answers=ANSWERS.replace("x * x", "x ** 3"))
    [squares] = [v for v in result.answers if v.answer.name == "squares"]
    assert squares.message == "[visible] AssertionError: expected 4, got 8: did you square?"


BROKEN = {
    "a wrong answer that passes": (
        NOTEBOOK,
        ANSWERS.replace("return x * x", "return 2 * x"),
        "squares: should lose points",
    ),
    "a right answer that fails": (
        NOTEBOOK,
        ANSWERS.replace("return x + x", "return 2 * abs(x)"),
        "adds x to itself: should keep all points: [hidden]",
    ),
    "a right answer that only fits one seed": (
        NOTEBOOK,
        ANSWERS.replace("return x + x", "return {2: 4, 0: 0, -3: -6, 5: 10}.get(x)"),
        "adds x to itself: fails with test seed",
    ),
    "tests that pass on the stub": (
        NOTEBOOK.replace('assert got == 4, f"expected 4, got {got}: did you square?"', "").replace(
            "got = double(2)", "got = 4"
        ),
        ANSWERS,
        "the untouched stub: should score 0, scores 1",
    ),
    "an answer that does not run": (
        NOTEBOOK,
        ANSWERS.replace("def double(x):\n    return 4", "double = undefined_name"),
        "returns the example: its own cell does not run: NameError",
    ),
    "a broken reference": (
        NOTEBOOK.replace("return FACTOR * x", "return FACTOR + x"),
        ANSWERS,
        "the notebook's own solution: should keep all points",
    ),
    "a broken cell elsewhere": (
        NOTEBOOK.replace("FACTOR = 2", "FACTOR = 2\n1 / 0"),
        ANSWERS,
        "cell setup of the source fails: ZeroDivisionError",
    ),
    "too few wrong answers": (
        NOTEBOOK,
        ANSWERS.split("# %% wrong double: adds two")[0]
        + "# %% right double: adds x\ndef double(x):\n    return x + x\n",
        "double: 2 wrong answers, at least 3",
    ),
    "answers for no exercise": (
        NOTEBOOK,
        ANSWERS + "\n# %% wrong treble: adds\ndef treble(x):\n    return x\n",
        "treble: the lesson has no exercise of this name",
    ),
    "hidden tests that catch nothing": (
        NOTEBOOK.replace(
            "assert got == 4,", "assert [double(x) for x in (0, -3)] == [0, -6] and got == 4,"
        ),
        ANSWERS,
        "no wrong answer passes the visible tests",
    ),
}


@pytest.mark.parametrize(("notebook", "answers", "problem"), BROKEN.values(), ids=BROKEN)
def test_a_broken_promise_is_found(
    tmp_path: Path, runner: Runner, notebook: str, answers: str, problem: str
) -> None:
    result = verdict(tmp_path, runner, notebook, answers)
    assert any(problem in found for found in result.problems), result.problems


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("# %% wrng double: typo\nx = 1\n", "is not `# %% right|wrong"),
        ("# %% wrong double: bad\ndef (:\n", "invalid syntax"),
        ("# %% right f: a\nx = 1\n# %% right f: a\nx = 2\n", "repeated"),
        ("# %% strong essay: not a string\nx = 1\n", "one triple-quoted string"),
    ],
)
def test_unreadable_answers_are_refused(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "answers.py"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(AnswersError, match=message.replace("|", r"\|")):
        parse_answers(path)


def test_stub_keeps_what_is_outside_the_regions() -> None:
    solution = (
        "class A:\n    def f(self):\n        ### BEGIN SOLUTION\n        return 1\n"
        "        ### END SOLUTION\n\n    def g(self):\n        ### BEGIN SOLUTION\n"
        "        return 2\n        ### END SOLUTION\n"
    )
    assert stub(solution) == (
        "class A:\n    def f(self):\n        raise NotImplementedError\n\n"
        "    def g(self):\n        raise NotImplementedError\n"
    )
