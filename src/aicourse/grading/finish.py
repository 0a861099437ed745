"""Makes a result fit to be stored and shown: clean texts, outcomes in the notebook."""

import json
import re
from dataclasses import replace
from typing import Any

from aicourse.grading.results import (
    DIED,
    FAILED,
    NOT_ATTEMPTED,
    PASSED,
    RAISED,
    TIMEOUT,
    Note,
    Result,
    Score,
)

BEGIN_HIDDEN, END_HIDDEN = "### BEGIN HIDDEN TESTS", "### END HIDDEN TESTS"
LONGEST_MESSAGE = 2_000
LONGEST_ANSWER = 100_000
_MOST_NOTES = 100
_ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_UNWANTED: dict[int, str] = {
    # Controls but tab and line end, marks that reverse the direction of the text around them, and
    # halves of surrogate pairs, which no database and no file takes.
    **dict.fromkeys([c for c in range(0xA0) if (c < 32 or c >= 127) and c not in (9, 10)], ""),
    **dict.fromkeys([0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)], ""),
    **dict.fromkeys(range(0xD800, 0xE000), "\ufffd"),
}


def printable(text: str, longest: int = LONGEST_MESSAGE) -> str:
    """`text` without anything that a database refuses or a terminal obeys, and not too long."""
    text = _ANSI.sub("", text[: 4 * longest]).translate(_UNWANTED)
    return text if len(text) <= longest else text[: longest - 1] + "…"


def sanitised(result: Result) -> Result:
    """The result with every text `printable`; its notebook as it is."""
    return replace(
        result,
        scores=tuple(replace(s, message=printable(s.message)) for s in result.scores),
        written=tuple(replace(w, text=printable(w.text, LONGEST_ANSWER)) for w in result.written),
        notes=tuple(
            Note(n.kind, printable(n.text), printable(n.cell, 200))
            for n in result.notes[:_MOST_NOTES]
        ),
        cell_errors=tuple(
            (printable(cell, 200), printable(error))
            for cell, error in result.cell_errors[:_MOST_NOTES]
        ),
    )


_ERROR_NAMES = {
    FAILED: "AssertionError",
    NOT_ATTEMPTED: "NotImplementedError",
    RAISED: "Exception",
    TIMEOUT: "TimeoutError",
    DIED: "DeadKernelError",
}
_NAMED = re.compile(r"(\w*(?:Error|Exception|Interrupt|Exit|Warning)): (.*)", re.DOTALL)


def with_outcomes(result: Result) -> Result:
    """The result with each test's outcome as the output of its cell, as autograding leaves it.

    Hidden tests are marked as nbgrader marks them.

    Workers do this, because it takes time that the one writer of the gradebook does not have.
    """
    if not result.notebook:
        return result
    notebook = json.loads(result.notebook)
    scores = {score.grade_id: score for score in result.scores}
    for cell in notebook["cells"]:
        score = scores.get(cell["metadata"].get("nbgrader", {}).get("grade_id", ""))
        if score is not None and cell["cell_type"] == "code":
            cell["outputs"] = [] if score.outcome == PASSED else [_error_output(score)]
            cell["execution_count"] = None
            source = "".join(cell["source"])  # one string, or a list of lines
            if score.grade_id.endswith("_hidden") and BEGIN_HIDDEN not in source:
                # nbgrader's feedback tells by the markers what it must not show.
                cell["source"] = f"{BEGIN_HIDDEN}\n{source.rstrip()}\n{END_HIDDEN}"
    return replace(result, notebook=json.dumps(notebook, ensure_ascii=False, indent=1))


def _error_output(score: Score) -> dict[str, Any]:
    name, message = _ERROR_NAMES[score.outcome], score.message
    if score.outcome == RAISED and (named := _NAMED.fullmatch(message)):
        name, message = named.groups()
    return {
        "output_type": "error",
        "ename": name,
        "evalue": message,
        "traceback": [f"{name}: {message}" if message else name],
    }
