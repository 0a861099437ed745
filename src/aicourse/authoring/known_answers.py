"""Known answers: the tests of the tests.

`grading/answers/<lesson>.py` holds, for every auto-graded exercise, wrong answers that people
really write and right answers that differ from the reference. Each is run in place of the
reference: a wrong one must lose points, a right one must keep them all, and the untouched stub and
an empty cell must score nothing.
"""

import ast
import queue
import re
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat

from aicourse.executor import Branch, BranchOutcome, Run, Runner, Step
from aicourse.lessons.exercises import Exercise, Lesson, lesson_from_notebook

FEWEST_WRONG = 3
FEWEST_RIGHT = 1
#: Right answers must also pass with the random inputs of these seeds.
OTHER_SEEDS = ("1", "20301231")
_TEST_TIMEOUT = 30.0

_CHUNK = re.compile(r"^# %% (right|wrong|strong|weak) (\w+): (.+)$", re.MULTILINE)
_SOLUTION = re.compile(
    r"^([ \t]*)### BEGIN SOLUTION.*?^[ \t]*### END SOLUTION[^\n]*$", re.MULTILINE | re.DOTALL
)


class AnswersError(ValueError):
    """An answers file that cannot be read; the message says where."""


@dataclass(frozen=True)
class Answer:
    """One known answer. `kind`: right, wrong (auto-graded); strong, weak (written)."""

    grade_id: str
    kind: str
    name: str
    source: str


@dataclass(frozen=True)
class AnswerVerdict:
    """What an answer scored, and the first message its author would have read."""

    answer: Answer
    points: dict[str, float]  # test cell's grade_id → points earned
    possible: float
    message: str
    problem: str = ""  # why this verdict is not the one the course promises

    @property
    def earned(self) -> float:
        return sum(self.points.values())


@dataclass(frozen=True)
class LessonVerdict:
    """The verdicts of one lesson, its problems, and how long it took in seconds."""

    lesson: str
    answers: tuple[AnswerVerdict, ...]
    problems: tuple[str, ...]
    seconds: float

    def count(self, kind: str) -> tuple[int, int]:
        """(as promised, all) answers of this kind."""
        chosen = [v for v in self.answers if v.answer.kind == kind]
        return sum(not v.problem for v in chosen), len(chosen)


def parse_answers(path: Path) -> list[Answer]:
    """The answers in `path`, in order.

    Raises:
        AnswersError: a chunk is not Python, or two share exercise, kind and name.
    """
    text = path.read_text(encoding="utf-8")
    heads = list(_CHUNK.finditer(text))
    if stray := [
        line for line in text.splitlines() if line.startswith("# %%") and not _CHUNK.fullmatch(line)
    ]:
        raise AnswersError(
            f"{path}: {stray[0]!r} is not `# %% right|wrong|strong|weak <grade_id>: <name>`"
        )
    answers = []
    for head, following in zip(heads, [*heads[1:], None], strict=True):
        kind, grade_id, name = head.groups()
        source = text[head.end() : following.start() if following else len(text)].strip() + "\n"
        try:
            tree = ast.parse(source)
        except SyntaxError as error:
            raise AnswersError(f"{path}: {kind} {grade_id}: {name}: {error}") from error
        if kind in ("strong", "weak"):
            source = _written_text(tree, f"{path}: {kind} {grade_id}: {name}")
        answers.append(Answer(grade_id, kind, name.strip(), source))
    names = [(answer.grade_id, answer.kind, answer.name) for answer in answers]
    if repeated := {name for name in names if names.count(name) > 1}:
        raise AnswersError(f"{path}: repeated: {sorted(repeated)}")
    return answers


def _written_text(tree: ast.Module, where: str) -> str:
    match tree.body:
        case [ast.Expr(ast.Constant(str(text)))]:
            return text.strip() + "\n"
    raise AnswersError(f"{where}: a written answer is one triple-quoted string")


def stub(solution: str) -> str:
    """The solution cell as students get it: each region replaced by NotImplementedError."""
    return _SOLUTION.sub(r"\1raise NotImplementedError", solution)


def answers_file(root: Path, lesson: str) -> Path:
    """Where the known answers of `lesson` ("<phase>/<stem>") are."""
    return root / "grading" / "answers" / f"{lesson}.py"


def _trials(exercise: Exercise, answers: Iterable[Answer], reference: str) -> list[Answer]:
    return [
        Answer(exercise.grade_id, "reference", "the notebook's own solution", reference),
        Answer(exercise.grade_id, "nothing", "the untouched stub", stub(reference)),
        Answer(exercise.grade_id, "nothing", "an empty cell", ""),
        *(answer for answer in answers if answer.grade_id == exercise.grade_id),
    ]


def _trial(answer: Answer, exercise: Exercise) -> Branch:
    """The branch that puts `answer` in place and runs each test in a copy of that state."""
    steps: list[Step] = [Run(answer.source, "answer")]
    for test in exercise.tests:
        steps.append(Branch([Run(test.source, "test")], test.grade_id, _TEST_TIMEOUT))
        if answer.kind in ("reference", "right") and test.hidden:
            for seed in OTHER_SEEDS:
                seeded = {"AICOURSE_TEST_SEED": seed}
                label = f"{test.grade_id} with seed {seed}"
                steps.append(Branch([Run(test.source, "test")], label, _TEST_TIMEOUT, seeded))
    return Branch(steps, _trial_label(answer), 3 * _TEST_TIMEOUT + 10)


def _trial_label(answer: Answer) -> str:
    return f"{answer.grade_id} · {answer.kind} · {answer.name}"


def _is_check(source: str) -> bool:
    return source.lstrip().startswith(("check(", "check_all("))


def _plan(notebook: Any, lesson: Lesson, answers: list[Answer]) -> list[Step]:
    """The notebook from top to bottom; at each exercise, a branch per answer."""
    exercises = {exercise.grade_id: exercise for exercise in lesson.exercises}
    steps: list[Step] = []
    for cell in notebook.cells:
        if cell.cell_type != "code" or _is_check(cell.source):
            continue
        grading = cell.metadata.get("nbgrader", {})
        if grading.get("solution"):
            exercise = exercises[grading["grade_id"]]
            trials = _trials(exercise, answers, cell.source)
            steps += [_trial(trial, exercise) for trial in trials]
        if not grading.get("grade"):
            steps.append(Run(cell.source, f"cell {cell['id']}"))
    return steps


def _judge(answer: Answer, exercise: Exercise, outcome: BranchOutcome) -> AnswerVerdict:
    points: dict[str, float] = {}
    message = ""
    problem = ""
    for test in exercise.tests:
        result = outcome.branch(test.grade_id).cell("test")
        points[test.grade_id] = 0.0 if result.error else test.points
        if result.error and not message:
            message = f"[{'hidden' if test.hidden else 'visible'}] {result.error}: {result.message}"
        for seed in OTHER_SEEDS if answer.kind in ("reference", "right") and test.hidden else ():
            again = outcome.branch(f"{test.grade_id} with seed {seed}").cell("test")
            if again.error and not result.error:
                problem = f"fails with test seed {seed}: {again.error}: {again.message}"
    earned = sum(points.values())
    own = outcome.cell("answer")
    if own.error and answer.kind != "nothing":
        problem = f"its own cell does not run: {own.error}: {own.message}"
    elif answer.kind in ("reference", "right") and earned < exercise.points:
        problem = f"should keep all points: {message}"
    elif answer.kind == "wrong" and earned >= exercise.points:
        problem = "should lose points, but every test passes"
    elif answer.kind == "nothing" and earned > 0:
        problem = f"should score 0, scores {earned:g}"
    return AnswerVerdict(answer, points, exercise.points, message, problem)


def file_problems(lesson: Lesson, answers: Sequence[Answer]) -> list[tuple[str, str]]:
    """(grade_id, message) for what the answers lack, or name that the lesson does not have."""
    problems = []
    known = {exercise.grade_id: exercise for exercise in lesson.exercises}
    for answer in answers:
        if answer.grade_id not in known:
            problems.append((answer.grade_id, "the lesson has no exercise of this name"))
        elif known[answer.grade_id].written != (answer.kind in ("strong", "weak")):
            problems.append((answer.grade_id, f"{answer.kind!r} does not fit this exercise"))
    for exercise in lesson.exercises:
        kinds = [a.kind for a in answers if a.grade_id == exercise.grade_id]
        if exercise.written:
            needed: Mapping[str, int] = {"strong": 1, "weak": 1}
        else:
            needed = {"wrong": FEWEST_WRONG, "right": FEWEST_RIGHT}
        for kind, fewest in needed.items():
            if (have := kinds.count(kind)) < fewest:
                problems.append((exercise.grade_id, f"{have} {kind} answers, at least {fewest}"))
    return list(dict.fromkeys(problems))


def _hidden_tests_earn_their_place(lesson: Lesson, verdicts: list[AnswerVerdict]) -> list[str]:
    """Every exercise needs a wrong answer that only its hidden tests catch."""
    problems = []
    for exercise in lesson.exercises:
        visible = [test for test in exercise.tests if not test.hidden]
        wrong = [
            verdict
            for verdict in verdicts
            if verdict.answer.grade_id == exercise.grade_id and verdict.answer.kind == "wrong"
        ]
        if wrong and not any(
            all(v.points[t.grade_id] > 0 for t in visible) and v.earned < v.possible for v in wrong
        ):
            problems.append(
                f"{exercise.grade_id}: no wrong answer passes the visible tests and fails the"
                " hidden ones; add one, or the hidden tests prove nothing"
            )
    return problems


def check_known_answers(root: Path, lesson_name: str, runner: Runner) -> LessonVerdict:
    """Run every known answer of a lesson.

    Args:
        root: the repository.
        lesson_name: "<phase>/<notebook stem>".
        runner: an entered Runner.

    Raises:
        AnswersError: the answers file is missing or cannot be read.
    """
    notebook_file = root / "notebooks" / f"{lesson_name}.ipynb"
    notebook = nbformat.read(notebook_file, 4)
    lesson = lesson_from_notebook(notebook, lesson_name)
    path = answers_file(root, lesson_name)
    if not path.exists():
        raise AnswersError(f"{path} is missing: every lesson with exercises has known answers")
    answers = parse_answers(path)
    problems = [f"{name}: {message}" for name, message in file_problems(lesson, answers)]
    start = time.monotonic()
    steps = _plan(notebook, lesson, answers)
    outcome = runner.run(steps, folder=notebook_file.parent)
    for step in steps:
        if isinstance(step, Run) and (result := outcome.cell(step.label)).error:
            problems.append(f"{step.label} of the source fails: {result.error}: {result.message}")
    verdicts = []
    references = {
        cell.metadata.nbgrader.grade_id: cell.source
        for cell in notebook.cells
        if cell.metadata.get("nbgrader", {}).get("solution")
    }
    for exercise in lesson.exercises:
        if exercise.written:
            continue
        for answer in _trials(exercise, answers, references[exercise.grade_id]):
            verdicts.append(_judge(answer, exercise, outcome.branch(_trial_label(answer))))
    problems += [f"{_trial_label(v.answer)}: {v.problem}" for v in verdicts if v.problem]
    problems += _hidden_tests_earn_their_place(lesson, verdicts)
    return LessonVerdict(lesson_name, tuple(verdicts), tuple(problems), time.monotonic() - start)


def check_lessons(
    root: Path, lessons: Sequence[str], workers: int = 2
) -> Iterator[LessonVerdict | AnswersError]:
    """`check_known_answers` of several lessons, `workers` at a time, in the order given.

    An answers file that is missing or cannot be read comes as the AnswersError itself, so that it
    does not hide what the other lessons have to say.
    """
    idle: queue.SimpleQueue[Runner] = queue.SimpleQueue()

    def one(name: str) -> LessonVerdict | AnswersError:
        runner = idle.get()
        try:
            return check_known_answers(root, name, runner)
        except AnswersError as error:
            return error
        finally:
            idle.put(runner)

    workers = min(workers, max(1, len(lessons)))
    with ExitStack() as stack:
        for _ in range(workers):
            idle.put(stack.enter_context(Runner()))
        pool = stack.enter_context(ThreadPoolExecutor(workers))
        yield from pool.map(one, lessons)
