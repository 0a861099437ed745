"""Which cells of a submission have to run for its grade.

Most cells of a lesson are demonstrations, plots and timings among them, that no answer and no test
needs. A released cell that the student left as it was is left out if nothing that runs may read a
name that it binds, or an object that it may change. In doubt it runs. Everything the student wrote
runs, and so does the set-up cell.
"""

import ast
import builtins
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from aicourse.grading.bundle import LessonBundle
from aicourse.grading.cell_code import magics, tree_of
from aicourse.grading.intake import Prepared, Step, StudentCell, setup_id

#: Code that reads these may read any name.
_SEES_ALL = {
    *("globals", "locals", "vars", "dir", "eval", "exec", "get_ipython", "compile"),
    *("In", "Out", "_", "__", "___", "_ih", "_oh", "_dh", "__main__", "__builtins__"),
    *("inspect", "gc", "modules", "_getframe", "user_ns", "f_globals", "__globals__"),
}
#: Magics without effect on names, and those whose arguments are Python.
_HARMLESS_MAGIC = re.compile(
    r"%%?(matplotlib|load_ext|autoreload|config|precision|capture)\b|!|%pip"
)
_PYTHON_MAGIC = re.compile(r"%%?(time|timeit|prun)\b(?P<code>.*)")
#: Methods that change what they are called on, or their arguments, though they return a value.
_CHANGING = {
    *("pop", "popleft", "popitem", "setdefault", "update", "add", "append", "insert", "remove"),
    *("fit", "fit_transform", "fit_predict", "partial_fit", "step", "backward", "send", "read"),
    *("readline", "write", "seek", "put", "get_nowait", "train", "eval", "close", "sort"),
}
_CHANGING_ARGUMENTS = {
    *("copyto", "put", "place", "putmask", "fill_diagonal", "put_along_axis", "at", "shuffle"),
    *("insort", "insort_left", "insort_right", "heappush", "heappop", "heapify", "heapreplace"),
    *("setattr", "delattr", "next", "anext", "setitem", "delitem"),
}
#: What returns objects that change when they are used.
_STATEFUL = {
    *("iter", "open", "map", "filter", "zip", "enumerate", "reversed", "count", "cycle", "deque"),
    *("default_rng", "RandomState", "Random", "Generator"),
}
#: Modules whose functions draw, print or wait, and leave their arguments alone.
_SHOWS = ("matplotlib.pyplot", "IPython.display", "aicourse", "numpy.testing", "time")
#: Calls that set something for all code, if their first name is an imported one.
_SETS = re.compile(
    r"(set|reset|enable|disable|(un)?register|seed|manual_seed|update|clear|append|insert|patch)"
    r"(_\w+)?|set\w+|simplefilter|filterwarnings|chdir|putenv|unsetenv|rc|rcdefaults|use"
    r"|switch_backend|basicConfig"
)
#: What is set inside of these is set back at their end.
_SETS_BACK = {"catch_warnings", "errstate", "printoptions", "option_context", "rc_context"}
#: A random state that all code shares: a name that no code can bind.
_RANDOM = "<random>"
_SHARED_RANDOM = re.compile(
    r"(np|numpy)\.random\.(?!default_rng|Generator|SeedSequence|RandomState|PCG64|MT19937)\w+"
    r"|random\.(?!Random|SystemRandom)\w+"
    r"|torch\.(rand|randn|randint|randperm|normal|bernoulli|multinomial|manual_seed)\w*"
)
#: Names that are followed; no notebook written by hand has as many.
_MOST_FLOWS = 3_000
_ALWAYS = 1 << 30  # later than any step


def needed(prepared: Prepared, bundle: LessonBundle) -> tuple[Step, ...]:
    """The steps of a submission without the lesson's own cells that cannot matter to its grade."""
    steps = prepared.steps
    setup = setup_id(bundle)
    optional = {
        i
        for i, step in enumerate(steps)
        if isinstance(step, StudentCell) and step.role == "lesson" and step.id != setup
    }
    uses = [_uses_of_step(step, bundle) for step in steps]
    written = [u for i, u in enumerate(uses) if i not in optional]
    if (
        any(u.sees_all for u in written)
        or any(u.declares_global for u in uses)
        or sum(len(u.flows) for u in uses) > _MOST_FLOWS
    ):
        return steps
    kept = _Needs(uses, optional).kept()
    return tuple(step for i, step in enumerate(steps) if i in kept)


def binds(steps: Iterable[Step]) -> set[str]:
    """Names that the cells among `steps` bind at their top level."""
    return {
        name
        for step in steps
        if isinstance(step, StudentCell)
        for name in _uses(step.source, "lesson").binds
    }


@dataclass
class _Uses:
    """What a cell does with names. All sets are of names at the top level of the notebook."""

    reads: set[str] = field(default_factory=set)  # before it binds them itself
    reads_later: set[str] = field(default_factory=set)  # whenever its functions are called
    binds: set[str] = field(default_factory=set)
    changes: set[str] = field(default_factory=set)  # the objects, not the names
    #: Function or class ("": any name of the cell) → objects that it changes when it is called.
    changes_later: dict[str, set[str]] = field(default_factory=dict)
    #: Name → names whose objects its value may be, hold, or look into.
    flows: dict[str, set[str]] = field(default_factory=dict)
    #: Calls: first name of what is called, if it is a method, names among the arguments.
    handed: list[tuple[str, bool, set[str]]] = field(default_factory=list)
    stateful: set[str] = field(default_factory=set)
    #: Called name → names that the results are bound to.
    made_by: dict[str, set[str]] = field(default_factory=dict)
    imports: dict[str, str] = field(default_factory=dict)
    defines: set[str] = field(default_factory=set)  # by `def` and `class`
    assigns: set[str] = field(default_factory=set)  # in any other way
    #: Calls for their effect: first name of what is called, names among the arguments.
    effects: list[tuple[str, set[str]]] = field(default_factory=list)
    #: First names of what is assigned to or called to set something (`np.seterr`, `os.environ[…]`).
    sets: set[str] = field(default_factory=set)
    sees_all: bool = False
    declares_global: bool = False
    sets_state: bool = False


def _uses_of_step(step: Step, bundle: LessonBundle) -> _Uses:
    if isinstance(step, StudentCell):
        return _uses(step.source, "lesson" if step.role == "lesson" else "student")
    # A test is written to run alone: what it binds anywhere it does not read from a lesson cell.
    uses = _Uses()
    for test in bundle.tests_of(step.exercise):
        uses.reads |= _uses(test.source, "test").reads
    return uses


@lru_cache(maxsize=4096)
def _uses(source: str, kind: str) -> _Uses:
    """What a cell does; `kind`: "lesson" (as released), "student" or "test"."""
    uses = _Uses()
    extra = ""
    for line in magics(source):
        if found := _PYTHON_MAGIC.match(line):
            extra += found["code"].strip() + "\n"
        else:
            uses.sets_state = True
            uses.sees_all = uses.sees_all or not _HARMLESS_MAGIC.match(line)
    tree = tree_of(source)
    if tree is None:
        # A cell that is no Python does not run; but IPython understands a little more than Python.
        uses.sees_all = uses.sees_all or not _is_broken(source)
        return uses
    try:
        statements = [*tree.body, *_magic_code(extra)]
    except SyntaxError:  # options before the code, as in `%timeit -n 3 f(x)`
        uses.sees_all = True
        statements = tree.body
    try:
        _Reader(uses).cell(statements, kind)
    except RecursionError:
        uses.sees_all = True
    return uses


def _magic_code(source: str) -> list[ast.stmt]:
    return ast.parse(source).body if source.strip() else []


def _is_broken(source: str) -> bool:
    """Whether a cell that is no Python is nothing else either."""
    try:
        ast.parse(source)
    except SyntaxError:
        return not magics(source) and not re.search(r"^\s*[/,;!%?]|[!?]", source, re.MULTILINE)
    except (ValueError, RecursionError, MemoryError):
        pass
    return False


# ---------------------------------------------------------------------------------- reading a cell

_Function = ast.FunctionDef | ast.AsyncFunctionDef
_Scope = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef
_Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp


def _stored(node: ast.AST) -> Iterator[str]:
    """Names that a statement binds in its own scope."""
    if isinstance(node, _Function | ast.ClassDef):
        yield node.name
        return
    if isinstance(node, ast.Lambda):
        return
    if isinstance(node, _Comprehension):
        for inner in ast.walk(node):
            if isinstance(inner, ast.NamedExpr) and isinstance(inner.target, ast.Name):
                yield inner.target.id
        return
    if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
        yield node.id
    elif isinstance(node, ast.Import | ast.ImportFrom):
        yield from ((a.asname or a.name).split(".")[0] for a in node.names)
    elif isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and node.name:
        yield node.name
    elif isinstance(node, ast.MatchMapping) and node.rest:
        yield node.rest
    for child in ast.iter_child_nodes(node):
        yield from _stored(child)


def _definite(statement: ast.stmt, loops: bool) -> set[str]:
    """Names that are bound for sure when the statement has run; `loops`: no loop is empty."""
    match statement:
        case ast.If():
            return _all_definite(statement.body, loops) & _all_definite(statement.orelse, loops)
        case ast.For() if loops:
            return set(_stored(statement.target)) | _all_definite(statement.body, loops)
        case ast.For() | ast.AsyncFor() | ast.While() | ast.Match():
            return set()
        case ast.Try():
            return _all_definite(statement.finalbody, loops)
        case ast.With() | ast.AsyncWith():
            targets = [item.optional_vars for item in statement.items if item.optional_vars]
            bound = {name for target in targets for name in _stored(target)}
            return bound | _all_definite(statement.body, loops)
        case ast.AnnAssign() if statement.value is None:
            return set()
        case ast.Delete():
            return set()
    return set(_stored(statement))


def _all_definite(statements: list[ast.stmt], loops: bool) -> set[str]:
    return {name for statement in statements for name in _definite(statement, loops)}


def _root(node: ast.AST) -> tuple[str, tuple[str, ...]]:
    """The name that `a.b[c].d(…)` begins with, or "", and its attributes."""
    attributes: list[str] = []
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Call | ast.Starred | ast.Await):
        if isinstance(node, ast.Attribute):
            attributes.append(node.attr)
        node = node.func if isinstance(node, ast.Call) else node.value
    return (node.id if isinstance(node, ast.Name) else ""), tuple(reversed(attributes))


def _sources(node: ast.AST | None) -> set[str]:
    """Names whose objects an expression's value may be, hold, or look into."""
    match node:
        case ast.Name():
            return {node.id}
        case ast.Constant() | ast.BinOp() | ast.Compare() | ast.UnaryOp() | ast.JoinedStr():
            return set()
        case ast.Lambda() | None:
            return set()
        case ast.Call():
            if isinstance(node.func, ast.Attribute) and node.func.attr in ("copy", "astype"):
                return set()
            parts = [*node.args, *(k.value for k in node.keywords)]
            if isinstance(node.func, ast.Attribute):
                parts.append(node.func.value)
            return {name for part in parts for name in _sources(part)}
        case ast.Subscript():
            return _sources(node.value)
        case ast.ListComp() | ast.SetComp() | ast.GeneratorExp():
            names = _sources(node.elt)
            return names.union(*(_sources(one.iter) for one in node.generators)) if names else names
    return {name for child in ast.iter_child_nodes(node) for name in _sources(child)}


class _Reader(ast.NodeVisitor):
    """Fills in a cell's `_Uses`."""

    def __init__(self, uses: _Uses) -> None:
        self._uses = uses
        self._local: list[set[str]] = []  # names of the functions and comprehensions around
        self._deferred = 0  # how many functions around
        self._bound: set[str] = set()
        self._definition = ""  # the function or class that is being read
        self._loops = False
        self._set_back = 0  # how many statements around that set things back

    def cell(self, statements: list[ast.stmt], kind: str) -> None:
        self._loops = kind == "lesson"
        for statement in statements:
            stored = set(_stored(statement))
            is_definition = isinstance(statement, _Function | ast.ClassDef)
            (self._uses.defines if is_definition else self._uses.assigns).update(stored)
            self._definition = next(iter(stored)) if is_definition else ""
            self._uses.binds |= stored
            self.visit(statement)
            self._bound |= _definite(statement, self._loops)
        if kind == "test":
            self._uses.reads |= self._uses.reads_later
            self._uses.reads -= self._uses.binds
            self._uses.reads_later = set()

    def _is_local(self, name: str) -> bool:
        return any(name in names for names in self._local)

    def _read(self, name: str) -> None:
        if name in _SEES_ALL and not self._is_local(name) and name not in self._bound:
            self._uses.sees_all = True
        if self._is_local(name):
            return
        if self._deferred:
            self._uses.reads_later.add(name)
        elif name not in self._bound:
            self._uses.reads.add(name)

    def _change(self, names: Iterable[str]) -> None:
        free = {name for name in names if name and not self._is_local(name)}
        if not self._deferred:
            self._uses.changes |= free
        else:
            # A class that counts its objects changes itself, which concerns only its objects.
            changed = self._uses.changes_later.setdefault(self._definition, set())
            changed |= free - {self._definition}

    def _sets(self, root: str) -> None:
        if root and not self._is_local(root) and not self._set_back and not self._deferred:
            self._uses.sets.add(root)

    # scopes

    def _visit_function(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> None:
        arguments = node.args
        for outside in (*arguments.defaults, *(d for d in arguments.kw_defaults if d)):
            self.visit(outside)
        every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        every += [one for one in (arguments.vararg, arguments.kwarg) if one]
        local = {one.arg for one in every}
        body: list[ast.AST] = [node.body] if isinstance(node, ast.Lambda) else [*node.body]
        if not isinstance(node, ast.Lambda):
            for outside in (*node.decorator_list, *(a.annotation for a in every), node.returns):
                if outside is not None:
                    self.visit(outside)
        for statement in body:
            local |= set(_stored(statement))
        self._local.append(local)
        self._deferred += 1
        for statement in body:
            self.visit(statement)
        self._deferred -= 1
        self._local.pop()

    visit_FunctionDef = visit_AsyncFunctionDef = visit_Lambda = _visit_function

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        for outside in (*node.decorator_list, *node.bases, *(k.value for k in node.keywords)):
            self.visit(outside)
        # Names of a class body are not seen by its methods; counting them as read is the safe side.
        for statement in node.body:
            self.visit(statement)

    def _visit_comprehension(self, node: ast.AST) -> None:
        names = {n for inner in node.generators for n in _stored(inner.target)}  # type: ignore[attr-defined]
        self._local.append(names)
        self.generic_visit(node)
        self._local.pop()

    visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = _visit_comprehension

    def visit_Global(self, node: ast.Global) -> None:
        self._uses.declares_global = True

    # names and what becomes of them

    def visit_Name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Load):
            self._read(node.id)
        elif isinstance(node.ctx, ast.Del):
            self._change([node.id])

    def visit_Attribute(self, node: ast.Attribute) -> None:
        if node.attr in _SEES_ALL and node.attr not in ("_", "eval", "compile"):
            self._uses.sees_all = True
        self._assigned_part(node)

    def visit_Subscript(self, node: ast.Subscript) -> None:
        self._assigned_part(node)

    def _assigned_part(self, node: ast.Attribute | ast.Subscript) -> None:
        if not isinstance(node.ctx, ast.Load):
            root, _ = _root(node)
            self._change([root])
            self._sets(root)
        self.generic_visit(node)

    def _visit_import(self, node: ast.Import | ast.ImportFrom) -> None:
        for alias in node.names:
            name = (alias.asname or alias.name).split(".")[0]
            module = getattr(node, "module", None)
            self._uses.imports[name] = f"{module}.{alias.name}" if module else alias.name
            if alias.name == "*":
                self._uses.sees_all = True

    visit_Import = visit_ImportFrom = _visit_import

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        if isinstance(node.target, ast.Name):
            self._read(node.target.id)
            self._change([node.target.id])
        self.generic_visit(node)

    def _flow(self, target: ast.AST, value: ast.AST | None) -> None:
        root, _ = _root(target)
        names = {name for name in _stored(target) if not self._is_local(name)}
        for name in names or ({root} - {""} if not self._is_local(root) else ()):
            self._uses.flows.setdefault(name, set()).update(_sources(value) - {name})
        if isinstance(value, ast.GeneratorExp):
            self._uses.stateful |= names
        for inner in ast.walk(value) if value is not None else ():
            if isinstance(inner, ast.Call):
                called, attributes = _root(inner.func)
                if (attributes[-1] if attributes else called) in _STATEFUL:
                    self._uses.stateful |= names
                if called and not attributes:
                    self._uses.made_by.setdefault(called, set()).update(names)

    def visit_Assign(self, node: ast.Assign) -> None:
        for target in node.targets:
            pairs = [(target, node.value)]
            both = (target, node.value)
            if all(isinstance(one, ast.Tuple | ast.List) for one in both) and len(
                target.elts  # type: ignore[attr-defined]
            ) == len(node.value.elts):  # type: ignore[attr-defined]
                pairs = list(zip(target.elts, node.value.elts, strict=True))  # type: ignore[attr-defined]
            for part, value in pairs:
                self._flow(part, value)
        self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        self._flow(node.target, node.value)
        self.generic_visit(node)

    def visit_NamedExpr(self, node: ast.NamedExpr) -> None:
        self._flow(node.target, node.value)
        self.generic_visit(node)

    def _block(self, statements: list[ast.stmt], bound: Iterable[str] = ()) -> None:
        """Visit statements that run in this order if they run; `bound` are bound before them."""
        outside = self._bound
        self._bound = outside | (set() if self._deferred else set(bound))
        for statement in statements:
            self.visit(statement)
            if not self._deferred:
                self._bound |= _definite(statement, self._loops)
        self._bound = outside

    def _visit_for(self, node: ast.For | ast.AsyncFor) -> None:
        self._flow(node.target, node.iter)
        self.visit(node.iter)
        self.visit(node.target)
        self._block(node.body, _stored(node.target))
        self._block(node.orelse)

    def _visit_branches(self, node: ast.If | ast.While) -> None:
        self.visit(node.test)
        self._block(node.body)
        self._block(node.orelse)

    visit_If = visit_While = _visit_branches

    def visit_Try(self, node: ast.Try) -> None:
        self._block([*node.body, *node.orelse])
        for handler in node.handlers:
            if handler.type is not None:
                self.visit(handler.type)
            self._block(handler.body, [handler.name] if handler.name else [])
        self._block(node.finalbody)

    visit_For = visit_AsyncFor = _visit_for

    def _visit_with(self, node: ast.With | ast.AsyncWith) -> None:
        contexts = [_root(item.context_expr) for item in node.items]
        back = any({root, *attributes} & _SETS_BACK for root, attributes in contexts)
        for item in node.items:
            self.visit(item)
        self._set_back += back
        self._block(node.body, {n for item in node.items for n in _stored(item)})
        self._set_back -= back

    visit_With = visit_AsyncWith = _visit_with

    def visit_withitem(self, node: ast.withitem) -> None:
        if node.optional_vars is not None:
            self._flow(node.optional_vars, node.context_expr)
        self.generic_visit(node)

    # calls

    def visit_Expr(self, node: ast.Expr) -> None:
        call = node.value.value if isinstance(node.value, ast.Await) else node.value
        if isinstance(call, ast.Call):
            root, attributes = _root(call.func)
            names = {n for n in _arguments(call) if not self._is_local(n)}
            if root and not self._is_local(root):
                if attributes:
                    self._change([root])
                self._uses.effects.append((root, names))
                if _SETS.fullmatch(attributes[-1] if attributes else root):
                    self._sets(root)
            elif attributes:
                self._change([root])
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        root, attributes = _root(node.func)
        last = attributes[-1] if attributes else root
        arguments = _arguments(node)
        if last in _CHANGING and attributes:
            self._change([root])
        if last in _CHANGING_ARGUMENTS:
            self._change(arguments)
        for keyword in node.keywords:
            if keyword.arg == "out":
                self._change(_sources(keyword.value))
            elif keyword.arg == "inplace":
                self._change([root])
        dotted = ".".join((root, *attributes))
        if root and _SHARED_RANDOM.fullmatch(dotted):
            self._change([_RANDOM])
            if "seed" not in last:
                self._read(_RANDOM)
        if root:
            free = {name for name in arguments if not self._is_local(name)}
            self._uses.handed.append((root, bool(attributes), free))
        self.generic_visit(node)


def _arguments(call: ast.Call) -> set[str]:
    return {n for part in (*call.args, *(k.value for k in call.keywords)) for n in _sources(part)}


# -------------------------------------------------------------------------------- what is needed


class _Needs:
    """Follows names from what must run to the cells that they come from."""

    def __init__(self, uses: list[_Uses], optional: set[int]) -> None:
        self._uses = uses
        self._optional = optional
        self._imports = {name: m for one in uses for name, m in one.imports.items()}
        everything = {name for one in uses for name in one.binds}
        self._own = everything - self._imports.keys()
        #: Functions and classes stay as they are, wherever they are handed to.
        self._definitions = {n for u in uses for n in u.defines} - {
            n for u in uses for n in u.assigns
        }
        #: Modules, what comes from them, builtins: they do not change with a call.
        self._fixed = self._imports.keys() | (set(dir(builtins)) - everything)
        constant = self._fixed | self._definitions
        self._flows: dict[str, set[str]] = {}
        for one in uses:
            for name, sources in one.flows.items():
                self._flows.setdefault(name, set()).update(sources - constant)
        self._stateful = {name for one in uses for name in one.stateful} | {
            name
            for one in uses
            for called, names in one.made_by.items()
            if called in self._own
            for name in names
        }
        later: dict[str, set[str]] = {}
        for one in uses:
            for definition, changed in one.changes_later.items():
                for name in [definition] if definition else one.binds:
                    later.setdefault(name, set()).update(changed)
        self._touched = [self._touches(one, later) for one in uses]
        self._bind_before: dict[str, int] = {}  # name → it is read at this step
        self._change_before: dict[str, int] = {}

    def _touches(self, one: _Uses, later: dict[str, set[str]]) -> set[str]:
        """Names of objects that a cell may change."""
        reads = one.reads | one.reads_later | one.binds
        changed = reads & self._stateful
        for name in reads:
            changed |= later.get(name, set())
        for called, is_method, names in one.handed:
            # What the notebook's functions do to their arguments is not known; nor what others do
            # that are given one of these.
            own = self._stateful if is_method else self._own
            if called in own or names & self._definitions:
                changed |= names
        for root, names in one.effects:
            if root in self._imports and not self._imports[root].startswith(_SHOWS):
                changed |= names
        changed = ((changed - self._definitions) | one.changes) - self._fixed
        return changed.union(*(self._ancestors(name) for name in changed))

    def _sets_state(self, one: _Uses) -> bool:
        """Whether a cell sets something that all code sees, beside names."""
        return one.sets_state or any(root in self._imports for root in one.sets)

    def _ancestors(self, name: str) -> set[str]:
        found: set[str] = set()
        waiting = [name]
        while waiting:
            for source in self._flows.get(waiting.pop(), ()):
                if source not in found:
                    found.add(source)
                    waiting.append(source)
        return found

    def kept(self) -> set[int]:
        """The numbers of the steps that have to run."""
        kept: set[int] = set()
        fresh = {
            i
            for i, one in enumerate(self._uses)
            if i not in self._optional or self._sets_state(one)
        }
        while fresh:
            kept |= fresh
            for number in fresh:
                one = self._uses[number]
                if one.sees_all:
                    return set(range(len(self._uses)))
                for name in one.reads:
                    self._need(name, number)
                for name in one.reads_later:
                    self._need(name, _ALWAYS)
            fresh = {number for number in self._optional - kept if self._matters(number)}
        return kept

    def _need(self, name: str, before: int) -> None:
        self._bind_before[name] = max(before, self._bind_before.get(name, -1))
        for one in {name, *self._ancestors(name)}:
            self._change_before[one] = max(before, self._change_before.get(one, -1))

    def _matters(self, number: int) -> bool:
        one = self._uses[number]
        return any(self._bind_before.get(name, -1) > number for name in one.binds) or any(
            self._change_before.get(name, -1) > number for name in self._touched[number]
        )
