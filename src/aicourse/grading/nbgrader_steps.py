"""Two steps that grading/nbgrader_config.py adds to nbgrader's own conversions."""

import ast
from typing import Any

import nbformat
from nbconvert.preprocessors import Preprocessor
from nbformat import NotebookNode
from nbgrader.api import Gradebook, SourceCell
from nbgrader.nbgraderformat import SCHEMA_VERSION
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Bool

from aicourse.grading.intake import MISSING

HIDDEN = "BEGIN HIDDEN TESTS"
_SKIP = "skip-execution"
_INSTEAD = "# Hidden tests ran here."


class RestoreCells(NbGraderPreprocessor):
    """Makes a submission's graded cells those of the gradebook before anything runs.

    Cells are matched by their grade_id. Their kind, their points and the text of tests come from
    the gradebook, copies and unknown ones become ordinary cells, and missing ones are put back: a
    test after the rest of its exercise, or at the end when nothing of it is left.

    Submitted tags are dropped, because a test tagged `skip-execution` would earn its points unrun.
    Cells that only call `check` are skipped: they would run every test a second time and show
    messages of hidden tests in the feedback.
    """

    def preprocess(
        self, nb: NotebookNode, resources: dict[str, Any]
    ) -> tuple[NotebookNode, dict[str, Any]]:
        where = resources["nbgrader"]
        with Gradebook(where["db_url"]) as gradebook:
            notebook = gradebook.find_notebook(where["notebook"], where["assignment"])
            sources = {cell.name: cell for cell in notebook.source_cells}
            points = {cell.name: cell.max_score for cell in notebook.grade_cells}
            solutions = {cell.name for cell in notebook.solution_cells}
            last: dict[str, NotebookNode] = {}  # the last submitted cell of each exercise
            seen: set[str] = set()
            for cell in nb.cells:
                cell.metadata.pop("tags", None)
                # nbgrader's DeduplicateIds ran before and left copies without a grade_id.
                name = cell.metadata.pop("nbgrader", {}).get("grade_id")
                if name in sources and name not in seen:
                    seen.add(name)
                    last[_exercise(name)] = cell
                    cell.metadata["nbgrader"] = _metadata(sources[name], points, solutions)
                    if sources[name].locked:
                        self._restore_text(cell, sources[name])
                elif cell.cell_type == "code" and _only_checks(cell.source):
                    cell.metadata["tags"] = [_SKIP]
            for name, source in sources.items():
                if name in seen or name not in points:
                    continue
                self.log.warning("Cell %s was missing and is back", name)
                cell = _new_cell(source)
                cell.metadata["nbgrader"] = _metadata(source, points, solutions)
                before = last.get(_exercise(name))
                place = nb.cells.index(before) + 1 if before is not None else len(nb.cells)
                nb.cells.insert(place, cell)
                last[_exercise(name)] = cell
        return nb, resources

    def _restore_text(self, cell: NotebookNode, source: SourceCell) -> None:
        # Released hidden tests always differ, so their edits cannot be told; others are worth
        # the instructor's attention.
        if cell.source != source.source and HIDDEN not in source.source:
            self.log.warning("Test %s was edited and is restored", source.name)
        cell.source = source.source


def _exercise(grade_id: str) -> str:
    return grade_id.removesuffix("_hidden").removesuffix("_visible")


def _metadata(source: SourceCell, points: dict[str, float], solutions: set[str]) -> NotebookNode:
    metadata = {
        "grade": source.name in points,
        "grade_id": source.name,
        "locked": source.locked,
        "schema_version": SCHEMA_VERSION,
        "solution": source.name in solutions,
        "task": False,
        "cell_type": source.cell_type,
    }
    if source.name in points:
        metadata["points"] = points[source.name]
    return NotebookNode(metadata)


def _new_cell(source: SourceCell) -> NotebookNode:
    if source.cell_type == "code":
        return nbformat.v4.new_code_cell(source.source)
    return nbformat.v4.new_markdown_cell(MISSING + source.source)


def _only_checks(source: str) -> bool:
    """Whether `source` does nothing but call `check(…)` or `check_all()`."""
    try:
        statements = ast.parse(source).body
    except (SyntaxError, ValueError):
        return False
    return bool(statements) and all(
        isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Call)
        and isinstance(statement.value.func, ast.Name)
        and statement.value.func.id in ("check", "check_all")
        for statement in statements
    )


class HideHiddenTests(Preprocessor):
    """Takes hidden tests out of feedback: their source, their output, their traceback.

    The error's own message stays, because it names the mistake.
    """

    enabled = Bool(True)

    def preprocess_cell(
        self, cell: NotebookNode, resources: dict[str, Any], index: int
    ) -> tuple[NotebookNode, dict[str, Any]]:
        if cell.cell_type != "code" or HIDDEN not in cell.source:
            return cell, resources
        before, _, _ = cell.source.partition(HIDDEN)
        cell.source = "\n".join([*before.splitlines()[:-1], _INSTEAD])
        cell.outputs = [output for output in cell.outputs if output.output_type == "error"]
        for output in cell.outputs:
            output.traceback = [f"{output.ename}: {output.evalue}".rstrip(": ")]
        return cell, resources
