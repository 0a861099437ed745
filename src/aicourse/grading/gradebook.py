"""The instructor's gradebook: nbgrader's database, built from this version's notebooks/."""

import shutil
import tempfile
from pathlib import Path

from nbgrader.apps.api import NbGraderAPI
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config, PyFileConfigLoader

from aicourse.authoring.student_build import CODE_STUB, TEXT_STUB

BACKUP = "gradebook-before-update.db"


class GradebookError(RuntimeError):
    """nbgrader refused something; the message says what and what to do."""


def course_config(course: Path) -> Config:
    """The configuration in `course`/nbgrader_config.py, as `nbgrader` run there would see it."""
    return PyFileConfigLoader("nbgrader_config.py", path=str(course)).load_config()


def open_course(config: Config) -> NbGraderAPI:
    """nbgrader's own Python interface to the course that `config` describes."""
    return NbGraderAPI(CourseDirectory(config=config), config=config)


def must_succeed(result: dict[str, object], what: str) -> None:
    """Raise GradebookError with nbgrader's own words unless `result` reports success."""
    if not result["success"]:
        words = str(result.get("log") or result.get("error") or "")
        errors = [line for line in words.splitlines() if line.startswith(("[ERROR]", "[CRITICAL]"))]
        raise GradebookError(f"{what} failed.\n" + "\n".join(errors or words.splitlines()[-15:]))


def assignments(root: Path) -> list[str]:
    """The assignments, one per phase that has source notebooks."""
    return sorted({file.parent.name for file in (root / "notebooks").glob("*/*.ipynb")})


def build_gradebook(root: Path, course: Path | None = None) -> Path:
    """Create or update the gradebook from notebooks/ and return its path.

    It learns every graded cell: points, the tests as they are now, hidden ones included. Students,
    submissions and grades that it already holds stay; a copy of the former file is kept beside it.
    nbgrader writes the release version it generates on the way to a temporary folder, so student/
    is not touched.

    Args:
        root: the repository.
        course: the folder with nbgrader_config.py (default: grading/).

    Raises:
        GradebookError: nbgrader refused, for example because graded cells were added or removed
            after submissions had been graded.
    """
    course = course or root / "grading"
    database = course / "gradebook.db"
    config = course_config(course)
    config.CourseDirectory.student_id_exclude = ""
    # As in student/, so that nbgrader recognises an untouched answer.
    config.ClearSolutions.code_stub = {"python": CODE_STUB}
    config.ClearSolutions.text_stub = TEXT_STUB
    if database.exists():
        shutil.copy2(database, course / BACKUP)
    with tempfile.TemporaryDirectory() as release:
        config.CourseDirectory.release_directory = release
        api = open_course(config)
        for assignment in assignments(root):
            result = api.generate_assignment(assignment)
            if "Cannot add or remove cells" in str(result) or "Cannot modify existing" in str(
                result
            ):
                raise GradebookError(
                    f"{assignment}: graded cells or notebooks were added or removed, but"
                    f" {database} already holds graded submissions of it. Move that file aside,"
                    " build a new gradebook, and autograde the submissions again."
                )
            must_succeed(result, f"Reading {assignment} into the gradebook")
    return database
