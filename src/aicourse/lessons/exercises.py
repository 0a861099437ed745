"""The exercise bank: each lesson's exercises and tests, as plain data inside the package.

`make build` writes one JSON file per lesson from `notebooks/` into `exercises/`; nobody edits them.
They let `check` work wherever the package is installed, without the source notebooks.
They hold tests, never solutions.
"""

import ast
import difflib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

BANK = Path(__file__).parent / "exercises"

#: The phases in course order: folder → title.
PHASES = {
    "01_math_python": "Mathematics and Python for AI",
    "02_ml": "Machine learning",
    "03_deep_learning": "Deep learning and transformers",
    "04_llm_rag": "LLM applications and RAG",
    "05_mlops": "Deployment and MLOps",
    "06_portfolio": "Portfolio and interviews",
}

#: nbgrader's marker lines; they mean nothing outside the source notebook.
_HIDDEN_MARKER = re.compile(r"^### (BEGIN|END) HIDDEN TESTS[ \t]*\n?", re.MULTILINE)
_LOADED_DATA = re.compile(r"""\bdata\.load\(\s*["']([A-Za-z0-9_]+)["']""")


class UnknownExercise(KeyError):
    """No exercise, or no lesson, has this name."""

    def __str__(self) -> str:
        return str(self.args[0])


@dataclass(frozen=True)
class TestCell:
    """One graded test cell: `<exercise>_visible` or `<exercise>_hidden`."""

    __test__ = False  # not a pytest class

    grade_id: str
    points: float
    source: str

    @property
    def hidden(self) -> bool:
        return self.grade_id.endswith("_hidden")


@dataclass(frozen=True)
class Exercise:
    """An exercise: what it is called, which names an answer defines, and its tests.

    `written` exercises have no tests; a person grades them.
    """

    grade_id: str
    title: str
    points: float
    defines: tuple[str, ...]
    tests: tuple[TestCell, ...]
    written: bool = False


@dataclass(frozen=True)
class Lesson:
    """One lesson: `name` is "<phase>/<notebook stem>", `data` the data sets it loads."""

    name: str
    title: str
    time: str
    data: tuple[str, ...]
    exercises: tuple[Exercise, ...]

    @property
    def points(self) -> float:
        """Points of all exercises, those included that a person grades."""
        return sum(exercise.points for exercise in self.exercises)

    @property
    def tested_points(self) -> float:
        """Points that tests can give."""
        return sum(exercise.points for exercise in self.exercises if not exercise.written)

    def exercise(self, grade_id: str) -> Exercise:
        """The exercise called `grade_id`; raises UnknownExercise."""
        for exercise in self.exercises:
            if exercise.grade_id == grade_id:
                return exercise
        raise UnknownExercise(f"{self.name} has no exercise {grade_id!r}")

    def to_json(self) -> str:
        """The bank file's text, the same for the same lesson."""
        content = {"generated": "by `make build` from notebooks/; do not edit", **asdict(self)}
        return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def _source(cell: Mapping[str, Any]) -> str:
    source = cell["source"]
    return source if isinstance(source, str) else "".join(source)


def defined_names(source: str) -> tuple[str, ...]:
    """Top-level functions, classes and variables that `source` defines."""
    names: list[str] = []
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.append(node.name)
        elif isinstance(node, ast.Assign):
            names += [target.id for target in node.targets if isinstance(target, ast.Name)]
    return tuple(names)


def lesson_from_notebook(notebook: Mapping[str, Any], name: str) -> Lesson:
    """Read a source notebook's exercises.

    Args:
        notebook: a notebook of format 4.5, as nbformat or json gives it.
        name: "<phase>/<notebook stem>".
    """
    cells = notebook["cells"]
    headings = {cell["id"]: _source(cell) for cell in cells if cell["cell_type"] == "markdown"}
    title = headings.get("title", name).splitlines()[0].lstrip("# ").strip()
    time = re.search(r"\*\*Time:?\*\*:?\s*(.+)", headings.get("title", ""))
    exercises = []
    for cell in cells:
        grading = cell.get("metadata", {}).get("nbgrader", {})
        if not grading.get("solution"):
            continue
        grade_id = grading["grade_id"]
        statement = headings.get(f"{grade_id}-statement", grade_id)
        tests = tuple(
            TestCell(
                test["grade_id"],
                test["points"],
                _HIDDEN_MARKER.sub("", _source(other)).strip() + "\n",
            )
            for other in cells
            if (test := other.get("metadata", {}).get("nbgrader", {})).get("grade")
            and not test.get("solution")
            and test["grade_id"] in (f"{grade_id}_visible", f"{grade_id}_hidden")
        )
        written = bool(grading.get("grade"))
        exercises.append(
            Exercise(
                grade_id=grade_id,
                title=statement.strip().splitlines()[0].lstrip("# ").strip(),
                points=grading["points"] if written else sum(test.points for test in tests),
                defines=() if written else defined_names(_source(cell)),
                tests=tests,
                written=written,
            )
        )
    code = "\n".join(_source(cell) for cell in cells if cell["cell_type"] == "code")
    return Lesson(
        name=name,
        title=title,
        time=time.group(1).strip() if time else "",
        data=tuple(sorted(set(_LOADED_DATA.findall(code)))),
        exercises=tuple(exercises),
    )


def _from_json(text: str) -> Lesson:
    content = json.loads(text)
    content.pop("generated")
    exercises = []
    for item in content.pop("exercises"):
        tests = tuple(TestCell(**test) for test in item.pop("tests"))
        exercises.append(Exercise(**{**item, "defines": tuple(item["defines"]), "tests": tests}))
    return Lesson(**{**content, "data": tuple(content["data"]), "exercises": tuple(exercises)})


@cache
def lessons() -> tuple[Lesson, ...]:
    """Every lesson in the bank, in course order."""
    files = sorted(BANK.glob("*/*.json"))
    return tuple(_from_json(file.read_text(encoding="utf-8")) for file in files)


def lesson(name: str) -> Lesson:
    """The lesson called "<phase>/<notebook stem>"; raises UnknownExercise."""
    for candidate in lessons():
        if candidate.name == name:
            return candidate
    known = [candidate.name for candidate in lessons()]
    raise UnknownExercise(f"there is no lesson {name!r}.{_close(name, known)}")


def find(grade_id: str) -> tuple[Lesson, Exercise]:
    """The exercise called `grade_id` and its lesson; raises UnknownExercise with close names."""
    everything = list(_all())
    for candidate, exercise in everything:
        if exercise.grade_id == grade_id:
            return candidate, exercise
    known = [exercise.grade_id for _, exercise in everything]
    raise UnknownExercise(f"there is no exercise {grade_id!r}.{_close(grade_id, known)}")


def _all() -> Iterator[tuple[Lesson, Exercise]]:
    for candidate in lessons():
        for exercise in candidate.exercises:
            yield candidate, exercise


def _close(name: str, known: list[str]) -> str:
    close = difflib.get_close_matches(name, known, n=3)
    return f" Did you mean {', '.join(close)}?" if close else ""
