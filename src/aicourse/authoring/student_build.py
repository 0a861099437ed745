"""`make build`: what is generated from notebooks/ and committed.

From each source notebook come, in this order: its exercise bank (which `check` reads while the
source runs), its own outputs where its code changed, its student version, and its line in the
README's table. Student versions are made by nbgrader's own generator and then stamped. The same
sources always give the same bytes.
"""

import ast
import json
import logging
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat
from nbformat import NotebookNode
from rich.text import Text

from aicourse.authoring import execute_notebooks, leak_scan
from aicourse.authoring.colab_cell import colab_cell
from aicourse.authoring.execute_notebooks import to_bytes, write_if_changed
from aicourse.authoring.notebook_text import KERNEL
from aicourse.authoring.readme_table import with_lesson_table
from aicourse.authoring.release import Release, read_release
from aicourse.lessons.exercises import Lesson, lesson_from_notebook

if TYPE_CHECKING:
    from traitlets.config import Config

#: What students find in place of a solution, and of a sample answer.
CODE_STUB = "raise NotImplementedError"
TEXT_STUB = (
    "*Your answer here: replace this text. A person grades it by the rubric in the exercise's"
    " statement.*"
)
GENERATED = "by `make build` from notebooks/; do not edit"
BADGE_CELL, COLAB_CELL = "colab-badge", "colab-setup"
_LESSON_FILE = "[0-9][0-9]_*.ipynb"
_SOURCES, _STUDENT, _BANK = "notebooks", "student", "src/aicourse/lessons/exercises"


class BuildError(Exception):
    """The build stopped; `problems` says why, one text per problem. student/ is unchanged."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("\n".join(problems))


class LeakError(BuildError):
    """A secret line would have reached learners."""


@dataclass
class BuildReport:
    """What a build did, or with `check` what it would have to do (`stale`)."""

    lessons: int = 0
    executed: list[str] = field(default_factory=list)
    written: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    stale: list[str] = field(default_factory=list)
    strays: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def __str__(self) -> str:
        lines = [f"executed  {name}" for name in self.executed]
        lines += [f"written   {name}" for name in self.written]
        lines += [f"removed   {name}" for name in self.removed]
        lines += [f"stale     {text}" for text in self.stale]
        lines += [f"left alone: {text}" for text in self.strays]
        if self.stale:
            lines.append("Run `make build` and commit what it writes.")
        lines.append(f"{self.lessons} lesson{'s' * (self.lessons != 1)} in {self.seconds:.1f} s")
        return "\n".join(lines)

    def __rich__(self) -> Text:
        # rich would otherwise print the fields of the dataclass.
        return Text(str(self))


@dataclass(frozen=True)
class _Source:
    """One source notebook; `name` is "<phase>/<notebook stem>"."""

    name: str
    path: Path

    @property
    def phase(self) -> str:
        return self.path.parent.name

    def read(self) -> NotebookNode:
        """The notebook; raises BuildError where nbformat would make up cell ids at random."""
        text = self.path.read_text(encoding="utf-8")
        ids = Counter(cell.get("id") for cell in json.loads(text)["cells"])
        if doubtful := [name for name, count in ids.items() if count > 1 or not name]:
            problem = (
                f"two cells have the id {doubtful[0]!r}" if doubtful[0] else "a cell has no id"
            )
            raise BuildError([f"notebooks/{self.name}.ipynb: {problem}; give each cell its own"])
        return nbformat.reads(text, 4)


def build(
    root: Path, check: bool = False, only: str | None = None, force: bool = False
) -> BuildReport:
    """Bring everything that is generated from notebooks/ up to date.

    Args:
        root: the repository.
        check: write nothing; the report's `stale` lists what is out of date.
        only: a lesson, "<phase>/<notebook stem>": leave the others and the README alone.
        force: run every source notebook, changed or not.

    Raises:
        BuildError: a source failed, cannot be converted or would leak. Sources that did run keep
            their outputs; student/ and README.md are then unchanged.
    """
    start = time.monotonic()
    root = root.resolve()
    report = BuildReport()
    every = _sources(root, report)
    chosen = [source for source in every if only in (None, source.name)]
    if only and not chosen:
        raise BuildError([f"there is no notebooks/{only}.ipynb"])
    report.lessons = len(chosen)
    try:
        release = read_release(root)
    except (ValueError, KeyError, OSError) as error:
        raise BuildError([str(error)]) from error

    banks = {f"{_BANK}/{s.name}.json": _lesson(s).to_json().encode() for s in chosen}
    _put(root, banks, report, check)
    _execute(chosen, root, report, check=check, force=force)
    files = _student_files(root, chosen, release)
    _refuse_leaks(root, chosen, files)
    if not only:
        files |= _readme(root, every, release)
    _put(root, files, report, check)
    if not only:
        _remove_orphans(root, {*banks, *files}, report, check)
    report.seconds = time.monotonic() - start
    return report


def _sources(root: Path, report: BuildReport) -> list[_Source]:
    """Every source notebook, in course order."""
    sources = []
    for path in sorted((root / _SOURCES).glob("*/*.ipynb")):
        if path.match(_LESSON_FILE):
            name = path.relative_to(root / _SOURCES).with_suffix("").as_posix()
            sources.append(_Source(name, path))
        else:
            file = path.relative_to(root).as_posix()
            report.strays.append(f"{file}: not built, a lesson is called NN_name.ipynb")
    return sources


def _lesson(source: _Source) -> Lesson:
    try:
        return lesson_from_notebook(source.read(), source.name)
    except (SyntaxError, KeyError, TypeError, ValueError, nbformat.ValidationError) as error:
        reason = f"{type(error).__name__}: {error}"
        raise BuildError([f"notebooks/{source.name}.ipynb cannot be read: {reason}"]) from error


def _execute(
    sources: list[_Source], root: Path, report: BuildReport, *, check: bool, force: bool
) -> None:
    problems = []
    for source in sources:
        if execute_notebooks.is_current(source.read(), source.name) and not force:
            continue
        if check:
            report.stale.append(f"notebooks/{source.name}.ipynb: its code changed since it ran")
            continue
        try:
            execute_notebooks.execute(source.path, source.name, root)
            report.executed.append(f"notebooks/{source.name}.ipynb")
        except execute_notebooks.ExecutionFailed as error:
            problems.append(str(error))
    if problems:
        raise BuildError(problems)


# ------------------------------------------------------------------------------ student notebooks


def nbgrader_config(folder: Path) -> "Config":
    """nbgrader's settings for making `folder`/student from `folder`/notebooks."""
    from traitlets.config import Config

    config = Config()
    config.CourseDirectory.root = str(folder)
    config.CourseDirectory.source_directory = _SOURCES
    config.CourseDirectory.release_directory = _STUDENT
    # No gradebook: it changes nothing in the notebooks, and making one starts `alembic` programs.
    config.GenerateAssignment.no_database = True
    config.SaveCells.enabled = False
    config.ClearSolutions.code_stub = {"python": CODE_STUB}
    config.ClearSolutions.text_stub = TEXT_STUB
    return config


def _student_files(root: Path, sources: list[_Source], release: Release) -> dict[str, bytes]:
    """Path below `root` → content of everything that belongs in student/ for these lessons."""
    files: dict[str, bytes] = {}
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name).resolve()
        _copy_sources(root, sources, folder)
        for phase in sorted({source.phase for source in sources}):
            _generate(folder, phase)
        by_name = {source.name: source for source in sources}
        for path in sorted((folder / _STUDENT).rglob("*")):
            lesson = path.relative_to(folder / _STUDENT).with_suffix("").as_posix()
            file = path.relative_to(folder).as_posix()
            if path.suffix == ".ipynb" and lesson in by_name:
                student = nbformat.read(path, 4)
                _stamp(student, lesson, release)
                files[file] = to_bytes(student)
            elif path.is_file():
                files[file] = path.read_bytes()
    return files


def _copy_sources(root: Path, sources: list[_Source], folder: Path) -> None:
    """Copy the lessons, and whatever lies beside them, to where nbgrader may work."""
    for phase in sorted({source.phase for source in sources}):
        shutil.copytree(
            root / _SOURCES / phase,
            folder / _SOURCES / phase,
            ignore=shutil.ignore_patterns("*.ipynb", ".*", "__pycache__"),
        )
    for source in sources:
        notebook = source.read()
        for cell in notebook.cells:
            if cell.cell_type == "code":
                cell.outputs, cell.execution_count = [], None
        (folder / _SOURCES / f"{source.name}.ipynb").write_bytes(to_bytes(notebook))


def _generate(folder: Path, phase: str) -> None:
    """Run nbgrader's generator on one phase."""
    # nbgrader takes seconds to import, so only a build pays for it.
    from nbgrader.converters import GenerateAssignment
    from nbgrader.converters.base import NbGraderException
    from nbgrader.coursedir import CourseDirectory

    config = nbgrader_config(folder)
    config.CourseDirectory.assignment_id = phase
    log = _Log()
    generator = GenerateAssignment(coursedir=CourseDirectory(config=config), config=config)
    generator.log = log
    try:
        generator.start()
    except (NbGraderException, SystemExit) as error:
        detail = "\n".join(log.errors) or str(error)
        raise BuildError([f"nbgrader cannot convert notebooks/{phase}:\n{detail}"]) from error


class _Log(logging.Logger):
    """Collects what nbgrader says, instead of printing it."""

    def __init__(self) -> None:
        super().__init__("nbgrader", logging.WARNING)
        self.errors: list[str] = []

    def handle(self, record: logging.LogRecord) -> None:
        if record.levelno >= logging.ERROR:
            self.errors.append(record.getMessage().strip())


def _stamp(student: NotebookNode, lesson: str, release: Release) -> None:
    """Add what nbgrader does not know of: badge, Colab cell, tags, metadata. In place."""
    from nbgrader.utils import compute_checksum

    where = {cell["id"]: index for index, cell in enumerate(student.cells)}
    if missing := [name for name in ("title", "setup") if name not in where]:
        raise BuildError([f"notebooks/{lesson}.ipynb has no cell called {missing[0]!r}"])
    for cell in student.cells:
        grading = cell.metadata.get("nbgrader", {})
        grade_id = grading.get("grade_id", "")
        if grading.get("solution") and cell.cell_type == "code":
            _refuse_broken_stub(cell, lesson)
        if not grading.get("grade") or grading.get("solution") or cell.cell_type != "code":
            continue
        if grade_id.endswith("_hidden"):
            exercise = grade_id.removesuffix("_hidden")
            cell.source = (
                f"{cell.source.strip()}\n"
                f'# They run when you call check("{exercise}"), and when the lesson is graded.'
            )
            grading["checksum"] = compute_checksum(cell)
        else:
            # On the stub a visible test fails; "Run All" goes on after a cell with this tag.
            tags = [*cell.metadata.get("tags", []), "raises-exception"]
            cell.metadata["tags"] = tags
    badge = nbformat.v4.new_markdown_cell(
        release.colab_badge(lesson, "Open this lesson in Google Colab"), id=BADGE_CELL
    )
    colab = nbformat.v4.new_code_cell(
        colab_cell(lesson, release.repository, release.version).strip("\n"), id=COLAB_CELL
    )
    student.cells.insert(where["setup"], colab)
    student.cells.insert(where["title"] + 1, badge)
    student.metadata = nbformat.from_dict(
        {
            **KERNEL,
            "aicourse": {"generated": GENERATED, "lesson": lesson, "version": release.version},
        }
    )
    student.nbformat, student.nbformat_minor = 4, 5


def _refuse_broken_stub(cell: NotebookNode, lesson: str) -> None:
    try:
        ast.parse(cell.source)
    except SyntaxError as error:
        raise BuildError(
            [
                f"notebooks/{lesson}.ipynb, cell {cell['id']!r}: with the solution replaced by"
                f" `{CODE_STUB}` the cell is not Python ({error}). Indent `### BEGIN SOLUTION`"
                " like the first line of the body it replaces."
            ]
        ) from error


def _refuse_leaks(root: Path, sources: list[_Source], files: dict[str, bytes]) -> None:
    leaks: list[leak_scan.Leak] = []
    for source in sources:
        notebook = source.read()
        answers_file = root / "grading" / "answers" / f"{source.name}.py"
        answers = answers_file.read_text(encoding="utf-8") if answers_file.exists() else ""
        secrets = leak_scan.secrets_of(notebook, answers)
        file = f"{_STUDENT}/{source.name}.ipynb"
        student = nbformat.reads(files[file].decode(), 4)
        leaks += leak_scan.scan_notebook(student, secrets, file, (BADGE_CELL, COLAB_CELL))
        for beside, content in files.items():
            if beside.startswith(f"{_STUDENT}/{source.phase}/") and not beside.endswith(".ipynb"):
                leaks += leak_scan.scan_text(content.decode(errors="replace"), secrets, beside)
        in_bank = leak_scan.secrets_of(notebook, answers, hidden_tests_are_secret=False)
        bank = f"{_BANK}/{source.name}.json"
        leaks += leak_scan.scan_bank(_lesson(source), in_bank, bank)
    if leaks:
        raise LeakError([f"leak in {leak}" for leak in leaks])


# -------------------------------------------------------------------------------- bringing it home


def _readme(root: Path, sources: list[_Source], release: Release) -> dict[str, bytes]:
    # Bytes, because reading as text would change the line ends of a checkout on Windows.
    old = (root / "README.md").read_bytes().decode()
    try:
        new = with_lesson_table(old, [_lesson(source) for source in sources], release)
    except ValueError as error:
        raise BuildError([str(error)]) from error
    return {"README.md": new.encode()}


def _put(root: Path, files: dict[str, bytes], report: BuildReport, check: bool) -> None:
    """Write the files that differ, or with `check` note them."""
    for file, content in sorted(files.items()):
        path = root / file
        if not check:
            if write_if_changed(path, content):
                report.written.append(file)
        elif not path.exists():
            report.stale.append(f"{file}: missing")
        elif path.read_bytes() != content:
            report.stale.append(f"{file}: differs from what its source gives")


def _remove_orphans(root: Path, kept: set[str], report: BuildReport, check: bool) -> None:
    """Remove generated files that no source gives any more; report files that are not ours."""
    for folder in (_STUDENT, _BANK):
        for path in _visible_files(root / folder):
            file = path.relative_to(root).as_posix()
            if file in kept:
                continue
            if not _is_generated(path):
                report.strays.append(f"{file}: not made by the build; move or delete it")
            elif check:
                report.stale.append(f"{file}: no source notebook gives it")
            else:
                path.unlink()
                report.removed.append(file)
                if not any(path.parent.iterdir()):
                    path.parent.rmdir()


def _visible_files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if path.is_file() and not hidden:
            yield path


def _is_generated(path: Path) -> bool:
    """Whether a notebook or bank carries our mark."""
    if path.suffix not in (".ipynb", ".json"):
        return False
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if path.suffix == ".ipynb":
            content = content["metadata"]["aicourse"]
        return content["generated"] == GENERATED
    except (ValueError, KeyError, TypeError, AttributeError):
        return False
