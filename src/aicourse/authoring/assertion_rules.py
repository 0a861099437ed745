"""What is wrong with the assertions of a test cell, found without running it.

Five rules. `sealed-assert`: hidden tests assert at top level only, so that a grader can compute
both sides where the learner's code cannot reach. `sealed-name`: in hidden tests the learner's names
occur only in plain assignments. `sealed-cut`: visible tests, too, assert nothing where the
learner's code runs. `sealed-state`: what a test sets or reads of its whole process, it does in a
function that calls the learner's, which runs in another process. `vacuous-test`: a comparison that
also holds for an empty array, an empty list or a broadcast scalar, because nothing before it looked
at shape, length or type of what the learner returned.

The last rule follows the learner's data through the cell. A value is the learner's if it comes
from a call of the exercise's names. Each comparison over such a value needs an earlier look at it:
`got.shape == …`, `len(got) == …`, `isinstance(got, float)`, `np.array_equal(got, …)` and so on,
directly, element by element (`all(g.shape == w.shape for g, w in zip(got, want))`,
`[g.shape for g in got] == …`) or inside a helper function of the cell.
"""

import ast
import copy
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from IPython.core.inputtransformer2 import TransformerManager

from aicourse.grading.sealed.split_test import obstacles

#: Calls that compare element by element and accept an empty or a broadcast operand.
_LOOSE_CALLS = {
    "allclose",
    "array_equiv",
    "assert_allclose",
    "assert_almost_equal",
    "assert_array_almost_equal",
    "assert_array_equal",
    "assert_array_less",
}
#: Calls that make one number of a difference: `np.abs(got - want).max() <= tolerance`.
_REDUCTIONS = {"max", "amax", "nanmax", "norm", "sum", "mean"}
#: Calls that compare shape or length as well.
_STRICT_CALLS = {
    "array_equal",
    "assert_equal",
    "assert_frame_equal",
    "assert_index_equal",
    "assert_series_equal",
    "isscalar",
}
_SCALAR_TYPES = {
    "float",
    "int",
    "bool",
    "str",
    "bytes",
    "complex",
    "Number",
    "Real",
    "Integral",
    "floating",
    "integer",
    "generic",
    "number",
    "bool_",
    "float64",
    "float32",
    "int64",
    "str_",
}
_SCALAR_CALLS = {"float", "int", "bool", "str", "len", "round", "repr", "hash", "id", "raised"}
_WHOLE_VALUE_CALLS = {"list", "tuple", "set", "sorted", "frozenset", "Counter", "dict"}
_SHAPE_ATTRIBUTES = {"shape", "size", "ndim"}
_LENGTH_ATTRIBUTES = {"columns", "index"}
_SAME_LENGTH_CALLS = {"list", "tuple", "sorted", "reversed", "array", "asarray", "stack"}
#: Calls that set or read what all code of a process shares.
_PROCESS_STATE = {
    *("seterr", "seed", "getstate", "setstate", "get_state", "set_state", "simplefilter"),
    *("filterwarnings", "setrecursionlimit", "get_traced_memory", "chdir", "putenv"),
}
_NOT_LOOKS = (ast.NotEq, ast.IsNot, ast.NotIn)
_ELEMENT = "each of "


@dataclass(frozen=True)
class Problem:
    """A rule and what to do about it."""

    rule: str
    message: str


def parse_cell(source: str) -> ast.Module:
    """The syntax tree of a cell; magics become calls of `get_ipython()`. Raises SyntaxError."""
    return ast.parse(TransformerManager().transform_cell(source))


def problems_in_test(source: str, learner_names: Iterable[str], *, hidden: bool) -> list[Problem]:
    """What is wrong with the assertions in a test cell.

    Args:
        source: the cell, with or without nbgrader's marker lines.
        learner_names: the names that the exercise's solution defines.
        hidden: whether the rules for hidden tests apply as well.

    Raises:
        SyntaxError: the cell is not Python.
    """
    tree = parse_cell(source)
    names = set(learner_names)
    problems = [*_unsealed(tree, names)] if hidden else [*_uncut(tree, names)]
    problems += _state_elsewhere(tree, names)
    return problems + _Vacuous(names).problems(tree)


# ---------------------------------------------------------------------------------- sealed style


def _unsealed(tree: ast.Module, learner_names: set[str]) -> Iterator[Problem]:
    for statement in tree.body:
        kind = type(statement).__name__.lower().replace("functiondef", "def")
        asserts = [node for node in ast.walk(statement) if isinstance(node, ast.Assert)]
        if asserts and not isinstance(statement, ast.Assert):
            yield Problem(
                "sealed-assert",
                f"`{_short(asserts[0].test)}` is asserted inside a `{kind}`; collect results in"
                " a list first, and assert at top level: `assert all(… for …)`",
            )
        elif not isinstance(statement, ast.Assign | ast.AnnAssign | ast.Expr):
            used = sorted(_names_in(statement) & learner_names)
            if used:
                yield Problem(
                    "sealed-name",
                    f"`{used[0]}` is used inside a `{kind}` statement; use the learner's names in"
                    f" plain assignments only: `got = [{used[0]}(…) for … in cases]`",
                )


def _uncut(tree: ast.Module, learner_names: set[str]) -> Iterator[Problem]:
    for obstacle in obstacles(tree, learner_names):
        yield Problem(
            "sealed-cut",
            f"graders compare values where the learner's code does not run; here is {obstacle}."
            " Collect results first and assert at top level, or say why not: `# not sealed: …`",
        )


def _state_elsewhere(tree: ast.Module, learner_names: set[str]) -> Iterator[Problem]:
    for statement in tree.body:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        if _names_in(statement) & learner_names:
            continue
        for node in ast.walk(statement):
            if isinstance(node, ast.Call) and _called(node) in _PROCESS_STATE:
                yield Problem(
                    "sealed-state",
                    f"`{_short(node)}` is about this process, and graders run the learner's code in"
                    " another one; write a function that does this and calls the learner's, and"
                    " call it with their name",
                )


def _names_in(node: ast.AST) -> set[str]:
    return {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)}


def _short(node: ast.AST, longest: int = 70) -> str:
    text = ast.unparse(node)
    return text if len(text) <= longest else text[: longest - 1] + "…"


# ------------------------------------------------------------------------------ vacuous comparisons


class _Replace(ast.NodeTransformer):
    """Replaces names by expressions, except where a comprehension or lambda binds them anew."""

    def __init__(self, replacements: dict[str, ast.expr]) -> None:
        self.replacements = replacements

    def visit_Name(self, node: ast.Name) -> ast.expr:
        new = self.replacements.get(node.id)
        return copy.deepcopy(new) if new is not None else node


def _replaced(node: ast.expr, replacements: dict[str, ast.expr]) -> ast.expr:
    return _Replace(replacements).visit(copy.deepcopy(node)) if replacements else node


def _called(node: ast.AST) -> str:
    """The last part of a call's name: `np.testing.assert_allclose(…)` → "assert_allclose"."""
    if isinstance(node, ast.Call):
        if isinstance(node.func, ast.Name):
            return node.func.id
        if isinstance(node.func, ast.Attribute):
            return node.func.attr
    return ""


def _name(text: str) -> ast.Name:
    return ast.Name(id=text, ctx=ast.Load())


class _Vacuous:
    """Follows one test cell, statement by statement."""

    def __init__(self, learner_names: set[str]) -> None:
        self.learner = learner_names
        self.tainted: set[str] = set()  # variables that hold the learner's data
        self.values: dict[str, ast.expr] = {}  # variable → what was assigned last
        self.elements: dict[str, ast.expr] = {}  # "each of got" → got
        self.built: set[str] = set()  # lists that the test itself appends to
        self.helpers: dict[str, ast.FunctionDef] = {}
        self.looked_at: set[str] = set()  # values whose shape, length or type was asserted
        self.shape_known: set[str] = set()  # … and with it the shape of every part
        self.found: list[Problem] = []
        self.depth = 0

    def problems(self, tree: ast.Module) -> list[Problem]:
        self._statements(tree.body)
        return self.found

    # -------------------------------------------------------------------------- statements

    def _statements(self, body: Iterable[ast.stmt]) -> None:
        for statement in body:
            self._statement(statement)

    def _statement(self, statement: ast.stmt) -> None:
        match statement:
            case ast.Assert():
                self._holds(statement.test)
            case ast.Assign():
                for target in statement.targets:
                    self._assign(target, statement.value)
            case ast.AnnAssign(value=ast.expr() as value):
                self._assign(statement.target, value)
            case ast.AugAssign(target=ast.Name(id=name)):
                if self._is_learners(statement.value):
                    self.tainted.add(name)
                self.values.pop(name, None)
            case ast.Expr(value=ast.Call() as call):
                if _called(call).startswith("assert_"):
                    self._holds(call)
                else:
                    self._note_append(call)
            case ast.FunctionDef():
                self.helpers[statement.name] = statement
            case ast.For():
                if self._is_learners(statement.iter):
                    asserts = any(isinstance(n, ast.Assert) for n in ast.walk(statement))
                    if asserts and not self._length_known(statement.iter):
                        self._report_length(statement.iter)
                    self.tainted |= _names_in(statement.target)
                self._statements(statement.body)
            case ast.With() | ast.While():
                self._statements(statement.body)
            case ast.If():
                self._statements(statement.body)
                self._statements(statement.orelse)
            case ast.Try():
                self._statements(statement.body)
                self._statements(statement.orelse)
                self._statements(statement.finalbody)

    def _note_append(self, call: ast.Call) -> None:
        """`got.append(f(x))`: the test's own list now holds the learner's data."""
        match call.func:
            case ast.Attribute(value=ast.Name(id=name), attr="append" | "add"):
                if any(self._is_learners(argument) for argument in call.args):
                    self.tainted.add(name)
                    self.values.pop(name, None)
                    self.built.add(name)

    def _assign(self, target: ast.expr, value: ast.expr) -> None:
        learners = self._is_learners(value)
        looked_at = learners and self._all_looked_at(value)
        for name in _names_in(target) if not isinstance(target, ast.Subscript) else set():
            self._forget(name)
            self.tainted.discard(name)
            self.built.discard(name)
            if learners:
                self.tainted.add(name)
        if isinstance(target, ast.Name):
            if target.id not in _names_in(value):
                self.values[target.id] = value
            elif looked_at:
                self._note(target, False)  # got = np.sort(got)
        elif isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
            for part, piece in zip(target.elts, value.elts, strict=False):
                if isinstance(part, ast.Name):
                    if not _names_in(value) & _names_in(target):
                        self.values[part.id] = piece
                    if not self._is_learners(piece):
                        self.tainted.discard(part.id)

    def _forget(self, name: str) -> None:
        """`name` gets a new value: what was known of it, and through it, holds no more.

        So the values never refer to each other in a circle.
        """
        self.values.pop(name, None)
        for other in [x for x, value in self.values.items() if name in _names_in(value)]:
            looked_at = self._all_looked_at(self.values[other])
            del self.values[other]
            if looked_at:
                self._note(_name(other), False)
        mentions = re.compile(rf"\b{re.escape(name)}\b").search
        for known in (self.looked_at, self.shape_known):
            known -= {key for key in known if mentions(key)}

    # ----------------------------------------------------------- what is known of a value

    def _is_learners(self, node: ast.expr) -> bool:
        return any(self._name_is_learners(name) for name in _names_in(node))

    def _name_is_learners(self, name: str) -> bool:
        if name in self.learner or name in self.tainted:
            return True
        source = self.elements.get(name)
        if source is None:
            return False
        made = self._comprehension(source)
        return self._is_learners(made.elt if made is not None else source)

    def _comprehension(self, node: ast.expr) -> ast.ListComp | ast.GeneratorExp | None:
        """The comprehension that made `node`, with its loop variables spelled out."""
        if isinstance(node, ast.Name) and node.id in self.values:
            node = self.values[node.id]
        if _called(node) in ("list", "tuple") and len(node.args) == 1:  # type: ignore[attr-defined]
            node = node.args[0]  # type: ignore[attr-defined]
        if isinstance(node, ast.ListComp | ast.GeneratorExp):
            return self._spelled_out(node)
        return None

    def _spelled_out(
        self, node: ast.ListComp | ast.GeneratorExp
    ) -> ast.ListComp | ast.GeneratorExp:
        new = copy.deepcopy(node)
        replacements: dict[str, ast.expr] = {}
        for generator in new.generators:
            generator.iter = _replaced(generator.iter, replacements)
            self._bind(generator.target, generator.iter, replacements)
            generator.ifs = [_replaced(condition, replacements) for condition in generator.ifs]
        new.elt = _replaced(new.elt, replacements)
        return new

    def _bind(self, target: ast.expr, source: ast.expr, replacements: dict[str, ast.expr]) -> None:
        """Note what the loop variables in `target` stand for while looping over `source`."""
        targets = target.elts if isinstance(target, ast.Tuple) else []
        called = _called(source)
        arguments = source.args if isinstance(source, ast.Call) else []
        if called == "zip" and len(targets) == len(arguments):
            for part, argument in zip(targets, arguments, strict=True):
                self._bind(part, argument, replacements)
        elif called == "enumerate" and len(targets) == 2 and arguments:
            self._bind(targets[1], arguments[0], replacements)
        elif called == "items" and len(targets) == 2 and isinstance(source.func, ast.Attribute):  # type: ignore[attr-defined]
            self._bind(targets[1], source.func.value, replacements)  # type: ignore[attr-defined]
        elif called == "range":
            return
        else:
            self._bind_element(target, self._element_of(source), replacements)

    def _element_of(self, source: ast.expr) -> ast.expr:
        while isinstance(source, ast.Subscript) and isinstance(source.slice, ast.Slice):
            source = source.value  # a part of got[:20] is a part of got
        name = _ELEMENT + ast.unparse(source)
        self.elements[name] = source
        return _name(name)

    def _bind_element(
        self, target: ast.expr, element: ast.expr, replacements: dict[str, ast.expr]
    ) -> None:
        if isinstance(target, ast.Name):
            replacements[target.id] = element
        elif isinstance(target, ast.Tuple):
            for index, part in enumerate(target.elts):
                piece = ast.Subscript(value=element, slice=ast.Constant(index), ctx=ast.Load())
                self._bind_element(part, piece, replacements)

    def _is_scalar(self, node: ast.expr) -> bool:
        """Whether the value is surely one number, text or truth value."""
        match node:
            case ast.Constant() | ast.JoinedStr():
                return True
            case ast.Call():
                return _called(node) in _SCALAR_CALLS or _called(node) == "item"
            case ast.Name(id=name) if name in self.values:
                return self._is_scalar(self.values[name])
            case ast.Name(id=name) if name in self.elements:
                made = self._comprehension(self.elements[name])
                return made is not None and self._is_scalar(made.elt)
            case ast.BinOp():
                return self._is_scalar(node.left) and self._is_scalar(node.right)
        return False

    def _length_known(self, node: ast.expr) -> bool:
        """Whether the learner cannot have made this shorter, or its length was asserted."""
        if not self._is_learners(node) or self._was_looked_at(node):
            return True
        match node:
            case ast.List() | ast.Tuple() | ast.Set() | ast.Dict():
                return True
            case ast.ListComp() | ast.GeneratorExp() | ast.DictComp():
                return all(self._length_known(g.iter) and not g.ifs for g in node.generators)
            case ast.BinOp(op=ast.Add() | ast.Mult(), left=left, right=right):
                return self._length_known(left) and self._length_known(right)
            case ast.Subscript(value=value, slice=ast.Slice()):
                return self._length_known(value)
            case ast.Name(id=name) if name in self.built:
                return True
            case ast.Name(id=name) if name in self.values:
                return self._length_known(self.values[name])
            case ast.Call():
                called = _called(node)
                if called == "zip" and any(k.arg == "strict" for k in node.keywords):
                    # Lengths are equal, so one that is known fixes all.
                    return any(self._length_known(argument) for argument in node.args)
                if called in ("zip", "enumerate", "range", *_SAME_LENGTH_CALLS):
                    return all(self._length_known(argument) for argument in node.args)
                if called in ("items", "values", "keys") and isinstance(node.func, ast.Attribute):
                    return self._length_known(node.func.value)
        return False

    def _was_looked_at(self, node: ast.expr) -> bool:
        """Whether an assertion before this one fixed shape, length or type of `node`."""
        if ast.unparse(node) in self.looked_at:
            return True
        match node:
            case ast.Attribute(value=value) | ast.Subscript(value=value):
                return self._was_looked_at(value)
            case ast.Call(func=ast.Attribute(value=value)) if self._is_learners(value):
                return self._was_looked_at(value)
            case ast.Name(id=name) if name in self.elements:
                source = self.elements[name]
                if ast.unparse(source) in self.shape_known:
                    return True
                if isinstance(source, ast.BinOp) and isinstance(source.op, ast.Add):
                    sides = (source.left, source.right)
                    return all(self._was_looked_at(self._element_of(side)) for side in sides)
                made = self._comprehension(source)
                return made is not None and self._all_looked_at(made.elt)
            case ast.Name(id=name) if name in self.values:
                made = self._comprehension(node)
                if made is not None and self._is_scalar(made.elt):
                    return self._length_known(self.values[name])
                return self._all_looked_at(self.values[name])
        return False

    def _all_looked_at(self, node: ast.expr) -> bool:
        return self._is_learners(node) and next(self._unseen(node), None) is None

    def _unseen(self, node: ast.expr) -> Iterator[ast.expr]:
        """The learner's values in an expression that no assertion has looked at.

        Each is given as the longest chain: `model.mean_`, not `model`.
        """
        if not self._is_learners(node) or self._is_scalar(node) or self._is_measure(node):
            return
        if ast.unparse(node) in self.looked_at:
            return
        match node:
            case ast.Name() | ast.Attribute() | ast.Subscript():
                is_root = True
            case ast.Call(func=ast.Name(id=name)):
                is_root = name in self.learner
            case ast.Call(func=ast.Attribute(value=value)):
                is_root = self._is_learners(value)
            case ast.ListComp() | ast.GeneratorExp():
                yield from self._unseen(self._spelled_out(node).elt)
                return
            case _:
                is_root = False
        if is_root:
            if not self._was_looked_at(node):
                yield node
            return
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                yield from self._unseen(child)

    # -------------------------------------------------------------- looks at shape and type

    def _is_measure(self, node: ast.expr) -> bool:
        """Whether the value is a shape, a length or a type, whatever it measures."""
        match node:
            case ast.Attribute(attr=attr):
                return attr in _SHAPE_ATTRIBUTES
            case ast.Subscript(value=value):
                return self._is_measure(value)
            case ast.Call():
                return _called(node) in ("len", "type", "isinstance", *_SHAPE_ATTRIBUTES)
        return False

    def _looked_at_by(self, node: ast.expr) -> tuple[ast.expr, bool] | None:
        """(value, whether the shape of all its parts follows), if `node` measures a value."""
        match node:
            case ast.Attribute(value=value, attr=attr) if attr in _SHAPE_ATTRIBUTES:
                return value, True
            case ast.Attribute(value=value, attr=attr) if attr in _LENGTH_ATTRIBUTES:
                return value, True
            case ast.Subscript(value=value):
                return self._looked_at_by(value)
            case ast.Call(func=ast.Attribute(value=value, attr="tolist" | "keys")):
                return self._looked_at_by(value) or (value, True)
            case ast.Call(args=[value, *_]):
                called = _called(node)
                if called in ("len", "type"):
                    return value, False
                if called in ("shape", "size", "ndim"):
                    return value, True
                if called in _WHOLE_VALUE_CALLS:
                    return self._looked_at_by(value) or (value, called != "set")
        return None

    def _note(self, value: ast.expr, parts_too: bool) -> None:
        if isinstance(value, ast.ListComp | ast.GeneratorExp | ast.SetComp):
            return
        key = ast.unparse(value)
        self.looked_at.add(key)
        if parts_too:
            self.shape_known.add(key)

    def _learn(self, node: ast.expr) -> None:
        """Note what follows from `node` being true."""
        match node:
            case ast.BoolOp(op=ast.And()):
                for value in node.values:
                    self._learn(value)
            case ast.Compare() if not any(isinstance(op, _NOT_LOOKS) for op in node.ops):
                exact = all(isinstance(op, ast.Eq | ast.Is) for op in node.ops)
                for operand in (node.left, *node.comparators):
                    if _called(operand) == "type" and not self._scalar_types_only(node):
                        continue
                    self._learn_from_operand(operand, exact)
            case ast.Call():
                self._learn_from_call(node)
            case ast.Name(id=name) if name in self.values:
                self._guarded_depth(lambda: self._learn(self.values[name]))

    def _scalar_types_only(self, node: ast.Compare) -> bool:
        return any(self._is_scalar_type(other) for other in node.comparators)

    def _is_scalar_type(self, node: ast.expr) -> bool:
        match node:
            case ast.Name(id=name):
                return name in _SCALAR_TYPES
            case ast.Attribute(attr=name):
                return name in _SCALAR_TYPES
            case ast.Tuple(elts=parts) | ast.List(elts=parts) | ast.Set(elts=parts):
                return all(self._is_scalar_type(part) for part in parts)
            case ast.BinOp(op=ast.BitOr()):
                return self._is_scalar_type(node.left) and self._is_scalar_type(node.right)
        return False

    def _learn_from_operand(self, operand: ast.expr, exact: bool) -> None:
        if measured := self._looked_at_by(operand):
            self._note(*measured)
            return
        match operand:
            case ast.Tuple(elts=parts) | ast.List(elts=parts):
                for part in parts:
                    self._learn_from_operand(part, exact)
            case ast.ListComp() | ast.GeneratorExp():
                self._learn_from_operand(self._spelled_out(operand).elt, exact)
            case ast.SetComp(elt=elt, generators=generators):
                same = ast.ListComp(elt=elt, generators=generators)
                self._learn_from_operand(self._spelled_out(same).elt, exact)
            case ast.Call(args=[ast.ListComp() | ast.GeneratorExp() as inner, *_]):
                self._learn_from_operand(inner, exact)
            case ast.Name(id=name) if name in self.values:
                if exact:
                    self._note(operand, True)
                value = self.values[name]
                self._guarded_depth(lambda: self._learn_from_operand(value, False))
            case _ if exact:
                # `got == [1, 2]` in an assert: lists compare lengths, arrays would raise.
                self._note(operand, True)

    def _learn_from_call(self, call: ast.Call) -> None:
        called = _called(call)
        if called == "isinstance" and len(call.args) == 2:
            if self._is_scalar_type(call.args[1]):
                self._note(call.args[0], True)
        elif called in _STRICT_CALLS or _is_strict(call):
            for argument in call.args:
                self._note(argument, True)
        elif called == "all" and call.args:
            inner = self._comprehension(call.args[0])
            if inner is not None:
                self._learn(inner.elt)
        elif called in self.helpers:
            self._guarded_depth(lambda: self._inside_helper(call, self._learn))

    # ---------------------------------------------------------------------------- the check

    def _holds(self, node: ast.expr) -> None:
        """Check an asserted expression, and learn from it what later ones may rely on."""
        if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.And):
            for value in node.values:
                self._holds(value)
            return
        self._check(node)
        self._learn(node)

    def _check(self, node: ast.expr) -> None:
        match node:
            case ast.BoolOp(op=ast.And()):
                for value in node.values:
                    self._holds(value)
                return
            case ast.UnaryOp(op=ast.Not(), operand=ast.Call() as call) if _called(call) == "any":
                self._check_all(call, negated=True)
                return
            case ast.UnaryOp(op=ast.Not(), operand=operand) if self._comprehension(operand):
                self._check_no_mismatch(operand)
                return
            case ast.Compare(left=left, ops=[ast.Eq()], comparators=[ast.Constant(value=0)]):
                if self._counts_differences(left):
                    self._require(left)
                    return
            case ast.Call():
                if self._check_call(node):
                    return
            case ast.Name(id=name) if name in self.values:
                self._guarded_depth(lambda: self._check(self.values[name]))
                return
            case ast.Name(id=name) if name in self.elements:
                if made := self._comprehension(self.elements[name]):
                    self._guarded_depth(lambda: self._check(made.elt))
                return
            case ast.ListComp() | ast.GeneratorExp():
                self._check(self._spelled_out(node).elt)
                return
            case ast.Lambda():
                return
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                self._check(child)

    def _counts_differences(self, node: ast.expr) -> bool:
        """`(a != b).sum()` or `np.count_nonzero(a != b)`."""
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Compare(), attr="sum")):
                return True
            case ast.Call(args=[ast.Compare(), *_]):
                return _called(node) in ("sum", "count_nonzero")
        return False

    def _check_call(self, call: ast.Call) -> bool:
        """Check a call that compares; False if it does not."""
        called = _called(call)
        if called == "all":
            self._check_all(call)
            return True
        if called in _LOOSE_CALLS and not _is_strict(call):
            for argument in call.args[:2]:
                self._require(argument)
            return True
        if called in self.helpers:
            self._guarded_depth(lambda: self._inside_helper(call, self._holds))
            return True
        if called in _REDUCTIONS:
            reduced = call.args[:1]
            if isinstance(call.func, ast.Attribute) and not reduced:
                reduced = [call.func.value]
            for difference in (d for operand in reduced for d in _differences(operand)):
                self._require(difference)
        return False

    def _check_all(self, call: ast.Call, negated: bool = False) -> None:
        """`all(…)`, `np.all(…)`, `x.all()`, `not any(…)`: true of nothing at all."""
        if call.args:
            over = call.args[0]
        elif isinstance(call.func, ast.Attribute):
            over = call.func.value
        else:
            return
        inner = self._comprehension(over)
        if inner is None:
            self._require(over)
            return
        self._check_lengths(inner)
        self._holds(_negation(inner.elt) if negated else inner.elt)

    def _check_no_mismatch(self, node: ast.expr) -> None:
        """`assert not [case for … in … if got != want]`: true when nothing was compared."""
        inner = self._comprehension(node)
        assert inner is not None
        self._check_lengths(inner)
        for generator in inner.generators:
            for condition in generator.ifs:
                self._holds(_negation(condition))

    def _check_lengths(self, node: ast.ListComp | ast.GeneratorExp) -> None:
        if _only_looks_at_types(node.elt):
            return  # values are compared elsewhere
        for generator in node.generators:
            if not self._length_known(generator.iter):
                self._report_length(generator.iter)

    def _require(self, node: ast.expr) -> None:
        """Report the learner's values in `node` that nothing looked at before."""
        for root in list(self._unseen(node)):
            if self._was_looked_at(root):
                continue  # the same value twice in one comparison
            self._note(root, True)  # one report per value is enough
            self.found.append(
                Problem(
                    "vacuous-test",
                    f"`{ast.unparse(root)}` is compared element by element, but nothing looked at"
                    " its shape, length or type before: an empty array or a broadcast scalar could"
                    " pass. Assert its `.shape`, its `len(…)` or a scalar type first",
                )
            )

    def _report_length(self, node: ast.expr) -> None:
        unknown = [x for x in self._sequences(node) if not self._length_known(x)]
        for sequence in unknown:
            self._note(sequence, False)
        names = " and ".join(f"`{ast.unparse(x)}`" for x in unknown)
        self.found.append(
            Problem(
                "vacuous-test",
                f"nothing asserted the length of {names} before this loop over it: if it is empty"
                " or short, nothing is compared. First `assert len(…) == …`",
            )
        )

    def _sequences(self, node: ast.expr) -> list[ast.expr]:
        if _called(node) in ("zip", "enumerate") and isinstance(node, ast.Call):
            return [inner for argument in node.args for inner in self._sequences(argument)]
        return [node]

    # ---------------------------------------------------------------------------- helpers

    def _inside_helper(self, call: ast.Call, visit: Callable[[ast.expr], None]) -> None:
        """Visit what a helper function of the cell returns, with the call's arguments put in."""
        helper = self.helpers[_called(call)]
        arguments = dict(zip([a.arg for a in helper.args.args], call.args, strict=False))
        arguments |= {k.arg: k.value for k in call.keywords if k.arg}
        for statement in helper.body:
            match statement:
                case ast.If(test=test):
                    # `if a.shape != b.shape: return False` is a look at both shapes.
                    for inner in ast.walk(_replaced(test, arguments)):
                        if isinstance(inner, ast.expr) and (m := self._looked_at_by(inner)):
                            self._note(*m)
                case ast.Assign(targets=[ast.Name(id=name)], value=value):
                    arguments[name] = _replaced(value, arguments)
                case ast.Return(value=ast.expr() as value):
                    visit(_replaced(value, arguments))
                case ast.Assert(test=test):
                    self._holds(_replaced(test, arguments))

    def _guarded_depth(self, visit: Callable[[], None]) -> None:
        """Call `visit` unless names and helpers lead in circles."""
        if self.depth < 8:
            self.depth += 1
            try:
                visit()
            finally:
                self.depth -= 1


def _is_strict(call: ast.Call) -> bool:
    """numpy's and zip's `strict=True`: shapes and lengths must agree."""
    return any(
        keyword.arg == "strict"
        and isinstance(keyword.value, ast.Constant)
        and keyword.value.value is True
        for keyword in call.keywords
    ) and _called(call).startswith("assert_")


def _differences(node: ast.expr) -> Iterator[ast.BinOp]:
    """Every subtraction in `node`, outside of comprehensions."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub):
        yield node
    elif not isinstance(node, ast.GeneratorExp | ast.ListComp):
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                yield from _differences(child)


def _negation(node: ast.expr) -> ast.expr:
    """What holds when `node` does not."""
    match node:
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return operand
        case ast.BoolOp(op=ast.Or(), values=values):
            return ast.BoolOp(op=ast.And(), values=[_negation(value) for value in values])
        case ast.Compare(left=left, ops=[ast.NotEq() | ast.IsNot()], comparators=comparators):
            return ast.Compare(left=left, ops=[ast.Eq()], comparators=comparators)
    return ast.UnaryOp(op=ast.Not(), operand=node)


def _only_looks_at_types(node: ast.expr) -> bool:
    """`isinstance(x, int)`, `type(x) is int`, and combinations of such."""
    match node:
        case ast.BoolOp(values=values):
            return all(_only_looks_at_types(value) for value in values)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return _only_looks_at_types(operand)
        case ast.Call(args=[ast.GeneratorExp() | ast.ListComp() as inner]):
            return _called(node) in ("all", "any") and _only_looks_at_types(inner.elt)
        case ast.Compare(left=left):
            return _called(left) == "type"
    return _called(node) == "isinstance"
