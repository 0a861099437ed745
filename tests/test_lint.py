"""Each rule of the linter: the good lesson gives nothing, one fault gives exactly one finding."""

import base64
import re
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
import small_course
from nbformat import NotebookNode
from small_course import ANSWERS, LESSON, SOURCE

from aicourse.authoring.assertion_rules import problems_in_test
from aicourse.authoring.code_rules import problems_in_code
from aicourse.authoring.execute_notebooks import code_hash, normalise, to_bytes
from aicourse.authoring.lint import Finding, lint, sealed_tests
from aicourse.authoring.student_build import build

Change = Callable[[NotebookNode], object]


@pytest.fixture(scope="session")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small course, built. Tests only read it."""
    root = small_course.make(tmp_path_factory.mktemp("good"))
    build(root)
    return root


@pytest.fixture
def course(good: Path, tmp_path: Path) -> Path:
    """Notebook and answers of the good course, to change."""
    for name in (SOURCE, ANSWERS):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_bytes((good / name).read_bytes())
    return tmp_path


def change_lesson(root: Path, change: Change, *, stale: bool = False) -> None:
    """Change the source notebook; unless `stale`, as if it had been executed again."""
    notebook = nbformat.read(root / SOURCE, 4)
    change(notebook)
    if not stale:
        normalise(notebook)
        notebook.metadata["aicourse"] = {"executed": code_hash(notebook, LESSON)}
    (root / SOURCE).write_bytes(to_bytes(notebook))


def found(root: Path, only: str | None = None) -> list[tuple[str, str]]:
    return [(finding.rule, finding.cell_id) for finding in lint(root, only)]


def cell(notebook: NotebookNode, cell_id: str) -> NotebookNode:
    [chosen] = [x for x in notebook.cells if x["id"] == cell_id]
    return chosen


def swap(cell_id: str, old: str, new: str) -> Change:
    """A change that replaces `old` by `new` in one cell; `old` must be there."""

    def change(notebook: NotebookNode) -> None:
        chosen = cell(notebook, cell_id)
        assert old in chosen.source
        chosen.source = chosen.source.replace(old, new)

    return change


def add(cell_id: str, text: str) -> Change:
    """A change that appends a line to one cell."""

    def change(notebook: NotebookNode) -> None:
        cell(notebook, cell_id).source += "\n" + text

    return change


def begin(cell_id: str, text: str) -> Change:
    """A change that puts a line before one cell's source."""

    def change(notebook: NotebookNode) -> None:
        chosen = cell(notebook, cell_id)
        chosen.source = f"{text}\n{chosen.source}"

    return change


def drop(cell_id: str) -> Change:
    def change(notebook: NotebookNode) -> None:
        notebook.cells.remove(cell(notebook, cell_id))

    return change


def rename(cell_id: str, new: str) -> Change:
    def change(notebook: NotebookNode) -> None:
        cell(notebook, cell_id)["id"] = new

    return change


def move(cell_id: str, before: str) -> Change:
    def change(notebook: NotebookNode) -> None:
        moved = cell(notebook, cell_id)
        notebook.cells.remove(moved)
        position = notebook.cells.index(cell(notebook, before))
        notebook.cells.insert(position, moved)

    return change


def tag(cell_id: str, name: str) -> Change:
    def change(notebook: NotebookNode) -> None:
        cell(notebook, cell_id).metadata["tags"] = [name]

    return change


def grading(cell_id: str, **values: object) -> Change:
    def change(notebook: NotebookNode) -> None:
        cell(notebook, cell_id).metadata.nbgrader.update(values)

    return change


def output(cell_id: str, data: dict[str, str]) -> Change:
    def change(notebook: NotebookNode) -> None:
        cell(notebook, cell_id).outputs.append(nbformat.v4.new_output("display_data", data))

    return change


def all_of(*changes: Change) -> Change:
    def change(notebook: NotebookNode) -> None:
        for one in changes:
            one(notebook)

    return change


def png(size: int) -> dict[str, str]:
    return {"image/png": base64.b64encode(b"x" * size).decode()}


def markdown(cell_id: str, source: str, after: str) -> Change:
    def change(notebook: NotebookNode) -> None:
        position = notebook.cells.index(cell(notebook, after)) + 1
        notebook.cells.insert(position, nbformat.v4.new_markdown_cell(source, id=cell_id))

    return change


def words(number: int) -> str:
    return " ".join(["word"] * number)


def test_the_good_lesson_has_no_findings(good: Path) -> None:
    assert lint(good) == []
    assert lint(good, only=LESSON) == []


FAULTS: dict[str, tuple[str, str, Change]] = {
    # name: (rule, cell, fault)
    "title without number": ("title", "title", swap("title", "# 1.1 Scaling", "# Scaling")),
    "title with a wrong number": ("title", "title", swap("title", "# 1.1", "# 1.2")),
    "title not first": ("title", "", move("bridge", "title")),
    "no promise": (
        "promise",
        "title",
        swap("title", "Two columns with different units b", "**B**"),
    ),
    "a long promise": (
        "promise",
        "title",
        swap("title", "become comparable.", "are. One. Two. They become comparable."),
    ),
    "badge in the source": (
        "badge",
        "title",
        add("title", "[![Colab](https://colab.research.google.com/x.svg)](y)"),
    ),
    "no prerequisites": (
        "front-matter",
        "title",
        swap("title", "**Before this:**", "Before this:"),
    ),
    "no time": ("front-matter", "title", swap("title", "**Time:** about 1 hour", "")),
    "odd time": ("front-matter", "title", swap("title", "about 1 hour", "an evening")),
    "no data line": ("front-matter", "title", swap("title", "**Data:** ", "Data ")),
    "no objectives": (
        "objectives",
        "title",
        swap("title", "**You will be able to**", "You learn to"),
    ),
    "objective without exercise": (
        "objectives",
        "title",
        swap("title", "keep a running mean", "live long\n- keep a running mean"),
    ),
    "objective of an unknown exercise": (
        "objectives",
        "title",
        swap("title", "— *Exercise 2*", "— *Exercise 2*, *Exercise 9*"),
    ),
    "exercise without objective": (
        "objectives",
        "title",
        swap("title", "— *Exercise 3*, *Exercise 4*", "— *Exercise 4*"),
    ),
    "two objectives": (
        "objectives",
        "title",
        all_of(
            swap("title", "- scale a column to mean 0 and deviation 1 — *Exercise 1*\n", ""),
            swap("title", "— *Exercise 2*", "— *Exercise 1*, *Exercise 2*"),
        ),
    ),
    "no bridge": ("bridge", "bridge", swap("bridge", "## You already know", "## Bridge")),
    "no setup": ("setup", "", rename("setup", "imports")),
    "another lesson's start": (
        "setup",
        "setup",
        swap("setup", '"01_math_python/01_fixture"', '"01_math_python/02_other"'),
    ),
    "no style": ("setup", "setup", swap("setup", "plots.use_course_style()", "plots")),
    "set-up cell prints": ("setup", "setup", output("setup", {"text/plain": "hello"})),
    "recap before production": ("order", "recap", move("recap", "in-production")),
    "no statement": (
        "exercise-cells",
        "fixed_scale",
        # An unnumbered exercise also leaves objective and debug-this unfulfilled, so keep both.
        all_of(
            rename("fixed_scale-statement", "fixed"),
            swap("title", "— *Exercise 3*, *Exercise 4*", "— *Exercise 3*"),
            swap("explain_scaling-statement", "### Exercise 4 — ", "### Exercise 3 — Debug this: "),
        ),
    ),
    "no hints": ("exercise-cells", "fixed_scale", drop("fixed_scale-hints")),
    "no visible tests": (
        "exercise-cells",
        "fixed_scale",
        all_of(drop("fixed_scale_visible"), swap("fixed_scale-statement", "2 points", "1 point")),
    ),
    "no hidden tests": (
        "exercise-cells",
        "fixed_scale",
        all_of(drop("fixed_scale_hidden"), swap("fixed_scale-statement", "2 points", "1 point")),
    ),
    "no check line": ("exercise-cells", "fixed_scale", drop("fixed_scale-check")),
    "hints after the solution": (
        "exercise-cells",
        "fixed_scale",
        move("fixed_scale-hints", "fixed_scale_visible"),
    ),
    "statement without heading": (
        "statement",
        "explain_scaling-statement",
        all_of(
            swap("explain_scaling-statement", "### Exercise 4 — ", "### Ex. 4: "),
            swap("title", "*Exercise 3*, *Exercise 4*", "*Exercise 3*"),
        ),
    ),
    "four dots": (
        "statement",
        "scale_column-statement",
        swap("scale_column-statement", "●●○", "●●○○"),
    ),
    "no dots": (
        "statement",
        "scale_column-statement",
        swap("scale_column-statement", "●●○ · ", ""),
    ),
    "no time for hints": (
        "statement",
        "scale_column-statement",
        swap("scale_column-statement", " (after 25, open the hints)", ""),
    ),
    "hints too early": (
        "statement",
        "scale_column-statement",
        swap("scale_column-statement", "after 25", "after 15"),
    ),
    "wrong points": (
        "points",
        "scale_column-statement",
        swap("scale_column-statement", "4 points", "5 points"),
    ),
    "wrong points of a written exercise": (
        "points",
        "explain_scaling-statement",
        grading("explain_scaling", points=3),
    ),
    "numbers out of order": (
        "numbering",
        "explain_scaling-statement",
        all_of(
            swap("explain_scaling-statement", "Exercise 4", "Exercise 5"),
            swap("title", "*Exercise 4*", "*Exercise 5*"),
        ),
    ),
    "does not return": (
        "returns-later",
        "running_mean-statement",
        swap("running_mean-statement", "**Returns later:**", "Later:"),
    ),
    "two hints": (
        "hints",
        "scale_column-hints",
        swap(
            "scale_column-hints", "<details><summary>Hint 3 — nearly the solution", "<div><summary>"
        ),
    ),
    "hints in another order": (
        "hints",
        "scale_column-hints",
        swap("scale_column-hints", "Hint 2 — the idea", "Hint 3 — the idea"),
    ),
    "short rubric": (
        "rubric",
        "explain_scaling-statement",
        swap("explain_scaling-statement", "- names a model that needs it\n", ""),
    ),
    "no region": (
        "solution-region",
        "fixed_scale",
        all_of(
            swap("fixed_scale", "    ### BEGIN SOLUTION\n", ""),
            swap("fixed_scale", "\n    ### END SOLUTION", ""),
        ),
    ),
    "code beside the region": (
        "solution-region",
        "fixed_scale",
        swap("fixed_scale", "    ### BEGIN", "    total = 0\n    ### BEGIN"),
    ),
    "part of the body outside": (
        "solution-region",
        "scale_column",
        swap(
            "scale_column",
            "    return centred_values / (spread or 1.0)\n    ### END SOLUTION",
            "    ### END SOLUTION\n    return centred_values / (spread or 1.0)",
        ),
    ),
    "a method without region": (
        "solution-region",
        "running_mean",
        add("running_mean", "\n    def reset(self) -> None:\n        self.how_many = 0"),
    ),
    "a constant outside the region": (
        "solution-region",
        "fixed_scale",
        begin("fixed_scale", "TOLERANCE = 1e-9"),
    ),
    "an answer that calls another answer": (
        "independent",
        "fixed_scale",
        swap(
            "fixed_scale",
            "    ### BEGIN SOLUTION\n",
            "    ### BEGIN SOLUTION\n    scale_column(values)\n",
        ),
    ),
    "a test that calls another answer": (
        "independent",
        "running_mean_visible",
        add("running_mean_visible", "\nscale_column(np.array([1.0, 2.0]))"),
    ),
    "region at top level": (
        "solution-region",
        "fixed_scale",
        add("fixed_scale", "\n### BEGIN SOLUTION\nSMALL = 1\n### END SOLUTION"),
    ),
    "region indented like the signature": (
        "solution-region",
        "fixed_scale",
        all_of(
            swap("fixed_scale", "    ### BEGIN", "  ### BEGIN"),
            swap("fixed_scale", "    ### END", "  ### END"),
        ),
    ),
    "no points": (
        "points",
        "fixed_scale_visible",
        all_of(
            grading("fixed_scale_visible", points=0),
            swap("fixed_scale-statement", "2 points", "1 point"),
        ),
    ),
    "unlocked test": (
        "test-cell",
        "fixed_scale_hidden",
        grading("fixed_scale_hidden", locked=False),
    ),
    "test without assertion": (
        "test-cell",
        "running_mean_visible",
        swap("running_mean_visible", 'assert mean.value == 3.0, "the mean of 2 and 4 is 3"', ""),
    ),
    "test is not Python": (
        "test-cell",
        "fixed_scale_visible",
        add("fixed_scale_visible", "x = = 1"),
    ),
    "hidden cell without its first line": (
        "hidden-tests",
        "fixed_scale_hidden",
        swap("fixed_scale_hidden", "# Hidden tests: columns that vary.\n", ""),
    ),
    "hidden cell without region": (
        "hidden-tests",
        "fixed_scale_hidden",
        swap("fixed_scale_hidden", "### BEGIN HIDDEN TESTS\n", ""),
    ),
    "hidden code outside of the region": (
        "hidden-tests",
        "fixed_scale_hidden",
        add("fixed_scale_hidden", "x = 1"),
    ),
    "hidden region in the visible cell": (
        "hidden-tests",
        "fixed_scale_visible",
        add("fixed_scale_visible", "### BEGIN HIDDEN TESTS\nx = 1\n### END HIDDEN TESTS"),
    ),
    "another check": (
        "check-line",
        "fixed_scale-check",
        swap("fixed_scale-check", "fixed_scale", "scale_column"),
    ),
    "nothing to debug": (
        "debug-this",
        "",
        swap("fixed_scale-statement", "Debug this: a", "A"),
    ),
    "assertion in a loop": (
        "sealed-assert",
        "fixed_scale_hidden",
        swap(
            "fixed_scale_hidden",
            "### END",
            "for n in (1, 2):\n    assert n > 0\n### END",
        ),
    ),
    "learner's name in a loop": (
        "sealed-name",
        "fixed_scale_hidden",
        swap(
            "fixed_scale_hidden",
            "### END",
            "for n in (1, 2):\n    fixed_scale(np.ones(n))\n### END",
        ),
    ),
    "an assertion where the learner's code runs": (
        "sealed-cut",
        "scale_column_visible",
        swap(
            "scale_column_visible",
            "got = ",
            "for n in (1, 2):\n    assert len(scale_column(np.ones(n))) == n\ngot = ",
        ),
    ),
    "state of another process": (
        "sealed-state",
        "fixed_scale_hidden",
        swap("fixed_scale_hidden", "### END", "np.seterr(divide='raise')\n### END"),
    ),
    "vacuous test": (
        "vacuous-test",
        "scale_column_visible",
        swap(
            "scale_column_visible",
            'assert got.shape == (2,), f"expected one number per value, got {got.shape}"\n',
            "",
        ),
    ),
    "four lines in production": (
        "in-production",
        "in-production",
        swap("in-production", "- Units change without notice: alert on the mean.", ""),
    ),
    "no recap": ("recap", "recap", swap("recap", "## Recap", "## Summary")),
    "two questions": (
        "interview",
        "interview",
        swap("interview", "<details><summary>Can you scale a stream?", "<div><summary>"),
    ),
    "question without follow-up": (
        "interview",
        "interview",
        swap("interview", "**Follow-up:** how do you", "And how do you"),
    ),
    "question without summary": (
        "interview",
        "interview",
        swap("interview", "<summary>Why scale features?</summary>", "Why scale features?\n"),
    ),
    "no further reading": ("further-reading", "further-reading", drop("further-reading")),
    "six sources": (
        "further-reading",
        "further-reading",
        add("further-reading", "\n".join(f"- Author {n}, *Title*." for n in range(5))),
    ),
    "no scoreboard": ("scoreboard", "scoreboard", drop("scoreboard")),
    "figure without text": (
        "figure-text",
        "picture",
        swap("picture-text", "*Figure:", "*Picture:"),
    ),
    "figure text too late": (
        "figure-text",
        "picture",
        move("picture-text", "scale_column-statement"),
    ),
    "large figure": ("figure-size", "picture", output("picture", png(60_001))),
    "image without alt text": ("image-alt", "why", add("why", "![](map.png)")),
    "image tag without alt text": ("image-alt", "why", add("why", '<img src="map.png" alt="">')),
    "repeated grade_id": (
        "grade-id",
        "fixed_scale_visible",
        lambda nb: nb.cells.insert(
            nb.cells.index(cell(nb, "fixed_scale-statement")),
            nbformat.v4.new_markdown_cell(
                "text",
                id="extra",
                metadata={"nbgrader": {"grade_id": "fixed_scale_visible", "locked": True}},
            ),
        ),
    ),
    "test of no exercise": (
        "grade-id",
        "lonely",
        lambda nb: nb.cells.insert(
            3,
            nbformat.v4.new_code_cell(
                "assert True",
                id="lonely",
                metadata={"nbgrader": {"grade_id": "lonely_visible", "grade": True, "points": 1}},
            ),
        ),
    ),
    "cell id with a space": ("cell-id", "see why", rename("why", "see why")),
    "tag that lets a cell fail": ("tags", "ratio", tag("ratio", "raises-exception")),
    "tag that skips a cell": ("tags", "ratio", tag("ratio", "nbval-skip")),
    "comment that skips a cell": ("tags", "ratio", begin("ratio", "# NBVAL_SKIP")),
    "uncompared output without assertion": (
        "varying-output",
        "ratio",
        tag("ratio", "nbval-ignore-output"),
    ),
    "absolute path": ("absolute-path", "ratio", add("ratio", 'cache = "/home/me/cache"')),
    "network": ("network", "ratio", add("ratio", "import requests")),
    "data set by a variable": (
        "data-name",
        "ratio",
        add("ratio", "x = [data.load(n) for n in ()]"),
    ),
    "relative path": ("relative-path", "ratio", add("ratio", 'text = open("notes.txt").read()')),
    "path in an output": (
        "machine-output",
        "ratio",
        output("ratio", {"text/plain": "/tmp/ipykernel_12/3.py:1: UserWarning"}),
    ),
    "address in an output": (
        "machine-output",
        "ratio",
        output("ratio", {"text/plain": "<object at 0x7f3a5c0012d0>"}),
    ),
    "too much prose": ("long-prose", "why", add("why", "\n" + words(251))),
    "too much prose in three cells": (
        "long-prose",
        "a",
        all_of(
            markdown("c", words(90), after="why"),
            markdown("b", words(90), after="why"),
            markdown("a", words(90), after="why"),
        ),
    ),
    "emoji in a heading": ("heading-emoji", "why", swap("why", "## Why", "## 🚀 Why")),
    "simply": ("wording", "why", add("why", "\nSimply divide.")),
    "todo": ("todo", "ratio", add("ratio", "# TODO: more")),
    "raw markdown in details": (
        "details",
        "scale_column-hints",
        swap(
            "scale_column-hints",
            "Hint 3 — nearly the solution</summary>\n\n",
            "Hint 3 — nearly the solution</summary>\n",
        ),
    ),
}


@pytest.mark.parametrize(("rule", "cell_id", "fault"), FAULTS.values(), ids=FAULTS)
def test_one_fault_gives_one_finding(course: Path, rule: str, cell_id: str, fault: Change) -> None:
    change_lesson(course, fault)
    findings = lint(course)
    assert [(f.rule, f.cell_id) for f in findings] == [(rule, cell_id)], "\n".join(
        map(str, findings)
    )
    assert findings[0].file == SOURCE
    assert len(findings[0].message) > 10


def test_every_rule_has_a_fault() -> None:
    source = (small_course.ROOT / "src/aicourse/authoring/lint.py").read_text(encoding="utf-8")
    for name in ("assertion_rules", "code_rules"):
        path = small_course.ROOT / f"src/aicourse/authoring/{name}.py"
        source += path.read_text(encoding="utf-8")
    tested = {rule for rule, _, _ in FAULTS.values()}
    elsewhere = {"file-name", "kernelspec", "not-executed", "answers", "unreadable"}
    for rule in tested | elsewhere:
        assert f'"{rule}"' in source, f"no rule is called {rule}"
    named = set(re.findall(r'yield [^,\n]+, "([a-z-]+)"', source))
    named |= set(re.findall(r'Problem\(\s*"([a-z-]+)"', source))
    assert named <= tested | elsewhere


GOOD_CHANGES: dict[str, Change] = {
    "several exercises joined by and": swap(
        "title", "*Exercise 3*, *Exercise 4*", "*Exercise 3* and *Exercise 4*"
    ),
    "effort below the heading": swap("scale_column-statement", "column\n\n●●○", "column\n●●○"),
    "numbered rubric": swap(
        "explain_scaling-statement",
        "**Rubric**\n- names a model that does",
        "The criteria:\n\n1. names a model that does",
    ),
    "a question breaks prose": add("why", f"\n{words(200)}?\n\n{words(200)}"),
    "code in markdown breaks prose": add("why", f"\n{words(200)}\n\n```\nx\n```\n\n{words(200)}"),
    "a picture breaks prose": add("why", f"\n{words(200)}\n\n![a map](m.png)\n\n{words(200)}"),
    "details are not counted": add(
        "why", f"\n<details><summary>More</summary>\n\n{words(300)}\n\n</details>"
    ),
    "figure text is not counted": add("picture-text", f"\n{words(240)}"),
    "a large statement": add("scale_column-statement", f"\n{words(300)}"),
    "simply in code": add("why", "\n`simply` is a word."),
    "a decorated dataclass": swap(
        "running_mean",
        'numbers."""\n',
        'numbers."""\n\n    unit: str\n',
    ),
    "an asserted varying output": tag("timing", "nbval-ignore-output"),
    "a figure of the largest size": output("picture", png(60_000)),
}


@pytest.mark.parametrize("change", GOOD_CHANGES.values(), ids=GOOD_CHANGES)
def test_no_false_alarm(course: Path, change: Change) -> None:
    change_lesson(course, change)
    assert lint(course) == []


# ------------------------------------------------------------------------------- the whole course


def test_stale_outputs(course: Path) -> None:
    change_lesson(course, add("ratio", "print(1)"), stale=True)
    assert found(course) == [("not-executed", "")]


def test_cells_out_of_order(course: Path) -> None:
    def change(notebook: NotebookNode) -> None:
        cell(notebook, "ratio").execution_count = 7

    change_lesson(course, change, stale=True)
    assert found(course) == [("not-executed", "ratio")]


def test_empty_code_cell(course: Path) -> None:
    def change(notebook: NotebookNode) -> None:
        notebook.cells.insert(5, nbformat.v4.new_code_cell("", id="nothing"))

    change_lesson(course, change)
    assert found(course) == [("not-executed", "nothing")]


def test_kernel(course: Path) -> None:
    def change(notebook: NotebookNode) -> None:
        notebook.metadata.kernelspec["name"] = "ir"

    change_lesson(course, change, stale=True)
    assert found(course) == [("kernelspec", "")]


def test_repeated_cell_id(course: Path) -> None:
    # nbformat repairs repeated ids when it writes, so this one is made by hand.
    text = (course / SOURCE).read_text(encoding="utf-8")
    assert text.count('"id": "ratio"') == 1
    (course / SOURCE).write_text(text.replace('"id": "why"', '"id": "bridge"'), encoding="utf-8")
    assert found(course) == [("cell-id", "bridge")]


def test_file_and_folder_names(course: Path) -> None:
    notebook = course / SOURCE
    (course / "notebooks/extra").mkdir()
    notebook.rename(course / "notebooks/extra/Copy.ipynb")
    assert [rule for rule, _ in found(course)].count("file-name") == 2


def test_grade_ids_are_unique_in_the_course(good: Path, course: Path) -> None:
    other = "01_math_python/02_other"
    text = small_course.TINY + "%% solution scale_column\ndef f():\n    pass\n"
    small_course.add_lesson(course, other, text)
    expected = ("grade-id", "scale_column")
    assert found(course).count(expected) == 2, "both lessons hear of it"
    assert expected in found(course, only=other)
    [finding] = lint(course, only=LESSON)
    assert (finding.rule, finding.file) == ("grade-id", SOURCE)
    assert other in finding.message


def test_only_limits_the_findings(course: Path) -> None:
    small_course.add_lesson(course, "01_math_python/02_other", small_course.TINY)
    assert lint(course, only=LESSON) == []
    assert lint(course) != []
    with pytest.raises(ValueError, match="there is no notebooks/01_math_python/03_missing"):
        lint(course, only="01_math_python/03_missing")


def test_unreadable_notebook(course: Path) -> None:
    broken = course / "notebooks/01_math_python/02_broken.ipynb"
    broken.write_text("{")
    [finding] = lint(course)
    assert (finding.rule, finding.file) == ("unreadable", broken.relative_to(course).as_posix())
    assert lint(course, only=LESSON) == []
    assert found(course, only="01_math_python/02_broken") == [("unreadable", "")]


def test_finding_reads_well() -> None:
    text = str(Finding("notebooks/a.ipynb", "setup", "tags", "remove it"))
    assert text == "notebooks/a.ipynb, cell 'setup': remove it (tags)"


@pytest.mark.parametrize(
    ("old", "new", "cell_id", "message"),
    [
        (
            "# %% wrong scale_column: does not",
            "# %% right scale_column: does not",
            "scale_column",
            "2 wrong",
        ),
        ("# %% right running_mean", "# %% wrong running_mean", "running_mean", "0 right"),
        ("# %% weak explain_scaling", "# %% strong explain_scaling", "explain_scaling", "0 weak"),
        ("# %% wrong fixed_scale: always", "# %% wrong fixed_skale: always", "", ""),
        ("# %% wrong fixed_scale: always", "# %% false fixed_scale: always", "", "is not `# %%"),
        ("    return values / values.std()", "    return values /", "", "invalid syntax"),
    ],
)
def test_answers(course: Path, old: str, new: str, cell_id: str, message: str) -> None:
    text = (course / ANSWERS).read_text(encoding="utf-8")
    assert text.count(old) == 1
    (course / ANSWERS).write_text(text.replace(old, new), encoding="utf-8")
    findings = lint(course)
    if "skale" in new:
        assert [(f.rule, f.cell_id) for f in findings] == [
            ("answers", "fixed_skale"),
            ("answers", "fixed_scale"),
        ]
        return
    assert [(f.rule, f.cell_id, f.file) for f in findings] == [("answers", cell_id, ANSWERS)]
    assert message in findings[0].message


def test_no_answers_file(course: Path) -> None:
    (course / ANSWERS).unlink()
    [finding] = lint(course)
    assert (finding.rule, finding.file) == ("answers", ANSWERS)


# ------------------------------------------------------------------------------- vacuous assertions

# `f` is the learner's function; `cases` and `want` are the test's own.
VACUOUS = {
    "all of a comparison": "assert (f(3) == 7).all()",
    "assert_allclose with a scalar": "np.testing.assert_allclose(f(3), 7)",
    "imported assert_allclose": "import numpy.testing as nt\nnt.assert_allclose(f(3), 7)",
    "assert_array_equal": "out = f(3)\nnp.testing.assert_array_equal(out, 0)",
    "np.all": "out = f(3)\nassert np.all(out > 0)",
    "np.allclose": "out = f(3)\nassert np.allclose(out, [1, 2])",
    "an array of any shape": (
        "out = f(3)\nassert isinstance(out, np.ndarray)\nassert np.allclose(out, 1)"
    ),
    "only the dtype": "out = f(3)\nassert out.dtype == float\nassert np.allclose(out, 1)",
    "zip": "got = f(3)\nassert all(a == b for a, b in zip(got, [1, 2]))",
    "not any in zip": "got = f(3)\nassert not any(a != b for a, b in zip(got, [1, 2]))",
    "not np.any": "got = f(3)\nassert not np.any(got != 3)",
    "not .any()": "got = f(3)\nassert not (got != 3).any()",
    "no differences": "got = f(3)\nassert (got != 3).sum() == 0",
    "count_nonzero": "got = f(3)\nassert np.count_nonzero(got != 3) == 0",
    "all of what came": "got = f(3)\nassert all(x > 0 for x in got)",
    "each result": (
        "got = [f(a) for a in cases]\nassert all(np.allclose(g, w) for g, w in zip(got, want))"
    ),
    "number of results is not their shape": (
        "got = [f(a) for a in cases]\nassert len(got) == len(want)\n"
        "assert all(np.allclose(g, w) for g, w in zip(got, want))"
    ),
    "the look comes too late": "out = f(3)\nassert np.allclose(out, 1)\nassert out.shape == (3,)",
    "a look at another value": (
        "a = f(3)\nb = f(4)\nassert a.shape == (3,)\nassert np.allclose(a, b)"
    ),
    "the value is a new one": (
        "a = f(3)\nassert a.shape == (3,)\na = f(4)\nassert np.allclose(a, 1)"
    ),
    "in a helper": "def same(a, b):\n    return np.allclose(a, b)\n\n\nassert same(f(3), [1])",
    "through a variable": "got = f(3)\nfine = np.allclose(got, 1)\nassert fine",
    "through a list": (
        "got = [f(a) for a in cases]\nfine = [np.allclose(g, 1) for g in got]\nassert all(fine)"
    ),
    "a loop over what came": "got = f(3)\nfor row in got:\n    assert row > 0",
    "an attribute": "model = f(3)\nassert np.allclose(model.mean_, 0)",
    "one of two": "u, s = f(3)\nassert u.shape == (3,)\nassert np.allclose(u * s, 0)",
    "inside bool": "assert bool(np.allclose(f(3), 1))",
    "values of a dict": "got = f(3)\nassert all(v > 0 for k, v in got.items())",
    "absolute difference": "out = f(3)\nassert (np.abs(out - 3) < 1e-9).all()",
    "appended": (
        "got = []\nfor a in cases:\n    got.append(f(a))\n"
        "assert all(np.allclose(g, 1) for g in got)"
    ),
    "the message is no look": "out = f(3)\nassert np.allclose(out, 1), out.shape",
    "either or": "out = f(3)\nassert np.allclose(out, 1) or np.allclose(out, 2)",
    "not a scalar is no look": "out = f(3)\nassert out.shape != ()\nassert np.allclose(out, 1)",
    "sorted in place of itself": "got = f(3)\ngot = np.sort(got)\nassert np.allclose(got, want)",
    "values in a circle": "a = f(3)\nb = a + 1\na = b + 1\na = a + b\nassert np.allclose(a, 1)",
    "largest difference": "out = f(3)\nassert np.abs(out - 1).max() <= 1e-9",
    "np.max of a difference": "out = f(3)\nassert np.max(np.abs(out - want)) <= 1e-9",
    "length of a difference": "out = f(3)\nassert np.linalg.norm(out - want) < 1e-9",
    "largest differences": (
        "got = [f(a) for a in cases]\n"
        "errors = [float(np.abs(g - w).max()) for g, w in zip(got, want)]\n"
        "assert all(error < 1e-9 for error in errors)"
    ),
    "no mismatches": (
        "got = [f(a) for a in cases]\n"
        "bad = [c for c, g, w in zip(cases, got, want) if not np.allclose(g, w)]\nassert not bad"
    ),
    "no mismatches in a short list": (
        "got = f(3)\nassert not [g for g, w in zip(got, want) if g != w]"
    ),
}
SOUND = {
    "shape first": "out = f(3)\nassert out.shape == (3,)\nassert (out == 7).all()",
    "shape of the call": "assert f(3).shape == (3,)\nassert np.allclose(f(3), 1)",
    "shape in the same assertion": "out = f(3)\nassert out.shape == (3,) and np.allclose(out, 1)",
    "length first": (
        "got = f(3)\nassert len(got) == 2\nassert all(a == b for a, b in zip(got, [1, 2]))"
    ),
    "strict zip": "got = f(3)\nassert all(a == b for a, b in zip(got, [1, 2], strict=True))",
    "a float": "out = f(3)\nassert isinstance(out, float)\nassert np.allclose(out, 1)",
    "one of scalar types": (
        "out = f(3)\nassert isinstance(out, (int, np.floating))\nassert np.allclose(out, 1)"
    ),
    "exact type": "out = f(3)\nassert type(out) is float\nassert np.allclose(out, 1)",
    "np.shape": "out = f(3)\nassert np.shape(out) == ()\nassert np.allclose(out, 1)",
    "array_equal": "out = f(3)\nassert np.array_equal(out, [1, 2])",
    "strict assert_array_equal": "np.testing.assert_array_equal(f(3), want, strict=True)",
    "plain equality": "assert f(3) == 4",
    "list equality": "assert f(3) == [1, 2]",
    "tolist": "assert f(3).tolist() == [1, 2]",
    "isclose": "assert math.isclose(f(3), 4)",
    "one difference": "assert abs(f(3) - 4) < 1e-9",
    "shapes one by one": (
        "got = [f(a) for a in cases]\nassert all(g.shape == w.shape for g, w in zip(got, want))\n"
        "assert all(np.allclose(g, w) for g, w in zip(got, want))"
    ),
    "shape and value one by one": (
        "got = [f(a) for a in cases]\n"
        "assert all(g.shape == w.shape and np.allclose(g, w) for g, w in zip(got, want))"
    ),
    "list of shapes": (
        "got = [f(a) for a in cases]\nassert [g.shape for g in got] == [w.shape for w in want]\n"
        "assert all(np.allclose(g, w) for g, w in zip(got, want))"
    ),
    "named list of shapes": (
        "got = [f(a) for a in cases]\nshapes = [np.shape(g) for g in got]\n"
        "assert shapes == [(3,)] * 4\nassert all(np.allclose(g, w) for g, w in zip(got, want))"
    ),
    "set of shapes": (
        "got = [f(a) for a in cases]\nassert {np.shape(g) for g in got} == {(3,)}\n"
        "assert all(np.allclose(g, w) for g, w in zip(got, want))"
    ),
    "scalars one by one": (
        "got = [f(a) for a in cases]\nassert all(math.isclose(g, w) for g, w in zip(got, want))"
    ),
    "made floats": "got = [float(f(a)) for a in cases]\nassert np.allclose(got, want)",
    "not the learner's": "assert np.allclose(cases, want)",
    "no mutation": "before = cases.copy()\nf(cases)\nassert (cases == before).all()",
    "made from a known shape": (
        "out = f(3)\nassert out.shape == (3, 2)\nnorms = np.linalg.norm(out, axis=1)\n"
        "assert np.allclose(norms, 1)"
    ),
    "an attribute's shape": (
        "model = f(3)\nassert model.mean_.shape == (2,)\nassert np.allclose(model.mean_, 0)"
    ),
    "both of two": (
        "u, s = f(3)\nassert u.shape == (3,) and s.shape == (3,)\nassert np.allclose(u * s, 0)"
    ),
    "columns and rows": (
        "table = f(3)\nassert list(table.columns) == ['a']\nassert len(table) == 3\n"
        "assert (table['a'] > 0).all()"
    ),
    "equal tables": (
        "table = f(3)\npd.testing.assert_frame_equal(table, want)\nassert (table['a'] > 0).all()"
    ),
    "helper that looks": (
        "def same(a, b):\n    if a.shape != b.shape:\n        return False\n"
        "    return np.allclose(a, b)\n\n\nassert same(f(3), want)"
    ),
    "helper for each": (
        "def same(a, b):\n    return a.shape == b.shape and np.allclose(a, b)\n\n\n"
        "got = [f(a) for a in cases]\nassert all(same(g, w) for g, w in zip(got, want))"
    ),
    "helper for a joined result": (
        "def same(a, b):\n    return a.shape == b.shape and np.allclose(a, b)\n\n\n"
        "got = [f(a) for a in cases]\nassert same(np.concatenate(got), want)"
    ),
    "any": "assert any(x > 3 for x in f(3))",
    "keys": "got = f(3)\nassert set(got) == {'a'}\nassert all(v > 0 for k, v in got.items())",
    "keys of what is expected": (
        "got = f(3)\nassert all(math.isclose(got[k], want[k]) for k in want)"
    ),
    "a loop that looks": (
        "for a, w in cases:\n    out = f(a)\n    assert out.shape == w.shape\n"
        "    assert np.allclose(out, w)"
    ),
    "parts of a known shape": (
        "out = f(3)\nassert out.shape == (3, 2)\nassert np.allclose(out[:, 0], 1)\n"
        "assert np.allclose(out.T @ out, 1)"
    ),
    "size": "out = f(3)\nassert out.size == 3\nassert np.all(np.isfinite(out))",
    "enumerate": "got = f(3)\nassert len(got) == 2\nassert all(i == x for i, x in enumerate(got))",
    "nested lists": (
        "got = f(3)\nassert len(got) == 2\nassert all(len(r) == 2 for r in got)\n"
        "assert all(abs(x - y) < 1 for r, w in zip(got, want) for x, y in zip(r, w))"
    ),
    "types before equality": (
        "got = [f(a) for a in cases]\nassert all(type(j) is int for g in got for j in g)\n"
        "assert got == want"
    ),
    "slices of looked-at results": (
        "got = [f(a) for a in cases]\nmore = [f(a) for a in want]\n"
        "assert all(g.shape == w.shape for g, w in zip(got, want))\n"
        "assert all(np.allclose(g, w) for g, w in zip(got[:2], want[:2]))\n"
        "assert all(g > 0 for g in got + more)"
    ),
    "an error's names": "error = raised(f, 3)\nassert 'ValueError' in error",
    "type and shape in one": (
        "out = f(3)\nassert (type(out), out.shape) == (np.ndarray, (3,))\n"
        "assert np.allclose(out, 1)"
    ),
    "mismatches by equality": (
        "got = [f(a) for a in cases]\n"
        "bad = [c for c, g, w in zip(cases, got, want) if type(g) is not type(w) or g != w]\n"
        "assert not bad"
    ),
    "mismatches by shape, then value": (
        "got = [f(a) for a in cases]\nassert not [c for c, g, w in zip(cases, got, want)"
        " if g.shape != w.shape or not np.allclose(g, w)]"
    ),
    "sorted in place of itself": (
        "got = f(3)\nassert got.shape == (3,)\ngot = np.sort(got)\nassert np.allclose(got, want)"
    ),
    "values that swap": (
        "a = f(3)\nb = a + 1\na = b + 1\nb = a\na, b = b, a\n"
        "assert a.shape == b.shape == (3,)\nassert np.allclose(a, b)"
    ),
    "largest difference": "out = f(3)\nassert out.shape == (2,)\nassert np.max(out - 1) < 1e-9",
    "largest differences": (
        "got = [f(a) for a in cases]\nassert [g.shape for g in got] == [w.shape for w in want]\n"
        "errors = [float(np.abs(g - w).max()) for g, w in zip(got, want)]\n"
        "assert all(error < 1e-9 for error in errors)"
    ),
    "largest of scalars": (
        "got = [f(a) for a in cases]\nassert max(abs(g - w) for g, w in zip(got, want)) < 1e-9"
    ),
    "no NaN": "got = f(3)\nassert got.shape == (3,)\nassert not np.isnan(got).any()",
}


@pytest.mark.parametrize("source", VACUOUS.values(), ids=VACUOUS)
def test_vacuous_tests_are_found(source: str) -> None:
    assert [p.rule for p in problems_in_test(source, {"f"}, hidden=False)] == ["vacuous-test"]


@pytest.mark.parametrize("source", SOUND.values(), ids=SOUND)
def test_sound_tests_are_left_alone(source: str) -> None:
    problems = problems_in_test(source, {"f"}, hidden=False)
    assert "vacuous-test" not in [p.rule for p in problems]


@pytest.mark.parametrize(
    ("source", "rule"),
    [
        ("for x in cases:\n    assert x", "sealed-assert"),
        ("while cases:\n    assert cases.pop()", "sealed-assert"),
        ("with open_it() as x:\n    assert x", "sealed-assert"),
        ("try:\n    assert cases\nexcept ValueError:\n    pass", "sealed-assert"),
        ("def check_it():\n    assert cases", "sealed-assert"),
        ("if cases:\n    assert cases", "sealed-assert"),
        ("got = []\nfor x in cases:\n    got.append(f(x))", "sealed-name"),
        ("def run(x):\n    return f(x)", "sealed-name"),
        ("assert f(3) == 4", "sealed-name"),
    ],
)
def test_unsealed_hidden_tests_are_found(source: str, rule: str) -> None:
    assert [p.rule for p in problems_in_test(source, {"f"}, hidden=True)] == [rule]
    assert problems_in_test(source, {"f"}, hidden=False) == []


@pytest.mark.parametrize(
    ("source", "rule"),
    [
        ("for x in cases:\n    assert type(f(x)) is int", "sealed-cut"),
        (
            "def run(x):\n    return f(x)\nfor x in cases:\n    assert type(run(x)) is int",
            "sealed-cut",
        ),
        ("assert all(type(f(x)) is int for x in cases)", "sealed-cut"),
        ("old = np.seterr(divide='raise')\ngot = f(3)\nassert type(got) is int", "sealed-state"),
        ("got = f(3)\nassert random.getstate() == before", "sealed-state"),
    ],
)
def test_visible_tests_that_graders_cannot_cut_are_found(source: str, rule: str) -> None:
    assert [p.rule for p in problems_in_test(source, {"f"}, hidden=False)] == [rule]


def test_state_may_be_set_around_the_learners_code() -> None:
    source = (
        "def warned(function, x):\n    np.seterr(divide='raise')\n    return type(function(x))\n"
        "got = warned(f, 3)\nassert got is int"
    )
    assert problems_in_test(source, {"f"}, hidden=True) == []


def test_a_comment_says_why_a_test_is_not_sealed(course: Path) -> None:
    loop = "for n in (1, 2):\n    assert fixed_scale(np.ones(n)) is not None\n### END"
    change_lesson(course, swap("fixed_scale_hidden", "### END", loop))
    assert ("sealed-assert", "fixed_scale_hidden") in found(course)
    change_lesson(course, swap("fixed_scale_hidden", loop, f"# not sealed: slow to send\n{loop}"))
    assert found(course) == []
    assert sealed_tests(course, LESSON) == (
        "6 tests: 5 sealed; fixed_scale_hidden not: slow to send"
    )


def test_sealed_hidden_tests_are_left_alone() -> None:
    source = (
        "def spec(x):\n    for y in range(x):\n        pass\n    return x\n\n\n"
        "got = [f(x) for x in cases]\nf(3)\nwant = [spec(x) for x in cases]\nassert got == want"
    )
    assert problems_in_test(source, {"f"}, hidden=True) == []


# ------------------------------------------------------------------------------------ code rules


@pytest.mark.parametrize(
    ("source", "rule"),
    [
        ('p = "/home/me/x"', "absolute-path"),
        ('p = "/tmp"', "absolute-path"),
        (r'p = "C:\\data"', "absolute-path"),
        ('p = f"/Users/{name}"', "absolute-path"),
        ("import requests", "network"),
        ("import urllib.request", "network"),
        ("from urllib.request import urlopen", "network"),
        ("from urllib import request", "network"),
        ("!pip install x", "network"),
        ("%pip install x", "network"),
        ("!curl -O x", "network"),
        ("out = !wget x", "network"),
        ("from sklearn.datasets import fetch_openml", "network"),
        ("datasets.fetch_openml('x')", "network"),
        ("u = 'https://data.org/x.csv'", "network"),
        ("open('x.csv')", "relative-path"),
        ("pd.read_csv('x.csv')", "relative-path"),
        ("np.load('x.npy')", "relative-path"),
        ("plt.imread('x.png')", "relative-path"),
        ("Path('x.txt').read_text()", "relative-path"),
        ("tables = [data.load(name) for name in names]", "data-name"),
    ],
)
def test_code_that_leaves_the_lesson(source: str, rule: str) -> None:
    assert [problem.rule for problem in problems_in_code(source)] == [rule]


@pytest.mark.parametrize(
    "source",
    [
        "data.load('ames')",
        "json.load(stream)",
        "pd.read_csv(io.StringIO('a,b'))",
        "open(path)",
        "u = 'http://127.0.0.1:8000/health'",
        "u = 'https://api.example.org/v1'",
        "# see https://numpy.org\nx = 1",
        'def f():\n    """See https://numpy.org/doc."""',
        "ratio = 'a/home/b'",
        "def fetch_page(n):\n    return n\n\n\nfetch_page(3)",
        "from urllib.parse import urlparse",
        "this is not Python",
        "!ls",
        "dockerfile = 'FROM x\\nWORKDIR /home/app\\n'",
    ],
)
def test_code_that_stays_inside(source: str) -> None:
    assert list(problems_in_code(source)) == []
