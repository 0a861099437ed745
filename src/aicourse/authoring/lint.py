"""The anatomy of a lesson, checked: each rule is one function, and says what to do.

`lint` reads source notebooks and their known answers and executes nothing. Rules on assertions are
in assertion_rules.py, rules on what code may touch in code_rules.py; here are the rules on shape
and text.
"""

import ast
import base64
import json
import re
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from aicourse.authoring import known_answers
from aicourse.authoring.assertion_rules import problems_in_test
from aicourse.authoring.code_rules import problems_in_code, problems_in_output
from aicourse.authoring.execute_notebooks import is_current
from aicourse.authoring.leak_scan import split_regions
from aicourse.authoring.solution_shape import problem_in_solution
from aicourse.authoring.student_build import CODE_STUB
from aicourse.grading.bundle import why_not_sealed
from aicourse.lessons.exercises import PHASES, defined_names, lesson_from_notebook

LARGEST_FIGURE = 60_000  # bytes
LONGEST_PROSE = 250  # words
MOST_READING = 5

_FILE = re.compile(r"^\d\d_[a-z0-9_]+$")
_CELL_ID = re.compile(r"^[A-Za-z0-9_-]{1,64}$")
_GRADE_ID = re.compile(r"^[a-z0-9_]+$")
_TITLE = re.compile(r"^# (\d+\.\d+) \S.*$")
_GRADED_BY = re.compile(r"— \*Exercise \d+\*(?:(?:, | and |, and )\*Exercise \d+\*)*\.?$")
_HEADING = re.compile(r"^### Exercise (\d+) — (\S.*)$")
_EFFORT = re.compile(
    r"^(●{1,3})(○{0,2}) · about (\d+) min(?: \(after (\d+), open the hints\))? · (\d+(?:\.\d+)?)"
    r" points?$"
)
_DETAILS = re.compile(r"<details>(.*?)</details>", re.DOTALL)
_SUMMARY = re.compile(r"^\s*<summary>(.*?)</summary>(.*)$", re.DOTALL)
_MARKDOWN_IN_HTML = re.compile(r"`|\*\*|^[-*] ", re.MULTILINE)
_FENCE = re.compile(r"^(```|~~~).*?^\1[^\n]*$", re.MULTILINE | re.DOTALL)
_IMAGE = re.compile(r"!\[([^\]]*)\]\(([^)]*)\)")
_IMAGE_TAG = re.compile(r"<img\b[^>]*>", re.IGNORECASE)
_EMOJI = re.compile("[\U0001f000-\U0001faff\u2600-\u27bf\u2b50\u2b55\ufe0f]")
_MATHEMATICS = re.compile(r"\$\$.*?\$\$|\$[^$\n]+\$", re.DOTALL)
_WORD = re.compile(r"[^\W_][\w'’-]*")
_BULLET = re.compile(r"^\s{0,3}(?:[-*]|\d+[.)])\s+\S")
_HINTS = ("Hint 1 — ", "Hint 2 — ", "Hint 3 — ")
_INTERVIEW_PARTS = ("Model answer", "Follow-up", "Weak answer")
_FORBIDDEN_TAGS = ("raises-exception", "skip-execution", "nbval-skip", "nbval-raises-exception")
_FORBIDDEN_COMMENTS = re.compile(r"^\s*#\s*(NBVAL_SKIP|NBVAL_RAISES_EXCEPTION|PYTEST_VALIDATE_\w+)")
_LAST_CELLS = ("in-production", "recap", "interview", "further-reading")


@dataclass(frozen=True)
class Finding:
    """One thing that a lesson lacks; `cell_id` is "" where no single cell is meant."""

    file: str
    cell_id: str
    rule: str
    message: str

    def __str__(self) -> str:
        cell = f", cell {self.cell_id!r}" if self.cell_id else ""
        return f"{self.file}{cell}: {self.message} ({self.rule})"


#: (cell id, rule, message)
Problem = tuple[str, str, str]


@dataclass(frozen=True)
class _Exercise:
    """A solution cell with what belongs to it, as found by cell id and grade_id."""

    grade_id: str
    solution: NotebookNode
    written: bool
    statement: str
    hints: str
    visible: NotebookNode | None
    hidden: NotebookNode | None
    check: str | None

    @property
    def number(self) -> int | None:
        match = _HEADING.match(self.statement.split("\n")[0])
        return int(match.group(1)) if match else None

    @property
    def points(self) -> float:
        graded = [self.solution] if self.written else [self.visible, self.hidden]
        return sum(_grading(cell).get("points", 0) for cell in graded if cell is not None)


def _grading(cell: NotebookNode) -> dict:
    return cell.metadata.get("nbgrader", {})


class _Lesson:
    """A source notebook with the views that rules need."""

    def __init__(self, notebook: NotebookNode, name: str) -> None:
        self.notebook = notebook
        self.name = name
        self.cells: list[NotebookNode] = notebook.cells

    @cached_property
    def sources(self) -> dict[str, str]:
        """Cell id → source."""
        return {cell["id"]: cell.source for cell in self.cells}

    @cached_property
    def code(self) -> list[NotebookNode]:
        return [cell for cell in self.cells if cell.cell_type == "code"]

    @cached_property
    def markdown(self) -> list[NotebookNode]:
        return [cell for cell in self.cells if cell.cell_type == "markdown"]

    @cached_property
    def exercises(self) -> list[_Exercise]:
        graded = {_grading(cell).get("grade_id"): cell for cell in self.cells}
        exercises = []
        for cell in self.cells:
            if not _grading(cell).get("solution"):
                continue
            name = _grading(cell)["grade_id"]
            exercises.append(
                _Exercise(
                    grade_id=name,
                    solution=cell,
                    written=bool(_grading(cell).get("grade")),
                    statement=self.sources.get(f"{name}-statement", ""),
                    hints=self.sources.get(f"{name}-hints", ""),
                    visible=graded.get(f"{name}_visible"),
                    hidden=graded.get(f"{name}_hidden"),
                    check=self.sources.get(f"{name}-check"),
                )
            )
        return exercises

    def position(self, cell_id: str) -> int | None:
        return next((i for i, cell in enumerate(self.cells) if cell["id"] == cell_id), None)


Rule = Callable[[_Lesson], Iterator[Problem]]
_RULES: list[Rule] = []


def _rule(function: Rule) -> Rule:
    _RULES.append(function)
    return function


def lint(root: Path, only: str | None = None) -> list[Finding]:
    """Everything that the lessons under `root`/notebooks lack.

    Args:
        root: the repository.
        only: a lesson, "<phase>/<notebook stem>"; grade_ids are still compared with all others.
    """
    findings: list[Finding] = []
    cells: dict[str, list[dict]] = {}  # lesson → its cells as they are in the file
    for path in sorted((root / "notebooks").glob("*/*.ipynb")):
        name = path.relative_to(root / "notebooks").with_suffix("").as_posix()
        try:
            cells[name] = json.loads(path.read_text(encoding="utf-8"))["cells"]
        except (ValueError, KeyError, TypeError) as error:
            if only in (None, name):
                message = f"not a notebook ({type(error).__name__}: {error})"
                findings.append(
                    Finding(path.relative_to(root).as_posix(), "", "unreadable", message)
                )
    places = _grade_id_places(cells)
    for name in [only] if only in cells else cells if only is None else []:
        file = f"notebooks/{name}.ipynb"
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about missing and repeated ids: see _in_file
            notebook = nbformat.read(root / file, 4)
        problems = [
            *_in_file(root / file, cells[name]),
            *_repeated_grade_ids(name, places),
            *lint_notebook(notebook, name),
        ]
        findings += [Finding(file, *problem) for problem in problems]
        findings += _answer_findings(root, name, _Lesson(notebook, name))
    if only is not None and only not in cells and not findings:
        raise ValueError(f"there is no notebooks/{only}.ipynb")
    return findings


def sealed_tests(root: Path, name: str) -> str:
    """In a line: how many of a lesson's tests graders run sealed, and why the others not."""
    notebook = nbformat.read(root / "notebooks" / f"{name}.ipynb", 4)
    tests = [t for e in lesson_from_notebook(notebook, name).exercises for t in e.tests]
    whole = [f"{t.grade_id} not: {why}" for t in tests if (why := why_not_sealed(t.source))]
    return "; ".join([f"{len(tests)} tests: {len(tests) - len(whole)} sealed", *whole])


def lint_notebook(notebook: NotebookNode, name: str) -> list[Problem]:
    """(cell id, rule, message) for every rule that one source notebook breaks."""
    lesson = _Lesson(notebook, name)
    return [problem for rule in _RULES for problem in rule(lesson)]


def _in_file(path: Path, cells: list[dict]) -> Iterator[Problem]:
    """File name and cell ids, as they are in the file: nbformat replaces repeated ids at random."""
    if not _FILE.match(path.stem):
        yield "", "file-name", "call the notebook NN_name.ipynb, in lower case with underscores"
    if path.parent.name not in PHASES:
        yield "", "file-name", f"the phases are {', '.join(PHASES)}"
    for cell_id, count in Counter(cell.get("id", "") for cell in cells).items():
        if not _CELL_ID.match(cell_id):
            yield cell_id, "cell-id", "a cell id has 1 to 64 characters of A–Z a–z 0–9 _ -"
        elif count > 1:
            yield cell_id, "cell-id", f"{count} cells have this id; give each its own"


#: grade_id → every (lesson, cell id) that has it
_Places = dict[str, list[tuple[str, str]]]


def _grade_id_places(cells: dict[str, list[dict]]) -> _Places:
    places: _Places = {}
    for name, in_lesson in cells.items():
        for cell in in_lesson:
            grade_id = cell.get("metadata", {}).get("nbgrader", {}).get("grade_id")
            if grade_id is not None:
                places.setdefault(grade_id, []).append((name, cell.get("id", "")))
    return places


def _repeated_grade_ids(name: str, places: _Places) -> Iterator[Problem]:
    """Both lessons hear of a clash between them; within a lesson, the later cell does."""
    for grade_id, found in places.items():
        own = [cell_id for lesson, cell_id in found if lesson == name]
        others = [lesson for lesson, _ in found if lesson != name]
        for cell_id in own if others else own[1:]:
            where = others[0] if others else "an earlier cell"
            message = f"grade_id {grade_id!r} is taken: it is also in {where}"
            yield cell_id, "grade-id", message


def _answer_findings(root: Path, name: str, lesson: _Lesson) -> list[Finding]:
    """What grading/answers/<lesson>.py lacks. Whether its answers do what they say is run later."""
    path = known_answers.answers_file(root, name)
    file = path.relative_to(root).as_posix()
    if not lesson.exercises:
        return []
    if not path.exists():
        message = "write the known answers: three wrong ones and a right one per exercise"
        return [Finding(file, "", "answers", message)]
    try:
        answers = known_answers.parse_answers(path)
    except known_answers.AnswersError as error:
        return [Finding(file, "", "answers", str(error).removeprefix(f"{path}: "))]
    problems = known_answers.file_problems(lesson_from_notebook(lesson.notebook, name), answers)
    return [Finding(file, grade_id, "answers", message) for grade_id, message in problems]


# --------------------------------------------------------------------------------- the whole file


@_rule
def _format(lesson: _Lesson) -> Iterator[Problem]:
    kernel = lesson.notebook.metadata.get("kernelspec", {})
    if kernel.get("name") != "python3" or kernel.get("language", "python") != "python":
        yield "", "kernelspec", "the kernel is python3; `course notebook` writes it so"


@_rule
def _grade_ids(lesson: _Lesson) -> Iterator[Problem]:
    exercises = {exercise.grade_id for exercise in lesson.exercises}
    for cell in lesson.cells:
        grading = _grading(cell)
        grade_id = grading.get("grade_id")
        if grade_id is None:
            continue
        if not _GRADE_ID.match(grade_id):
            yield cell["id"], "grade-id", f"{grade_id!r}: use only a–z, 0–9 and _"
        elif not grading.get("solution"):
            exercise = re.sub(r"_(visible|hidden)$", "", grade_id)
            if exercise == grade_id or exercise not in exercises:
                message = (
                    f"{grade_id!r} belongs to no exercise: tests are called <exercise>_visible"
                    " and <exercise>_hidden"
                )
                yield cell["id"], "grade-id", message
        elif grade_id.endswith(("_visible", "_hidden")):
            yield cell["id"], "grade-id", f"{grade_id!r}: that ending is for test cells"


@_rule
def _executed(lesson: _Lesson) -> Iterator[Problem]:
    try:
        current = is_current(lesson.notebook, lesson.name)
    except (SyntaxError, KeyError) as error:
        yield "", "not-executed", f"the exercises cannot be read: {type(error).__name__}: {error}"
        return
    if not current:
        yield "", "not-executed", "the outputs are older than the code: run `make build`"
        return
    count = 0
    for cell in lesson.code:
        if not cell.source.strip():
            yield cell["id"], "not-executed", "delete the empty code cell"
            continue
        count += 1
        if cell.execution_count != count:
            yield cell["id"], "not-executed", "it has not run in order: run `make build`"
            return


@_rule
def _tags(lesson: _Lesson) -> Iterator[Problem]:
    for position, cell in enumerate(lesson.cells):
        tags = cell.metadata.get("tags", [])
        for tag in tags:
            if tag in _FORBIDDEN_TAGS:
                message = f"remove the tag {tag!r}: in the source every cell runs and none fails"
                yield cell["id"], "tags", message
        if cell.cell_type != "code":
            continue
        for line in cell.source.splitlines():
            if match := _FORBIDDEN_COMMENTS.match(line):
                yield cell["id"], "tags", f"remove {match.group(1)}: every cell runs and none fails"
        if "nbval-ignore-output" in tags:
            following = next(
                (c for c in lesson.cells[position + 1 :] if c.cell_type == "code"), None
            )
            near = cell.source + ("\n" + following.source if following else "")
            if not re.search(r"^\s*assert\b", near, re.MULTILINE):
                message = (
                    "its output is not compared, so assert what the text says about it, with a"
                    " tolerance, in this cell or the next"
                )
                yield cell["id"], "varying-output", message


# ------------------------------------------------------------------------------------ front matter


@_rule
def _title(lesson: _Lesson) -> Iterator[Problem]:
    if not lesson.cells or lesson.cells[0]["id"] != "title":
        yield "", "title", "the first cell is markdown with the id `title`"
        return
    lines = lesson.cells[0].source.splitlines() or [""]
    match = _TITLE.match(lines[0])
    if not match:
        yield "title", "title", "the first line is `# 1.2 Title`: phase, dot, lesson, title"
    else:
        phase, _, stem = lesson.name.partition("/")
        number = f"{int(phase[:2])}.{int(stem[:2])}" if _FILE.match(stem) else match.group(1)
        if match.group(1) != number:
            yield "title", "title", f"the number is {number}, after the folder and the file name"
    front = "\n".join(lines[1:])
    if "colab.research.google" in front:
        yield "title", "badge", "remove the Colab badge: `make build` adds it"
    promise = front.partition("**")[0].strip()
    sentences = len(
        re.findall(r"[.!?][\"”)*]?(?=\s|$)", re.sub(r"\b(e\.g|i\.e|vs)\.", "", promise))
    )
    if not promise:
        message = "one or two sentences below the title say what the lesson promises"
        yield "title", "promise", message
    elif sentences > 2:
        yield "title", "promise", f"the promise has {sentences} sentences; make it one or two"
    for label in ("Before this", "Time", "Data"):
        if not re.search(rf"^\*\*{label}:\*\* \S", front, re.MULTILINE):
            yield "title", "front-matter", f"a line `**{label}:** …` is missing"
    time = re.search(r"^\*\*Time:\*\* (.*)$", front, re.MULTILINE)
    if time and not re.match(r"about \d[\d.½–-]* (hours?|minutes)\b", time.group(1)):
        yield "title", "front-matter", "write the time as `**Time:** about 3 hours`"


def _objectives_in(title: str) -> list[str] | None:
    """The bullets under "You will be able to", each on one line; None without that label."""
    _, label, rest = title.partition("**You will be able to**")
    if not label:
        return None
    bullets: list[str] = []
    for line in rest.splitlines():
        if re.match(r"^[-*] ", line):
            bullets.append(line[2:].strip())
        elif (not line.strip() and bullets) or line.startswith("**"):
            break
        elif line.strip() and bullets:
            bullets[-1] += " " + line.strip()
    return bullets


@_rule
def _objectives(lesson: _Lesson) -> Iterator[Problem]:
    bullets = _objectives_in(lesson.sources.get("title", ""))
    if bullets is None:
        message = "a line `**You will be able to**` and a list of objectives are missing"
        yield "title", "objectives", message
        return
    if not 3 <= len(bullets) <= 6:
        yield "title", "objectives", f"{len(bullets)} objectives; write three to six"
    graded: set[int] = set()
    for bullet in bullets:
        match = _GRADED_BY.search(bullet)
        if match:
            graded |= {int(number) for number in re.findall(r"\d+", match.group())}
        else:
            message = f"end the objective with what grades it, `— *Exercise 2*`: {bullet[:60]!r}"
            yield "title", "objectives", message
    numbers = {exercise.number for exercise in lesson.exercises} - {None}
    for number in sorted(graded - numbers):
        yield "title", "objectives", f"there is no Exercise {number}"
    for number in sorted(numbers - graded):  # type: ignore[type-var]
        yield "title", "objectives", f"no objective names Exercise {number}"


@_rule
def _bridge(lesson: _Lesson) -> Iterator[Problem]:
    if not lesson.sources.get("bridge", "").startswith("## You already know"):
        yield "bridge", "bridge", "a markdown cell `bridge` begins with `## You already know …`"


@_rule
def _setup(lesson: _Lesson) -> Iterator[Problem]:
    cell = next((cell for cell in lesson.code if cell["id"] == "setup"), None)
    if cell is None:
        yield "", "setup", "a code cell `setup` imports, sets the style and calls start_lesson"
        return
    if f'start_lesson("{lesson.name}")' not in cell.source:
        yield "setup", "setup", f'call start_lesson("{lesson.name}")'
    if "plots.use_course_style()" not in cell.source:
        yield "setup", "setup", "call plots.use_course_style()"
    if cell.outputs:
        yield "setup", "setup", "the set-up cell prints nothing"


@_rule
def _order(lesson: _Lesson) -> Iterator[Problem]:
    frame = ["bridge", "setup", *_LAST_CELLS]
    present = [name for name in frame if lesson.position(name) is not None]
    in_order = sorted(present, key=lambda name: lesson.position(name) or 0)
    for expected, found in zip(present, in_order, strict=True):
        if expected != found:
            yield found, "order", f"the order is {', '.join(present)}"
            return


# ---------------------------------------------------------------------------------------- exercises


@_rule
def _exercise_cells(lesson: _Lesson) -> Iterator[Problem]:
    """Every exercise has its cells, in order."""
    if not lesson.exercises:
        yield "", "exercise-cells", "the lesson has no exercise"
    for exercise in lesson.exercises:
        name = exercise.grade_id
        cells = [f"{name}-statement", exercise.solution["id"]]
        if not exercise.written:
            tests = [f"{name}_visible", f"{name}_hidden"]
            cells = [cells[0], f"{name}-hints", cells[1], *tests, f"{name}-check"]
        positions = [lesson.position(cell_id) for cell_id in cells]
        for cell_id, position in zip(cells, positions, strict=True):
            if position is None:
                yield name, "exercise-cells", f"the cell `{cell_id}` is missing"
        there = [position for position in positions if position is not None]
        if there != sorted(there):
            message = (
                f"the order is {', '.join(c for c in cells if lesson.position(c) is not None)}"
            )
            yield name, "exercise-cells", message


@_rule
def _statements(lesson: _Lesson) -> Iterator[Problem]:
    expected = 1
    for exercise in lesson.exercises:
        if not exercise.statement:
            continue
        cell_id = f"{exercise.grade_id}-statement"
        lines = [line for line in exercise.statement.splitlines() if line.strip()]
        if exercise.number is None:
            yield cell_id, "statement", "begin with `### Exercise 2 — What it is about`"
        elif exercise.number != expected:
            message = f"this is Exercise {expected}: exercises are numbered in order"
            yield cell_id, "numbering", message
        expected += 1
        yield from _effort(exercise, cell_id, lines[1].strip() if len(lines) > 1 else "")
        if "**Returns later:**" not in exercise.statement:
            message = "add a line `**Returns later:** …`: in which lesson, and why"
            yield cell_id, "returns-later", message
        if exercise.written:
            yield from _rubric(exercise, cell_id)


def _effort(exercise: _Exercise, cell_id: str, line: str) -> Iterator[Problem]:
    match = _EFFORT.match(line)
    if not match or len(match.group(1) + match.group(2)) != 3:
        message = (
            "the second line is `●●○ · about 15 min (after 25, open the hints) · 4 points`, with"
            f" three dots; it is {line[:70]!r}"
        )
        yield cell_id, "statement", message
        return
    about, after, points = match.group(3), match.group(4), float(match.group(5))
    if after is None and not exercise.written:
        yield cell_id, "statement", "say after how many minutes to open the hints"
    elif after is not None and int(after) <= int(about):
        message = f"hints after {after} min come before the {about} min it takes"
        yield cell_id, "statement", message
    if points != exercise.points:
        message = f"the statement says {points:g} points, the cells give {exercise.points:g}"
        yield cell_id, "points", message


def _rubric(exercise: _Exercise, cell_id: str) -> Iterator[Problem]:
    _, *parts = re.split(r"(?i)\brubric\b|\bcriteria\b", exercise.statement, maxsplit=1)
    rest = "".join(parts)
    criteria = 0
    for line in rest.splitlines()[1:]:
        if _BULLET.match(line) or re.match(r"^\|.*\|$", line):
            criteria += 1
        elif line.startswith("**"):
            break
    criteria -= 2 if re.search(r"^\|[\s:|-]+\|$", rest, re.MULTILINE) else 0  # head of a table
    if not 4 <= criteria <= 6:
        message = (
            "a written exercise needs a rubric in its statement: four to six criteria in a list"
        )
        yield cell_id, "rubric", message


@_rule
def _hints(lesson: _Lesson) -> Iterator[Problem]:
    for exercise in lesson.exercises:
        if not exercise.hints:
            continue
        summaries = []
        for block in _DETAILS.findall(exercise.hints):
            match = _SUMMARY.match(block)
            summaries.append(match.group(1) if match else "")
        starts = [s.startswith(h) for s, h in zip(summaries, _HINTS, strict=False)]
        if len(summaries) != 3 or not all(starts):
            message = (
                "write exactly three <details> blocks, with the summaries `Hint 1 — a nudge`,"
                " `Hint 2 — the idea`, `Hint 3 — nearly the solution`"
            )
            yield f"{exercise.grade_id}-hints", "hints", message


@_rule
def _solutions(lesson: _Lesson) -> Iterator[Problem]:
    for exercise in lesson.exercises:
        cell = exercise.solution
        if not exercise.written and (problem := problem_in_solution(cell.source, CODE_STUB)):
            yield cell["id"], "solution-region", problem
        if exercise.written and not cell.source.strip():
            yield cell["id"], "solution-region", "write a sample strong answer here"


@_rule
def _independent(lesson: _Lesson) -> Iterator[Problem]:
    """A skipped exercise must not fail another one: no cell may use another exercise's answer."""
    defined = {
        name: exercise.grade_id
        for exercise in lesson.exercises
        if not exercise.written
        for name in defined_names(exercise.solution.source)
    }
    for exercise in lesson.exercises:
        if exercise.written:
            continue
        own = defined_names(exercise.solution.source)
        for cell in filter(None, (exercise.solution, exercise.visible, exercise.hidden)):
            try:
                tree = ast.parse(cell.source)
            except SyntaxError:
                continue  # another rule says so
            used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
            for name in sorted((used & defined.keys()) - {*own}):
                message = (
                    f"uses `{name}`, the answer to {defined[name]}: whoever skipped that exercise"
                    " would fail this one; use a library's or a provided version"
                )
                yield cell["id"], "independent", message


@_rule
def _test_cells(lesson: _Lesson) -> Iterator[Problem]:
    for exercise in lesson.exercises:
        if exercise.written:
            if exercise.points <= 0:
                yield exercise.solution["id"], "points", "a written exercise has points > 0"
            continue
        for cell in (exercise.visible, exercise.hidden):
            if cell is None:
                continue
            grading = _grading(cell)
            if not grading.get("points", 0) > 0:
                yield cell["id"], "points", "a test cell has points > 0"
            if cell.cell_type != "code" or not grading.get("locked") or not grading.get("grade"):
                message = (
                    "a test cell is code, graded and locked: write it as `%% visible` or hidden"
                )
                yield cell["id"], "test-cell", message
        if exercise.hidden is not None:
            yield from _hidden_markers(exercise.hidden)
        if exercise.visible is not None and "HIDDEN TESTS" in exercise.visible.source:
            message = "hidden tests belong into the hidden cell"
            yield exercise.visible["id"], "hidden-tests", message


def _hidden_markers(cell: NotebookNode) -> Iterator[Problem]:
    lines = [line for line in cell.source.splitlines() if line.strip()]
    if not lines or not re.match(r"^# Hidden tests: \S", lines[0]):
        yield cell["id"], "hidden-tests", "begin with `# Hidden tests: <what they cover>`"
    if "### BEGIN HIDDEN TESTS" not in lines or "### END HIDDEN TESTS" not in lines:
        message = (
            "put the lines `### BEGIN HIDDEN TESTS` and `### END HIDDEN TESTS` around the tests"
        )
        yield cell["id"], "hidden-tests", message
        return
    outside, inside = split_regions(cell.source)
    if any(line.strip() and not line.startswith("# Hidden tests:") for line in outside):
        yield cell["id"], "hidden-tests", "only the first comment stands outside the hidden region"
    if not any(line.strip() for line in inside):
        yield cell["id"], "hidden-tests", "the hidden region is empty"


@_rule
def _assertions(lesson: _Lesson) -> Iterator[Problem]:
    for exercise in lesson.exercises:
        if exercise.written:
            continue
        try:
            alone = lesson_from_notebook({"cells": [exercise.solution]}, lesson.name)
        except SyntaxError:
            continue  # executing the notebook reports it
        for cell in (exercise.visible, exercise.hidden):
            if cell is None:
                continue
            sealed = not why_not_sealed(cell.source)
            try:
                problems = problems_in_test(
                    cell.source, alone.exercises[0].defines, hidden=cell is exercise.hidden
                )
            except SyntaxError as error:
                yield cell["id"], "test-cell", f"not Python: {error}"
                continue
            for problem in problems:
                if sealed or not problem.rule.startswith("sealed-"):
                    yield cell["id"], problem.rule, problem.message
            if "assert" not in cell.source:
                yield cell["id"], "test-cell", "a test cell asserts something"


@_rule
def _check_lines(lesson: _Lesson) -> Iterator[Problem]:
    for exercise in lesson.exercises:
        line = f'check("{exercise.grade_id}")'
        if exercise.check is not None and exercise.check.strip() != line:
            yield f"{exercise.grade_id}-check", "check-line", f"the cell is `{line}`, nothing else"


@_rule
def _debug_this(lesson: _Lesson) -> Iterator[Problem]:
    headings = [exercise.statement.split("\n")[0] for exercise in lesson.exercises]
    if lesson.exercises and not any("— Debug this:" in heading for heading in headings):
        message = (
            "at least one exercise is `### Exercise N — Debug this: …`, with broken code to mend"
        )
        yield "", "debug-this", message


# -------------------------------------------------------------------------------- the last sections


@_rule
def _last_sections(lesson: _Lesson) -> Iterator[Problem]:
    headings = {
        "in-production": "## In production",
        "recap": "## Recap",
        "interview": "## Interview questions",
        "further-reading": "## Further reading",
    }
    for name, heading in headings.items():
        source = lesson.sources.get(name)
        if source is None or not source.startswith(heading):
            yield name, name, f"a markdown cell `{name}` begins with `{heading}`"
    items = _items(lesson.sources.get("in-production", ""))
    if items and items != 5:
        yield "in-production", "in-production", f"{items} lines; write five, as a list"
    items = _items(lesson.sources.get("further-reading", ""))
    if items > MOST_READING:
        message = f"{items} sources; keep the best {MOST_READING}"
        yield "further-reading", "further-reading", message
    last = lesson.code[-1] if lesson.code else None
    if last is None or last["id"] != "scoreboard" or last.source.strip() != "check_all()":
        yield "scoreboard", "scoreboard", "the last code cell is `scoreboard` with `check_all()`"


def _items(source: str) -> int:
    """Number of list items, or of paragraphs where there is no list."""
    body = source.partition("\n")[2]
    bullets = sum(bool(re.match(r"^(?:[-*]|\d+[.)])\s+\S", line)) for line in body.splitlines())
    return bullets or len([part for part in re.split(r"\n\s*\n", body) if part.strip()])


@_rule
def _interview(lesson: _Lesson) -> Iterator[Problem]:
    source = lesson.sources.get("interview")
    if source is None:
        return
    questions = _DETAILS.findall(source)
    if not 3 <= len(questions) <= 5:
        message = f"{len(questions)} questions in <details> blocks; write three to five"
        yield "interview", "interview", message
    for question in questions:
        match = _SUMMARY.match(question)
        if not match or not match.group(1).strip():
            yield (
                "interview",
                "interview",
                "each <details> begins with <summary>the question</summary>",
            )
            continue
        lacking = [part for part in _INTERVIEW_PARTS if f"**{part}" not in match.group(2)]
        if lacking:
            message = f"{match.group(1)[:50]!r} lacks **{lacking[0]}:**"
            yield "interview", "interview", message


# --------------------------------------------------------------------------------- figures and text


@_rule
def _figures(lesson: _Lesson) -> Iterator[Problem]:
    for position, cell in enumerate(lesson.cells):
        if cell.cell_type == "markdown":
            yield from _images_in_markdown(cell)
            continue
        images = [
            content
            for output in cell.get("outputs", [])
            for kind, content in output.get("data", {}).items()
            if kind.startswith("image/")
        ]
        for image in images:
            size = _image_size(image)
            if size > LARGEST_FIGURE:
                message = (
                    f"the figure has {size / 1000:.0f} kB of at most {LARGEST_FIGURE / 1000:.0f}:"
                    " draw fewer points or a smaller figure, without gradients"
                )
                yield cell["id"], "figure-size", message
        if images and not _described(lesson, position):
            message = (
                "a markdown cell with `*Figure: …*` follows a figure, before the next code cell;"
                " it says in words what the figure shows"
            )
            yield cell["id"], "figure-text", message


def _described(lesson: _Lesson, position: int) -> bool:
    for cell in lesson.cells[position + 1 :]:
        if cell.cell_type == "code":
            return False
        if "*Figure:" in cell.source:
            return True
    return False


def _image_size(content: str | list[str]) -> int:
    text = content if isinstance(content, str) else "".join(content)
    return len(text) if text.lstrip().startswith("<") else len(base64.b64decode(text))


def _images_in_markdown(cell: NotebookNode) -> Iterator[Problem]:
    for alt, target in _IMAGE.findall(cell.source):
        if not alt.strip():
            yield cell["id"], "image-alt", f"write the alt text of {target}: what does it show?"
    for tag in _IMAGE_TAG.findall(cell.source):
        if not re.search(r'\balt="[^"]+"', tag):
            yield cell["id"], "image-alt", f'write alt="…" into {tag[:60]}'
    for name, kinds in cell.get("attachments", {}).items():
        for content in kinds.values():
            if _image_size(content) > LARGEST_FIGURE:
                yield cell["id"], "figure-size", f"{name} is larger than {LARGEST_FIGURE} bytes"


@_rule
def _prose(lesson: _Lesson) -> Iterator[Problem]:
    """Long stretches of prose with nothing to run, look at or answer."""
    words = 0
    where = ""
    uncounted = {"title", *_LAST_CELLS} - {"in-production"}
    reported = False
    for cell in lesson.cells:
        uncounted_cell = cell["id"] in uncounted or cell["id"].endswith(("-statement", "-hints"))
        if cell.cell_type == "code" or uncounted_cell or _grading(cell):
            words, reported = 0, False
            continue
        for count, breaks in _paragraphs(cell.source):
            if words == 0:
                where = cell["id"]
            words += count
            if words > LONGEST_PROSE and not reported:
                reported = True
                message = (
                    f"more than {LONGEST_PROSE} words from here without code, a picture or a"
                    " question: cut, or break them with a cell to run or something to predict"
                )
                yield where, "long-prose", message
            if breaks:
                words, reported = 0, False


def _paragraphs(source: str) -> Iterator[tuple[int, bool]]:
    """(words, whether the reader gets something else to do after them) per paragraph."""
    text = _DETAILS.sub("", source)
    text = _FENCE.sub("\n\nFENCE-HERE\n\n", text)
    for paragraph in re.split(r"\n\s*\n", text):
        lines = [x for x in paragraph.strip().splitlines() if not x.startswith("#")]
        body = " ".join(lines).strip()
        if body == "FENCE-HERE" or _IMAGE.search(body) or _IMAGE_TAG.search(body):
            yield 0, True
        elif body and not body.startswith("*Figure:"):
            plain = re.sub(r"<[^>]+>", " ", _MATHEMATICS.sub(" x ", body))
            asks = body.rstrip("*_)” ").endswith("?") or body.startswith("**Predict")
            yield len(_WORD.findall(plain)), asks


@_rule
def _wording(lesson: _Lesson) -> Iterator[Problem]:
    for cell in lesson.markdown:
        prose = re.sub(r"`[^`]*`", "", _FENCE.sub("", cell.source))
        if re.search(r"\bsimply\b", prose, re.IGNORECASE):
            yield cell["id"], "wording", "leave out 'simply': it helps nobody for whom it isn't"
        for line in cell.source.splitlines():
            if re.match(r"^#{1,6} ", line) and _EMOJI.search(line):
                yield cell["id"], "heading-emoji", f"no emoji in headings: {line[:60]!r}"
    for cell in lesson.cells:
        if match := re.search(r"\b(TODO|FIXME|XXX)\b", cell.source):
            yield cell["id"], "todo", f"finish what {match.group()} says, and remove it"


@_rule
def _details_render(lesson: _Lesson) -> Iterator[Problem]:
    for cell in lesson.markdown:
        for block in _DETAILS.findall(cell.source):
            match = _SUMMARY.match(block)
            body = match.group(2) if match else ""
            if _MARKDOWN_IN_HTML.search(body) and not re.match(r"[ \t]*\n[ \t]*\n", body):
                message = (
                    "leave an empty line after </summary>: without it, Markdown in the block is"
                    " shown as raw text"
                )
                yield cell["id"], "details", message
                break


# -------------------------------------------------------------------------------------------- code


@_rule
def _code(lesson: _Lesson) -> Iterator[Problem]:
    for cell in lesson.code:
        for problem in (*problems_in_code(cell.source), *problems_in_output(cell)):
            yield cell["id"], problem.rule, problem.message
