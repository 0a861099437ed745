"""Grades a class: finds submissions, gives them to workers, records what comes back.

Everything that is recorded stays recorded. A run that was interrupted, or killed, goes on with what
is missing; a run after a test was changed grades what the change concerns.
"""

import contextlib
import json
import os
import signal
import sys
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from nbgrader.apps.api import NbGraderAPI
from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from sqlalchemy.engine import make_url

from aicourse.grading import submitted
from aicourse.grading.bundle import BundleError, LessonBundle, bundles
from aicourse.grading.exports import ExportError
from aicourse.grading.gradebook import GradebookError, build_gradebook, course_config, open_course
from aicourse.grading.gradebook_lock import LockError, locked
from aicourse.grading.publish import Published, publish
from aicourse.grading.recorder import Change, Fingerprint, Recorder, RecorderError, StaleGradebook
from aicourse.grading.results import (
    GRADED,
    UNREADABLE,
    BadResult,
    Note,
    Result,
    result_from_json,
)
from aicourse.grading.workers import (
    Grades,
    Outcome,
    SealedGraders,
    Work,
    WorkersUnavailable,
    in_process,
    on_cluster,
)

_MOST_LISTED = 20
#: Students whose files wait for a worker are few, so remarks are what grows with the class.
_MOST_REMARKS = 5_000


class ClassRunError(RuntimeError):
    """The class cannot be graded; the message says why and what to do."""


#: All that `grade_class` raises on purpose; each message says what to do.
GRADING_ERRORS = (
    BundleError,
    ClassRunError,
    ExportError,
    GradebookError,
    LockError,
    RecorderError,
    WorkersUnavailable,
)


@dataclass
class ClassRun:
    """What a run did.

    Attributes:
        graded, unchanged, unreadable, missing: notebooks; unchanged ones were graded before.
        failed: the grader could not say anything about them; the next run tries them again.
        broken: lessons that cannot be graded here, and why; nothing of them was recorded.
        noted: graded notebooks with something that a person should know.
        seconds: of the whole run.
        by_lesson: lesson → (notebooks, seconds that workers spent on them).
        peak_mb: memory of the coordinator at its highest, in MB.
        remarks: what was odd about files and students.
        changes: whose points moved, since an instructor was last told.
        interrupted: Ctrl-C ended it before all was graded; then nothing was published.
        published: feedback, exports and report.
    """

    assignment: str
    graded: int = 0
    unchanged: int = 0
    unreadable: int = 0
    failed: int = 0
    broken: dict[str, str] = field(default_factory=dict)
    missing: int = 0
    noted: int = 0
    seconds: float = 0.0
    by_lesson: dict[str, tuple[int, float]] = field(default_factory=dict)
    peak_mb: float = 0.0
    remarks: list[str] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    interrupted: bool = False
    published: Published | None = None

    def remark(self, text: str) -> None:
        if len(self.remarks) < _MOST_REMARKS:
            self.remarks.append(text)


@dataclass(frozen=True)
class Choice:
    """What to grade, and how.

    Attributes:
        students: ids; empty for everybody.
        lessons: notebook stems; empty for all of the assignment.
        force: grade also what is graded and unchanged.
        workers: processes of this machine; 0 grades in this one, None takes one per core.
        scheduler: address of a Dask scheduler whose workers grade instead.
        db_url: of the gradebook; "" takes the configuration's.
        sandbox: False runs students' code without one.
        publish: also write feedback, exports and the class report.
        partial, canvas_gradebook: of the exports, see `publish`.
        factory: makes a worker's grader; None for the real one.
    """

    students: Sequence[str] = ()
    lessons: Sequence[str] = ()
    force: bool = False
    workers: int | None = None
    scheduler: str = ""
    db_url: str = ""
    sandbox: bool = True
    publish: bool = True
    partial: bool = False
    canvas_gradebook: Path | None = None
    factory: Callable[[], Grades] | None = None


def grade_class(
    root: Path,
    assignment: str,
    choice: Choice | None = None,
    course: Path | None = None,
    console: Console | None = None,
) -> ClassRun:
    """Grade what was handed in for an assignment and write it into the gradebook.

    The gradebook is built or updated first where it does not fit the lessons. Ctrl-C ends the run
    after what is finished has been recorded.

    Args:
        root: the repository.
        assignment: a folder of notebooks/.
        choice: default: everything that is new, with one worker per core.
        course: the folder with nbgrader_config.py (default: grading/).
        console: where progress is shown (default: nowhere).

    Raises:
        ClassRunError: there is nothing to grade, or a chosen student or lesson does not exist.
        BundleError: a lesson cannot be graded.
        GradebookError: the gradebook cannot be built.
        LockError: another run is writing the gradebook.
        RecorderError: the gradebook cannot be written.
        WorkersUnavailable: no worker can grade, for example because there is no sandbox.
        ExportError: `canvas_gradebook` is not one.
    """
    start = time.monotonic()
    choice = choice or Choice()
    console = console or Console(quiet=True)
    course = course or root / "grading"
    config = course_config(course)
    if choice.db_url:
        config.CourseDirectory.db_url = choice.db_url
    every = bundles(root, assignment)
    api = open_course(config)
    people, remarks = _chosen_students(api, assignment, choice.students)
    chosen = _chosen_lessons(every, choice.lessons)
    run = ClassRun(assignment, remarks=remarks)
    with locked(api.coursedir.db_url), _recorder(root, course, api, every, console) as recorder:
        total = submitted.count(api, assignment, people)
        with _progress(console) as progress, _stop_on_interrupt(console) as stop:
            grading = _Grading(run, api, every, chosen, recorder, choice, progress)
            grading.task = progress.add_task("Grading", total=total, rate="")
            work = grading.work(people)
            with contextlib.closing(_outcomes(work, every, choice, stop)) as outcomes:
                for outcome in outcomes:
                    grading.take(outcome)
            run.interrupted = stop.is_set()
        run.changes = recorder.new_changes()
        if run.changes:
            recorder.write_changes(changes_file(course, assignment))
        if not run.interrupted and choice.publish:
            with console.status("Writing feedback, exports and the class report …"):
                run.published = publish(
                    course,
                    recorder,
                    every,
                    run.changes,
                    choice.partial,
                    choice.canvas_gradebook,
                )
        if not run.interrupted:
            recorder.changes_reported()
    run.seconds = time.monotonic() - start
    run.peak_mb = peak_mb()
    return run


def changes_file(course: Path, assignment: str) -> Path:
    """Where the table of moved points is."""
    return course / "reports" / f"{assignment}-changes.csv"


def peak_mb() -> float:
    """The most memory that this process has had, in MB."""
    import resource  # not on Windows, where no class is graded

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1e6 if sys.platform == "darwin" else peak / 1e3


def _chosen_students(
    api: NbGraderAPI, assignment: str, wanted: Sequence[str]
) -> tuple[list[str], list[str]]:
    people, remarks = submitted.students(api, assignment)
    if unknown := sorted(set(wanted) - set(people)):
        raise ClassRunError(f"Nothing was handed in for {assignment} by: {', '.join(unknown)}.")
    if not people:
        course = api.coursedir
        place = course.format_path(course.submitted_directory, "<student>", assignment)
        raise ClassRunError("\n".join([f"Nothing was handed in: there is no {place}.", *remarks]))
    return [p for p in people if not wanted or p in wanted], remarks


def _chosen_lessons(every: Sequence[LessonBundle], stems: Sequence[str]) -> list[LessonBundle]:
    known = {bundle.stem: bundle for bundle in every}
    names = [stem.split("/")[-1].removesuffix(".ipynb") for stem in stems]
    if unknown := [name for name in names if name not in known]:
        raise ClassRunError(
            f"{every[0].assignment} has no lesson {unknown[0]!r}; there are: {', '.join(known)}."
        )
    return [bundle for bundle in every if not names or bundle.stem in names]


def _recorder(
    root: Path,
    course: Path,
    api: NbGraderAPI,
    every: Sequence[LessonBundle],
    console: Console,
) -> Recorder:
    """The recorder, after building the gradebook, or bringing it up to date, if it needs that."""
    url = make_url(api.coursedir.db_url)
    if url.get_backend_name() == "sqlite" and not Path(str(url.database)).exists():
        console.print("Building the gradebook from notebooks/ …")
        build_gradebook(root, course, api.coursedir.db_url)
    try:
        return Recorder(api, every)
    except StaleGradebook as stale:
        console.print(f"{escape(str(stale))} Reading notebooks/ into it …", soft_wrap=True)
        build_gradebook(root, course, api.coursedir.db_url)
        return Recorder(api, every)


def _outcomes(
    work: Iterator[Work],
    every: Sequence[LessonBundle],
    choice: Choice,
    stop: threading.Event,
) -> Iterator[Outcome]:
    factory = choice.factory or SealedGraders(tuple(every), choice.sandbox, test_seed())
    if choice.workers == 0 and not choice.scheduler:
        yield from in_process(work, factory, stop)
        return
    # Workers take seconds to start; a run that finds everything unchanged needs none.
    first = next(work, None)
    if first is None:
        return
    workers = choice.workers or os.cpu_count() or 1
    yield from on_cluster(_again(first, work), factory, stop, workers, choice.scheduler)


def _again(first: Work, rest: Iterator[Work]) -> Iterator[Work]:
    yield first
    del first
    yield from rest


def test_seed() -> str:
    """The instructor's seed of the random inputs in hidden tests, "" for the course's own."""
    return os.environ.get("AICOURSE_TEST_SEED", "")


test_seed.__test__ = False  # type: ignore[attr-defined]  # not a pytest function


class _Grading:
    """The coordinator's state: what goes out, and what is done with what comes back."""

    def __init__(
        self,
        run: ClassRun,
        api: NbGraderAPI,
        every: Sequence[LessonBundle],
        chosen: Sequence[LessonBundle],
        recorder: Recorder,
        choice: Choice,
        progress: Progress,
    ) -> None:
        self._run = run
        self._api = api
        self._every = every
        self._bundles = {bundle.name: bundle for bundle in chosen}
        self._recorder = recorder
        self._force = choice.force
        self._progress = progress
        self.task = TaskID(0)
        self._roster = recorder.students()
        # The rate of the last moments, not one that unchanged notebooks make look better.
        self._recent: deque[float] = deque(maxlen=200)

    def work(self, people: Sequence[str]) -> Iterator[Work]:
        """What is to be graded, read from disk as it is asked for."""
        for student in people:
            folder = submitted.handed_in(self._api, student, self._every)
            for remark in folder.remarks:
                self._run.remark(remark)
            if student not in self._roster:
                self._run.remark(f"{student} is not on the roster and is added to the gradebook.")
            done = self._recorder.recorded(student)
            for lesson, file in folder.files.items():
                if lesson in self._bundles:
                    yield from self._one(folder, lesson, file, done.get(lesson))
            absent = folder.missing(self._every)
            self._run.missing += len(absent)
            for lesson in self._recorder.record_missing(student, absent, folder.timestamp):
                if lesson in self._bundles:
                    self._run.remark(f"{student}: {lesson} was graded; its file is gone.")

    def _one(
        self,
        folder: submitted.Folder,
        lesson: str,
        file: submitted.File,
        done: Fingerprint | None,
    ) -> Iterator[Work]:
        problem, raw = file.problem, b""
        if not problem:
            try:
                raw = file.read()
            except OSError as error:
                problem = f"The file cannot be read ({error.strerror or error})."
        # A file that cannot be read is known by the reason.
        sha256 = submitted.digest(problem.encode() or raw)
        if done == self._fingerprint(lesson, sha256) and not self._force:
            self._run.unchanged += 1
            self._progress.advance(self.task)
            return
        work = Work(folder.student, lesson, raw, sha256, file.notes, folder.timestamp)
        if problem:
            self._record(work, _unreadable(lesson, problem))
        elif lesson in self._run.broken:
            self.take(Outcome(work, problem=self._run.broken[lesson], broken=True))
        else:
            yield work

    def _fingerprint(self, lesson: str, sha256: str) -> Fingerprint:
        return Fingerprint(sha256, self._bundles[lesson].digest, test_seed())

    def take(self, outcome: Outcome) -> None:
        """Record what a worker made of a submission."""
        work, problem = outcome.work, outcome.problem
        if outcome.broken:
            self._run.failed += 1
            self._run.broken[work.lesson] = problem
            self._progress.advance(self.task)
            return
        if not problem:
            try:
                self._record(work, _checked(outcome.result, self._bundles[work.lesson]))
                return
            except BadResult as error:
                problem = f"The grader's report cannot be used: {error}."
        self._run.failed += 1
        self._run.remark(f"{work.student}: {work.lesson}: {problem}")
        # Without the digest of the tests the next run takes it for not graded.
        again = replace(self._fingerprint(work.lesson, work.sha256), bundle_digest="")
        self._record(work, _unreadable(work.lesson, problem), again)

    def _record(self, work: Work, result: Result, as_of: Fingerprint | None = None) -> None:
        result = replace(result, notes=(*work.notes, *result.notes))
        fingerprint = as_of or self._fingerprint(work.lesson, work.sha256)
        self._recorder.record(work.student, result, fingerprint, work.timestamp)
        run = self._run
        if result.state == GRADED:
            run.graded += 1
            run.noted += bool(result.notes)
        elif as_of is None:
            run.unreadable += 1
            reason = next((n.text for n in result.notes if n.kind == "problem"), "no reason given")
            run.remark(f"{work.student}: {work.lesson} cannot be read: {reason}")
        many, seconds = run.by_lesson.get(work.lesson, (0, 0.0))
        run.by_lesson[work.lesson] = (many + 1, seconds + result.seconds)
        self._recent.append(time.monotonic())
        passed = self._recent[-1] - self._recent[0]
        rate = f"{(len(self._recent) - 1) / passed:.1f}/s" if passed > 0 else ""
        self._progress.update(self.task, advance=1, rate=rate)


def _unreadable(lesson: str, reason: str) -> Result:
    return Result(lesson, UNREADABLE, (), notes=(Note("problem", reason),))


def _checked(report: str, bundle: LessonBundle) -> Result:
    """The worker's report, if it is about the lesson's own tests and points.

    Raises:
        BadResult: it is not.
    """
    result = result_from_json(report)
    if result.lesson != bundle.name or result.state not in (GRADED, UNREADABLE):
        raise BadResult(f"it is about {result.lesson!r}, {result.state!r}")
    if result.state == UNREADABLE:
        return result
    given = sorted((s.grade_id, s.exercise, s.possible) for s in result.scores)
    if given != sorted((t.grade_id, t.exercise, t.points) for t in bundle.tests):
        raise BadResult("its scores are not those of the lesson's tests")
    texts = sorted(w.grade_id for w in result.written)
    if texts != sorted(e.grade_id for e in bundle.exercises if e.written):
        raise BadResult("its written answers are not those of the lesson")
    try:
        cells = json.loads(result.notebook)["cells"]
    except (ValueError, TypeError, KeyError, RecursionError):
        cells = None
    if not isinstance(cells, list):
        raise BadResult("it has no notebook")
    return result


def _progress(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
        console=console,
        speed_estimate_period=120,
    )


@contextlib.contextmanager
def _stop_on_interrupt(console: Console) -> Iterator[threading.Event]:
    """An event that the first Ctrl-C sets; the second ends the program."""
    stop = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return

    def first(signum: int, frame: object) -> None:
        stop.set()
        signal.signal(signal.SIGINT, former)
        console.print("Stopping; what is finished is being recorded. Ctrl-C again: at once.")

    former = signal.signal(signal.SIGINT, first)
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, former)


# ---------------------------------------------------------------------------------- what to print


def report(console: Console, run: ClassRun) -> None:
    """Print what a run did, what a person should look at, and whose points moved."""
    table = Table(title=f"{run.assignment}: what was handed in", title_justify="left")
    table.add_column("Notebooks")
    table.add_column("", justify="right")
    rows = {
        "graded": run.graded,
        "of these with notes": run.noted,
        "unchanged since they were graded": run.unchanged,
        "cannot be read": run.unreadable,
        "could not be graded": run.failed,
        "not handed in": run.missing,
    }
    for name, number in rows.items():
        table.add_row(name, str(number))
    console.print(table)
    for problem in run.broken.values():
        console.print(f"[bold red]{escape(problem)}[/]", soft_wrap=True)
    _print_some(console, run.remarks, "remarks")
    if run.changes:
        _print_changes(console, run.changes)
    touched = run.graded + run.unreadable + run.failed
    each = f" ({run.seconds / touched:.2f} s each)" if touched else ""
    console.print(
        f"{run.seconds:.0f} s{each}; {run.peak_mb:.0f} MB of memory at the most.", soft_wrap=True
    )
    slowest = sorted(run.by_lesson.items(), key=lambda item: -item[1][1] / item[1][0])[:3]
    if slowest:
        shown = ", ".join(f"{name} {total / many:.2f} s" for name, (many, total) in slowest)
        console.print(f"Slowest lessons per submission: {shown}.", soft_wrap=True)
    if (made := run.published) is not None:
        console.print(f"Feedback: {made.pages} new pages in {escape(str(made.feedback))}")
        console.print(f"Grades:   {escape(str(made.exports))}", soft_wrap=True)
        console.print(f"Report:   {escape(str(made.report))}", soft_wrap=True)
        if waiting := len(made.exported.waiting):
            console.print(
                f"{waiting} exercises wait for a person; those lessons are exported without points"
                " unless you say --partial.",
                soft_wrap=True,
            )
    if run.interrupted:
        console.print(
            "Interrupted. The same command goes on with what is not graded yet.", style="bold"
        )


def _print_some(console: Console, lines: Sequence[str], what: str) -> None:
    for line in lines[:_MOST_LISTED]:
        console.print(f"• {escape(line)}", soft_wrap=True)
    if len(lines) > _MOST_LISTED:
        console.print(f"… and {len(lines) - _MOST_LISTED} more {what}.")


def _print_changes(console: Console, changes: Sequence[Change]) -> None:
    table = Table(title="Points that moved", title_justify="left")
    for column in ("Student", "Lesson", "Exercise", "Before → after", "Why"):
        table.add_column(column)
    for change in changes[:_MOST_LISTED]:
        points = f"{change.before:g} → {change.after:g}"
        words = (change.student, change.lesson, change.exercise, points, change.reason)
        table.add_row(*map(escape, words))
    console.print(table)
    students = len({change.student for change in changes})
    reasons = Counter(change.reason for change in changes)
    why = ", ".join(f"{reason}: {number}" for reason, number in reasons.items())
    console.print(f"{len(changes)} exercises of {students} students moved ({why}).")
