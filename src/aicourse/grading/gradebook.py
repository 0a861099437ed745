"""The instructor's gradebook: nbgrader's database, built from this version's notebooks/."""

import shutil
import tempfile
from pathlib import Path

from nbgrader.apps.api import NbGraderAPI
from nbgrader.coursedir import CourseDirectory
from sqlalchemy.engine import make_url
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


def build_gradebook(root: Path, course: Path | None = None, db_url: str = "") -> str:
    """Create or update the gradebook from notebooks/ and return where it is: its file or its URL.

    It learns every graded cell: points, the tests as they are now, hidden ones included. Students,
    submissions and grades that it already holds stay; of a file, a copy is kept in `course`.
    nbgrader writes the release version it generates on the way to a temporary folder, so student/
    is not touched.

    Args:
        root: the repository.
        course: the folder with nbgrader_config.py (default: grading/).
        db_url: of the database (default: what the configuration says).

    Raises:
        GradebookError: nbgrader refused, for example because graded cells were added or removed
            after submissions had been graded.
    """
    course = course or root / "grading"
    config = course_config(course)
    if db_url:
        config.CourseDirectory.db_url = db_url
    url = make_url(open_course(config).coursedir.db_url)
    where = url.database if url.get_backend_name() == "sqlite" else url.render_as_string()
    config.CourseDirectory.student_id_exclude = ""
    # As in student/, so that nbgrader recognises an untouched answer.
    config.ClearSolutions.code_stub = {"python": CODE_STUB}
    config.ClearSolutions.text_stub = TEXT_STUB
    if Path(str(where)).is_file():
        shutil.copy2(str(where), course / BACKUP)
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
                    f" {where} already holds graded submissions of it. Move that file aside,"
                    " build a new gradebook, and autograde the submissions again."
                )
            must_succeed(result, f"Reading {assignment} into the gradebook")
    return str(where)
