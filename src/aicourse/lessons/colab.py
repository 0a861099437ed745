"""What a lesson does only in Google Colab.

The generated cell on top of a student notebook calls `setup`; `hand_in` is for lessons that are
graded. `check` needs nothing from here: it runs on the live objects, as on any other machine.

Whoever collects notebooks from Colab should know that it keeps cells by ids of its own and may
drop metadata, nbgrader's too (a pasted or rewritten cell has none), and that "Save a copy" renames
the file. So answers must be found by what they define or by their neighbours as well.
"""

import ast
import contextlib
import importlib.util
import json
import platform
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

from aicourse.lessons import data, exercises, record
from aicourse.lessons.exercises import Exercise, Lesson

#: Named in the line that a learner can paste into a question, if they are installed.
_SHOWN = ("aicourse", "numpy", "pandas", "scikit-learn", "matplotlib", "torch")
_FRONT_END_SECONDS = 20
_lesson: str | None = None


class NoAnswer(RuntimeError):
    """Colab's page did not say what the notebook contains."""


def setup(lesson: str) -> None:
    """Make Colab ready for `lesson` and say whether it is.

    Begins the learner's record in the current directory, fetches the lesson's data, shows the
    versions in use, and tries the exercise bank, the imports and the data. Never raises: what is
    missing is said in the last line, and the cells that don't need it still run.

    Args:
        lesson: "<phase>/<notebook stem>".
    """
    global _lesson
    _lesson = lesson
    print(_versions())
    recorded = _begin_record()
    print(
        f"Progress is recorded in {recorded}. Colab deletes its disk when the session ends:"
        " keep the notebook with File → Save a copy in Drive."
    )
    try:
        found = exercises.lesson(lesson)
    except exercises.UnknownExercise as error:
        print(f"Not ready: {error} Open the lesson again from the course's page.")
        return
    if problem := _missing_module(found) or _missing_data(found):
        print(f"Not ready: {problem}")
        return
    fetched = f", data: {', '.join(found.data)}" if found.data else ""
    count = f"{len(found.exercises)} exercises, {found.points:g} points"
    print(f"Ready: {found.title} ({count}{fetched})")


def _versions() -> str:
    installed = {}
    for name in _SHOWN:
        for distribution in metadata.distributions(name=name):
            installed.setdefault(name, distribution.version)
    python = f"Python {platform.python_version()}"
    return " · ".join([python, *(f"{name} {version}" for name, version in installed.items())])


def _begin_record() -> str:
    """Make the learner's folder; where its record is kept, or why there is none."""
    folder = record.find_folder() or Path.cwd()
    try:
        (folder / record.FOLDER).mkdir(exist_ok=True)
    except OSError as error:
        return f"no file ({error})"
    return str(record.record_file(folder))


def _missing_module(lesson: Lesson) -> str:
    """What to do about the first module that the lesson's tests import and Colab lacks, or ""."""
    for exercise in lesson.exercises:
        for test in exercise.tests:
            for module in _imported(test.source):
                if importlib.util.find_spec(module) is None:
                    return (
                        f"{exercise.title} needs the package {module!r}, which this session does"
                        " not have. Choose Runtime → Disconnect and delete runtime, then run the"
                        " first cell again."
                    )
    return ""


def _imported(source: str) -> set[str]:
    """Top-level packages that `source` imports."""
    names = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return {name.partition(".")[0] for name in names}


def _missing_data(lesson: Lesson) -> str:
    """Fetch and open the lesson's data; what went wrong and what to do, or ""."""
    try:
        data.prefetch(lesson.data)
        for name in lesson.data:
            data.load(name)
    except (data.DataUnavailable, data.UnknownDataset, OSError) as error:
        return f"{error}\nRun this cell again when that is mended; the rest of the lesson works."
    return ""


def hand_in() -> None:
    """Download this notebook for handing in, after a look at the answers in it.

    A grader runs the notebook from top to bottom, so the look finds answers whose cell was
    deleted, or edited after it last ran: `check` has judged something else than what is handed in.
    """
    if _lesson is None:
        print("Run the first cell of the lesson, then this one again.")
        return
    try:
        notebook = _notebook_on_the_page()
    except NoAnswer as error:
        print(f"{error} Use File → Download → Download .ipynb instead.")
        return
    for problem in _differences(notebook, exercises.lesson(_lesson), _executed()):
        print(f"Look again: {problem}")
    file = Path.cwd() / f"{_lesson.rpartition('/')[2]}.ipynb"
    file.write_text(json.dumps(notebook, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"Saved as {file}; your browser downloads it now.")
    from google.colab import files

    files.download(str(file))


def _notebook_on_the_page() -> dict[str, Any]:
    """The notebook's JSON as the browser shows it now, saved or not; raises NoAnswer."""
    try:
        from google.colab import _message

        # The one way to it. It is not public, and answers None when no browser tab listens (Colab
        # driven from VS Code or a terminal), so nothing but `hand_in` depends on it.
        answer = _message.blocking_request("get_ipynb", timeout_sec=_FRONT_END_SECONDS)
    except Exception as error:
        raise NoAnswer(f"Colab's page did not give the notebook ({error!r}).") from error
    if not answer or "ipynb" not in answer:
        raise NoAnswer("Colab's page did not give the notebook.")
    return answer["ipynb"]


def _executed() -> set[str]:
    """Every cell source that ran in this session, stripped."""
    from IPython import get_ipython

    return {source.strip() for source in get_ipython().history_manager.input_hist_raw}


def _differences(notebook: Mapping[str, Any], lesson: Lesson, executed: set[str]) -> list[str]:
    """What the notebook's answers and the session disagree on, one sentence each.

    Args:
        notebook: as Colab gives it: each source a list of lines, any metadata may be gone.
        lesson: the lesson that the notebook is.
        executed: the sources that ran, stripped.
    """
    problems = []
    for exercise in lesson.exercises:
        if not exercise.defines:
            continue
        where = f"`{exercise.defines[0]}` ({exercise.title})"
        answer = _answer(notebook, exercise)
        if answer is None:
            problems.append(f"no cell defines {where}.")
        elif answer.strip() not in executed:
            problems.append(f"the cell of {where} did not run as it stands: run it, then check.")
    return problems


def _answer(notebook: Mapping[str, Any], exercise: Exercise) -> str | None:
    """The marked cell's source, else that of the last cell that defines the answer, else None."""
    found = None
    for cell in notebook["cells"]:
        if cell["cell_type"] != "code":
            continue
        source = "".join(cell["source"])
        if cell.get("metadata", {}).get("nbgrader", {}).get("grade_id") == exercise.grade_id:
            return source
        # Cells with % or ! are not Python, and hold no answers.
        with contextlib.suppress(SyntaxError):
            if set(exercises.defined_names(source)).issuperset(exercise.defines):
                found = source
    return found
