"""Wrong derivatives, made on purpose: every small change of a formula, planted in the source.

A mutant is the text of a module of ``autograd`` with one change in code that a gradient passes
through: the ``d_`` methods, the kernels, the reverse walk, and all functions that these call.
"""

from __future__ import annotations

import ast
import importlib.util
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ENGINE = importlib.util.find_spec("mnist_engine")
assert ENGINE is not None
assert ENGINE.submodule_search_locations is not None
AUTOGRAD = Path(ENGINE.submodule_search_locations[0]) / "autograd"

CHAIN_RULE = {("reverse", "walk"), ("tape", "GradientTape.backward")}
"""Where the walk over a tape begins, as (module, function)."""

MACHINERY = {"active", "buffers", "checks", "operation", "tape", "tensor", "threads"}
"""Modules that compute nothing themselves: they record, remember, and share out work."""

COMPUTE_NOTHING = (
    *("_check", "_few", "_pieces", "_in_pieces", "scratch"),
    *("in_halves", "in_parts", "tiles"),
)
"""Functions, by beginnings of names, that refuse, share out work or choose between right ways."""

Function = ast.FunctionDef
Name = tuple[str, str]
"""A module of autograd and the qualified name of a function in it."""

Change = tuple[str, ast.AST, str]
"""What kind of mistake, the piece of source it replaces, and by what."""


@dataclass(frozen=True)
class Mutant:
    """One module with one mistake in it."""

    module: str
    function: str
    mistake: str
    before: str
    after: str
    line: int
    code: str
    """The line in question, as it stands."""
    operation: str
    """The operation whose derivative is wrong, where it is that of one."""
    source: str

    def __str__(self) -> str:
        return f"{self.module}.py:{self.line} {self.function}: {self.before}  ->  {self.after}"


def mutants(modules: list[str] | None = None) -> Iterator[Mutant]:
    """Every mutant of ``autograd``, or of those of its modules alone."""
    sources = {path.stem: path.read_text() for path in sorted(AUTOGRAD.glob("*.py"))}
    functions = functions_of_gradients({name: ast.parse(text) for name, text in sources.items()})
    for (module, name), function in sorted(functions.items(), key=lambda item: item[0]):
        if modules is None or module in modules:
            yield from mutants_of(module, name, function, sources[module])


def mutants_of(module: str, name: str, function: Function, source: str) -> Iterator[Mutant]:
    """Every mutant of one function."""
    for mistake, node, after in changes(function):
        before = ast.get_source_segment(source, node) or ""
        mutated = replaced(source, node, after)
        ast.parse(mutated)  # a mistake of grammar would be found by no proof of ours
        yield Mutant(
            module=module,
            function=name,
            mistake=mistake,
            before=" ".join(before.split()),
            after=" ".join(after.split()),
            line=node.lineno,
            code=source.splitlines()[node.lineno - 1].strip(),
            operation=kernel_of(function) or name.partition(".")[0],
            source=mutated,
        )


# -- where ---------------------------------------------------------------------------------------


def functions_of_gradients(trees: dict[str, ast.Module]) -> dict[Name, Function]:
    """Functions that a gradient passes through.

    They are the derivatives, the kernels, the reverse walk, and every function outside the
    machinery that one of them calls, directly or not. Calling an operation is calling its
    ``forward``.
    """
    functions = {
        (module, name): function
        for module, tree in trees.items()
        for name, function in named_functions(tree)
    }
    found = {name for name in functions if name in CHAIN_RULE or is_derivative(functions[name])}
    pending = list(found)
    while pending:
        caller = pending.pop()
        imports = imported(trees[caller[0]])
        for callee in callees(caller, functions[caller], imports, functions):
            if callee in functions and callee[0] not in MACHINERY and callee not in found:
                found.add(callee)
                pending.append(callee)
    return {name: functions[name] for name in found}


def named_functions(scope: ast.AST, prefix: str = "") -> Iterator[tuple[str, Function]]:
    """Every function of a module, of its classes and of its functions, by qualified name."""
    for node in ast.iter_child_nodes(scope):
        if isinstance(node, (ast.ClassDef, Function)):
            if isinstance(node, Function):
                yield prefix + node.name, node
            yield from named_functions(node, f"{prefix}{node.name}.")


def is_derivative(function: Function) -> bool:
    """Whether it says how a gradient passes through an operation, as a formula or a kernel."""
    return function.name.startswith("d_") or kernel_of(function) is not None


def kernel_of(function: Function) -> str | None:
    """The operation that ``@fast_path(operation, argument)`` registers the function for."""
    for decorator in function.decorator_list:
        if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == "fast_path":
            return ast.unparse(decorator.args[0])
    return None


def imported(tree: ast.Module) -> dict[str, str]:
    """The module of autograd that each imported name comes from."""
    return {
        alias.name: (node.module or "").rpartition(".")[2]
        for node in tree.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }


def callees(
    caller: Name, function: Function, imports: dict[str, str], functions: dict[Name, Function]
) -> Iterator[Name]:
    """Functions that ``function`` may be calling; any method of that name, as types are unknown."""
    for node in (node for statement in function.body for node in ast.walk(statement)):
        match node:
            case ast.Name(id=name) if not name.startswith(COMPUTE_NOTHING):
                module = imports.get(name, caller[0])
                yield module, name
                yield module, f"{name}.forward"
            case ast.Attribute(value=ast.Name(id=module), attr=name) if module in imports:
                yield module, name
                yield module, f"{name}.forward"
            case ast.Attribute(attr=name) if not name.startswith(COMPUTE_NOTHING):
                yield from (other for other in functions if other[1].endswith(f".{name}"))


# -- what ----------------------------------------------------------------------------------------

OPPOSITE = {
    "add": "subtract",
    "subtract": "add",
    "maximum": "minimum",
    "multiply": "divide",
    "divide": "multiply",
}
"""NumPy functions of two arrays and those that they are mistaken for."""


def changes(function: Function) -> Iterator[Change]:
    """Every mistake that can be made in ``function``."""
    arguments = [argument.arg for argument in function.args.args if argument.arg != "self"]
    names = [name for name in arguments if name not in ("out", "memory")]
    if kernel_of(function):
        last = function.body[-1]
        newline = "\n" + " " * last.col_offset
        whole = ast.unparse(last).replace("\n", newline)
        yield "sign flipped", last, f"{whole}{newline}np.negative(out, out=out)"
    negated = [node.operand for node in ast.walk(function) if isinstance(node, ast.UnaryOp)]
    for statement in function.body:
        for node in computing(statement):
            match node:
                case ast.Return(value=ast.expr() as value) if function.name.startswith("d_"):
                    yield "sign flipped", value, f"-({ast.unparse(value)})"
                    yield "taken for a constant", value, f"({ast.unparse(value)}).detach()"
                case ast.BinOp():
                    yield from changes_of_arithmetic(node)
                case ast.UnaryOp(op=ast.USub(), operand=operand):
                    yield "sign flipped", node, ast.unparse(operand)
                case ast.AugAssign():
                    yield from changes_in_place(node)
                case ast.Expr(value=ast.Call()):
                    yield "step left out", node, "pass"
                case ast.Attribute(value=value, attr="T"):
                    yield "transposition dropped", node, ast.unparse(value)
                case ast.Call():
                    yield from changes_of_call(node)
                case ast.Constant(value=int() | float() as number):
                    if not isinstance(number, bool) and node not in negated:
                        yield "number changed", node, repr(number + 1)
                case ast.Name(id=name, ctx=ast.Load()) if name in names and len(names) > 1:
                    other = names[(names.index(name) + 1) % len(names)]
                    yield "wrong operand", node, other


def computing(node: ast.AST) -> Iterator[ast.AST]:
    """``node`` and all inside it, without what changes no number: refusals, dtypes, memory."""
    match node:
        case ast.If(body=[ast.Raise()], orelse=[]) | ast.Attribute(attr="dtype") | ast.Assert():
            return
        case ast.Call(func=ast.Name(id=name)) if name.startswith(COMPUTE_NOTHING):
            return
        case ast.Expr(value=ast.Call(func=ast.Name(id=name))) if name.startswith(COMPUTE_NOTHING):
            return
    yield node
    for child in ast.iter_child_nodes(node):
        yield from computing(child)


def changes_of_arithmetic(node: ast.BinOp) -> Iterator[Change]:
    """A sum, product, quotient or power gone wrong."""
    left, right = ast.unparse(node.left), ast.unparse(node.right)
    match node.op:
        case ast.Add() | ast.Sub():
            sign = "-" if isinstance(node.op, ast.Add) else "+"
            yield "sign flipped", node, f"(({left}) {sign} ({right}))"
            yield "term lost", node, f"({left})"
            yield "term lost", node, f"({right})"
        case ast.Mult():
            yield "factor lost", node, f"({left})"
            yield "factor lost", node, f"({right})"
        case ast.Div() | ast.Pow():
            yield "factor lost", node, f"({left})"
        case ast.MatMult():
            yield "operands swapped", node, f"(({right}) @ ({left}))"
            yield "transposition added", node, f"(({left}) @ ({right}).T)"
            yield "transposition added", node, f"(({left}).T @ ({right}))"


def changes_in_place(node: ast.AugAssign) -> Iterator[Change]:
    """``+=``, ``*=`` and their like gone wrong."""
    target, value = ast.unparse(node.target), ast.unparse(node.value)
    if isinstance(node.op, (ast.Add, ast.Sub)):
        sign = "-" if isinstance(node.op, ast.Add) else "+"
        yield "sign flipped", node, f"{target} {sign}= {value}"
    yield "step left out", node, "pass"


def changes_of_call(node: ast.Call) -> Iterator[Change]:
    """A function called on the wrong arrays, or another in its place."""
    called = ast.unparse(node.func)
    keywords = [ast.unparse(keyword) for keyword in node.keywords]
    arguments = [ast.unparse(argument) for argument in node.args]
    name = called.rpartition(".")[2]

    def call(function: str, *operands: str) -> str:
        return f"{function}({', '.join([*operands, *keywords])})"

    if isinstance(node.func, ast.Attribute) and name == "transpose":
        yield "transposition dropped", node, ast.unparse(node.func.value)
    if called == "_transposed":
        yield "transposition dropped", node, arguments[0]
    if called == "np.add.reduce":
        yield "1/N added", node, call("np.mean", *arguments)
    if name in ("sum", "mean") and isinstance(node.func, ast.Attribute):
        other = "mean" if name == "sum" else "sum"
        mistake = "1/N added" if name == "sum" else "1/N lost"
        yield mistake, node, call(f"{ast.unparse(node.func.value)}.{other}", *arguments)
    if called in (f"np.{function}" for function in OPPOSITE):
        yield "wrong function", node, call(f"np.{OPPOSITE[name]}", *arguments)
    if called in ("np.subtract", "np.divide", "np.matmul") and len(arguments) == 2:
        yield "operands swapped", node, call(called, *reversed(arguments))


def replaced(source: str, node: ast.AST, text: str) -> str:
    """``source`` with the piece that ``node`` stands for replaced by ``text``."""
    lines = source.encode().splitlines(keepends=True)  # columns are counted in bytes
    begin = sum(map(len, lines[: node.lineno - 1])) + node.col_offset
    end = sum(map(len, lines[: node.end_lineno - 1])) + node.end_col_offset
    whole = b"".join(lines)
    return (whole[:begin] + text.encode() + whole[end:]).decode()
