"""Leaving out the lesson's own cells that cannot matter changes no verdict.

As a script this compares every known answer of every lesson, with all cells and with the needed
ones, and prints what both cost: `python tests/test_needed_cells.py [PART OF A LESSON'S NAME]`.
"""

import itertools
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from aicourse.authoring.known_answers import Answer, answers_file, parse_answers
from aicourse.executor import Branch, BranchOutcome, Run, Runner
from aicourse.executor import Step as Planned
from aicourse.grading.bundle import LessonBundle, lesson_bundle
from aicourse.grading.intake import Prepared, Step, StudentCell, TestPlace, prepare
from aicourse.grading.needed_cells import binds, needed

ROOT = Path(__file__).resolve().parents[1]
LESSONS = [
    f"{file.parent.name}/{file.stem}" for file in sorted((ROOT / "notebooks").glob("*/*.ipynb"))
]
Verdicts = dict[tuple[str, str], str]


@cache
def bundle_of(lesson: str) -> LessonBundle:
    return lesson_bundle(ROOT, lesson)


@cache
def solved(lesson: str) -> Prepared:
    """The student notebook with the reference answers, ready to run."""
    bundle = bundle_of(lesson)
    blank = prepare((ROOT / "student" / f"{lesson}.ipynb").read_bytes(), bundle)
    return replace(blank, steps=tuple(_filled(step, bundle) for step in blank.steps))


def _filled(step: Step, bundle: LessonBundle) -> Step:
    if isinstance(step, StudentCell) and step.role == "answer":
        return replace(step, source=bundle.exercise(step.grade_id).reference)
    return step


def with_answer(prepared: Prepared, grade_id: str, source: str) -> Prepared:
    steps = tuple(
        replace(step, source=source)
        if isinstance(step, StudentCell) and step.grade_id == grade_id
        else step
        for step in prepared.steps
    )
    return replace(prepared, steps=steps)


def verdicts(
    runner: Runner, bundle: LessonBundle, steps: Sequence[Step], answers: Sequence[Answer]
) -> tuple[Verdicts, float]:
    """(answer, test) → "" or how it failed, for the references and each of `answers` in place of
    its reference; and the seconds that the cells themselves took."""
    plan: list[Planned] = []
    for step in steps:
        if isinstance(step, StudentCell):
            mine = [a for a in answers if a.grade_id == step.grade_id]
            plan += [_trial(bundle, answer) for answer in mine]
            plan.append(Run(step.source, f"cell {step.id}"))
        else:
            plan.append(Branch(_tests(bundle, step.exercise), step.exercise, 300))
    outcome = runner.run(plan, folder=ROOT / "notebooks" / bundle.assignment, timeout=1800)
    assert outcome.end == "done"
    found: Verdicts = {}
    for step in steps:
        if isinstance(step, TestPlace):
            _collect(found, bundle, "reference", step.exercise, outcome.branch(step.exercise))
    for answer in answers:
        _collect(found, bundle, _name(answer), answer.grade_id, outcome.branch(_name(answer)))
    return found, sum(outcome.cell(one.label).seconds for one in plan if isinstance(one, Run))


def _name(answer: Answer) -> str:
    return f"{answer.grade_id} · {answer.kind} · {answer.name}"


def _trial(bundle: LessonBundle, answer: Answer) -> Branch:
    return Branch([Run(answer.source), *_tests(bundle, answer.grade_id)], _name(answer), 300)


def _tests(bundle: LessonBundle, exercise: str) -> list[Planned]:
    tests = bundle.tests_of(exercise)
    return [Branch([Run(test.source, "test")], test.grade_id, 60) for test in tests]


def _collect(
    found: Verdicts, bundle: LessonBundle, name: str, exercise: str, outcome: BranchOutcome
) -> None:
    for test in bundle.tests_of(exercise):
        found[name, test.grade_id] = outcome.branch(test.grade_id).cell("test").error or ""


@pytest.fixture(scope="module")
def runner() -> Iterator[Runner]:
    with Runner() as entered:
        yield entered


@pytest.mark.parametrize("lesson", LESSONS)
def test_the_reference_earns_everything_with_the_needed_cells(lesson: str, runner: Runner) -> None:
    bundle, prepared = bundle_of(lesson), solved(lesson)
    steps = needed(prepared, bundle)
    left_out = [step for step in prepared.steps if step not in steps]
    assert all(isinstance(step, StudentCell) and step.role == "lesson" for step in left_out)
    found, _ = verdicts(runner, bundle, steps, [])
    assert len(found) == len(bundle.tests)
    assert {test: error for test, error in found.items() if error} == {}


@pytest.mark.parametrize("lesson", LESSONS)
def test_most_demonstrations_are_left_out(lesson: str) -> None:
    prepared = solved(lesson)
    lessons_own = [s for s in prepared.steps if isinstance(s, StudentCell) and s.role == "lesson"]
    kept = [s for s in needed(prepared, bundle_of(lesson)) if s in lessons_own]
    assert len(kept) <= len(lessons_own) / 3


# ---------------------------------------------------------------- the rule, on cells made for it


@cache
def small() -> tuple[LessonBundle, Prepared]:
    """A lesson with one exercise, `f`, whose test reads `f` and `scale`."""
    bundle = bundle_of(LESSONS[1])
    exercise = replace(bundle.exercises[0], grade_id="f", defines=("f",))
    test = replace(bundle.tests[0], grade_id="f_visible", exercise="f", source="assert f(scale)\n")
    prepared = solved(LESSONS[1])
    return replace(bundle, exercises=(exercise,), tests=(test,)), prepared


@pytest.fixture
def kept() -> Callable[..., list[str]]:
    """Which of the lesson's own cells run, given in order; the answer and test come last."""

    def run(*cells: str, answer: str = "def f(x): return x", own: str = "") -> list[str]:
        bundle, prepared = small()
        steps: list[Step] = [StudentCell(f"c{i}", c, "lesson") for i, c in enumerate(cells)]
        steps += [StudentCell("own", own, "own")] if own else []
        steps += [StudentCell("f", answer, "answer", "f"), TestPlace("f")]
        chosen = needed(replace(prepared, steps=tuple(steps)), bundle)
        assert steps[len(cells) :] == list(chosen[-(len(steps) - len(cells)) :])
        return [s.source for s in chosen if isinstance(s, StudentCell) and s.role == "lesson"]

    return run


SCALE = "scale = [1]"


@pytest.mark.parametrize(
    "changing",
    [
        "scale = [2]",
        "scale += [3]",
        "scale[0] = 5",
        "del scale[0]",
        "scale.append(2)",
        "last = scale.pop()",
        "view = scale\nview[0] = 3",
        "other = {'s': scale}\nother['s'].append(1)",
        "for scale in [[1], [2]]: pass",
        "import math as scale",
        "def scale(): pass",
        "with open('x') as scale: pass",
        "print(scale := [4])",
        "def helper(xs): xs.append(1)\nhelper(scale)",
        "import numpy as np\nnp.add([1], [1], out=scale)",
        "import random\nrandom.shuffle(scale)",
        "import heapq\nheapq.heappush(scale, 2)",
        "first, *scale = 1, 2",
        "try:\n    1 / 0\nexcept Exception as scale:\n    pass",
        "value = next(scale)",
    ],
)
def test_a_cell_that_binds_or_changes_what_a_test_reads_runs(kept, changing: str) -> None:
    assert kept(SCALE, changing, "demo = 1") == [SCALE, changing]


@pytest.mark.parametrize(
    "showing",
    [
        "print(scale, len(scale))",
        "total = sum(scale)",
        "copied = scale.copy()\ncopied[0] = 2",
        "doubled = [2 * x for x in scale]\ndoubled.append(1)",
        "import matplotlib.pyplot as plt\nfig, ax = plt.subplots()\nax.plot(scale)\nplt.show()",
        "def local():\n    scale = 3\n    return scale\nlocal()",
        "[scale for scale in range(3)]",
        "from IPython.display import display\ndisplay(scale)",
    ],
)
def test_a_cell_that_only_looks_does_not_run(kept, showing: str) -> None:
    assert kept(SCALE, showing) == [SCALE]


def test_what_a_needed_cell_needs_runs_too(kept) -> None:
    cells = ("import math", "base = math.pi", "def grow(x): return x * base", "scale = grow(2)")
    assert kept(*cells, "unrelated = grow(3)") == [*cells]


def test_a_function_finds_what_is_bound_after_it(kept) -> None:
    assert kept("demo = 0", "factor = 2", "scale = 1", answer="def f(x): return factor * x") == [
        "factor = 2",
        "scale = 1",
    ]


def test_a_helper_that_changes_a_list_outside_counts_as_changing_it(kept) -> None:
    cells = ("scale = []", "def log(x): scale.append(x)", "log(1)")
    assert kept(*cells, "print('nothing')") == [*cells]


def test_aliases_that_were_made_earlier(kept) -> None:
    cells = ("table = [[1]]", "scale = table[0]", "table[0].append(3)")
    assert kept(*cells) == [*cells]


@pytest.mark.parametrize(
    "setting",
    [
        "import numpy as np\nnp.random.seed(3)",
        "import os\nos.environ['A'] = '1'",
        "import pandas as pd\npd.set_option('mode.copy_on_write', False)",
        "import matplotlib.pyplot as plt\nplt.rcParams['figure.dpi'] = 50",
        "import math\nmath.tau = 3",
        "import warnings\nwarnings.simplefilter('error')",
        "import sys\nsys.path.insert(0, 'x')",
        "%load_ext autoreload\n%autoreload 2\nx = 1",
    ],
)
def test_a_cell_that_sets_something_for_all_code_runs(kept, setting: str) -> None:
    assert kept(SCALE, setting, "demo = 1") == [SCALE, setting]


def test_what_is_set_back_does_not_count(kept) -> None:
    inside = "import warnings\nwith warnings.catch_warnings():\n    warnings.simplefilter('error')"
    assert kept(SCALE, inside) == [SCALE]


@pytest.mark.parametrize(
    "seeing",
    [
        "print(globals()['demo'])",
        "names = dir()",
        "eval('demo')",
        "get_ipython().run_line_magic('who', '')",
        "print(_)",
        "print(Out)",
        "%who",
        "%run other.py",
        "import sys\nsys.modules['__main__']",
        "/f demo",
    ],
)
def test_code_that_may_see_any_name_keeps_every_cell(kept, seeing: str) -> None:
    assert kept(SCALE, "demo = 1", own=seeing) == [SCALE, "demo = 1"]


@pytest.mark.parametrize(
    "own", ["%timeit demo + 1", "%time demo", "%%time\nx = demo", "print(demo)"]
)
def test_what_the_students_own_cells_read_runs(kept, own: str) -> None:
    assert kept(SCALE, "demo = 1", "other = 2", own=own) == [SCALE, "demo = 1"]


@pytest.mark.parametrize(
    "own",
    [
        "for _ in range(3): pass",
        "_, b = 1, 2\nprint(_)",
        "%matplotlib inline",
        "def broken(:",
        "model.eval()",
        "!ls",
    ],
)
def test_harmless_code_keeps_nothing_more(kept, own: str) -> None:
    assert kept(SCALE, "demo = 1", own=own) == [SCALE]


def test_what_code_that_nests_without_end_reads_is_not_guessed(kept) -> None:
    assert kept(SCALE, "demo = 1", own="x = " + "-" * 50_000 + "1") == [SCALE, "demo = 1"]


def test_binds_names_what_left_out_cells_would_have_bound() -> None:
    steps = [
        StudentCell("a", "import numpy as np\nx = y = 1\nfor i in []: pass", "lesson"),
        TestPlace("f"),
        StudentCell("b", "def g(): z = 1", "lesson"),
    ]
    assert binds(steps) == {"np", "x", "y", "i", "g"}


# ------------------------------------------------------------------------ every known answer


def compare(lesson: str, runner: Runner) -> list[str]:
    """Differences between the verdicts with all cells and with the needed ones."""
    bundle, prepared = bundle_of(lesson), solved(lesson)
    file = answers_file(ROOT, lesson)
    answers = [a for a in parse_answers(file) if a.kind in ("right", "wrong")]
    whole, whole_seconds = verdicts(runner, bundle, prepared.steps, answers)
    groups: dict[tuple[str, ...], list[Answer]] = {}
    for answer in answers:
        steps = needed(with_answer(prepared, answer.grade_id, answer.source), bundle)
        groups.setdefault(tuple(s.id for s in steps if isinstance(s, StudentCell)), []).append(
            answer
        )
    reference = needed(prepared, bundle)
    found, seconds = verdicts(runner, bundle, reference, [])
    for ids, mine in groups.items():
        steps = [s for s in prepared.steps if isinstance(s, TestPlace) or s.id in ids]
        # The references may need other cells than these answers; they ran above.
        found |= {
            key: error
            for key, error in verdicts(runner, bundle, steps, mine)[0].items()
            if key[0] != "reference"
        }
    cells = [
        sum(isinstance(s, StudentCell) for s in steps) for steps in (prepared.steps, reference)
    ]
    print(
        f"{lesson:45} {len(answers):3} answers  cells {cells[0]:3} → {cells[1]:2}"
        f"  {whole_seconds:6.2f} s → {seconds:5.2f} s  {len(groups)} sets of cells"
    )
    return [
        f"{lesson}: {name}: {test}: {whole.get((name, test))!r} became {error!r}"
        for (name, test), error in found.items()
        if error != whole.get((name, test))
    ]


if __name__ == "__main__":
    started = time.monotonic()
    chosen = [name for name in LESSONS if not sys.argv[1:] or sys.argv[1] in name]
    with Runner() as entered:
        problems = list(itertools.chain(*(compare(name, entered) for name in chosen)))
    print(*problems, f"{len(problems)} differences", sep="\n")
    print(f"{time.monotonic() - started:.0f} s")
    sys.exit(bool(problems))
