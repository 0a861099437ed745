"""Takes a submitted notebook in: finds the lesson's cells in it again, and repairs what is broken.

No code runs here and nothing in the file is believed: which cells are tests, what they say and how
many points they give comes from the bundle. What students lose by accident (a metadata, an id, a
cell, an order) is put right and noted; what cannot be read at all is `Unreadable`, with a reason
that tells what to do.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import nbformat
from nbformat import NotebookNode

from aicourse.grading.bundle import GradedExercise, LessonBundle, ReleasedCell, only_checks
from aicourse.grading.cell_code import (
    PYTHON_MAGIC,
    defined,
    heading,
    likeness,
    norm,
    runnable,
    same_code,
    tree_of,
    word_counts,
)
from aicourse.grading.results import Note, WrittenAnswer
from aicourse.grading.submitted_file import (
    Cell,
    Unreadable,
    listed,
    plain,
    read_cells,
    read_notebook,
)

#: Stands in front of a written answer that was missing; it makes nbgrader ask for a person.
MISSING = "*This cell was missing from the submission; the answer may be elsewhere in it.*\n\n"
#: Of nbgrader's cell metadata.
SCHEMA_VERSION = 3

_SIMILAR = 0.5
#: In every version of the cell that sets a lesson up in Google Colab.
_COLAB = "from aicourse.lessons import colab\n"
_CELL_MAGIC = re.compile(r"\s*%%(\w+)")


@dataclass(frozen=True)
class StudentCell:
    """A code cell to run.

    `role` is "lesson" (a released cell as released), "changed" (a released cell that the student
    edited), "answer" (`grade_id` says of which exercise) or "own" (the student's extra).
    """

    id: str
    source: str
    role: str
    grade_id: str = ""


@dataclass(frozen=True)
class TestPlace:
    """Here the tests of `exercise` look at the state."""

    __test__ = False  # not a pytest class

    exercise: str


Step = StudentCell | TestPlace


@dataclass(frozen=True)
class Prepared:
    """A submission, ready to run.

    `notebook` is the repaired one: the student's cells and outputs in the student's order, graded
    cells with the gradebook's metadata, tests with their released text.
    """

    lesson: str
    steps: tuple[Step, ...]
    written: tuple[WrittenAnswer, ...]
    notes: tuple[Note, ...]
    notebook: NotebookNode


def prepare(raw: bytes, bundle: LessonBundle) -> Prepared:
    """Make a submitted file ready to run.

    Args:
        raw: the file's content.
        bundle: the lesson that the file was handed in for.

    Raises:
        Unreadable: it cannot be graded.
    """
    notes: list[Note] = []
    content = read_notebook(raw, notes)
    cells = read_cells(content, notes)
    _check_lesson(content, cells, bundle)
    _check_language(content, cells, bundle, notes)
    return _Intake(bundle, cells, notes).prepared()


def lesson_of(raw: bytes, bundles: Iterable[LessonBundle]) -> str | None:
    """Which lesson a notebook belongs to, by what it holds and not by its name; None if unclear."""
    try:
        content = read_notebook(raw, [])
        cells = read_cells(content, [])
    except Unreadable:
        return None
    bundles = tuple(bundles)
    matches = {bundle.name: _own_ids(cells, bundle) for bundle in bundles}
    best = max(matches, key=lambda name: matches[name], default=None)
    if best is not None and matches[best] > 0:
        return best
    named = _named_lesson(content)
    return named if named in matches else None


def setup_id(bundle: LessonBundle) -> str:
    """The id of the lesson's set-up cell (imports and data); "" if it has none."""
    code = [c.id for c in bundle.cells if c.kind == "code" and c.role == "lesson"]
    return "setup" if "setup" in code else ""


# -------------------------------------------------------------------------------- lesson, language


def _named_lesson(content: dict[str, Any]) -> str:
    metadata = content.get("metadata")
    ours = metadata.get("aicourse") if isinstance(metadata, dict) else None
    name = ours.get("lesson") if isinstance(ours, dict) else None
    return name if isinstance(name, str) else ""


def _own_ids(cells: list[Cell], bundle: LessonBundle) -> int:
    """How many cells say that they are graded cells of the lesson."""
    graded = {c.grade_id for c in bundle.cells if c.grade_id}
    graded |= {f"{e.grade_id}-statement" for e in bundle.exercises}
    return len(graded & {claim for cell in cells for claim in cell.claims})


def _check_lesson(content: dict[str, Any], cells: list[Cell], bundle: LessonBundle) -> None:
    """Raises Unreadable if nothing in the file is of this lesson."""
    if _own_ids(cells, bundle):
        return
    named = _named_lesson(content)
    if named and named != bundle.name:
        raise Unreadable(
            f"This is the notebook of the lesson {named}, handed in as {bundle.name}. Hand in the"
            f" notebook of {bundle.name}."
        )
    if not any(norm(cell.source) for cell in cells):
        raise Unreadable("The notebook has no cells with text or code. Hand in the one you filled.")
    texts = {norm(c.source) for c in bundle.cells if len(c.source) > 40}
    headings = {norm(e.title) for e in bundle.exercises}
    names = {name for e in bundle.exercises for name in e.defines}
    if (
        named
        or any(norm(cell.source) in texts or heading(cell.source) in headings for cell in cells)
        or any(names & defined(cell.source) for cell in cells if cell.kind == "code")
    ):
        return
    others = sorted({cell.grade_id for cell in cells} - {""})
    seems = f"; its exercises are {listed(others)}" if others else ""
    raise Unreadable(
        f"No cell of this notebook belongs to the lesson {bundle.name}{seems}. Hand in the notebook"
        " of the lesson, with your answers in it."
    )


def _check_language(
    content: dict[str, Any], cells: list[Cell], bundle: LessonBundle, notes: list[Note]
) -> None:
    metadata = content.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    kernel, language = metadata.get("kernelspec"), metadata.get("language_info")
    kernel = kernel if isinstance(kernel, dict) else {}
    language = language if isinstance(language, dict) else {}
    name = plain(kernel.get("name"))
    spoken = plain(kernel.get("language")) or plain(language.get("name")) or "python"
    if spoken.lower() not in ("python", "ipython", "python3"):
        code = [cell.source for cell in cells if cell.kind == "code" and cell.source.strip()]
        released = {norm(c.source) for c in bundle.cells if c.kind == "code"}
        own = [source for source in code if norm(source) not in released]
        if own and not any(tree_of(source) for source in own):
            raise Unreadable(
                f"The notebook is written in {spoken[:40]}; the lesson is graded in Python."
                " Choose the kernel “Python 3”, answer in Python and hand it in again."
            )
    if (name and name != "python3") or spoken.lower() not in ("python", "ipython", "python3"):
        text = f"The notebook's kernel is {(name or spoken)[:60]!r}; it was run with Python 3."
        notes.append(Note("repaired", text))


# ---------------------------------------------------------------------------------- matching cells


class _Intake:
    """Finds the lesson's cells among the submitted ones, and puts the rest in order."""

    def __init__(self, bundle: LessonBundle, cells: list[Cell], notes: list[Note]) -> None:
        self._bundle = bundle
        self._cells = cells
        self._notes = notes
        self._number = {released.id: i for i, released in enumerate(bundle.cells)}
        self._answers = {c.grade_id: c for c in bundle.cells if c.role in ("answer", "written")}
        self._found: dict[str, Cell] = {}  # released id → the submitted cell that is it
        self._defined: dict[int, set[str]] = {}
        self._places: list[tuple[Cell, str]] = []  # tests of the exercise run after the cell
        self._written: list[WrittenAnswer] = []
        self._test_texts = {norm(c.source) for c in bundle.cells if c.role == "test"}

    def prepared(self) -> Prepared:
        self._match_labelled_answers()
        self._match_others()
        self._match_unlabelled_answers()
        self._match_edited()
        self._note_labels()
        self._set_aside_copies()
        self._restore()
        self._setup_first()
        self._restore_tests()
        self._take_written()
        self._place_tests()
        return self._result()

    def _note(self, kind: str, text: str, cell: str = "") -> None:
        self._notes.append(Note(kind, text, cell))

    def _defines(self, cell: Cell) -> set[str]:
        if id(cell) not in self._defined:
            self._defined[id(cell)] = defined(cell.source)
        return self._defined[id(cell)]

    def _take(self, cell: Cell, released: ReleasedCell) -> None:
        cell.released = released
        self._found[released.id] = cell

    def _is_free(self, cell: Cell) -> bool:
        return cell.released is None

    def _index(self, cell: Cell) -> int:
        return next(i for i, one in enumerate(self._cells) if one is cell)

    def _untouched(self, cell: Cell, released: ReleasedCell) -> bool:
        if not cell.source.strip():
            return True
        if released.kind == "code":
            return same_code(cell.source, released.source)
        return norm(cell.source).strip() == norm(released.source).strip()

    def _match_labelled_answers(self) -> None:
        """Answers that still say what they are; of several the one that looks most like it."""
        claimants: dict[str, list[Cell]] = {}
        for cell in self._cells:
            for claim in cell.claims & self._answers.keys():
                claimants.setdefault(claim, []).append(cell)
        pairs = []
        for name, cells in claimants.items():
            released = self._answers[name]
            names = set(self._bundle.exercise(name).defines)
            for cell in cells:
                other = next((i for i in cell.ids if i != name and i in self._number), "")
                touched = not self._untouched(cell, released)
                defines = bool(names & self._defines(cell)) and released.kind == "code"
                if other and not defines and (touched or other in self._answers):
                    defined_by_other = other in self._answers and set(
                        self._bundle.exercise(other).defines
                    ) & self._defines(cell)
                    if defined_by_other or other not in self._answers:
                        continue  # its grade_id was put on the wrong cell
                rank = (touched and defines, touched, defines, name in cell.ids, -cell.number)
                pairs.append((rank, name, cell))
        for _, name, cell in sorted(pairs, key=lambda pair: pair[0], reverse=True):
            if name not in self._found and self._is_free(cell):
                self._take(cell, self._answers[name])

    def _match_others(self) -> None:
        """Lesson cells, tests and texts, by what they say they are, else by their text."""
        rest = [c for c in self._bundle.cells if c.role not in ("answer", "written")]
        by_claim: dict[str, list[Cell]] = {}
        by_text: dict[str, list[Cell]] = {}
        for cell in self._cells:
            if self._is_free(cell):
                for claim in cell.claims - self._answers.keys():
                    by_claim.setdefault(claim, []).append(cell)
                by_text.setdefault(norm(cell.source), []).append(cell)
        for released in rest:
            claiming = [c for c in by_claim.get(released.id, ()) if self._is_free(c)]
            if claiming:
                text = norm(released.source)
                claiming.sort(key=lambda c: (norm(c.source) != text, released.id not in c.ids))
                self._take(claiming[0], released)
        for released in rest:
            if released.id not in self._found and released.source.strip():
                same = by_text.get(norm(released.source), ())
                if free := next((c for c in same if self._is_free(c)), None):
                    self._take(free, released)
        self._match_statements([c for c in rest if c.id.endswith("-statement")])

    def _match_statements(self, statements: list[ReleasedCell]) -> None:
        """Statements without a label that were edited a little: by heading, else by most words."""
        free = [c for c in self._cells if self._is_free(c) and c.kind == "markdown" and c.source]
        wanted = [s for s in statements if s.id not in self._found]
        if not free or not wanted:
            return
        words = {id(cell): word_counts(cell.source) for cell in free[:500]}
        for released in wanted:
            mine = word_counts(released.source)
            ranked = [
                (heading(c.source) == heading(released.source), likeness(words[id(c)], mine), c)
                for c in free[:500]
                if self._is_free(c)
            ]
            best = max(ranked, key=lambda one: one[:2], default=None)
            if best and (best[0] or best[1] > 0.7):
                self._take(best[2], released)

    def _section(self, exercise: GradedExercise) -> Iterator[Cell]:
        """The submitted cells between an exercise's first cell and what follows its last."""
        name = exercise.grade_id
        mine = [
            self._number[one]
            for one in self._number
            if one in (name, f"{name}-statement", f"{name}-hints")
        ]
        inside = False
        for cell in self._cells:
            here = cell.released
            if here is None:
                if inside:
                    yield cell
                continue
            if self._number[here.id] in mine:
                inside = True
            elif not here.id.startswith(f"{name}_") and not here.id.startswith(f"{name}-"):
                inside = False
            if inside:
                yield cell

    def _match_unlabelled_answers(self) -> None:
        """Answers whose labels are gone, or that were written into another cell."""
        for exercise in self._bundle.exercises:
            released = self._answers[exercise.grade_id]
            if exercise.grade_id in self._found:
                continue
            chosen = (
                self._unlabelled_text(exercise)
                if exercise.written
                else self._unlabelled_code(exercise, released)
            )
            if chosen is not None:
                self._take(chosen, released)

    def _unlabelled_code(self, exercise: GradedExercise, released: ReleasedCell) -> Cell | None:
        names = set(exercise.defines)
        free = [c for c in self._cells if self._is_free(c) and c.source.strip()]
        near = [c for c in self._section(exercise) if c.released is None and c.source.strip()]
        definers = [c for c in free if names & self._defines(c)]
        definers = [c for c in definers if c.kind == "code"] or definers
        touched = [c for c in definers if not self._untouched(c, released)]
        inside = [c for c in touched if any(c is one for one in near)]
        for group in (inside, touched, definers):
            if group:
                return group[0]
        code = [c for c in near if c.kind == "code" and not only_checks(c.source)]
        return next((c for c in code if not self._is_test_copy(c)), None)

    def _unlabelled_text(self, exercise: GradedExercise) -> Cell | None:
        near = [
            c
            for c in self._section(exercise)
            if c.released is None and c.kind != "code" and c.source.strip()
        ]
        stub = norm(self._answers[exercise.grade_id].source)
        return next((c for c in near if norm(c.source) != stub), near[0] if near else None)

    def _match_edited(self) -> None:
        """Edited lesson code without a label: the likest free cell between its neighbours."""
        missing = [
            c
            for c in self._bundle.cells
            if c.kind == "code" and c.role == "lesson" and c.id not in self._found
        ]
        free = [
            c for c in self._cells if self._is_free(c) and c.kind == "code" and c.source.strip()
        ]
        if not missing or not free:
            return
        words = {id(c): word_counts(c.source) for c in free}
        for released in missing:
            mine = word_counts(released.source)
            gap = [c for c in self._gap(released) if id(c) in words and self._is_free(c)][:30]
            ranked = [(likeness(words[id(c)], mine), -i, c) for i, c in enumerate(gap)]
            best = max(ranked, key=lambda one: one[:2], default=None)
            if best and best[0] > _SIMILAR:
                self._take(best[2], released)

    def _gap(self, released: ReleasedCell) -> Iterator[Cell]:
        """The free cells after the last found cell that stands before `released`."""
        before = self._before(released)
        start = self._index(before) + 1 if before else 0
        for cell in self._cells[start:]:
            if cell.released is not None:
                return
            yield cell

    def _before(self, released: ReleasedCell) -> Cell | None:
        for other in reversed(self._bundle.cells[: self._number[released.id]]):
            if other.id in self._found:
                return self._found[other.id]
        return None

    # putting right

    def _note_labels(self) -> None:
        """Says what graded cells had lost, and what they claimed that is not so."""
        lost = []
        for released in self._bundle.cells:
            cell = self._found.get(released.id)
            if cell is None or not released.grade_id:
                continue
            if cell.grade_id != released.grade_id:
                lost.append(released.grade_id)
                continue
            claimed = {key: cell.grading.get(key) for key in ("grade", "solution", "points")}
            wanted = self._metadata(released)
            wrong = [key for key, value in claimed.items() if value != wanted.get(key)]
            # A locked answer or an unlocked test is an editor's doing; points are somebody's.
            if wrong:
                values = ", ".join(f"{key}: {str(claimed[key])[:40]}" for key in wrong)
                self._note(
                    "suspicious",
                    f"The cell's grading metadata was changed ({values}); the lesson's own counts.",
                    released.grade_id,
                )
            elif cell.grading.get("schema_version") != SCHEMA_VERSION:
                version = str(cell.grading.get("schema_version"))[:40]
                self._note(
                    "repaired",
                    f"The cell's grading metadata had the version {version}; it was renewed.",
                    released.grade_id,
                )
        if lost:
            self._note(
                "repaired",
                "Cells had lost or swapped the label that says what they are (Colab and copying do"
                f" that); they were found by their id, text or names: {listed(lost)}.",
            )

    def _is_test_copy(self, cell: Cell) -> bool:
        return norm(cell.source) in self._test_texts

    def _set_aside_copies(self) -> None:
        """Copies of answers and tests do not run; checks and Colab's set-up neither."""
        tests = {c.id: c for c in self._bundle.cells if c.role == "test"}
        for cell in self._cells:
            released = cell.released
            if cell.kind == "code" and (
                (len(cell.source) < 5_000 and only_checks(cell.source))
                or (released is None and _COLAB in cell.source)
            ):
                cell.runs = False
            if released is not None:
                continue
            for name in sorted(cell.claims & self._answers.keys()):
                chosen = self._found.get(name)
                if chosen is None or cell.kind != self._answers[name].kind:
                    continue
                cell.runs = False
                cell.role = "copy"
                other = not same_code(cell.source, self._answers[name].source) and norm(
                    cell.source
                ) != norm(chosen.source)
                self._note(
                    "problem" if other else "repaired",
                    f"The answer was there twice: cell {chosen.number} of the file counts, its"
                    f" copy, cell {cell.number}, does not"
                    + (" (the two differ; delete one and hand in again)." if other else "."),
                    name,
                )
                break
            if stub := self._is_stub_beside_answer(cell):
                cell.runs = False
                cell.role = "copy"
                self._note(
                    "repaired",
                    f"An untouched answer cell, cell {cell.number} of the file,"
                    " was skipped: the answer stands elsewhere.",
                    stub,
                )
            elif cell.role != "copy" and (cell.claims & tests.keys() or self._is_test_copy(cell)):
                cell.runs = cell.runs and self._answers_something(cell)
                self._note(
                    "repaired",
                    f"Cell {cell.number} of the file is a copy of a test; only"
                    " the lesson's own tests count.",
                    cell.place,
                )

    def _is_stub_beside_answer(self, cell: Cell) -> str:
        """The exercise whose untouched answer cell this is, if another cell is its answer."""
        if cell.role == "copy" or cell.kind != "code" or not cell.source.strip():
            return ""
        for name, released in self._answers.items():
            if set(self._bundle.exercise(name).defines) & self._defines(cell) and same_code(
                cell.source, released.source
            ):
                return name
        return ""

    def _answers_something(self, cell: Cell) -> bool:
        """Whether a cell defines what an exercise asks for."""
        names = {name for e in self._bundle.exercises for name in e.defines}
        return cell.kind == "code" and bool(names & self._defines(cell))

    def _insert(self, released: ReleasedCell, source: str) -> Cell:
        """Put a released cell back in its place: after the one that stood before it."""
        cell = Cell(released.kind, source, (released.id,), {}, restored=True)
        before = self._before(released)
        self._cells.insert(self._index(before) + 1 if before else 0, cell)
        self._take(cell, released)
        return cell

    def _restore(self) -> None:
        back = []
        for released in self._bundle.cells:
            cell = self._found.get(released.id)
            if released.role == "lesson" and released.kind == "code":
                if released.id == "colab-setup":
                    if cell is not None:
                        cell.runs = False
                        cell.role = "lesson"
                    continue
                if cell is None:
                    cell = self._insert(released, released.source)
                    back.append(released.id)
                elif not cell.source.strip():
                    cell.source = released.source
                    back.append(released.id)
                if cell.kind != "code":
                    cell.kind = "code"
                    text = "A code cell of the lesson had become text; it is code again."
                    self._note("repaired", text, released.id)
                same = norm(cell.source) == norm(released.source)
                cell.role = "lesson" if same else "changed"
            elif released.role == "check" and cell is not None:
                cell.role = "changed"
            elif released.role in ("answer", "written"):
                self._restore_answer(released, cell)
        if back:
            self._note(
                "repaired",
                "Cells of the lesson were missing or emptied and are back, so that nothing else"
                f" fails for it: {listed(back)}.",
            )

    def _restore_answer(self, released: ReleasedCell, cell: Cell | None) -> None:
        name = released.grade_id
        if cell is None:
            source = released.source if released.kind == "code" else MISSING + released.source
            cell = self._insert(released, source)
            self._note(
                "problem",
                "The cell of the answer is not in the notebook: it was deleted, or changed beyond"
                " recognition. The exercise counts as not attempted.",
                name,
            )
        elif cell.kind != released.kind:
            was = {"code": "a code cell", "markdown": "a text cell", "raw": "a raw cell"}[cell.kind]
            self._note("repaired", f"The answer had become {was}; it was put right.", name)
            cell.kind = released.kind
            cell.outputs = []
        cell.role = "answer"

    def _setup_first(self) -> None:
        name = setup_id(self._bundle)
        cell = self._found.get(name)
        if cell is None:
            return
        place = self._index(cell)
        first = next(
            (
                i
                for i, other in enumerate(self._cells)
                if other is not cell
                and other.runs
                and other.kind == "code"
                and other.released is not None
                and other.released.role in ("lesson", "answer")
            ),
            place,
        )
        if first < place:
            self._cells.insert(first, self._cells.pop(place))
        if first < place and not cell.restored:
            self._note(
                "repaired",
                "The set-up cell stood after cells that need it; it was run before them.",
                name,
            )

    def _restore_tests(self) -> None:
        missing = []
        for released in self._bundle.cells:
            if released.role != "test":
                continue
            cell = self._found.get(released.id)
            if cell is None:
                cell = self._insert(released, released.source)
                missing.append(released.grade_id)
            elif cell.kind != "code" or norm(cell.source) != norm(released.source):
                text = "The test was edited or made a text cell; the lesson's own is used."
                if self._answers_something(cell):
                    own = replace(cell, released=None, role="own", ids=(), grading={}, outputs=[])
                    self._cells.insert(self._index(cell), own)
                    text += " What was written there of an answer runs before it."
                self._note("repaired", text, released.grade_id)
            cell.kind, cell.source, cell.outputs = "code", released.source, []
            cell.runs = False
            cell.role = "test"
        if missing:
            self._note(
                "repaired",
                f"Tests were missing and are back, which costs nothing: {listed(missing)}.",
            )

    # written answers

    def _take_written(self) -> None:
        for exercise in self._bundle.exercises:
            if not exercise.written:
                continue
            name = exercise.grade_id
            cell, released = self._found[name], self._answers[name]
            if not cell.restored and not self._untouched(cell, released):
                self._written.append(WrittenAnswer(name, cell.source, untouched=False))
                continue
            beside = []
            for other in self._cells[self._index(cell) + 1 :]:
                if other.released is not None or other.kind == "code":
                    break
                if other.source.strip() and other.role == "own":
                    beside.append(other)
            if not beside:
                missing = cell.restored
                text = "" if missing else cell.source
                self._written.append(WrittenAnswer(name, text, untouched=True, missing=missing))
                continue
            text = "\n\n".join(other.source for other in beside)
            for other in beside:
                cell.attachments |= other.attachments
            taken = {id(other) for other in beside}
            self._cells = [other for other in self._cells if id(other) not in taken]
            cell.source, cell.restored = text, False
            self._written.append(WrittenAnswer(name, text, untouched=False))
            self._note(
                "repaired",
                "The answer stood in another text cell, below its own; it was moved there.",
                name,
            )

    # where tests look

    def _place_tests(self) -> None:
        for exercise in self._bundle.exercises:
            if not exercise.written:
                self._places.append((self._last_before_tests(exercise), exercise.grade_id))

    def _last_before_tests(self, exercise: GradedExercise) -> Cell:
        """The cell after which an exercise's tests look at the state."""
        name, names = exercise.grade_id, set(exercise.defines)
        answer, released = self._found[name], self._answers[name]
        missing = names - self._defines(answer)
        if self._untouched(answer, released):
            missing = names
        if not missing:
            return self._after_answer(answer)
        definers = [
            c
            for c in self._cells
            if c is not answer
            and c.runs
            and c.kind == "code"
            and (c.released is None or c.role == "answer")
            and missing & self._defines(c)
            and not self._untouched(c, released)
        ]
        near = [c for c in self._section(exercise) if any(c is d for d in definers)]
        if not definers:
            return self._after_answer(answer)
        last = (near or definers)[-1]
        if self._untouched(answer, released):
            answer.runs = False  # else it would put the empty function over the answer
            where = last.place if last.role == "answer" else f"cell {last.number} of the file"
            self._drop_not_attempted(name)
            self._note(
                "repaired", f"The answer stands in {where}, not in its own cell; it counts.", name
            )
        return max(last, answer, key=self._index)

    def _drop_not_attempted(self, name: str) -> None:
        self._notes[:] = [n for n in self._notes if (n.kind, n.cell) != ("problem", name)]

    def _after_answer(self, answer: Cell) -> Cell:
        """The last of the student's own cells that follow the answer, before its tests."""
        last = answer
        for cell in self._cells[self._index(answer) + 1 :]:
            if cell.released is None:
                last = cell
            elif not (cell.restored and cell.released.role == "test"):
                break
        return last

    # the outcome

    def _metadata(self, released: ReleasedCell) -> dict[str, Any]:
        """nbgrader's metadata of a graded cell."""
        metadata: dict[str, Any] = {
            "grade": released.role in ("test", "written"),
            "grade_id": released.grade_id,
            "locked": released.role == "test",
            "schema_version": SCHEMA_VERSION,
            "solution": released.role in ("answer", "written"),
            "task": False,
            "cell_type": released.kind,
        }
        if released.role == "written":
            metadata["points"] = self._bundle.exercise(released.grade_id).points
        elif released.role == "test":
            metadata["points"] = next(
                t.points for t in self._bundle.tests if t.grade_id == released.grade_id
            )
        return metadata

    def _label_all(self) -> None:
        """Gives every cell an id of its own: released ones theirs."""
        used = set(self._number)
        for cell in self._cells:
            if cell.released is not None:
                cell.label = cell.released.id
                continue
            wanted = next((i for i in cell.ids if i not in used), f"own-{cell.number}")
            while wanted in used:
                wanted += "x"
            used.add(wanted)
            cell.label = wanted

    def _result(self) -> Prepared:
        self._label_all()
        after: dict[int, list[str]] = {}
        for cell, exercise in self._places:
            after.setdefault(id(cell), []).append(exercise)
        steps: list[Step] = []
        for cell in self._cells:
            if cell.kind == "code" and cell.runs and cell.source.strip():
                steps.append(self._step(cell))
            steps += [TestPlace(exercise) for exercise in after.get(id(cell), ())]
        notebook = nbformat.v4.new_notebook(
            cells=[self._node(cell) for cell in self._cells],
            metadata={
                "aicourse": {"lesson": self._bundle.name},
                "kernelspec": {
                    "display_name": "Python 3 (ipykernel)",
                    "language": "python",
                    "name": "python3",
                },
                "language_info": {"name": "python"},
            },
        )
        notes = tuple(dict.fromkeys(self._notes))
        return Prepared(self._bundle.name, tuple(steps), tuple(self._written), notes, notebook)

    def _step(self, cell: Cell) -> StudentCell:
        answer = cell.role == "answer"
        source = cell.source
        if cell.role != "lesson":
            source, changes = runnable(source, self._answers_something(cell))
            for change in changes:
                self._note("repaired", f"{change[0].upper()}{change[1:]}.", cell.label)
            magic = _CELL_MAGIC.match(source)
            if magic and not PYTHON_MAGIC.match(source.lstrip()):
                self._note(
                    "problem",
                    f"The cell is not Python but %%{magic[1][:30]}; grading promises nothing for"
                    " what it does.",
                    cell.label,
                )
        grade_id = cell.released.grade_id if answer and cell.released else ""
        return StudentCell(cell.label, source, cell.role, grade_id)

    def _node(self, cell: Cell) -> NotebookNode:
        metadata = NotebookNode()
        if cell.released is not None and cell.released.grade_id:
            metadata["nbgrader"] = NotebookNode(self._metadata(cell.released))
        node = NotebookNode(
            id=cell.label, cell_type=cell.kind, metadata=metadata, source=cell.source
        )
        if cell.kind == "code":
            node.execution_count = cell.execution_count
            node.outputs = cell.outputs
        elif cell.attachments:
            node.attachments = nbformat.from_dict(cell.attachments)
        return node
