"""The tests of every finished lesson run sealed, and give the verdicts of whole ones.

Here on the reference and on two known answers of each exercise; `python tests/sealed_comparison.py
LESSON` compares all of them with whole tests.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from aicourse.executor import ONE_THREAD

ROOT = Path(__file__).resolve().parents[1]
LESSONS = sorted(
    path.relative_to(ROOT / "notebooks").with_suffix("").as_posix()
    for path in (ROOT / "notebooks").glob("*/*.ipynb")
)


@pytest.mark.skipif(sys.platform == "win32", reason="the system cannot fork")
@pytest.mark.parametrize("lesson", LESSONS)
def test_cut_tests_know_right_answers_from_wrong_ones(lesson: str) -> None:
    # A process of its own: this one has run libraries' threads, and a fork of it may hang.
    script = Path(__file__).with_name("sealed_comparison.py")
    done = subprocess.run(
        [sys.executable, script, lesson, "--few"],
        env={**os.environ, **ONE_THREAD, "MPLBACKEND": "agg", "PYTHONWARNINGS": "ignore"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    problems = [f"{one['test']}: {one['cut']}" for one in found if one["cut"][0] == "broken"]
    problems += [
        f"{one['test']} fails the {one['kind']} answer {one['answer']!r}: {one['cut'][1]}"
        for one in found
        if one["kind"] != "wrong" and one["cut"][0] == "wrong"
    ]
    wrong = {(one["exercise"], one["answer"]) for one in found if one["kind"] == "wrong"}
    caught = {
        (one["exercise"], one["answer"])
        for one in found
        if one["kind"] == "wrong" and one["cut"][0] == "wrong"
    }
    problems += [
        f"{exercise} passes the wrong answer {name!r}" for exercise, name in wrong - caught
    ]
    assert problems == []
    assert wrong
