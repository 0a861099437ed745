"""Proves that nothing secret of a source notebook is in what learners get.

Secret are the lines of solutions, hidden tests, sample answers and known answers, unless the same
line also stands in the visible part of the source. The visible part is cut out here anew, so a
mistake in the generator cannot hide itself.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from nbformat import NotebookNode

from aicourse.lessons.exercises import Lesson

MARKERS = ("SOLUTION", "HIDDEN TESTS", "MARK SCHEME")
#: Shorter lines (`else:`, `return x`) say nothing about a solution.
SHORTEST = 12


@dataclass(frozen=True)
class Leak:
    """A secret line in a file that learners get."""

    file: str
    cell_id: str
    line: str
    origin: str

    def __str__(self) -> str:
        return f"{self.file}, cell {self.cell_id!r}: {self.origin}: {self.line!r}"


def split_regions(source: str, markers: Iterable[str] = MARKERS) -> tuple[list[str], list[str]]:
    """(visible, secret) lines of a cell's source; the marker lines themselves are in neither."""
    visible: list[str] = []
    secret: list[str] = []
    end = ""
    markers = tuple(markers)
    for line in source.splitlines():
        if end:
            if end in line:
                end = ""
            else:
                secret.append(line)
        elif name := next((name for name in markers if f"BEGIN {name}" in line), ""):
            end = f"END {name}"
        else:
            visible.append(line)
    return visible, secret


def _split_cell(cell: NotebookNode) -> tuple[list[str], list[str]]:
    grading = cell.metadata.get("nbgrader", {})
    visible, secret = split_regions(cell.source)
    if grading.get("solution") and not secret:
        # A sample answer, or a solution cell without a region: nbgrader replaces all of it.
        return [], visible
    return visible, secret


@dataclass(frozen=True)
class Secrets:
    """Secret lines, stripped, each with where it comes from."""

    lines: dict[str, str]

    def found_in(self, text: str) -> Iterator[tuple[str, str]]:
        """Each (line, origin) that occurs anywhere in `text`."""
        for line, origin in self.lines.items():
            if line in text:
                yield line, origin


def secrets_of(
    source: NotebookNode, answers: str = "", *, hidden_tests_are_secret: bool = True
) -> Secrets:
    """What must not leave the source notebook.

    Args:
        source: the source notebook.
        answers: the text of its known answers.
        hidden_tests_are_secret: False for the exercise bank, which is there to hold them.
    """
    shown: list[str] = []
    secret: list[tuple[str, str]] = []
    for cell in source.cells:
        visible, hidden = _split_cell(cell)
        grading = cell.metadata.get("nbgrader", {})
        name = grading.get("grade_id", cell["id"])
        shown += visible
        if not grading.get("grade") or grading.get("solution"):
            secret += [(line, f"solution of {name}") for line in hidden]
        elif hidden_tests_are_secret:
            secret += [(line, f"hidden tests in {name}") for line in hidden]
        else:
            shown += hidden
    secret += [
        (line, "known answer") for line in answers.splitlines() if not line.startswith("# %%")
    ]
    visible_text = "\n".join(shown)
    lines: dict[str, str] = {}
    for line, origin in secret:
        line = line.strip()
        if len(line) >= SHORTEST and line not in visible_text:
            lines.setdefault(line, origin)
    return Secrets(lines)


def scan_notebook(
    student: NotebookNode, secrets: Secrets, file: str, generated: Iterable[str] = ()
) -> list[Leak]:
    """Leaks in a student notebook: secret lines, marker lines, outputs.

    Cells named in `generated` are not made from the source and are searched for markers only.
    """
    leaks = []
    for cell in student.cells:
        if cell["id"] not in generated:
            leaks += [Leak(file, cell["id"], *found) for found in secrets.found_in(cell.source)]
        leaks += [
            Leak(file, cell["id"], line.strip(), "marker")
            for line in cell.source.splitlines()
            if any(f"{edge} {name}" in line for edge in ("BEGIN", "END") for name in MARKERS)
        ]
        if cell.get("outputs"):
            leaks.append(Leak(file, cell["id"], str(cell.outputs[0])[:80], "output"))
    return leaks


def scan_text(text: str, secrets: Secrets, file: str) -> list[Leak]:
    """Leaks in a file that is copied beside the student notebooks."""
    return [Leak(file, "", *found) for found in secrets.found_in(text)]


def scan_bank(lesson: Lesson, secrets: Secrets, file: str) -> list[Leak]:
    """Leaks in an exercise bank; `secrets` are those without hidden tests."""
    return [
        Leak(file, test.grade_id, *found)
        for exercise in lesson.exercises
        for test in exercise.tests
        for found in secrets.found_in(test.source)
    ]
