"""The attacked course: a repository in miniature with one lesson, a classmate and a gradebook."""

import shutil
from pathlib import Path

import nbformat
import small_course
from nbformat import NotebookNode

from aicourse.authoring.student_build import build
from aicourse.grading.gradebook import build_gradebook, course_config, open_course

LESSON = small_course.LESSON
PHASE, STEM = LESSON.split("/")
EXERCISES = ("scale_rows", "add_total", "softmax_rows", "largest_gap", "summary")
#: Points of an exercise: its visible and its hidden test.
POINTS = 3.0
#: The classmate whose submission and grade are in reach.
CLASSMATE = "ada"
RIGHT = {
    "scale_rows": """\
def scale_rows(table):
    largest = np.abs(table).max(axis=1)
    return table / largest[:, None]
""",
    "add_total": """\
def add_total(frame):
    result = frame.copy()
    result["total"] = frame.sum(axis="columns")
    return result
""",
    "softmax_rows": "def softmax_rows(logits):\n    return torch.softmax(logits, dim=1)\n",
    "largest_gap": "def largest_gap(numbers):\n    return float(np.diff(np.sort(numbers)).max())\n",
    "summary": """\
def summary(numbers):
    return {"count": len(numbers), "mean": float(np.array(numbers).mean())}
""",
}
#: Answers of the right type and shape whose values are wrong everywhere.
BLANK = {
    "scale_rows": "def scale_rows(table):\n    return np.zeros(table.shape)\n",
    "add_total": "def add_total(frame):\n    return frame.assign(total=0.0)\n",
    "softmax_rows": "def softmax_rows(logits):\n    return torch.zeros(logits.shape)\n",
    "largest_gap": "def largest_gap(numbers):\n    return -1.0\n",
    "summary": 'def summary(numbers):\n    return {"count": -1, "mean": -1.0}\n',
}
_ANSWERS = """\
# %% wrong summary: a mean of nothing
def summary(numbers):
    return {{"count": len(numbers), "mean": 0.0}}  # {secret}
"""
_CONFIG = Path(__file__).resolve().parents[2] / "grading" / "nbgrader_config.py"


def make(root: Path, secrets: dict[str, str]) -> Path:
    """Write the course to `root`, built, with a classmate's submission; returns `root`.

    Args:
        secrets: "classmate", "gradebook", "answers": texts that the classmate's submission, the
            gradebook and the known answers hold.
    """
    small_course.make(root)
    text = (Path(__file__).parent / "lesson.txt").read_text(encoding="utf-8")
    small_course.add_lesson(root, LESSON, text)
    (root / small_course.ANSWERS).write_text(
        _ANSWERS.format(secret=secrets["answers"]), encoding="utf-8"
    )
    build(root)
    shutil.copy(_CONFIG, root / "grading")
    build_gradebook(root)
    classmate = answered(student_notebook(root), RIGHT)
    classmate.cells.append(
        nbformat.v4.new_markdown_cell(f"My notes: {secrets['classmate']}", id="notes")
    )
    hand_in(root, CLASSMATE, nbformat.writes(classmate).encode())
    with open_course(course_config(root / "grading")).gradebook as gradebook:
        gradebook.update_or_create_student(CLASSMATE, last_name=secrets["gradebook"])
        gradebook.update_or_create_submission(PHASE, CLASSMATE)
        for grade in gradebook.find_submission_notebook(STEM, PHASE, CLASSMATE).grades:
            grade.auto_score, grade.needs_manual_grade = grade.max_score, False
        gradebook.db.commit()
    return root


def student_notebook(root: Path) -> NotebookNode:
    """What a student starts from."""
    return nbformat.read(root / "student" / f"{LESSON}.ipynb", as_version=4)


def cell(notebook: NotebookNode, grade_id: str) -> NotebookNode:
    """The answer or test cell called `grade_id`."""
    for one in notebook.cells:
        if one.metadata.get("nbgrader", {}).get("grade_id") == grade_id:
            return one
    raise KeyError(grade_id)


def answered(notebook: NotebookNode, answers: dict[str, str]) -> NotebookNode:
    """The notebook with `answers` (exercise → source) typed into it."""
    for exercise, source in answers.items():
        cell(notebook, exercise).source = source
    return notebook


def hand_in(root: Path, student: str, content: bytes) -> Path:
    """Put a submission where nbgrader looks for it."""
    file = root / "grading" / "submitted" / student / PHASE / f"{STEM}.ipynb"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    return file
