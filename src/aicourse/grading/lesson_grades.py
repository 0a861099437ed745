"""What a student has in a lesson: results of grading together with what the gradebook holds.

Points come from the gradebook, because a person may have changed them; outcomes and messages come
from the results of grading. Feedback, exports and the class report are all made from this.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

import sqlalchemy as sa
from nbgrader.api import (
    Assignment,
    BaseCell,
    Comment,
    Grade,
    Gradebook,
    Notebook,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
)

from aicourse.grading.bundle import GradedExercise, GradedTest, LessonBundle
from aicourse.grading.hidden_text import WITHHELD, hidden_text
from aicourse.grading.results import (
    NOT_ATTEMPTED,
    PASSED,
    UNREADABLE,
    Note,
    Result,
    Score,
)

#: Outcomes of exercises that no test decides: a person must, or did.
WAITING, BY_HAND = "waiting", "graded by hand"
#: Results that are looked up together.
_BATCH = 500


@dataclass(frozen=True)
class Person:
    """A student as the gradebook knows them; `lms_id` is the number in the learning platform."""

    id: str
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    lms_id: str = ""

    @property
    def name(self) -> str:
        """First and last name, or the id."""
        return f"{self.first_name} {self.last_name}".strip() or self.id


@dataclass(frozen=True)
class ExerciseGrade:
    """What one exercise came to.

    `outcome` is that of the first test that did not pass, or WAITING, BY_HAND or UNREADABLE;
    `test` and `message` say which test that was and what it found. `by_hand`: a person set points;
    `comment` is theirs.
    """

    exercise: GradedExercise
    points: float
    outcome: str
    test: GradedTest | None = None
    message: str = ""
    comment: str = ""
    by_hand: bool = False


@dataclass(frozen=True)
class LessonGrade:
    """One submitted notebook; `notes` are the result's, and what was found on the way."""

    person: Person
    bundle: LessonBundle
    result: Result
    exercises: tuple[ExerciseGrade, ...]
    notes: tuple[Note, ...]
    penalty: float = 0.0

    @property
    def points(self) -> float:
        """Points of all exercises, less what a late submission costs."""
        return sum(exercise.points for exercise in self.exercises) - self.penalty

    @property
    def possible(self) -> float:
        return sum(exercise.exercise.points for exercise in self.exercises)

    @property
    def waiting(self) -> tuple[str, ...]:
        """Exercises that need a person before the points are final."""
        return tuple(
            e.exercise.grade_id for e in self.exercises if e.outcome in (WAITING, UNREADABLE)
        )


def roster(gradebook: Gradebook) -> tuple[Person, ...]:
    """Everybody in the gradebook, by last name."""
    query = sa.select(
        Student.id, Student.first_name, Student.last_name, Student.email, Student.lms_user_id
    )
    with gradebook.engine.connect() as connection:
        people = [Person(*(value or "" for value in row)) for row in connection.execute(query)]
    return tuple(sorted(people, key=lambda p: (p.last_name.casefold(), p.first_name, p.id)))


def lesson_grades(
    gradebook: Gradebook, bundles: Sequence[LessonBundle], results: Iterable[tuple[str, Result]]
) -> Iterator[LessonGrade]:
    """The grade of each result, in the order of `results`, a batch at a time.

    Messages that repeat a hidden test are replaced, and noted as suspicious.

    Args:
        bundles: the lessons of one assignment; results of other lessons are left out.
        results: (student, result), as the gradebook's recorder gives them.
    """
    known = {bundle.name: bundle for bundle in bundles}
    people = {person.id: person for person in roster(gradebook)}
    stream = iter(results)
    while batch := list(islice(stream, _BATCH)):
        held = _Held(gradebook, bundles[0].assignment, {student for student, _ in batch})
        for student, result in batch:
            if (bundle := known.get(result.lesson)) is not None:
                person = people.get(student) or Person(student)
                yield _lesson_grade(person, bundle, result, held)


@dataclass(frozen=True)
class _Cell:
    score: float
    by_hand: bool
    needs_person: bool


class _Held:
    """What the gradebook holds of some students, by (student, notebook) and grade_id."""

    def __init__(self, gradebook: Gradebook, assignment: str, students: set[str]) -> None:
        self.cells: dict[tuple[str, str], dict[str, _Cell]] = defaultdict(dict)
        self.comments: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
        self.penalties: dict[tuple[str, str], float] = {}
        notebooks = (
            sa.join(SubmittedNotebook, Notebook, SubmittedNotebook.notebook_id == Notebook.id)
            .join(SubmittedAssignment, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
            .join(Assignment, SubmittedAssignment.assignment_id == Assignment.id)
        )
        ours = sa.and_(
            Assignment.name == assignment, SubmittedAssignment.student_id.in_(sorted(students))
        )
        where = (SubmittedAssignment.student_id, Notebook.name)
        grades = (
            sa.select(*where, BaseCell.name, Grade.score, Grade.manual_score)
            .add_columns(Grade.needs_manual_grade)
            .select_from(
                notebooks.join(Grade, Grade.notebook_id == SubmittedNotebook.id).join(
                    BaseCell, Grade.cell_id == BaseCell.id
                )
            )
            .where(ours)
        )
        comments = (
            sa.select(*where, BaseCell.name, Comment.comment)
            .select_from(
                notebooks.join(Comment, Comment.notebook_id == SubmittedNotebook.id).join(
                    BaseCell, Comment.cell_id == BaseCell.id
                )
            )
            .where(ours, Comment.comment.is_not(None))
        )
        penalties = (
            sa.select(*where, SubmittedNotebook.late_submission_penalty)
            .select_from(notebooks)
            .where(ours, SubmittedNotebook.late_submission_penalty.is_not(None))
        )
        with gradebook.engine.connect() as connection:
            for student, stem, cell, score, manual, needs in connection.execute(grades):
                self.cells[student, stem][cell] = _Cell(score or 0.0, manual is not None, needs)
            for student, stem, cell, comment in connection.execute(comments):
                self.comments[student, stem][cell] = comment
            for student, stem, penalty in connection.execute(penalties):
                self.penalties[student, stem] = penalty


def _lesson_grade(person: Person, bundle: LessonBundle, result: Result, held: _Held) -> LessonGrade:
    where = (person.id, bundle.stem)
    cells, comments = held.cells.get(where, {}), held.comments.get(where, {})
    scores = {score.grade_id: score for score in result.scores}
    untouched = {answer.grade_id for answer in result.written if answer.untouched}
    secret = hidden_text(bundle)
    notes = [
        replace(note, text=WITHHELD)
        if note.kind != "suspicious" and secret.found_in(note.text)
        else note
        for note in result.notes
    ]
    exercises = []
    for exercise in bundle.exercises:
        name = exercise.grade_id
        tests = bundle.tests_of(name)
        graded = [cells[cell] for cell in (*(t.grade_id for t in tests), name) if cell in cells]
        points = sum(cell.score for cell in graded)
        by_hand = any(cell.by_hand for cell in graded)
        outcome, test, message = _first_failure(tests, scores)
        if any(cell.needs_person for cell in graded) or (exercise.written and not graded):
            outcome = UNREADABLE if result.state == UNREADABLE else WAITING
        elif by_hand and (exercise.written or result.state == UNREADABLE):
            outcome = BY_HAND
        elif result.state == UNREADABLE:
            outcome = UNREADABLE
        elif exercise.written:
            outcome = NOT_ATTEMPTED if name in untouched else BY_HAND
        if message and secret.found_in(message):
            text = f"The message of a test of {name} repeated a hidden test and is not shown."
            notes.append(Note("suspicious", text, name))
            message = WITHHELD
        comment = comments.get(name, "")
        exercises.append(ExerciseGrade(exercise, points, outcome, test, message, comment, by_hand))
    return LessonGrade(
        person, bundle, result, tuple(exercises), tuple(notes), held.penalties.get(where, 0.0)
    )


def _first_failure(
    tests: Sequence[GradedTest], scores: dict[str, Score]
) -> tuple[str, GradedTest | None, str]:
    """Outcome, test and message of an exercise."""
    failed = [(t, s) for t in tests if (s := scores.get(t.grade_id)) and s.outcome != PASSED]
    if not failed:
        return PASSED, None, ""
    # An answer that a visible test could call was attempted, whatever the hidden one stumbled on.
    test, score = next((f for f in failed if f[1].outcome != NOT_ATTEMPTED), failed[0])
    return score.outcome, test, score.message
