"""The one writer of the gradebook: results into nbgrader's tables, one transaction per notebook.

The rows are those that `nbgrader autograde` leaves, so formgrader, feedback and export work on
them. Beside them stand two tables of the course's own: what each submitted notebook came to and
from which bytes, tests and seed (so an interrupted run goes on where it stopped), and whose points
a later grading moved.
"""

import csv
import html
import json
import os
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import nbformat
import sqlalchemy as sa
from nbgrader.api import (
    Assignment,
    Comment,
    Grade,
    Gradebook,
    GradeCell,
    Notebook,
    SolutionCell,
    SourceCell,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
    new_uuid,
)
from nbgrader.apps.api import NbGraderAPI
from nbgrader.preprocessors import AssignLatePenalties
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from aicourse.grading.bundle import LessonBundle
from aicourse.grading.finish import BEGIN_HIDDEN, END_HIDDEN, printable, sanitised
from aicourse.grading.results import (
    GRADED,
    NOT_ATTEMPTED,
    UNREADABLE,
    BadResult,
    Note,
    Result,
    result_from_json,
)

#: nbgrader's own words; formgrader and its feedback show them beside an untouched answer.
NO_RESPONSE = "No response."
_MARKERS = (BEGIN_HIDDEN, END_HIDDEN)
#: What a grader of nbgrader's exchange needs beside the notebook to hand feedback back.
_COMPANIONS = ("timestamp.txt", "submission_secret.txt")
#: SQLite's answer when formgrader writes in the same moment.
_ATTEMPTS = 6


class RecorderError(RuntimeError):
    """The gradebook cannot be written; the message says why and what to do."""


class StaleGradebook(RecorderError):
    """The gradebook does not hold the lessons, tests or points that are to be graded."""


# ------------------------------------------------------------------------- the course's own tables


class _Own(DeclarativeBase):
    pass


class Recorded(_Own):
    """What the latest grading of one submitted notebook came to, and from what."""

    __tablename__ = "aicourse_results"

    student: Mapped[str] = mapped_column(sa.String(128), primary_key=True)
    lesson: Mapped[str] = mapped_column(sa.String(256), primary_key=True)
    #: nbgrader's row that the scores are in; if that is gone, nothing is recorded.
    notebook_id: Mapped[str] = mapped_column(sa.String(32))
    sha256: Mapped[str] = mapped_column(sa.String(64))
    bundle_digest: Mapped[str] = mapped_column(sa.String(64))
    test_seed: Mapped[str] = mapped_column(sa.String(64))
    result: Mapped[str] = mapped_column(sa.Text)
    graded_at: Mapped[datetime] = mapped_column(sa.DateTime)
    #: Of the grade that the feedback page shows; "" while there is no page of this grading.
    page_digest: Mapped[str] = mapped_column(sa.String(64), default="")
    #: JSON: (kind, text, cell) of the notes that writing the page gave rise to.
    page_notes: Mapped[str] = mapped_column(sa.Text, default="[]")


class _Move(_Own):
    __tablename__ = "aicourse_changes"

    id: Mapped[int] = mapped_column(sa.Integer, primary_key=True)
    student: Mapped[str] = mapped_column(sa.String(128))
    lesson: Mapped[str] = mapped_column(sa.String(256))
    exercise: Mapped[str] = mapped_column(sa.String(128))
    before: Mapped[float] = mapped_column(sa.Float)
    after: Mapped[float] = mapped_column(sa.Float)
    reason: Mapped[str] = mapped_column(sa.String(64))
    at: Mapped[datetime] = mapped_column(sa.DateTime)
    reported: Mapped[bool] = mapped_column(sa.Boolean, default=False)


@dataclass(frozen=True)
class Fingerprint:
    """What a grade depends on: the submitted bytes, the lesson's tests, the seed of the tests."""

    sha256: str
    bundle_digest: str
    test_seed: str


@dataclass(frozen=True)
class Change:
    """An exercise whose points a later grading moved; `reason` says what was new."""

    student: str
    lesson: str
    exercise: str
    before: float
    after: float
    reason: str
    at: datetime


def _stand_in(result: Result) -> str:
    """A notebook to look at in formgrader where the submission cannot be shown."""
    reasons = "\n".join(f"- {html.escape(note.text)}" for note in result.notes) or "- no reason"
    text = f"**This submission has no grade yet.**\n\n{reasons}"
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(text, id="no-grade")])
    return nbformat.writes(notebook)


@dataclass(frozen=True)
class _Rows:
    """Where one lesson stands in nbgrader's tables: ids by name."""

    notebook_id: str
    grade_cells: dict[str, str]
    solution_cells: dict[str, str]


class Recorder:
    """Writes results of one assignment; use it as a context manager, with the gradebook locked."""

    def __init__(self, api: NbGraderAPI, bundles: Sequence[LessonBundle]) -> None:
        """Open the gradebook of `api` for the lessons of one assignment.

        Raises:
            StaleGradebook: it does not hold these lessons as they are now.
        """
        self._coursedir = api.coursedir
        self._assignment = bundles[0].assignment
        self._bundles = {bundle.name: bundle for bundle in bundles}
        self._gradebook = api.gradebook
        self._late = AssignLatePenalties(config=api.config)
        self._late.init_plugin()
        _Own.metadata.create_all(self._gradebook.engine)
        try:
            with self._session() as session:
                self._assignment_id = self._find_assignment(session)
                self._rows = {b.name: _rows(session, self._assignment_id, b) for b in bundles}
        except StaleGradebook:
            self._gradebook.close()
            raise

    def __enter__(self) -> "Recorder":
        return self

    def __exit__(self, *_: object) -> None:
        self._gradebook.close()

    def _session(self) -> Session:
        return Session(self._gradebook.engine)

    def _find_assignment(self, session: Session) -> str:
        found = session.scalar(sa.select(Assignment.id).where(Assignment.name == self._assignment))
        if found is None:
            raise StaleGradebook(f"The gradebook does not know the assignment {self._assignment}.")
        return str(found)

    @property
    def gradebook(self) -> Gradebook:
        """nbgrader's gradebook, to read from."""
        return self._gradebook

    # ------------------------------------------------------------------------------- looking up

    def students(self) -> set[str]:
        """The ids in the gradebook."""
        with self._session() as session:
            return set(session.scalars(sa.select(Student.id)))

    def recorded(self, student: str) -> dict[str, Fingerprint]:
        """From what each of the student's lessons was graded, where that grade still stands."""
        query = (
            sa.select(Recorded.lesson, Recorded.sha256, Recorded.bundle_digest, Recorded.test_seed)
            .join(SubmittedNotebook, SubmittedNotebook.id == Recorded.notebook_id)
            .where(Recorded.student == student)
        )
        with self._session() as session:
            found = {lesson: Fingerprint(*rest) for lesson, *rest in session.execute(query)}
        return {
            lesson: fingerprint
            for lesson, fingerprint in found.items()
            if lesson in self._bundles and self._autograded(student, lesson).is_file()
        }

    def results(self) -> Iterator[tuple[str, Result]]:
        """(student, result) of everything that is recorded, by student, without notebooks."""
        query = (
            sa.select(Recorded.student, Recorded.result)
            .join(SubmittedNotebook, SubmittedNotebook.id == Recorded.notebook_id)
            .where(Recorded.lesson.in_(self._bundles))
            .order_by(Recorded.student, Recorded.lesson)
        )
        with self._session() as session:
            for student, result in session.execute(query.execution_options(yield_per=500)):
                yield student, result_from_json(result)

    # ---------------------------------------------------------------------------------- writing

    def record(
        self,
        student: str,
        result: Result,
        fingerprint: Fingerprint,
        timestamp: datetime | None = None,
    ) -> None:
        """Write one graded notebook: scores, comments, the autograded file, and what it was.

        All or nothing, and the same again when repeated. A person's scores and comments stay; a
        person is asked to look again where what they scored has changed.

        Args:
            student: id; added to the gradebook if it is unknown.
            result: of one of the assignment's lessons.
            fingerprint: from what it was graded.
            timestamp: when it was handed in, UTC.

        Raises:
            RecorderError: the database stayed locked by another program.
            OSError: the autograded file could not be written.
        """
        clean = sanitised(result)
        self._retrying(
            lambda session: self._record(session, student, clean, fingerprint, timestamp)
        )

    def record_missing(
        self, student: str, lessons: Sequence[str], timestamp: datetime | None = None
    ) -> list[str]:
        """Give 0 for lessons that were not handed in, as nbgrader does.

        A grade of a file that has gone since stays.

        Returns:
            The lessons whose grade stayed.
        """
        graded = self.recorded(student)
        absent = [lesson for lesson in lessons if lesson not in graded]

        def write(session: Session) -> None:
            for lesson in absent:
                notebook = self._submitted(session, student, lesson, timestamp)
                session.execute(
                    sa.update(Grade)
                    .where(Grade.notebook_id == notebook, Grade.auto_score.is_(None))
                    .where(Grade.manual_score.is_(None))
                    .values(auto_score=0.0, needs_manual_grade=False)
                )

        if absent:
            self._retrying(write)
        return [lesson for lesson in lessons if lesson in graded]

    def _retrying(self, write: Callable[[Session], object]) -> None:
        for attempt in range(_ATTEMPTS):
            try:
                with self._session() as session, session.begin():
                    write(session)
                return
            except OperationalError as error:
                if "locked" not in str(error.orig):
                    raise RecorderError(f"The database refused a grade: {error.orig}") from error
                time.sleep(0.2 * 2**attempt)
        raise RecorderError(
            "The gradebook stayed locked by another program; close what else has it open, then"
            " start the same command again: what is graded stays graded."
        )

    def _record(
        self,
        session: Session,
        student: str,
        result: Result,
        fingerprint: Fingerprint,
        timestamp: datetime | None,
    ) -> None:
        lesson = result.lesson
        notebook = self._submitted(session, student, lesson, timestamp)
        former = session.get(Recorded, (student, lesson))
        if former is not None and former.notebook_id != notebook:
            session.delete(former)  # of a submission that was taken out of the gradebook
            session.flush()
            former = None
        before = self._points(session, lesson, notebook)
        self._write_grades(session, lesson, notebook, result, former and _texts(former.result))
        self._write_comments(session, lesson, notebook, result)
        self._write_late_penalty(session, notebook)
        now = datetime.now(UTC).replace(tzinfo=None)
        if former is not None:
            after = self._points(session, lesson, notebook)
            session.add_all(
                _Move(
                    student=student,
                    lesson=lesson,
                    exercise=exercise,
                    before=before[exercise],
                    after=after[exercise],
                    reason=_reason(former, fingerprint),
                    at=now,
                )
                for exercise in before
                if before[exercise] != after[exercise]
            )
        session.merge(
            Recorded(
                student=student,
                lesson=lesson,
                notebook_id=notebook,
                **asdict(fingerprint),
                result=replace(result, notebook="").to_json(),
                graded_at=now,
                page_digest="",
                page_notes="[]",
            )
        )
        session.flush()
        # Before the commit: a run that is killed in between grades this notebook again.
        self._write_autograded(student, result)

    def _submitted(
        self, session: Session, student: str, lesson: str, timestamp: datetime | None
    ) -> str:
        """nbgrader's id of the student's notebook; makes all rows that a submission has.

        nbgrader's own `add_submission` commits in between, and it leaves out a notebook that
        joined the assignment after the student's first submission.
        """
        if session.get(Student, student) is None:
            session.execute(sa.insert(Student).values(id=student))
        query = sa.select(SubmittedAssignment.id, SubmittedAssignment.timestamp).where(
            SubmittedAssignment.student_id == student,
            SubmittedAssignment.assignment_id == self._assignment_id,
        )
        found = session.execute(query).one_or_none()
        if found is None:
            submission = new_uuid()
            session.execute(
                sa.insert(SubmittedAssignment).values(
                    id=submission,
                    assignment_id=self._assignment_id,
                    student_id=student,
                    timestamp=timestamp,
                )
            )
        else:
            submission, former = found
            if timestamp is not None and timestamp != former:
                session.execute(
                    sa.update(SubmittedAssignment)
                    .where(SubmittedAssignment.id == submission)
                    .values(timestamp=timestamp)
                )
        held = dict(
            session.execute(
                sa.select(SubmittedNotebook.notebook_id, SubmittedNotebook.id).where(
                    SubmittedNotebook.assignment_id == submission
                )
            ).all()
        )
        new = {r.notebook_id: new_uuid() for r in self._rows.values() if r.notebook_id not in held}
        if new:
            session.execute(
                sa.insert(SubmittedNotebook),
                [
                    {"id": own, "assignment_id": submission, "notebook_id": source}
                    for source, own in new.items()
                ],
            )
            for kind, cells in ((Grade, "grade_cells"), (Comment, "solution_cells")):
                rows = [
                    {"id": new_uuid(), "notebook_id": new[r.notebook_id], "cell_id": cell}
                    for r in self._rows.values()
                    if r.notebook_id in new
                    for cell in getattr(r, cells).values()
                ]
                if rows:
                    session.execute(sa.insert(kind), rows)
        return str((held | new)[self._rows[lesson].notebook_id])

    def _grades(self, session: Session, lesson: str, notebook: str) -> dict[str, Any]:
        """The rows of the lesson's grades by name: id, three scores, needs_manual_grade."""
        names = {cell: name for name, cell in self._rows[lesson].grade_cells.items()}
        query = sa.select(
            Grade.id,
            Grade.cell_id,
            Grade.auto_score,
            Grade.manual_score,
            Grade.extra_credit,
            Grade.needs_manual_grade,
        ).where(Grade.notebook_id == notebook)
        return {names[row.cell_id]: row for row in session.execute(query) if row.cell_id in names}

    def _points(self, session: Session, lesson: str, notebook: str) -> dict[str, float]:
        """What each exercise counts, a person's scores included."""
        bundle = self._bundles[lesson]
        owner = {test.grade_id: test.exercise for test in bundle.tests}
        points = {exercise.grade_id: 0.0 for exercise in bundle.exercises}
        for name, row in self._grades(session, lesson, notebook).items():
            score = row.auto_score if row.manual_score is None else row.manual_score
            points[owner.get(name, name)] += (score or 0.0) + (row.extra_credit or 0.0)
        return points

    def _write_grades(
        self,
        session: Session,
        lesson: str,
        notebook: str,
        result: Result,
        former_texts: dict[str, str] | None,
    ) -> None:
        earned: dict[str, float | None] = {s.grade_id: s.earned for s in result.scores}
        texts = {w.grade_id: w.text.strip() for w in result.written}
        for answer in result.written:
            earned[answer.grade_id] = 0.0 if answer.untouched else None
        updates = []
        for name, row in self._grades(session, lesson, notebook).items():
            auto = earned.get(name) if result.state == GRADED else None
            if row.manual_score is None:
                asks = auto is None
            elif name in texts and former_texts is not None:
                changed = texts[name] != former_texts.get(name)
                asks = changed or row.needs_manual_grade
            elif name in texts:
                asks = True  # which text the person scored is not known
            else:
                asks = auto != row.auto_score or row.needs_manual_grade
            if (auto, asks) != (row.auto_score, row.needs_manual_grade):
                updates.append({"id": row.id, "auto_score": auto, "needs_manual_grade": asks})
        if updates:
            session.execute(sa.update(Grade), updates)

    def _write_comments(self, session: Session, lesson: str, notebook: str, result: Result) -> None:
        silent = {answer.grade_id for answer in result.written if answer.untouched}
        for exercise in {score.exercise for score in result.scores}:
            outcomes = {s.outcome for s in result.scores if s.exercise == exercise}
            if outcomes == {NOT_ATTEMPTED}:
                silent.add(exercise)
        names = {cell: name for name, cell in self._rows[lesson].solution_cells.items()}
        query = sa.select(Comment.id, Comment.cell_id, Comment.auto_comment).where(
            Comment.notebook_id == notebook
        )
        updates = []
        for row in session.execute(query):
            says = NO_RESPONSE if names.get(row.cell_id) in silent else None
            if says != row.auto_comment:
                updates.append({"id": row.id, "auto_comment": says})
        if updates:
            session.execute(sa.update(Comment), updates)

    def _write_late_penalty(self, session: Session, notebook: str) -> None:
        """What the course's late-submission plugin says, as nbgrader's autograding asks it."""
        own = session.get_one(SubmittedNotebook, notebook)
        submission = session.get_one(SubmittedAssignment, own.assignment_id)
        penalty = None
        if submission.assignment.duedate is not None and submission.total_seconds_late > 0:
            penalty = self._late.plugin_inst.late_submission_penalty(
                submission.student_id, own.score, submission.total_seconds_late
            )
            if penalty is not None:
                penalty = self._late._check_late_penalty(own, penalty)
        own.late_submission_penalty = penalty

    # ------------------------------------------------------------------------------------ files

    def _autograded(self, student: str, lesson: str) -> Path:
        assignment, stem = lesson.split("/")
        folder = self._coursedir.format_path(
            self._coursedir.autograded_directory, student, assignment
        )
        return Path(folder) / f"{stem}.ipynb"

    def _write_autograded(self, student: str, result: Result) -> None:
        file = self._autograded(student, result.lesson)
        file.parent.mkdir(parents=True, exist_ok=True)
        text = result.notebook if result.state == GRADED else _stand_in(result)
        # One name, so that what a killed run left behind is written over.
        temporary = file.with_name(f".{file.stem}.part")
        temporary.unlink(missing_ok=True)
        with temporary.open("wb") as stream:
            stream.write(text.encode("utf-8", "replace"))
            os.fchmod(stream.fileno(), 0o664 if self._coursedir.groupshared else 0o444)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(temporary, file)
        self._copy_companions(student, file.parent)

    def _copy_companions(self, student: str, folder: Path) -> None:
        submitted = Path(
            self._coursedir.format_path(
                self._coursedir.submitted_directory, student, self._assignment
            )
        )
        for name in _COMPANIONS:
            if (submitted / name).is_file() and not (submitted / name).is_symlink():
                (folder / name).unlink(missing_ok=True)
                shutil.copyfile(submitted / name, folder / name)

    # --------------------------------------------------------------------------- feedback pages

    def pages(self, student: str) -> dict[str, str]:
        """Lesson → digest of the grade that the student's feedback page shows."""
        query = sa.select(Recorded.lesson, Recorded.page_digest).where(Recorded.student == student)
        with self._session() as session:
            return {lesson: digest for lesson, digest in session.execute(query)}

    def pages_written(self, pages: Sequence[tuple[str, str, str, Sequence[Note]]]) -> None:
        """Remember pages: (student, lesson, digest, notes that writing it gave rise to)."""
        rows = [
            {
                "student": student,
                "lesson": lesson,
                "page_digest": digest,
                "page_notes": json.dumps([[n.kind, printable(n.text), n.cell] for n in notes]),
            }
            for student, lesson, digest, notes in pages
        ]
        if rows:
            self._retrying(lambda session: session.execute(sa.update(Recorded), rows))

    def page_notes(self) -> Iterator[tuple[str, str, Note]]:
        """(student, lesson, note) of all feedback pages."""
        query = sa.select(Recorded.student, Recorded.lesson, Recorded.page_notes).where(
            Recorded.lesson.in_(self._bundles), Recorded.page_notes != "[]"
        )
        with self._session() as session:
            for student, lesson, notes in session.execute(query.execution_options(yield_per=500)):
                yield from ((student, lesson, Note(*note)) for note in json.loads(notes))

    # ---------------------------------------------------------------------------------- changes

    def new_changes(self) -> list[Change]:
        """Whose points moved since the last `changes_reported`, by student."""
        query = (
            sa.select(_Move)
            .where(_Move.lesson.in_(self._bundles), _Move.reported.is_(False))
            .order_by(_Move.student, _Move.lesson, _Move.id)
        )
        with self._session() as session:
            return [_change(move) for move in session.scalars(query)]

    def changes_reported(self) -> None:
        """The instructor has seen the changes so far."""
        with self._session() as session, session.begin():
            session.execute(
                sa.update(_Move).where(_Move.lesson.in_(self._bundles)).values(reported=True)
            )

    def write_changes(self, file: Path) -> None:
        """Write every change there ever was in the assignment as a table, oldest first."""
        file.parent.mkdir(parents=True, exist_ok=True)
        query = sa.select(_Move).where(_Move.lesson.in_(self._bundles)).order_by(_Move.id)
        temporary = file.with_suffix(".part")
        with temporary.open("w", encoding="utf-8", newline="") as stream, self._session() as db:
            table = csv.writer(stream)
            table.writerow(
                ["student", "lesson", "exercise", "before", "after", "reason", "time_utc"]
            )
            for move in db.scalars(query.execution_options(yield_per=500)):
                c = _change(move)
                points = (f"{c.before:g}", f"{c.after:g}")
                when = c.at.isoformat(" ", "seconds")
                table.writerow([c.student, c.lesson, c.exercise, *points, c.reason, when])
        os.replace(temporary, file)


def _rows(session: Session, assignment_id: str, bundle: LessonBundle) -> _Rows:
    """Find a lesson in the gradebook and compare it with the bundle."""
    notebook = session.scalar(
        sa.select(Notebook.id).where(
            Notebook.assignment_id == assignment_id, Notebook.name == bundle.stem
        )
    )
    if notebook is None:
        raise StaleGradebook(f"The gradebook does not know the lesson {bundle.name}.")
    points = {test.grade_id: test.points for test in bundle.tests}
    points |= {e.grade_id: e.points for e in bundle.exercises if e.written}
    grades = session.execute(
        sa.select(GradeCell.name, GradeCell.id, GradeCell.max_score).where(
            GradeCell.notebook_id == notebook
        )
    ).all()
    solutions = session.execute(
        sa.select(SolutionCell.name, SolutionCell.id).where(SolutionCell.notebook_id == notebook)
    ).all()
    sources = dict(
        session.execute(
            sa.select(SourceCell.name, SourceCell.source).where(SourceCell.notebook_id == notebook)
        ).all()
    )
    if (
        {row.name: row.max_score for row in grades} != points
        or {row.name for row in solutions} != {e.grade_id for e in bundle.exercises}
        or any(_unmarked(sources.get(t.grade_id, "")) != t.source.strip() for t in bundle.tests)
    ):
        raise StaleGradebook(f"The gradebook holds {bundle.name} with other tests or points.")
    return _Rows(
        str(notebook),
        {row.name: row.id for row in grades},
        {row.name: row.id for row in solutions},
    )


def _unmarked(source: str) -> str:
    """A test as bundles hold it: without nbgrader's marker lines."""
    return "\n".join(line for line in source.splitlines() if not line.startswith(_MARKERS)).strip()


def _texts(stored: str) -> dict[str, str] | None:
    """The written answers of an earlier result; None if they cannot be told."""
    try:
        result = result_from_json(stored)
    except BadResult:
        return None
    if result.state == UNREADABLE:
        return None
    return {answer.grade_id: answer.text.strip() for answer in result.written}


def _reason(former: Recorded, now: Fingerprint) -> str:
    if former.sha256 != now.sha256:
        return "new submission"
    if former.bundle_digest != now.bundle_digest:
        return "tests changed"
    return "seed changed" if former.test_seed != now.test_seed else "graded again"


def _change(move: _Move) -> Change:
    return Change(
        move.student,
        move.lesson,
        move.exercise,
        move.before,
        move.after,
        move.reason,
        move.at,
    )
