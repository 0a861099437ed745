"""Attacks on the machine: time, memory, processes, disk, output, and the process's own life.

The bombs are scaled so that a machine without limits survives them; each is larger than what a
lesson needs.
"""

from . import course
from .attack import ANY_LOSS, ENDED, NO_ANSWER, SLOW, Attack
from .outside import DAEMON

_NAMED = f"""\
import ctypes
import os
import time

libc = ctypes.CDLL(None)


def become_daemon():
    libc.prctl(15, b"{DAEMON}", 0, 0, 0)  # the name by which the test finds it
"""
_DAEMONS = (
    _NAMED
    + """
for _ in range(100):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            become_daemon()
            for descriptor in range(3, 200):
                try:
                    os.close(descriptor)
                except OSError:
                    pass
            time.sleep(45)
        os._exit(0)
"""
)
_NOHUP = (
    _NAMED
    + """
import signal
import subprocess
import sys

code = "import ctypes, time; ctypes.CDLL(None).prctl(15, b'attackd', 0, 0, 0); time.sleep(45)"
for _ in range(3):
    subprocess.Popen(
        ["nohup", sys.executable, "-c", code],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
"""
).replace("attackd", DAEMON)
_FORK_BOMB = (
    _NAMED
    + """
for _ in range(7):  # 128 processes
    os.fork()
    become_daemon()
time.sleep(3)
if os.getpid() != first:
    os._exit(0)
"""
).replace("libc =", "first = os.getpid()\nlibc =")
_FILL = """\
for folder in ("/tmp", ".", "/dev/shm", "/var/tmp"):
    try:
        with open(folder + "/ATTACKED-fill", "wb") as file:
            for _ in range(700):
                file.write(bytes(1 << 20))
    except OSError as error:
        print(folder, error)
"""


def _in_call(body: str, name: str = "summary", argument: str = "numbers") -> str:
    lines = "\n".join("    " + line if line else "" for line in body.splitlines())
    return f"def {name}({argument}):\n{lines}\n"


def _attack(name: str, what: str, **parts: object) -> Attack:
    return Attack(name, "exhaustion", what, **parts)  # type: ignore[arg-type]


ATTACKS = (
    _attack(
        "cpu_loop_in_cell",
        "the cell never ends",
        target="scale_rows",
        before="while True:\n    pass\n",
        outcomes=NO_ANSWER,
    ),
    _attack(
        "cpu_loop_in_call",
        "the answer never returns",
        answer=_in_call("while True:\n    pass"),
        outcomes=SLOW,
    ),
    _attack(
        "loop_in_c",
        "a computation in C that no interrupt ends",
        target="largest_gap",
        answer=_in_call("return sum(iter(int, 1))", "largest_gap"),
        outcomes=SLOW,
    ),
    _attack(
        "deaf_loop",
        "an endless loop that ignores every signal it can",
        before="import signal\n\nfor number in range(1, 32):\n    try:\n"
        "        signal.signal(number, signal.SIG_IGN)\n    except (OSError, ValueError):\n"
        "        pass\nwhile True:\n    try:\n        while True:\n            pass\n"
        "    except BaseException:\n        pass\n",
        target="add_total",
        outcomes=NO_ANSWER,
    ),
    _attack(
        "sleep_in_cell",
        "the cell sleeps for ever",
        before="import time\n\ntime.sleep(10**8)\n",
        outcomes=NO_ANSWER,
    ),
    _attack(
        "stop_self",
        "the process stops itself (SIGSTOP)",
        before="import os\nimport signal\n\nos.kill(os.getpid(), signal.SIGSTOP)\n",
        outcomes=NO_ANSWER,
    ),
    _attack(
        "memory_numpy",
        "8 GiB of arrays in the cell",
        before="held = [np.ones(1 << 25) for _ in range(32)]\n",
        fused=True,
        outcomes=NO_ANSWER,
    ),
    _attack(
        "memory_list_in_call",
        "lists that grow until 8 GiB, only when a test calls",
        answer=_in_call(
            "held = []\nfor _ in range(64):\n    held.append([None] * (1 << 24))\nreturn held"
        ),
        fused=True,
        outcomes=ENDED,
    ),
    _attack(
        "fork_bomb",
        "128 processes at once",
        before=_FORK_BOMB,
        fused=True,
        outcomes=NO_ANSWER | ANY_LOSS,
    ),
    _attack(
        "fork_bomb_in_call",
        "the answer forks in all directions",
        answer=_in_call(_FORK_BOMB + "\nreturn {}"),
        fused=True,
        outcomes=ANY_LOSS,
    ),
    _attack(
        "disk_fill",
        "700 MiB in each of four folders",
        before=_FILL,
        fused=True,
        outcomes=ANY_LOSS,
    ),
    _attack(
        "output_flood",
        "prints 300 MB",
        before='for _ in range(300):\n    print("x" * 10**6)\n',
        outcomes=ANY_LOSS,
    ),
    _attack(
        "output_flood_in_call",
        "prints 1 MB in each of endlessly many lines when a test calls",
        answer=_in_call('while True:\n    print("x" * 10**6)'),
        outcomes=ANY_LOSS,
    ),
    _attack(
        "display_flood",
        "a million calls of display",
        before="from IPython.display import display\n\nfor number in range(10**6):\n"
        "    display(number)\n",
        outcomes=ANY_LOSS,
    ),
    _attack(
        "huge_repr",
        "the cell's last value has a representation of 500 MB",
        answer='class Long:\n    def __repr__(self):\n        return "x" * (5 * 10**8)\n\n\n'
        'def summary(numbers):\n    return {"count": 0, "mean": 0.0}\n\n\nLong()\n',
        outcomes=ANY_LOSS,
    ),
    _attack(
        "daemons",
        "100 daemons by double fork and setsid",
        before=_DAEMONS,
        fused=True,
        outcomes=ANY_LOSS,
    ),
    _attack(
        "nohup",
        "programs started by nohup in sessions of their own",
        before=_NOHUP,
        fused=True,
        outcomes=ANY_LOSS,
    ),
    _attack(
        "threads",
        "2,000 threads that sleep",
        before="import threading\nimport time\n\nfor _ in range(2000):\n"
        "    threading.Thread(target=time.sleep, args=(45,)).start()\n",
        outcomes=ANY_LOSS,
    ),
    _attack(
        "recursion",
        "recursion without end and without Python's limit",
        answer="import sys\n\nsys.setrecursionlimit(10**9)\n\n\n"
        + _in_call("return summary(numbers)"),
        fused=True,
        outcomes=ANY_LOSS,
    ),
    _attack(
        "recursion_in_c",
        "recursion in C until the stack overflows",
        before="import sys\n\nsys.setrecursionlimit(10**9)\nnested = []\n"
        "for _ in range(10**6):\n    nested = [nested]\nrepr(nested)\n",
        target="softmax_rows",
        outcomes=NO_ANSWER,
    ),
    _attack(
        "segfault",
        "reads the address 0 in the cell",
        before="import ctypes\n\nctypes.string_at(0)\n",
        target="scale_rows",
        outcomes=NO_ANSWER,
    ),
    _attack(
        "segfault_in_call",
        "reads the address 0 when a test calls",
        answer=_in_call("import ctypes\n\nreturn ctypes.string_at(0)"),
        outcomes=ENDED,
    ),
    _attack(
        "sigkill_self",
        "kills its own process",
        before="import os\n\nos.kill(os.getpid(), 9)\n",
        target="add_total",
        outcomes=NO_ANSWER,
    ),
    _attack(
        "kill_everything",
        "kills every process that it may",
        before="import os\n\nos.kill(-1, 9)\n",
        lost_too=course.EXERCISES,
        fused=True,
        outcomes=ANY_LOSS,
    ),
    _attack(
        "descriptors",
        "opens files until no more can be opened",
        before="held = []\ntry:\n    while len(held) < 10**5:\n"
        "        held.append(open('/dev/null'))\n"
        "except OSError:\n    pass\n",
        target="largest_gap",
        outcomes=ANY_LOSS,
    ),
    _attack(
        "listening",
        "listens on 200 ports",
        before="import socket\n\nlisteners = [socket.create_server(('127.0.0.1', 0))"
        " for _ in range(200)]\n",
        outcomes=ANY_LOSS,
    ),
    _attack(
        "huge_return",
        "returns a text of 1 GB",
        answer=_in_call('return {"count": "x" * 10**9, "mean": 0.0}'),
        fused=True,
        outcomes=ANY_LOSS,
    ),
    _attack(
        "huge_array",
        "returns an array of 2 GiB",
        target="scale_rows",
        answer=_in_call("return np.ones((1 << 28, 1))", "scale_rows", "table"),
        fused=True,
        outcomes=ANY_LOSS,
    ),
    _attack(
        "virtual_array",
        "returns 10¹² numbers that are views of one",
        target="scale_rows",
        answer=_in_call("return np.broadcast_to(0.0, (10**9, 10**3))", "scale_rows", "table"),
        fused=True,
    ),
    _attack(
        "virtual_array_right_shape",
        "a lazy array for the visible test's one row, then a right shape of stride 0",
        target="scale_rows",
        answer=_in_call("return np.broadcast_to(0.0, table.shape)", "scale_rows", "table"),
    ),
    _attack(
        "endless_generator",
        "returns a generator without end",
        target="largest_gap",
        answer="import itertools\n\n\n" + _in_call("return itertools.count()", "largest_gap"),
        outcomes=ANY_LOSS,
    ),
    _attack(
        "endless_range",
        "returns a range of 10¹⁸ numbers",
        target="largest_gap",
        answer=_in_call("return range(10**18)", "largest_gap"),
        outcomes=ANY_LOSS,
    ),
    _attack(
        "huge_integer",
        "returns an integer of 30 million digits",
        answer=_in_call('return {"count": 1 << 10**8, "mean": 1 << 10**8}'),
        fused=True,
        outcomes=ANY_LOSS,
    ),
    _attack(
        "huge_decimal",
        "returns a number whose integer part has 10⁹ digits",
        target="largest_gap",
        answer="import decimal\n\n\n"
        + _in_call('return decimal.Decimal("1e999999999")', "largest_gap"),
        fused=True,
        outcomes=ANY_LOSS,
    ),
    _attack(
        "false_length",
        "returns a dictionary that says it holds 2⁶³ − 1 items and iterates for ever",
        answer="import sys\n\n\nclass Many(dict):\n    def __len__(self):\n"
        "        return sys.maxsize\n\n    def __iter__(self):\n        while True:\n"
        "            yield 1\n\n    def items(self):\n        while True:\n"
        "            yield 1, 1\n\n    def get(self, key, default=None):\n"
        "        while True:\n            pass\n\n\n" + _in_call("return Many()"),
        outcomes=ANY_LOSS,
    ),
    _attack(
        "deep_return",
        "returns a million nested lists",
        answer=_in_call(
            "nested = []\nfor _ in range(10**6):\n    nested = [nested]\n"
            'return {"count": nested, "mean": nested}'
        ),
        outcomes=ANY_LOSS,
    ),
    _attack(
        "many_small_objects",
        "returns three million small lists, small each, large together",
        answer=_in_call('return {"count": [[i] for i in range(3 * 10**6)], "mean": 0.0}'),
        fused=True,
        outcomes=ANY_LOSS,
    ),
    _attack(
        "self_containing",
        "returns a dictionary that contains itself",
        answer=_in_call('loop = {"mean": 0.0}\nloop["count"] = loop\nreturn loop'),
        outcomes=ANY_LOSS,
    ),
    _attack(
        "endless_message",
        "raises an exception whose text is 1 GB",
        answer=_in_call('raise ValueError("x" * 10**9)'),
        fused=True,
        outcomes=ANY_LOSS,
    ),
    _attack(
        "hostile_exception",
        "raises an exception whose text cannot be made: `__str__` never ends",
        answer="class Evil(Exception):\n    def __str__(self):\n        while True:\n"
        "            pass\n\n    __repr__ = __str__\n\n\n" + _in_call("raise Evil"),
        outcomes=ANY_LOSS,
    ),
)
