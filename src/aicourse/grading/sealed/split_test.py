"""Runs a test cell with the learner's code in one process and everything else in another.

A test written as CONTRIBUTING.md asks collects the learner's results in straight statements
(`got = [f(x) for x in cases]`) and compares them in top-level assertions. So it can be cut:

- a statement that reads a name of the learner's runs in the *snapshot*, the process that holds the
  learner's objects; the values it needs are sent there as plain data, and the values it leaves come
  back as plain data;
- every other statement, the specification and all comparisons among them, runs here, where no code
  of the learner's ever runs, with those values.

What the learner's code may do to its own process (patch NumPy, redefine `==`, read the stack) then
changes what it returns, and nothing else: neither the wanted values nor the verdict are there.
Three rules keep it so for a process that answers whatever it likes:

- the values of an assignment have the form that it gives them (`[float(f(x)) for x in cases]` is a
  list of floats, one per case);
- what the learner's code was given comes back changed for assertions alone, which may ask whether
  it was modified; wanted values are computed from what was sent. Only lists and dictionaries that
  were sent empty are taken as they come back: the test's own functions record calls in them;
- an object that cannot cross is asked there for what it holds, never compared there, and never
  together with values that the process has not seen; else what stands for it is compared here.
"""

import ast
import contextlib
import copy
from collections.abc import Iterable, Iterator
from typing import Any, Protocol

import numpy as np

from aicourse.grading.sealed.plain_data import NotPlainData, Opaque, decode, encode

#: These ask about objects, not values: only the process that has the objects can answer.
_ABOUT_OBJECTS = {"shares_memory", "may_share_memory", "id"}
#: These give a verdict, so they are never asked of the learner's process: an object that cannot
#: cross is judged by what stands for it, which is of no type and equals nothing.
_VERDICTS = {
    *("isinstance", "issubclass", "type", "callable", "hasattr", "all", "any", "bool"),
    *("allclose", "array_equal", "isclose", "equals"),
}
#: A message may quote what the answer returned, which may be long.
_LONGEST_MESSAGE = 1500
_NUMBERS_AND_TEXT = {type(None), bool, int, float, complex, str, bytes}


class Snapshot(Protocol):
    """The process that holds the learner's objects."""

    def execute(self, source: str, sent: Any, wanted: Iterable[str]) -> Any:
        """Run statements, with `sent` (an encoded dict of names) put in place first.

        Returns an encoded dict of those names of `wanted` that exist then.

        Raises:
            LearnersError: the statements raised.
        """

    def evaluate(self, source: str, sent: Any) -> Any:
        """The encoded value of an expression; raises as `execute`."""


class LearnersError(Exception):
    """The learner's code did not return where the test calls it.

    `kind` says why: "raised" (the message begins with the exception's type, and `error_type` is
    its name), "timeout", or "died" (its process ended, or sent something else than an answer).
    """

    def __init__(self, message: str, kind: str = "raised", error_type: str = "") -> None:
        super().__init__(message)
        self.kind = kind
        self.error_type = error_type


class CannotSplit(Exception):
    """The test compares where the learner's code runs; the message names the statement."""


def _names(tree: ast.AST, kind: type[ast.expr_context]) -> set[str]:
    return {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, kind)}


def _stored(statement: ast.stmt) -> set[str]:
    """Names that running the statement may bind at the top level."""
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return {statement.name}
    if isinstance(statement, ast.Import | ast.ImportFrom):
        return {(alias.asname or alias.name).split(".")[0] for alias in statement.names}
    bound = _names(statement, ast.Store)
    for node in ast.walk(statement):
        if isinstance(node, ast.comprehension):
            bound -= _names(node.target, ast.Store)
    return bound


def _only_binds(statement: ast.stmt) -> bool:
    """Whether the statement gives names to values and does nothing else to them."""
    if isinstance(statement, ast.FunctionDef | ast.ClassDef | ast.Import | ast.ImportFrom):
        return True
    if not isinstance(statement, ast.Assign | ast.AnnAssign):
        return False
    targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
    return all(isinstance(t, ast.Name | ast.Tuple) for t in targets)


def _only_defines(statement: ast.stmt) -> bool:
    """Whether the statement makes a function or a class, and so calls nothing yet."""
    if isinstance(statement, ast.Assign):
        return isinstance(statement.value, ast.Lambda)
    return isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)


def _called(call: ast.Call) -> str:
    """The last part of the called name: `allclose` of `np.allclose(…)`."""
    function = call.func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _free(node: ast.AST) -> set[str]:
    """Names that the node reads and does not bind in a comprehension of its own."""
    loops = [n.target for n in ast.walk(node) if isinstance(n, ast.comprehension)]
    return _names(node, ast.Load).difference(*(_names(one, ast.Store) for one in loops))


def _compares(node: ast.AST) -> bool:
    """Whether a comparison of values, or another verdict, is part of the node."""
    for inner in ast.walk(node):
        if isinstance(inner, ast.Compare) and not all(
            isinstance(operator, ast.Is | ast.IsNot) for operator in inner.ops
        ):
            return True
        if isinstance(inner, ast.Call) and _called(inner) in _VERDICTS:
            return True
    return False


def _asks_about_objects(node: ast.AST) -> bool:
    for inner in ast.walk(node):
        if isinstance(inner, ast.Compare) and any(
            isinstance(op, ast.Is | ast.IsNot) and not isinstance(right, ast.Constant)
            for op, right in zip(inner.ops, inner.comparators, strict=True)
        ):
            return True
        if isinstance(inner, ast.Call) and _called(inner) in _ABOUT_OBJECTS:
            return True
    return False


def _update(old: Any, new: Any) -> Any:
    """Give a list or dictionary its new content in place, for other names that refer to it."""
    if type(old) is not type(new):
        return new
    if isinstance(old, list):
        old[:] = [_update(a, b) for a, b in zip(old, new, strict=False)] + new[len(old) :]
        return old
    if isinstance(old, dict):
        changed = {key: _update(old.get(key), value) for key, value in new.items()}
        old.clear()
        old.update(changed)
        return old
    return new


def _holds_nothing(value: Any) -> bool:
    """Whether a list, dictionary or set, and each in it, is empty."""
    if isinstance(value, dict):
        value = list(value.values())
    return isinstance(value, list | tuple | set) and all(_holds_nothing(one) for one in value)


#: What a function can change that was given it.
_CHANGEABLE = {
    *("list", "dict", "set", "bytearray", "ndarray", "Generator", "Series", "DataFrame"),
    *("Tensor", "Parameter"),
}


def _as_returned(old: Any, new: Any) -> Any:
    """What a value is after it was given away; what cannot change stays what it was."""
    if type(old) is not type(new):
        return old
    if isinstance(old, tuple) and len(old) == len(new):
        return tuple(_as_returned(a, b) for a, b in zip(old, new, strict=True))
    if isinstance(old, np.ndarray) and not old.flags.writeable:
        return old
    return new if type(old).__name__ in _CHANGEABLE else old


#: Functions whose results are of one type, whatever the learner's code returns.
_RESULT_TYPES = {
    **{"float": "float", "int": "int", "str": "str", "bool": "bool", "len": "int"},
    **{"repr": "str", "list": "list", "sorted": "list", "tuple": "tuple", "dict": "dict"},
}


class _Form(ast.NodeTransformer):
    """Turns an expression into one for the form of its value, without the learner's code.

    `[float(f(x)) for x in cases]` becomes `[float for x in cases]`; `object` stands for anything.
    """

    def __init__(self, unknown: set[str]) -> None:
        self._unknown = unknown

    def visit(self, node: ast.AST) -> ast.AST:
        match node:
            case ast.ListComp(elt=element, generators=loops) if self._known(loops):
                return ast.ListComp(self.visit(element), loops)
            case ast.DictComp(key=key, value=value, generators=loops) if self._known([key, *loops]):
                return ast.DictComp(key, self.visit(value), loops)
            case ast.List(elts=parts) if not any(isinstance(p, ast.Starred) for p in parts):
                return ast.List([self.visit(part) for part in parts], ast.Load())
            case ast.Tuple(elts=parts) if not any(isinstance(p, ast.Starred) for p in parts):
                return ast.Tuple([self.visit(part) for part in parts], ast.Load())
            case ast.Dict(keys=keys, values=values) if None not in keys and self._known(keys):
                return ast.Dict(keys, [self.visit(value) for value in values])
            case ast.ListComp():
                return ast.Name("list", ast.Load())
            case ast.Call(func=ast.Name(id=name)) if name in _RESULT_TYPES:
                return ast.Name(_RESULT_TYPES[name], ast.Load())
        return ast.Name("object", ast.Load())

    def _known(self, nodes: Iterable[ast.AST | None]) -> bool:
        return not any(_names(n, ast.Load) & self._unknown for n in nodes if n is not None)


def _has_form(value: Any, form: Any) -> bool:
    if isinstance(form, type):
        return form is object or type(value) is form
    if type(value) is not type(form) or len(value) != len(form):
        return False
    if isinstance(form, dict):
        return list(value) == list(form) and all(_has_form(value[k], form[k]) for k in form)
    return all(_has_form(one, part) for one, part in zip(value, form, strict=True))


def _contains_opaque(value: Any, depth: int = 0) -> bool:
    if isinstance(value, Opaque):
        return True
    if depth > 20:
        return False
    if isinstance(value, dict):
        value = [*value.keys(), *value.values()]
    if isinstance(value, list | tuple | set | frozenset):
        if set(map(type, value)) <= _NUMBERS_AND_TEXT:
            return False
        return any(_contains_opaque(one, depth + 1) for one in value)
    return False


def obstacles(test: ast.Module, learners: Iterable[str]) -> list[str]:
    """What in a test keeps it from being cut, as far as that is known without running it."""
    found = []
    names = set(learners)
    for statement in test.body:
        if isinstance(statement, ast.Assert):
            found += [
                f"the learner's code inside: {ast.unparse(node)[:80]}"
                for node in ast.walk(statement.test)
                if isinstance(node, ast.Call)
                and _called(node) in _VERDICTS
                and not _simple(node)
                and _names(node, ast.Load) & names
            ]
        elif _names(statement, ast.Load) & names:
            if any(isinstance(node, ast.Assert) for node in ast.walk(statement)):
                found.append(f"an assertion inside: {ast.unparse(statement)[:80]}")
            if _only_defines(statement):
                names |= _stored(statement)
    return found


def _crosses(value: Any) -> bool:
    return not _contains_opaque(decode(encode(value)))


class SplitTest:
    """One test cell, cut at the learner's names."""

    def __init__(self, source: str, learners: Iterable[str]) -> None:
        self._statements = ast.parse(source).body
        self._learners = set(learners)

    def prepare(self, environment: dict[str, Any]) -> "PreparedTest":
        """Run what does not depend on the learner's code, also where it stands further down.

        That makes inputs, specifications and wanted values, the same for every answer. What it
        raises is the test's own fault and is raised as it is.

        Args:
            environment: what the lesson's own set-up defines; receives the test's variables.
        """
        run = _Run(environment, self._learners)
        later = _Later(environment, self._learners)
        for statement in self._statements:
            if later.takes(statement):
                later.add(statement)
            else:
                run.one(statement)
        return PreparedTest(run, later.statements)

    def run(self, snapshot: Snapshot, environment: dict[str, Any]) -> None:
        """`prepare` and `PreparedTest.run` at once."""
        self.prepare(environment).run(snapshot)


class PreparedTest:
    """A test whose inputs exist: the rest of it runs once, in this process or in a fork of it."""

    def __init__(self, run: "_Run", statements: list[ast.stmt]) -> None:
        self._run = run
        self._statements = statements

    def run(self, snapshot: Snapshot) -> None:
        """Run the rest of the test; returns if it passes.

        Raises:
            AssertionError: the answer is wrong; the message is the test's.
            LearnersError: the learner's code raised where the test calls it.
            CannotSplit: the test is not written so that it can be cut.
            MemoryError: the answer's values do not fit into the memory.
        """
        self._run.snapshot = snapshot
        try:
            for statement in self._statements:
                self._run.one(statement)
        except (AssertionError, LearnersError, CannotSplit, MemoryError):
            raise
        except Exception as error:  # the test stumbles over what the answer returned
            raise AssertionError(f"{type(error).__name__}: {error}") from error


#: Modules and functions whose results are of one moment.
_OF_THE_MOMENT = {
    *("time", "timeit", "perf_counter", "process_time", "monotonic", "tracemalloc", "resource"),
}


class _Later:
    """The statements of a test that have to wait for the learner's code, in their order."""

    def __init__(self, here: dict[str, Any], learners: set[str]) -> None:
        self.statements: list[ast.stmt] = []
        self._here = here
        #: Names whose values those statements make or may change.
        self._open = set(learners)
        #: Names that those statements read or bind.
        self._used: set[str] = set()
        #: Name → what the statement reads that made it, and the functions in that.
        self._reads: dict[str, set[str]] = {}

    def takes(self, statement: ast.stmt) -> bool:
        """Whether the statement has to wait; called once for each, in order."""
        reads = self._all_reads(statement)
        for name in _stored(statement):
            self._reads[name] = reads
        if reads & self._open:
            return True
        if not _only_defines(statement) and reads & _OF_THE_MOMENT:
            return True
        if not self.statements:
            return False
        return not _only_binds(statement) or bool(_stored(statement) & self._used)

    def add(self, statement: ast.stmt) -> None:
        reads, stored = self._all_reads(statement), _stored(statement)
        self.statements.append(statement)
        self._used |= reads | stored
        self._open |= stored
        if isinstance(statement, ast.Assert):
            return
        if not _only_binds(statement):
            self._open |= reads & self._here.keys()
        self._open |= {name for name in reads if self._is_used_up(name)}

    def _all_reads(self, statement: ast.stmt) -> set[str]:
        """What a statement reads, and what the functions read that it may call."""
        reads = _names(statement, ast.Load)
        functions = (name for name in reads & self._reads.keys() if not self._is_data(name))
        return reads.union(*(self._reads[name] for name in functions))

    def _is_data(self, name: str) -> bool:
        return name in self._here and _crosses(self._here[name])

    def _is_used_up(self, name: str) -> bool:
        """Whether reading a value may change it: draws, items taken, calls recorded."""
        value = self._here.get(name)
        random = type(value).__module__.partition(".")[0] == "random" or isinstance(
            value, np.random.Generator | np.random.BitGenerator | np.random.RandomState
        )
        return random or isinstance(value, Iterator) or _holds_nothing(value)


class _Run:
    snapshot: Snapshot

    def __init__(self, here: dict[str, Any], learners: set[str]) -> None:
        self._here = here
        #: The learner's names, and the test's functions that call them.
        self._learners = learners
        #: Names whose objects exist only in the snapshot.
        self._there = set(learners)
        #: Names of what the learner's code returned, or the test recorded while it ran.
        self._results: set[str] = set()
        #: What the learner's code was given, as it came back; assertions see it.
        self._returned: dict[str, Any] = {}
        #: Names that came from the snapshot as data, and still exist there as objects.
        self._both: set[str] = set()
        self._defined: dict[str, list[ast.stmt]] = {}
        self._known_there: set[str] = set()
        #: Helper function → data that it reads (and may change) when it is called there.
        self._behind: dict[str, set[str]] = {}
        self._reached: set[str] = set()

    def one(self, statement: ast.stmt) -> None:
        if isinstance(statement, ast.Assert):
            self._assert(statement)
        elif self.needs_learner(statement):
            if any(isinstance(node, ast.Assert) for node in ast.walk(statement)):
                raise CannotSplit(f"an assertion inside: {ast.unparse(statement)[:80]}")
            self._run_there(statement)
        else:
            self._run_here(statement)
        for name in _stored(statement):
            self._defined.setdefault(name, []).append(statement)

    def needs_learner(self, node: ast.AST) -> bool:
        """Whether only the learner's process can run it."""
        reads = _names(node, ast.Load)
        if reads & self._learners:
            return True
        asks = bool(reads & self._both) and _asks_about_objects(node)
        if not asks and not reads & self._there:
            return False
        if self._uses_object_there(node):
            return True
        return not _compares(node) and not any(map(self._is_new_there, _free(node)))

    def _uses_object_there(self, node: ast.AST) -> bool:
        """Whether it asks something of an object that exists only in the learner's process."""
        return any(
            isinstance(inner, ast.Attribute)
            and isinstance(inner.value, ast.Name)
            and isinstance(self._here.get(inner.value.id), Opaque)
            for inner in ast.walk(node)
        )

    def _is_new_there(self, name: str) -> bool:
        """Whether a name is the test's own and the learner's process does not have it."""
        return name in self._defined and name not in (self._there | self._both | self._known_there)

    def _run_here(self, statement: ast.stmt) -> None:
        exec(compile(ast.Module([statement], []), "<test>", "exec"), self._here)
        touched = _stored(statement)
        if not _only_binds(statement):  # it may change what it reads
            touched = touched | _names(statement, ast.Load)
        self._both -= touched
        self._known_there -= touched
        self._there -= _stored(statement)
        for name in touched:
            self._returned.pop(name, None)

    # what runs there

    def _run_there(self, statement: ast.stmt) -> None:
        stored = _stored(statement)
        if _only_defines(statement):
            self._learners |= stored
        self._reached = set()
        sent = self._provide(_names(statement, ast.Load))
        changed = sent.keys() | (_names(statement, ast.Load) & self._both) | self._reached
        wanted = sorted(stored | changed)
        data = encode(sent)
        forms = self._forms(statement)
        values = _received(self.snapshot.execute(ast.unparse(statement), data, wanted))
        if type(values) is not dict:
            raise LearnersError("The process of the answer sent something else.", "died")
        for name in wanted:
            value = values.get(name, Opaque("missing"))
            if name in forms and not _has_form(value, forms[name]):
                raise LearnersError("The process of the answer sent something else.", "died")
            self._both.add(name)
            if name in stored:
                self._results.add(name)
                self._returned.pop(name, None)
                self._here[name] = value  # of an object that cannot cross, what stands for it
                (self._there.add if _contains_opaque(value) else self._there.discard)(name)
            elif name in self._results or _holds_nothing(self._here[name]):
                self._results.add(name)
                self._here[name] = _update(self._here[name], value)
            else:
                self._returned[name] = _as_returned(self._here[name], value)

    def _forms(self, statement: ast.stmt) -> dict[str, Any]:
        """The forms that the values of an assignment must have, by name, as far as they are sure.

        A process that answers with an empty list must not pass `all(… for g in got)`.
        """
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                pairs = [(name, value)]
            case ast.Assign(targets=[ast.Tuple(elts=names)], value=ast.Tuple(elts=values)):
                pairs = [
                    (one.id, value)
                    for one, value in zip(names, values, strict=False)
                    if isinstance(one, ast.Name)
                ]
            case _:
                return {}
        unknown = self._there | {n for n, v in self._here.items() if isinstance(v, Iterator)}
        forms = {}
        for name, value in pairs:
            form = _Form(unknown).visit(copy.deepcopy(value))
            # What fails here fails there as well.
            with contextlib.suppress(Exception):
                tree = ast.fix_missing_locations(ast.Expression(form))
                forms[name] = eval(compile(tree, "<test>", "eval"), self._here)
        return forms

    def _provide(self, reads: set[str]) -> dict[str, Any]:
        """What the snapshot lacks of the names that a statement reads: data to send.

        Functions, classes and modules are not data: the statements that define them run there.
        """
        sent: dict[str, Any] = {}
        for name in sorted(reads - self._there - self._both):
            if name not in self._here:
                continue  # a builtin, or bound by the statement itself
            value = self._here[name]
            if _crosses(value):
                sent[name] = value
            elif name in self._known_there:
                self._reached.update(self._behind.get(name, ()))
            else:
                self._define_there(name)
        return sent

    def _define_there(self, name: str) -> None:
        self._known_there.add(name)
        for statement in self._defined.get(name, []):
            sent = self._provide(_names(statement, ast.Load) - {name})
            drawn = [n for n in {*sent, *self._behind_all(statement)} if self._is_random(n)]
            if drawn and not _only_defines(statement):
                raise CannotSplit(
                    f"`{name}` holds what is no data and was drawn from `{drawn[0]}`; draw data,"
                    f" and make of it what is none where the learner's code is called"
                )
            self.snapshot.execute(ast.unparse(statement), encode(sent), [])
            self._both.update(sent)
            behind = self._behind.setdefault(name, set())
            behind.update(sent)
            behind.update(self._behind_all(statement))
            self._reached.update(behind)
        # Without a definition in the test it is the lesson's own, which the snapshot has as well.

    def _behind_all(self, statement: ast.stmt) -> set[str]:
        """Data that the functions read that a statement names."""
        return {n for inner in _names(statement, ast.Load) for n in self._behind.get(inner, ())}

    def _is_random(self, name: str) -> bool:
        return isinstance(self._here.get(name), np.random.Generator)

    # assertions

    def _assert(self, statement: ast.Assert) -> None:
        try:
            holds = bool(self._value(statement.test))
        except (LearnersError, CannotSplit):
            raise
        except Exception:
            if not self._touches_objects(statement.test):
                raise
            holds = False  # an object that cannot cross, where a value was wanted
        if holds:
            return
        message = ""
        if statement.msg is not None:
            try:
                message = str(self._value(statement.msg))
            except Exception:  # a message that cannot be made must not hide the verdict
                message = "the answer is wrong here"
        message = message or f"failed: {ast.unparse(statement.test)}"[:300]
        raise AssertionError(message[:_LONGEST_MESSAGE])

    def _value(self, node: ast.expr) -> Any:
        """The value of an expression, its comparisons done here wherever they can be."""
        asks = _asks_about_objects(node) and not isinstance(node, ast.BoolOp)
        if asks or not self._touches_objects(node):
            return self._evaluate_where_it_can(node)
        if isinstance(node, ast.BoolOp):
            value: Any = None
            for operand in node.values:
                value = self._value(operand)
                if bool(value) != isinstance(node.op, ast.And):
                    return value
            return value
        if isinstance(node, ast.Compare):
            left = self._value(node.left)
            for operator, right in zip(node.ops, node.comparators, strict=True):
                right = self._value(right)
                if not self._apply(ast.Compare(_slot(0), [operator], [_slot(1)]), left, right):
                    return False
                left = right
            return True
        if isinstance(node, ast.JoinedStr):  # a message
            parts = [self._value_of_part(part) for part in node.values]
            return "".join(parts)
        if isinstance(node, ast.UnaryOp):
            return self._apply(ast.UnaryOp(node.op, _slot(0)), self._value(node.operand))
        if isinstance(node, ast.BinOp):
            operands = self._value(node.left), self._value(node.right)
            return self._apply(ast.BinOp(_slot(0), node.op, _slot(1)), *operands)
        if isinstance(node, ast.Call) and not self._touches_objects(node.func):
            return self._value_of_call(node)
        return self._evaluate_where_it_can(node)

    def _value_of_part(self, part: ast.expr) -> str:
        """The text of a part of an f-string: text, or a value with its format."""
        if not isinstance(part, ast.FormattedValue):
            return str(self._value(part))
        shown = ast.FormattedValue(_slot(0), part.conversion, part.format_spec)
        return str(self._apply(ast.JoinedStr([shown]), self._value(part.value)))

    def _touches_objects(self, node: ast.AST) -> bool:
        return bool(_names(node, ast.Load) & (self._there | self._learners))

    def _evaluate_where_it_can(self, node: ast.expr) -> Any:
        if not self.needs_learner(node):
            return self._evaluate(node)
        sent = self._provide(_names(node, ast.Load))
        return _received(self.snapshot.evaluate(ast.unparse(node), encode(sent)))

    def _value_of_call(self, node: ast.Call) -> Any:
        """The value of a call of something that is not the learner's, on something that is."""
        name = _called(node)
        if name in _VERDICTS and not _simple(node):
            if _names(node, ast.Load) & self._learners:
                raise CannotSplit(f"the learner's code inside: {ast.unparse(node)[:80]}")
            return self._evaluate(node)
        if not _simple(node):
            return self._evaluate_where_it_can(node)
        asked = [*node.args, *(keyword.value for keyword in node.keywords)]
        if any(isinstance(one, ast.Name) and one.id in self._learners for one in asked[1:]):
            return self._evaluate_where_it_can(node)  # isinstance(x, Value): the class is there
        values = [self._value(one) for one in node.args]
        named = {keyword.arg: self._value(keyword.value) for keyword in node.keywords}
        crossed = not any(isinstance(value, Opaque) for value in [*values, *named.values()])
        if crossed or name in _VERDICTS:
            return self._evaluate(node.func)(*values, **named)
        return self._evaluate_where_it_can(node)

    def _evaluate(self, node: ast.expr) -> Any:
        tree = ast.fix_missing_locations(ast.Expression(node))
        names = {**self._here, **self._returned} if self._returned else self._here
        return eval(compile(tree, "<test>", "eval"), names)

    def _apply(self, node: ast.expr, *operands: Any) -> Any:
        tree = ast.fix_missing_locations(ast.Expression(node))
        return eval(compile(tree, "<test>", "eval"), {f"_{i}": v for i, v in enumerate(operands)})


def _received(data: Any) -> Any:
    try:
        return decode(data)
    except NotPlainData as error:
        raise LearnersError(f"The answer's values could not be read: {error}", "died") from None


def _slot(number: int) -> ast.Name:
    return ast.Name(f"_{number}", ast.Load())


def _simple(call: ast.Call) -> bool:
    inner = (ast.Starred, ast.GeneratorExp, ast.ListComp, ast.SetComp, ast.DictComp, ast.Lambda)
    return all(k.arg for k in call.keywords) and not any(isinstance(a, inner) for a in call.args)
