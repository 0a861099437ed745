"""Attacks by way of the notebook's metadata: points, names, locked cells, copies, tags."""

from collections.abc import Callable
from copy import deepcopy

import nbformat
from nbformat import NotebookNode

from . import course
from .attack import ANY_LOSS, Attack

_TESTS = ("summary_visible", "summary_hidden")


def _tests(notebook: NotebookNode) -> list[NotebookNode]:
    return [course.cell(notebook, name) for name in _TESTS]


def _grading(cell: NotebookNode) -> NotebookNode:
    return cell.metadata.nbgrader


def _points(notebook: NotebookNode) -> None:
    for test in _tests(notebook):
        _grading(test).points, test.source = 1000, "pass"


def _swap_ids(notebook: NotebookNode) -> None:
    """The tests of a solved exercise take the names of those of the unsolved one."""
    for kind in ("visible", "hidden"):
        solved = course.cell(notebook, f"scale_rows_{kind}")
        failed = course.cell(notebook, f"summary_{kind}")
        _grading(solved).grade_id, _grading(failed).grade_id = (
            f"summary_{kind}",
            f"scale_rows_{kind}",
        )


def _swap_answers(notebook: NotebookNode) -> None:
    solved, failed = course.cell(notebook, "largest_gap"), course.cell(notebook, "summary")
    _grading(solved).grade_id, _grading(failed).grade_id = "summary", "largest_gap"


def _to_markdown(notebook: NotebookNode) -> None:
    for test in _tests(notebook):
        place = notebook.cells.index(test)
        text = nbformat.v4.new_markdown_cell("All tests passed.", id=test["id"])
        text.metadata = test.metadata
        notebook.cells[place] = text


def _to_raw(notebook: NotebookNode) -> None:
    for test in _tests(notebook):
        place = notebook.cells.index(test)
        text = nbformat.v4.new_raw_cell("passed", id=test["id"])
        text.metadata = test.metadata
        notebook.cells[place] = text


def _to_solution(notebook: NotebookNode) -> None:
    for test in _tests(notebook):
        _grading(test).solution, _grading(test).locked, test.source = True, False, "pass"


def _copies(notebook: NotebookNode) -> None:
    for test in _tests(notebook):
        twin = deepcopy(test)
        twin["id"], twin.source = f"twin-{test['id']}", "pass"
        notebook.cells.append(twin)


def _tag(*tags: str) -> Callable[[NotebookNode], None]:
    def tag(notebook: NotebookNode) -> None:
        for cell in notebook.cells:
            cell.metadata["tags"] = list(tags)

    return tag


def _other_student(notebook: NotebookNode) -> None:
    notebook.metadata["nbgrader"] = {"student_id": course.CLASSMATE, "student": course.CLASSMATE}
    notebook.metadata["aicourse"]["student"] = course.CLASSMATE
    notebook.metadata["aicourse"]["lesson"] = "../../grading/submitted/ada"
    for test in _tests(notebook):
        _grading(test)["student_id"] = course.CLASSMATE


def _schema(version: int) -> Callable[[NotebookNode], None]:
    def change(notebook: NotebookNode) -> None:
        for cell in notebook.cells:
            if "nbgrader" in cell.metadata:
                _grading(cell).schema_version = version

    return change


def _delete_tests(notebook: NotebookNode) -> None:
    for test in _tests(notebook):
        notebook.cells.remove(test)


def _empty_tests(notebook: NotebookNode) -> None:
    for test in _tests(notebook):
        test.source, test.metadata = "", nbformat.from_dict({})


def _kernel(notebook: NotebookNode) -> None:
    notebook.metadata.kernelspec = {"name": "bash", "display_name": "Bash", "language": "bash"}
    notebook.metadata.language_info = {"name": "bash"}


def _bonus(notebook: NotebookNode) -> None:
    test = deepcopy(course.cell(notebook, "summary_visible"))
    test["id"], test.source = "bonus", "pass"
    _grading(test).grade_id, _grading(test).points = "bonus", 100
    notebook.cells.append(test)


def _locked_answer(notebook: NotebookNode) -> None:
    answer = _grading(course.cell(notebook, "summary"))
    answer.update(grade=True, locked=True, points=1000, task=True)


def _wrong_kinds(notebook: NotebookNode) -> None:
    """Values of kinds that nobody expects, in all metadata."""
    for number, cell in enumerate(notebook.cells):
        if "nbgrader" in cell.metadata and number % 2:
            _grading(cell).points, _grading(cell).grade_id = ["many"], {"a": 1}
    notebook.metadata["aicourse"] = "no dictionary"


def _claims(notebook: NotebookNode) -> None:
    """Saved outputs that look like a success."""
    result = {"text/plain": "3.0", "text/html": "<script>alert('ATTACKED')</script>"}
    for test in _tests(notebook):
        test.outputs = [nbformat.v4.new_output("execute_result", result, execution_count=1)]
        _grading(test)["score"] = 3


def _early_tests(notebook: NotebookNode) -> None:
    """The tests stand before everything else, where no answer can fail them."""
    for test in _tests(notebook):
        notebook.cells.remove(test)
        notebook.cells.insert(0, test)


def _attack(
    name: str, what: str, change: Callable[[NotebookNode], None], **parts: object
) -> Attack:
    parts = {"outcomes": ANY_LOSS} | parts
    return Attack(name, "metadata", what, change=change, **parts)  # type: ignore[arg-type]


ATTACKS = (
    _attack("thousand_points", "its tests are worth 1,000 points and always pass", _points),
    _attack("swapped_test_ids", "tests that pass have the names of those that fail", _swap_ids),
    _attack(
        "swapped_answer_ids",
        "a solved exercise's answer has the name of an unsolved one's",
        _swap_answers,
    ),
    _attack("test_as_text", "test cells are text that claims success", _to_markdown),
    _attack("test_as_raw", "test cells are raw cells", _to_raw),
    _attack("test_as_answer", "test cells are unlocked answers", _to_solution),
    _attack("copied_tests", "later copies of the tests that always pass", _copies),
    _attack("skip_tag", "all cells say that they must not be executed", _tag("skip-execution")),
    _attack("raises_tag", "all cells say that they are meant to raise", _tag("raises-exception")),
    _attack(
        "remove_tag",
        "all cells say that they are to be removed",
        _tag("remove-cell", "remove_output", "hide-input"),
    ),
    _attack("another_student", "the metadata name a classmate", _other_student),
    _attack("schema_99", "nbgrader's schema version is one that does not exist yet", _schema(99)),
    _attack("schema_0", "nbgrader's schema version is one that never existed", _schema(0)),
    _attack("deleted_tests", "the tests are deleted", _delete_tests),
    _attack("emptied_tests", "the tests are empty and have no metadata", _empty_tests),
    _attack("other_kernel", "the notebook asks for a shell as its kernel", _kernel),
    _attack("bonus", "a test of its own, worth 100 points", _bonus),
    _attack(
        "locked_answer", "the answer's cell is a locked test worth 1,000 points", _locked_answer
    ),
    _attack("wrong_kinds", "lists and dictionaries where numbers and names belong", _wrong_kinds),
    _attack("saved_success", "saved outputs and scores claim success", _claims),
    _attack("early_tests", "the tests stand in front of the notebook", _early_tests),
)
