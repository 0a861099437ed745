"""Whether nothing of a solution is left when its regions are taken out."""

import ast
import re

_REGION = re.compile(
    r"^([ \t]*)### BEGIN SOLUTION[ \t]*\n.*?^[ \t]*### END SOLUTION[ \t]*$",
    re.MULTILINE | re.DOTALL,
)


def problem_in_solution(source: str, stub: str) -> str | None:
    """What is wrong with a solution cell, or None.

    With each region replaced by `stub`, only imports, signatures, docstrings, comments and the
    fields of classes may be left, and every function must consist of its stub.
    """
    if not _REGION.search(source):
        return "put `### BEGIN SOLUTION` and `### END SOLUTION` around the body of the function"
    try:
        tree = ast.parse(_REGION.sub(lambda match: match.group(1) + stub, source))
    except SyntaxError as error:
        return (
            f"with the solution taken out the cell is not Python ({error.msg}, line"
            f" {error.lineno}): indent `### BEGIN SOLUTION` like the body"
        )
    return _in_body(tree.body, ast.dump(ast.parse(stub).body[0]), "")


def _in_body(body: list[ast.stmt], stub: str, where: str) -> str | None:
    for node in body:
        match node:
            case ast.Import() | ast.ImportFrom() | ast.Expr(value=ast.Constant(value=str())):
                continue
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                problem = _in_function(node, stub)
            case ast.ClassDef():
                problem = _in_body(node.body, stub, f" of class {node.name}")
            case ast.AnnAssign() if where:
                continue  # a field of a dataclass belongs to its signature
            case _ if ast.dump(node) == stub:
                problem = "the region is outside of any function, so the cell would fail unsolved"
            case _:
                problem = (
                    f"`{ast.unparse(node)[:60]}` is outside of the solution region{where}, so"
                    " students would see it"
                )
        if problem:
            return problem
    return None


def _in_function(node: ast.FunctionDef | ast.AsyncFunctionDef, stub: str) -> str | None:
    body = node.body
    if isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
        body = body[1:]
    if [ast.dump(statement) for statement in body] == [stub]:
        return None
    return (
        f"the region must cover the whole body of `{node.name}`, below its docstring, and nothing"
        " else"
    )
