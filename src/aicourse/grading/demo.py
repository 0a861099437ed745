"""The instructor's whole path on a simulated class whose scores are known.

Gradebook from source, roster, submissions, grading, written answers, feedback, exports; then every
score is compared with the one it must be. All of it happens in grading/demo/, which is made
anew each time; the instructor's own gradebook and submissions are not touched.
"""

import csv
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.apps.api import NbGraderAPI
from nbgrader.utils import rmtree
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from aicourse.authoring.known_answers import AnswersError
from aicourse.grading.class_run import GRADING_ERRORS, grade_class
from aicourse.grading.class_run import report as report_class
from aicourse.grading.gradebook import build_gradebook, course_config, open_course
from aicourse.grading.simulated_class import ClassError, SimulatedClass, make_class

_CONFIG = """\
# Written by `make grade-demo`: the course's configuration, with a simulated class's own folders.
from pathlib import Path

load_subconfig("nbgrader_config.py", path={grading!r})
c = get_config()
c.CourseDirectory.root = str(Path(__file__).resolve().parent)
c.CourseDirectory.source_directory = {source!r}
c.CourseDirectory.release_directory = {release!r}
"""
#: Handed in unless others are named: tests of many kinds and two written answers.
LESSONS = (
    "01_math_python/01_numpy_arrays",
    "01_math_python/03_matrices_least_squares",
    "01_math_python/11_project_flights",
)
_TEACHER_SAYS = {
    "strong": "Scripted rubric: all criteria met.",
    "weak": "Scripted rubric: one criterion met; see the rubric above your answer.",
}


@dataclass(frozen=True)
class Score:
    """What a graded cell had to score and what the gradebook holds (None: no score)."""

    student: str
    lesson: str
    cell: str
    expected: float
    graded: float | None

    @property
    def equal(self) -> bool:
        return self.graded is not None and abs(self.graded - self.expected) < 1e-9


def prepare(root: Path, folder: Path) -> None:
    """Make `folder` an empty nbgrader course that reads the configuration of grading/."""
    if folder.exists():
        rmtree(str(folder))  # nbgrader's: autograded files are read-only
    folder.mkdir(parents=True)
    relative = {
        name: os.path.relpath(root / name, folder) for name in ("notebooks", "student", "grading")
    }
    text = _CONFIG.format(
        grading=str((root / "grading").resolve()),
        source=relative["notebooks"],
        release=relative["student"],
    )
    (folder / "nbgrader_config.py").write_text(text, encoding="utf-8")


def import_roster(api: NbGraderAPI, roster: Path) -> None:
    """Add the students in `roster` (columns id, first_name, last_name, email)."""
    with roster.open(encoding="utf-8", newline="") as file, api.gradebook as gradebook:
        for row in csv.DictReader(file):
            gradebook.update_or_create_student(row.pop("id"), **row)


def grade_written_answers(api: NbGraderAPI, simulated: SimulatedClass) -> int:
    """Do by script what a person does in formgrader; return the number of answers graded.

    The rubric is the simplest that gives known scores: the course's strong sample earns all
    points, the weak one a quarter. A text it does not know is left for a person.
    """
    graded = 0
    with api.gradebook as gradebook:
        for submission in simulated.submissions:
            phase, stem = submission.lesson.split("/")
            course = api.coursedir
            folder = course.format_path(course.autograded_directory, submission.student.id, phase)
            notebook = nbformat.read(Path(folder) / f"{stem}.ipynb", 4)
            texts = {
                cell.metadata.nbgrader.grade_id: cell.source.strip()
                for cell in notebook.cells
                if cell.metadata.get("nbgrader", {}).get("solution")
            }
            for answer in submission.answers:
                if answer.kind not in _TEACHER_SAYS or answer.source is None:
                    continue
                where = (answer.exercise, stem, phase, submission.student.id)
                grade = gradebook.find_grade(*where)
                if grade.needs_manual_grade and texts[answer.exercise] == answer.source.strip():
                    grade.manual_score = answer.points[answer.exercise]
                    grade.needs_manual_grade = False
                    gradebook.find_comment(*where).manual_comment = _TEACHER_SAYS[answer.kind]
                    graded += 1
        gradebook.db.commit()
    return graded


def compare(gradebook: Gradebook, simulated: SimulatedClass) -> list[Score]:
    """The expected and the recorded score of every graded cell of every student."""
    scores = []
    for submission in simulated.submissions:
        phase, stem = submission.lesson.split("/")
        for cell, expected in submission.points.items():
            try:
                grade = gradebook.find_grade(cell, stem, phase, submission.student.id)
                graded = None if grade.needs_manual_grade else grade.score
            except MissingEntry:
                graded = None
            scores.append(Score(submission.student.id, submission.lesson, cell, expected, graded))
    return scores


def run(
    root: Path,
    students: int = 12,
    *,
    folder: Path | None = None,
    lessons: Sequence[str] = LESSONS,
    seed: int = 1,
) -> int:
    """Grade a simulated class as an instructor does, and print how its scores compare.

    Args:
        root: the repository.
        students: size of the class.
        folder: where everything is written (default: grading/demo/); made anew.
        lessons: which lessons are handed in.
        seed: of the class.

    Returns:
        0 when every score is the known one, 1 when any differs or grading failed.
    """
    console = Console()
    folder = folder or root / "grading" / "demo"
    try:
        with console.status("Running the known answers and making the class …"):
            prepare(root, folder)
            simulated = make_class(root, folder, lessons, students, seed)
        with console.status("Reading notebooks/ into the gradebook …"):
            build_gradebook(root, folder)
        api = open_course(course_config(folder))
        import_roster(api, folder / "roster.csv")
        for phase in sorted({lesson.split("/")[0] for lesson in lessons}):
            report_class(console, grade_class(root, phase, course=folder, console=console))
        written = grade_written_answers(api, simulated)
        console.print(f"{written} written answers graded by the scripted rubric; once more:")
        for phase in sorted({lesson.split("/")[0] for lesson in lessons}):
            report_class(console, grade_class(root, phase, course=folder, console=console))
        with api.gradebook as gradebook:
            scores = compare(gradebook, simulated)
    except (AnswersError, ClassError, *GRADING_ERRORS) as error:
        console.print(f"[bold red]Error:[/] {escape(str(error))}", soft_wrap=True)
        return 1
    return 1 if report(console, simulated, scores) else 0


def report(console: Console, simulated: SimulatedClass, scores: list[Score]) -> list[Score]:
    """Print the table of totals and every score that differs; return those."""
    table = Table(title="Known scores and the gradebook's", title_justify="left")
    table.add_column("Student")
    for column in ("Expected", "Graded", "Equal"):
        table.add_column(column, justify="right")
    for student in simulated.students:
        own = [score for score in scores if score.student == student.id]
        graded = sum(score.graded or 0 for score in own)
        equal = "yes" if all(score.equal for score in own) else "NO"
        table.add_row(
            f"{student.first_name} {student.last_name}",
            f"{simulated.expected(student):g}",
            f"{graded:g}",
            equal,
        )
    table.add_section()
    different = [score for score in scores if not score.equal]
    table.add_row(
        f"{len(simulated.students)} students, {len(scores)} graded cells",
        f"{sum(score.expected for score in scores):g}",
        f"{sum(score.graded or 0 for score in scores):g}",
        "yes" if not different else "NO",
    )
    console.print(table)
    for score in different:
        graded = "nothing" if score.graded is None else f"{score.graded:g}"
        console.print(
            f"[red]{score.student}, {score.lesson}, {score.cell}: expected"
            f" {score.expected:g}, the gradebook holds {graded}[/]",
            soft_wrap=True,
        )
    return different
