"""The outcome of grading one submitted notebook, as plain data.

Everything a worker reports to the coordinator is a `Result`; it crosses as JSON and is validated
when it is read, because the worker stood beside a process that ran a student's code.
"""

import json
from dataclasses import asdict, dataclass, fields
from typing import Any

GRADED, UNREADABLE = "graded", "unreadable"
#: What a test can come to. Only PASSED earns points.
PASSED, FAILED, NOT_ATTEMPTED = "passed", "failed", "not attempted"
#: The answer raised, ran too long, or ended its process, where the test called it.
RAISED, TIMEOUT, DIED = "raised", "timeout", "died"
OUTCOMES = (PASSED, FAILED, NOT_ATTEMPTED, RAISED, TIMEOUT, DIED)


@dataclass(frozen=True)
class Score:
    """What one test came to; `message` names the mistake, in words fit for the student."""

    grade_id: str
    exercise: str
    possible: float
    earned: float
    outcome: str
    message: str = ""


@dataclass(frozen=True)
class WrittenAnswer:
    """A text that a person grades; `untouched` if it is the released one, or missing or empty."""

    grade_id: str
    text: str
    untouched: bool
    missing: bool = False


@dataclass(frozen=True)
class Note:
    """Something about a submission that instructor and student should know.

    `kind` is "repaired" (put right, no points lost), "problem" (something could not be run or
    read), or "suspicious" (a person should look; shown to the instructor only).
    """

    kind: str
    text: str
    cell: str = ""


@dataclass(frozen=True)
class Result:
    """The grade of one submitted notebook.

    `notebook` is the repaired notebook as JSON text, for the autograded/ folder; "" when the
    submission was unreadable. `cell_errors` maps cells that raised to the error's text.
    `reran_whole`: the first run left out the lesson's own cells that no answer or test needs, and
    the second did not.
    """

    lesson: str
    state: str
    scores: tuple[Score, ...]
    written: tuple[WrittenAnswer, ...] = ()
    notes: tuple[Note, ...] = ()
    notebook: str = ""
    cell_errors: tuple[tuple[str, str], ...] = ()
    bundle_digest: str = ""
    seconds: float = 0.0
    peak_mb: float = 0.0
    reran_whole: bool = False

    @property
    def earned(self) -> float:
        """Points from tests."""
        return sum(score.earned for score in self.scores)

    def to_json(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False)


class BadResult(ValueError):
    """A report that `Result.to_json` does not write."""


def result_from_json(text: str) -> Result:
    """Read a report.

    Raises:
        BadResult: it is not one.
    """
    try:
        data = json.loads(text)
        lists = {
            "scores": tuple(_one(Score, item) for item in data.pop("scores")),
            "written": tuple(_one(WrittenAnswer, item) for item in data.pop("written")),
            "notes": tuple(_one(Note, item) for item in data.pop("notes")),
            "cell_errors": tuple((str(a), str(b)) for a, b in data.pop("cell_errors")),
        }
        return _one(Result, {**data, **lists})
    except BadResult:
        raise
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise BadResult(f"{type(error).__name__}: {error}") from None


def _one(kind: type, data: dict[str, Any]) -> Any:
    """An instance of a dataclass, its simple fields checked for their types."""
    simple = {"str": str, "float": (int, float), "bool": bool}
    for field in fields(kind):
        wanted = simple.get(getattr(field.type, "__name__", str(field.type)))
        value = data.get(field.name)
        if wanted and value is not None and not isinstance(value, wanted):
            raise BadResult(f"{kind.__name__}.{field.name} is {type(value).__name__}")
    made = kind(**data)
    if isinstance(made, Score) and (
        made.outcome not in OUTCOMES or not 0 <= made.earned <= made.possible
    ):
        raise BadResult(f"{made.grade_id} has an impossible score")
    return made
