"""Wrong derivatives, made on purpose: every small change of a formula, planted in the source.

A mutant is the text of a module of ``autograd`` with one change in code that a gradient passes
through: the ``d_`` methods, the kernels, the reverse walk, and what these call in their own module.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

AUTOGRAD = Path(__file__).parents[2] / "core" / "mnist_engine" / "autograd"

ROOTS = {
    "reverse": {"walk"},
    "tape": {"GradientTape.backward"},
    "windows": {"correlate", "spread", "kernel_sums"},
}
"""Besides derivatives and kernels, functions through which gradients pass, by module."""

Function = ast.FunctionDef
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
    operation: str
    """The operation whose derivative is wrong, where it is that of one."""
    source: str

    def __str__(self) -> str:
        return f"{self.module}.py:{self.line} {self.function}: {self.before}  ->  {self.after}"


def mutants(modules: list[str] | None = None) -> Iterator[Mutant]:
    """Every mutant of ``autograd``, or of those of its modules alone."""
    for path in sorted(AUTOGRAD.glob("*.py")):
        if modules is None or path.stem in modules:
            yield from mutants_of(path)


def mutants_of(path: Path) -> Iterator[Mutant]:
    """Every mutant of one module."""
    source = path.read_text()
    for name, function in functions_of_gradients(path.stem, ast.parse(source)).items():
        for mistake, node, after in changes(function):
            before = ast.get_source_segment(source, node) or ""
            mutated = replaced(source, node, after)
            ast.parse(mutated)  # a mistake of grammar would be found by no proof of ours
            yield Mutant(
                module=path.stem,
                function=name,
                mistake=mistake,
                before=" ".join(before.split()),
                after=" ".join(after.split()),
                line=node.lineno,
                operation=kernel_of(function) or name.partition(".")[0],
                source=mutated,
            )


# -- where ---------------------------------------------------------------------------------------


def functions_of_gradients(module: str, tree: ast.Module) -> dict[str, Function]:
    """Functions that a gradient passes through, by qualified name.

    They are the derivatives, the kernels, the reverse walk, and every function of the same module
    that one of them calls, directly or not. Calling an operation is calling its ``forward``.
    """
    functions = dict(named_functions(tree))
    found = {
        name: node
        for name, node in functions.items()
        if name in ROOTS.get(module, ()) or is_derivative(node)
    }
    pending = list(found)
    while pending:
        name = pending.pop()
        for callee in callees(name, functions[name]):
            if callee.startswith("_check"):
                continue  # it refuses, and computes nothing
            if callee in functions and callee not in found:
                found[callee] = functions[callee]
                pending.append(callee)
    return found


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


def callees(caller: str, function: Function) -> Iterator[str]:
    """Qualified names that ``function`` may be calling in its own module."""
    owner = caller.rpartition(".")[0]
    for node in (node for statement in function.body for node in ast.walk(statement)):
        if isinstance(node, ast.Name):
            yield node.id
            yield f"{node.id}.forward"
        elif isinstance(node, ast.Attribute) and ast.unparse(node.value) == "self":
            yield f"{owner}.{node.attr}"


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
        indent = " " * last.col_offset
        yield "sign flipped", last, f"{ast.unparse(last)}\n{indent}np.negative(out, out=out)"
    negated = [node.operand for node in ast.walk(function) if isinstance(node, ast.UnaryOp)]
    for statement in function.body:
        for node in ast.walk(statement):
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
