"""A repository in miniature, for tests of the build and the linter: one good lesson, executed."""

import shutil
from pathlib import Path

from aicourse.authoring.execute_notebooks import to_bytes
from aicourse.authoring.notebook_text import from_text
from aicourse.authoring.readme_table import BEGIN, END

ROOT = Path(__file__).resolve().parents[1]
FIXTURES = Path(__file__).parent / "fixtures"
LESSON = "01_math_python/01_fixture"
SOURCE = f"notebooks/{LESSON}.ipynb"
STUDENT = f"student/{LESSON}.ipynb"
ANSWERS = f"grading/answers/{LESSON}.py"
BANK = f"src/aicourse/lessons/exercises/{LESSON}.json"
README = f"# A course\n\n{BEGIN}\n{END}\n\nMore text.\n"
#: The least that the build accepts: no exercise, one cell that can fail.
TINY = "%% md title\n# 1.2 Tiny\n\n%% code setup\nvalue = 1\n\n%% code work\nprint(value)\n"

#: Right answers to its exercises, written otherwise than the reference.
RIGHT = {
    "scale_column": """\
def scale_column(values):
    centred = values - values.mean()
    return centred / (centred.std() or 1.0)
""",
    "running_mean": """\
class RunningMean:
    def __init__(self):
        self.seen, self.mean = 0, 0.0

    def add(self, value):
        self.seen += 1
        self.mean += (value - self.mean) / self.seen

    @property
    def value(self):
        if self.seen == 0:
            raise ValueError("empty")
        return self.mean
""",
    "fixed_scale": """\
def fixed_scale(values):
    return (values - values.mean()) / (values.std() or 1.0)
""",
}


def make(root: Path) -> Path:
    """Write the repository to `root`, not executed and not built; returns `root`."""
    for name in ("notebooks", "student", "grading"):
        (root / name).mkdir(parents=True)
    shutil.copy(ROOT / "pyproject.toml", root)
    (root / "README.md").write_text(README, encoding="utf-8")
    shutil.copytree(
        ROOT / "src" / "aicourse",
        root / "src" / "aicourse",
        ignore=shutil.ignore_patterns("__pycache__", "exercises"),
    )
    # `exercises` is the bank and exercises.py its reader: only the bank is left out.
    add_lesson(root, LESSON, (FIXTURES / "lesson.txt").read_text(encoding="utf-8"))
    (root / ANSWERS).parent.mkdir(parents=True)
    shutil.copy(FIXTURES / "answers.txt", root / ANSWERS)
    return root


def add_lesson(root: Path, lesson: str, text: str) -> Path:
    """Write a source notebook from its text form; returns its path."""
    path = root / "notebooks" / f"{lesson}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(to_bytes(from_text(text)))
    return path
