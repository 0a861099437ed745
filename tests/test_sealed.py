"""Hidden tests cut at the learner's names: plain data, two processes, and nothing to forge."""

import contextlib
import datetime
import decimal
import fractions
import json
import sys
import zoneinfo
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from sealed_comparison import held

from aicourse.grading.sealed.plain_data import NotPlainData, Opaque, decode, encode
from aicourse.grading.sealed.split_test import CannotSplit, LearnersError, SplitTest

ROOT = Path(__file__).resolve().parents[1]
needs_fork = pytest.mark.skipif(sys.platform == "win32", reason="the system cannot fork")


# --------------------------------------------------------------------------------------- plain data


def there_and_back(value: Any) -> Any:
    return decode(json.loads(json.dumps(encode(value))))


class AlwaysEqual(float):
    """A number as a cheat would return it."""

    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = float.__hash__


@pytest.mark.parametrize(
    "value",
    [
        *(None, True, 3, -(10**40), 0.1, float("inf"), 1j, "ü", b"x", ...),
        *(
            [1, [2]],
            [1.5, float("-inf")],
            [2**70, 1],
            [-0.0, 1],
            ["a", None],
            (1, "a"),
            {1, 2},
            frozenset({3}),
            {"a": [1.5], 2: None},
        ),
        *(range(3, 9, 2), slice(1, None, 2), slice(0, 5, 2), bytearray(b"xy")),
        *(np.float32(1.5), np.int64(3), np.bool_(True), np.datetime64("2024-01-01")),
        *(datetime.datetime(2024, 1, 2, 3), datetime.datetime(2024, 1, 2, tzinfo=datetime.UTC)),
        datetime.datetime(2024, 11, 3, 1, 30, fold=1, tzinfo=zoneinfo.ZoneInfo("America/New_York")),
        *(datetime.date(2024, 1, 2), datetime.timedelta(hours=3)),
        *(decimal.Decimal("1.10"), fractions.Fraction(1, 3)),
        *(torch.Size([2, 3]), torch.float16),
    ],
    ids=repr,
)
def test_values_keep_type_and_value(value: Any) -> None:
    got = there_and_back(value)
    assert type(got) is type(value)
    assert got == value


@pytest.mark.parametrize(
    "array",
    [
        np.arange(6).reshape(2, 3),
        np.asfortranarray(np.arange(6.0).reshape(2, 3)),
        np.zeros((0, 3), "f4"),
        np.array(3.5),
        np.array(["a", "bb"]),
        np.array([1, "x", None], dtype=object),
        np.array([[1, 2], None], dtype=object),
        np.arange(10)[::-2],
        np.array(["2024-01-01", "NaT"], "M8[ns]"),
        np.array([np.nan, np.inf, -0.0]),
    ],
    ids=lambda a: f"{a.dtype}{a.shape}",
)
def test_arrays_keep_dtype_shape_and_layout(array: np.ndarray) -> None:
    got = there_and_back(array)
    assert (type(got), got.dtype, got.shape) == (np.ndarray, array.dtype, array.shape)
    np.testing.assert_array_equal(got, array)
    for flag in ("c_contiguous", "f_contiguous", "writeable"):
        assert getattr(got.flags, flag) == getattr(array.flags, flag)


def test_one_object_stays_one_and_views_stay_views() -> None:
    series = np.arange(20.0)
    windows = np.lib.stride_tricks.sliding_window_view(series, 5)
    base, every_other, again = there_and_back([series, windows[::2], series])
    assert again is base
    assert np.shares_memory(base, every_other)
    assert not every_other.flags.writeable
    np.testing.assert_array_equal(every_other, windows[::2])
    matrix = np.asfortranarray(np.arange(6.0).reshape(2, 3))
    got, column = there_and_back([matrix, matrix[:, 1]])
    assert np.shares_memory(got, column)


def test_what_is_not_plain_is_named_and_equals_nothing() -> None:
    assert there_and_back(AlwaysEqual(2)) == Opaque("AlwaysEqual")
    assert there_and_back(AlwaysEqual(2)) != 2.0
    assert there_and_back([len])[0].callable
    endless: list[Any] = []
    endless.append(endless)
    assert there_and_back(endless) == [Opaque("list")]
    generator = np.random.default_rng(3)
    generator.normal(size=7)
    assert there_and_back(generator).normal() == generator.normal()


def test_tables() -> None:
    frame = pd.DataFrame(
        {
            "a": [1, 2, 3],
            "s": ["x", None, "z"],
            "t": pd.to_datetime(["2024-01-01", None, "2024-03-10"]),
            "c": pd.Categorical(["u", "v", "u"], ordered=True),
            "i": pd.array([1, None, 3], dtype="Int64"),
            "o": pd.Series([1, "a", None], dtype=object),
            "w": pd.Series(["x", None, "z"], dtype=object),
        },
        index=pd.Index([5, 7, 9], name="k"),
    )
    frame["z"] = frame["t"].dt.tz_localize("America/New_York")
    pd.testing.assert_frame_equal(there_and_back(frame), frame)
    grouped = frame.groupby(["c", "s"], observed=True)["a"].sum()
    pd.testing.assert_series_equal(there_and_back(grouped), grouped)
    days = pd.date_range("2024-01-01", periods=3, freq="D", tz="UTC")
    pd.testing.assert_index_equal(there_and_back(days), days)
    assert there_and_back(days).freq == days.freq
    for odd in (
        pd.DataFrame([[1, "q"]], columns=["a", "a"]),
        pd.DataFrame([[1, 2]], columns=pd.MultiIndex.from_tuples([("a", "x"), ("a", "y")])),
        pd.DataFrame({"a": pd.Series([], dtype="float64")}),
    ):
        pd.testing.assert_frame_equal(there_and_back(odd), odd)
    moment = pd.Timestamp("2024-01-01 12:00", tz="Europe/Berlin")
    assert there_and_back([moment, pd.Timedelta("3h")]) == [moment, pd.Timedelta("3h")]
    missing = there_and_back([pd.NaT, pd.NA])
    assert missing[0] is pd.NaT
    assert missing[1] is pd.NA


def test_tensors() -> None:
    weights = torch.arange(6.0).reshape(2, 3).requires_grad_()
    (weights**2).sum().backward()
    got = there_and_back(weights)
    assert torch.equal(got, weights)
    assert got.requires_grad
    assert torch.equal(got.grad, weights.grad)
    for tensor in (torch.tensor(3), torch.zeros(0, 2), torch.ones(2, dtype=torch.bfloat16)):
        assert torch.equal(there_and_back(tensor), tensor)
        assert there_and_back(tensor).dtype == tensor.dtype


@pytest.mark.parametrize(
    "data",
    [
        *(5, {"a": 1}, ["x"], ["again", 7], ["list", 0, "abc"], ["int", "zz"], ["float"]),
        ["array", 0, "own", "|O", [1], "C", True, ""],
        ["array", 0, "own", "<f8", [1000], "C", True, ""],
        ["array", 0, "view", "<f8", [9], [8], 0, True, ["array", 1, "own", "<f8", [1], "C", True,
                                                        "AAAAAAAAAAA="]],
        *(["__class__", 0], ["decode", 0, []], ["many", 0, []], ["column", 0, "numpy", None]),
    ],
    ids=str,
)  # fmt: skip
def test_what_was_not_encoded_is_refused(data: Any) -> None:
    with pytest.raises(NotPlainData):
        decode(data)


# ------------------------------------------------------------------------- tests in two processes


def outcome(test: str, answer: str, learners: tuple[str, ...] = ("f",)) -> str:
    """ "right", or why not, for an answer (source of a cell) and a test cell."""
    with held(answer, {"np": np}) as snapshot:
        try:
            SplitTest(test, learners).run(snapshot, {"np": np})
        except (AssertionError, LearnersError) as error:
            return str(error)
    return "right"


TEST = """
rng = np.random.default_rng(5)
cases = [rng.normal(size=4) for _ in range(3)]
before = [case.copy() for case in cases]
want = [float(sum(case.tolist())) for case in cases]
got = [f(case) for case in cases]
assert len(got) == 3, "one result per case"
assert all(isinstance(g, float) for g in got), f"floats expected, got {[type(g) for g in got]}"
assert np.allclose(got, want), "add the numbers up"
assert all(np.array_equal(a, b) for a, b in zip(cases, before)), "the input was modified"
"""


@needs_fork
@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        ("def f(x):\n    return float(x.sum())", "right"),
        ("def f(x):\n    return float(x.mean())", "add the numbers up"),
        ("def f(x):\n    x[0] += 0\n    x *= 2\n    return float(x.sum() / 2)", "was modified"),
        ("def f(x):\n    return np.float32(x.sum())", "floats expected"),
        ("def f(x):\n    raise KeyError('no')", "KeyError: 'no'"),
        ("import os\n\ndef f(x):\n    os._exit(0)", "process ended"),
        ("def f(x):\n    return 'a' * 10", "floats expected"),
    ],
)
def test_verdicts_and_messages_are_those_of_the_test(answer: str, verdict: str) -> None:
    assert verdict in outcome(TEST, answer)


CHEATS = {
    "equal to everything": """
class Any(float):
    __eq__ = lambda s, o: True
    __hash__ = None

f = lambda x: Any(1)
""",
    "numpy patched": """
np.allclose = lambda *a, **k: True
np.array_equal = np.allclose
f = lambda x: 1.0
""",
    "builtins patched": """
import builtins
builtins.all = lambda x: True
f = lambda x: 1.0
""",
    "reads the wanted values from the callers": """
import sys

def f(x):
    frame = sys._getframe(1)
    while frame:
        if "want" in frame.f_globals:
            return frame.f_globals["want"][0]
        frame = frame.f_back
    return 1.0
""",
    "writes into the callers": """
import sys

def f(x):
    names = sys._getframe(1).f_globals
    names["want"] = [1.0] * 3
    names["np"].allclose = lambda *a: True
    return 1.0
""",
    "json patched": """
import json
json.dumps = lambda o: "{}"
f = lambda x: 1.0
""",
    "encoder patched": """
import aicourse.grading.sealed.snapshot as snapshot
snapshot.encode = lambda v: {"pass": True}
f = lambda x: 1.0
""",
    "array subclass": """
class Any(np.ndarray):
    __array_ufunc__ = lambda s, *a, **k: True

f = lambda x: np.zeros(3).view(Any)
""",
    "number subclass": """
class Own(float):
    pass

f = lambda x: Own(x.sum())
""",
}


@needs_fork
@pytest.mark.parametrize("cheat", CHEATS.values(), ids=CHEATS)
def test_a_process_that_cheats_only_changes_its_own_values(cheat: str) -> None:
    assert outcome(TEST, cheat) != "right"


@needs_fork
def test_the_wanted_values_are_never_in_the_learners_process() -> None:
    spy = (
        "import sys\n\ndef f(x):\n    names = set()\n    frame = sys._getframe(0)\n"
        "    while frame:\n        names |= set(frame.f_globals) | set(frame.f_locals)\n"
        "        frame = frame.f_back\n    return sorted(names)"
    )
    seen: dict[str, Any] = {"np": np}
    with held(spy, {"np": np}) as snapshot, contextlib.suppress(AssertionError):
        SplitTest(TEST, ("f",)).run(snapshot, seen)
    assert "cases" in seen["got"][0]
    assert not {"want", "before", "spec"} & set(seen["got"][0])


@needs_fork
def test_helpers_and_lists_of_the_test_work_across_processes() -> None:
    test = """
calls = []
table = np.array([[1.0, np.nan], [2.0, 3.0]])
def recorded(n):
    calls.append(n)
    return n
got = [f(recorded, table, 3), f(recorded, table, 4)]
again = f(recorded, table, 5)
assert got == [3, 4] and again == 5
assert calls == [3, 4, 5], f"called with {calls}"
assert not np.isnan(table).any(), "fill the table in place"
assert f(recorded, table, 6) == 6 and isinstance(f, object)
assert got is not calls
"""
    right = "def f(g, t, n):\n    t[np.isnan(t)] = 0\n    return g(n)"
    assert outcome(test, right) == "right"
    assert "in place" in outcome(test, "def f(g, t, n):\n    np.nan_to_num(t)\n    return g(n)")


@needs_fork
def test_objects_that_are_no_data_stay_with_the_learner() -> None:
    test = """
node = Node(2)
double = node + node
value = double.data
same = (node + node) is node
assert isinstance(value, int), "an int"
assert value == 4
assert double.data == 4 and not same
slope = 1 / 3
assert double.data < 5, f"below 5, slope {slope:.2f}, got {double.data!r}"
"""
    right = """
class Node:
    def __init__(self, data):
        self.data = data

    def __add__(self, other):
        return Node(self.data + other.data)
"""
    assert outcome(test, right, ("Node",)) == "right"
    above = test.replace("< 5", "> 5")
    assert outcome(above, right, ("Node",)) == "below 5, slope 0.33, got 4"
    wrong = right.replace("self.data + other.data", "self.data * 3")
    assert "failed" in outcome(test, wrong, ("Node",))


@needs_fork
def test_a_test_that_compares_inside_a_loop_is_refused() -> None:
    with pytest.raises(CannotSplit, match="for x in"):
        outcome("for x in (1, 2):\n    assert f(x) == x", "def f(x):\n    return x")


@needs_fork
def test_a_request_has_a_time_limit() -> None:
    endless = "def f():\n    while True:\n        pass"
    with held(endless, {}, seconds=0.3) as snapshot, pytest.raises(LearnersError, match="time"):
        SplitTest("got = f()\nassert got == 1", ("f",)).run(snapshot, {})


@needs_fork
@pytest.mark.parametrize(
    ("answer", "kind", "error_type"),
    [
        ("def f():\n    raise NotImplementedError", "raised", "NotImplementedError"),
        ("def f():\n    return undefined", "raised", "NameError"),
        ("import os\n\ndef f():\n    os._exit(3)", "died", ""),
        ("def f():\n    while True:\n        pass", "timeout", ""),
    ],
)
def test_why_the_learners_code_did_not_return(answer: str, kind: str, error_type: str) -> None:
    with held(answer, {}, seconds=1) as snapshot, pytest.raises(LearnersError) as caught:
        SplitTest("got = f()\nassert got == 1", ("f",)).run(snapshot, {})
    assert (caught.value.kind, caught.value.error_type) == (kind, error_type)


@needs_fork
def test_what_comes_before_the_learners_names_is_prepared_once() -> None:
    made: list[int] = [1]
    test = "made.append(1)\nwant = len(made)\ngot = f()\nassert got == want"
    prepared = SplitTest(test, ("f",)).prepare({"made": made})
    assert made == [1, 1]
    with held("def f():\n    return 2", {}) as snapshot:
        prepared.run(snapshot)
    assert made == [1, 1]


def prepared_names(test: str, **names: Any) -> set[str]:
    """What a test has made before it needs an answer."""
    here = {"np": np, **names}
    SplitTest(test, ("f",)).prepare(here)
    return here.keys() - names.keys() - {"np", "__builtins__"}


def test_wanted_values_are_prepared_also_when_they_stand_below() -> None:
    assert prepared_names(TEST) == {"rng", "cases", "before", "want"}
    recording = """
calls, cases = [], [1, 2]
def recorded(x):
    calls.append(x)
    return x
got = [f(recorded, x) for x in cases]
seen = list(calls)
want = [2 * x for x in cases]
spec = lambda x: x + len(seen)
want_later = [spec(x) for x in cases]
cases = [3]
want_last = [spec(x) for x in cases]
"""
    assert prepared_names(recording) == {"calls", "cases", "recorded", "want"}


def test_draws_and_clocks_stay_in_their_order() -> None:
    test = """
import time
rng = np.random.default_rng(1)
def seconds(g):
    start = time.perf_counter()
    return time.perf_counter() - start
slow = seconds(None)
constant = 3
got = f(rng)
more = rng.normal()
assert got < slow
"""
    assert prepared_names(test) == {"time", "rng", "seconds", "constant"}


def test_a_test_that_is_broken_before_it_needs_an_answer_says_so() -> None:
    with pytest.raises(NameError, match="absent"):
        SplitTest("want = absent\ngot = f()\nassert got == want", ("f",)).prepare({})


# ------------------------------------------------- a process that answers whatever it likes


class Forged:
    """A process that answers with `names`, whatever it was asked; it notes what it was sent."""

    def __init__(self, **names: Any) -> None:
        self.names = names
        self.seen: set[str] = set()

    def execute(self, source: str, sent: Any, wanted: Iterable[str]) -> Any:
        self.seen |= set(decode(sent))
        return encode({name: self.names[name] for name in wanted if name in self.names})

    def evaluate(self, source: str, sent: Any) -> Any:
        self.seen |= set(decode(sent))
        return encode(self.names["value"])


COMPARED = """
cases = [[1.0, 2.0], [3.0, 4.0]]
scale = 2
got = [f(case, scale) for case in cases]
want = [scale * sum(case) for case in cases]
"""
ALL_CLOSE = "assert all(np.allclose(g, w) for g, w in zip(got, want)), 'wrong'"


def forged(test: str, **names: Any) -> tuple[str, set[str]]:
    """How the test ends for a forging process, and what it saw."""
    process = Forged(**names)
    try:
        SplitTest(test, ("f",)).run(process, {"np": np})
    except (AssertionError, LearnersError) as error:
        return str(error) or "failed", process.seen
    return "right", process.seen


@pytest.mark.parametrize(
    ("verdict", "names"),
    [
        ("right", {"got": [6.0, 14.0]}),
        ("something else", {"got": []}),
        ("something else", {"got": (6.0, 14.0)}),
        ("something else", {}),
        ("wrong", {"got": [0.0, 0.0], "cases": [[0.0], [0.0]]}),
        ("wrong", {"got": [0.0, 0.0], "cases": []}),
        ("wrong", {"got": [0.0, 0.0], "scale": 0}),
        ("wrong", {"got": [0.0, 0.0], "want": [0.0, 0.0]}),
    ],
)
def test_empty_answers_and_changed_inputs_pass_nothing(verdict: str, names: dict[str, Any]) -> None:
    assert verdict in forged(COMPARED + ALL_CLOSE, **names)[0]


def test_a_message_quotes_no_more_than_a_page_of_what_the_answer_returned() -> None:
    message, _ = forged("got = f()\nassert got == 1, f'expected 1, got {got}'", got="x" * 10**6)
    assert message.startswith("expected 1, got x")
    assert len(message) <= 1500


@pytest.mark.parametrize(
    ("form", "values"),
    [
        ("[float(f(x)) for x in cases]", [[[], []], [1.0, np.zeros(0)], [1, 2]]),
        ("[(len(f(x)), f(x)) for x in cases]", [[(1,), (2,)], [("1", 1), ("1", 1)]]),
        ("{name: [f(x) for x in cases] for name in 'ab'}", [{}, {"a": [1], "b": [1]}]),
        ("[f(1), f(2), f(3)]", [[1, 2], (1, 2, 3)]),
        ("list(f(1))", [(), 3]),
    ],
)
def test_values_have_the_form_that_their_assignment_gives_them(form: str, values: Any) -> None:
    for value in values:
        verdict, _ = forged(f"cases = [1, 2]\ngot = {form}", got=value)
        assert "something else" in verdict, value


def test_an_input_that_comes_back_changed_is_seen_by_assertions() -> None:
    checked = COMPARED + "assert cases == [[1.0, 2.0], [3.0, 4.0]], 'modified'\n" + ALL_CLOSE
    assert forged(checked, got=[6.0, 14.0], cases=[[9.0], [9.0]])[0] == "modified"
    constant = COMPARED + "assert scale == 2, 'modified'\n" + ALL_CLOSE
    assert forged(constant, got=[6.0, 14.0], scale=3)[0] == "right"


@pytest.mark.parametrize(
    "comparison",
    [
        ALL_CLOSE,
        "wrong = [w for g, w in zip(got, want) if g != w]\nassert wrong == [], 'wrong'",
        "pairs = list(zip(got, want))\nassert all(g == w for g, w in pairs), 'wrong'",
        "assert max(abs(g - w) for g, w in zip(got, want)) < 1, 'wrong'",
        "far = [abs(g - w) for g, w in zip(got, want)]\nassert max(far) < 1, 'wrong'",
        "assert (got[0] - want[0]).max() < 1, 'wrong'",
    ],
)
def test_objects_never_meet_the_wanted_values(comparison: str) -> None:
    lies = {"value": 0, "wrong": [], "pairs": [], "far": [0.0]}
    verdict, seen = forged(COMPARED + comparison, got=[len, len], **lies)
    assert verdict != "right"
    assert "want" not in seen


@needs_fork
def test_objects_that_equal_everything_pass_no_comparison_of_the_test() -> None:
    answer = """
class Anything:
    __eq__ = lambda s, o: True
    __ne__ = __lt__ = __gt__ = lambda s, o: False
    __sub__ = __rsub__ = __abs__ = max = lambda s, *a: s
    __hash__ = None

f = lambda x: Anything()
"""
    for line in (
        "wrong = [x for x, g in zip(cases, got) if g != want[x]]\nassert wrong == [], 'wrong'",
        "far = [x for x, g in zip(cases, got) if abs(g - want[x]) > 1]\nassert far == [], 'wrong'",
        "assert (got[1] - want[1]).max() < 1, 'wrong'",
        "assert len([g for g in got if g != 7]) == 0, 'wrong'",
    ):
        test = f"cases = [0, 1]\ngot = [f(x) for x in cases]\nwant = [3, 4]\n{line}"
        assert outcome(test, answer) != "right", line


@needs_fork
def test_a_test_that_draws_objects_is_refused() -> None:
    test = """
rng = np.random.default_rng(1)
scales = [lambda x, s=rng.normal(): s * x for _ in range(3)]
got = [f(scale, 2.0) for scale in scales]
assert got == [scale(2.0) for scale in scales]
"""
    with pytest.raises(CannotSplit, match="drawn from `rng`"):
        outcome(test, "def f(scale, x):\n    return scale(x)")
