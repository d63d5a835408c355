"""The mutation run: are the proofs sharp enough to find every wrong derivative?

Plants the mutants of ``mutants`` one at a time, each in a process of its own, and lets the proofs
of this folder run until one fails. Prints what found each of them; ends with status 1 if one is not
found, or if the unchanged engine does not pass.

    python tests/engine/mutations.py [MODULE ...]
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before NumPy: the matrices are tiny

import importlib.abc
import importlib.util
import inspect
import itertools
import signal
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from types import ModuleType

import hypothesis
import hypothesis.extra.numpy
import numpy as np
import pytest
from mutants import Mutant, mutants

BRIEF = hypothesis.settings(
    phases=(hypothesis.Phase.explicit, hypothesis.Phase.generate), database=None
)
"""The first example that fails is enough: Hypothesis need not look for a smaller one."""

PATIENCE = 100
"""Seconds of computing after which a mutant counts as found, because it never ends."""

ZERO = "the slope of x⁰ is 0, however it is written"
AXES = "only the number of axes is asked for, and both have the same"
WALKS = "two walks need different numbers, whatever they are"

BOTH_WAYS = "both ways to spread give the same"
HALVES = "the halves differ for three rows or more; those of two are added one after the other"
ROOM = "behind the last window there is more room than anyone reads"

EQUIVALENT = {
    ("Power.d_x", "return g * 0.0  # not 0 x⁻¹, which is NaN at 0", "g * 0.0", "-(g * 0.0)"): ZERO,
    (
        "Power.d_x",
        "return g * 0.0  # not 0 x⁻¹, which is NaN at 0",
        "g * 0.0",
        "(g * 0.0).detach()",
    ): ZERO,
    ("Power.d_x", "return g * 0.0  # not 0 x⁻¹, which is NaN at 0", "g", "x"): ZERO,
    ("Transpose.d_x", "axes = [axis % x.ndim for axis in self.axes]", "x", "g"): AXES,
    (
        "Transpose.d_x",
        "return g.transpose(*(axes.index(i) for i in range(x.ndim)))",
        "x",
        "g",
    ): AXES,
    (
        "unbroadcast",
        "if gradient.shape == shape:",
        "shape",
        "gradient",
    ): "a gradient that has the shape already is summed over no axis",
    (
        "_pass_back",
        "fast_path = None if tape.recording else operation.fast_path(argument)",
        "argument",
        "gradient",
    ): "without a fast path the formula is used",
    (
        "_add",
        "elif part.data is not destination:",
        "part",
        "destination",
    ): "an array is copied to itself",
    (
        "_add",
        "elif part.data is not destination:",
        "destination",
        "earlier",
    ): "an array is copied to itself",
    (
        "SoftmaxCrossEntropy.d_logits",
        "weight = targets.sum(axis=-1, keepdims=True)",
        "-1",
        "1",
    ): "there are two axes",
    (
        "Unflatten.forward",
        "new = channels_last if images.ndim == 4 else np.empty",
        "4",
        "5",
    ): "only how the image lies in memory changes",
    (
        "add_at",
        "if _is_basic(index):",
        "index",
        "x",
    ): "what is added at any index may be added at one without repeats",
    (
        "weight_gradient",
        'halves = [scratch(("total", half), out.shape, out.dtype) for half in range(2)]',
        "2",
        "3",
    ): "a third sum is of nothing",
    ("weight_gradient", "total = halves[part.start > 0]", "0", "1"): HALVES,
    ("kernel_sums", "total = halves[part.start > 0]", "0", "1"): HALVES,
    ("spread", "if 4 * channels_x < channels_y:", "4 * channels_x", "(4)"): BOTH_WAYS,
    ("spread", "if 4 * channels_x < channels_y:", "4 * channels_x", "(channels_x)"): BOTH_WAYS,
    ("spread", "if 4 * channels_x < channels_y:", "4", "5"): BOTH_WAYS,
    (
        "Positions.extent",
        "return self.step * (self.number - 1) + self.size",
        "self.number - 1",
        "((self.number) + (1))",
    ): ROOM,
    (
        "Positions.extent",
        "return self.step * (self.number - 1) + self.size",
        "self.number - 1",
        "(self.number)",
    ): ROOM,
    (
        "_padded",
        "side_by_side = channels == 1 or images.strides[3] == images.itemsize",
        "1",
        "2",
    ): "windows may be read from any memory, which is only slower",
    (
        "_phases",
        "q = (first + padding - r) // stride",
        "first + padding - r",
        "(first + padding)",
    ): "r, less than the stride, is the remainder of the division",
    ("walk", "tape.walks += 1", "tape.walks += 1", "tape.walks -= 1"): WALKS,
    ("walk", "tape.walks += 1", "1", "2"): WALKS,
    (
        "centred_sums",
        "centred *= centred if y is None else other[part]",
        "y",
        "x",
    ): "Σ (x - μ) x is Σ (x - μ)², for Σ (x - μ) is 0",
}
"""Mutants that change nothing, as (function, line, before, after), and why. They are not run."""


# -- the proofs ----------------------------------------------------------------------------------

TESTS = [
    "test_operations",
    "test_tape",
    "test_mistakes",
    "test_tensor",
    "test_memory",
    "test_convolution",
    "test_pooling",
    "test_layout",
    "test_large_arrays",
    "test_gradient_penalty",
    "test_witness",
    "test_layer_derivatives",
    "test_graphs",
    "test_shapes",
]
"""The files of this folder that hold proofs, in the order in which they run."""

NEAREST = {
    "windows": "test_convolution",
    "layout": "test_layout",
    "pooling": "test_pooling",
    "MaxPool2d": "test_pooling",
    "products": "test_large_arrays",
    "reverse": "test_tape",
    "tape": "test_tape",
}
"""The tests of a module of ``autograd`` or an operation, besides its cases in the table."""


def proofs(mutant: Mutant | None) -> Iterator[Proof]:
    """The tests in TESTS, those first that look where ``mutant`` is."""
    table, *others = TESTS
    near, rest = [], []
    for proof in tests_of(importlib.import_module(table)):
        is_near = mutant is not None and proof.operation == mutant.operation
        (near if is_near else rest).append(proof)
    yield from near
    nearest = mutant and (NEAREST.get(mutant.operation) or NEAREST.get(mutant.module))
    if nearest:
        yield from tests_of(importlib.import_module(nearest))
    yield from rest
    for name in others:
        if name != nearest:
            yield from tests_of(importlib.import_module(name))


def tests_of(module: ModuleType) -> Iterator[Proof]:
    """The tests of a module, once for each set of their parameters."""
    for name, test in vars(module).items():
        if not name.startswith("test_"):
            continue
        marks = [mark for mark in getattr(test, "pytestmark", ()) if mark.name == "parametrize"]
        for sets in itertools.product(*(parameters(*mark.args) for mark in marks)):
            arguments = {key: value for some in sets for key, value in some.items()}
            yield Proof(name, test, arguments)


def parameters(names: str | Sequence[str], values: Iterable[object]) -> Iterator[dict[str, object]]:
    """The keyword arguments that ``pytest.mark.parametrize(names, values)`` stands for."""
    keys = names.replace(" ", "").split(",") if isinstance(names, str) else names
    for value in values:
        some = value.values if hasattr(value, "values") else value
        yield {keys[0]: some} if len(keys) == 1 else dict(zip(keys, some, strict=True))


@dataclass(frozen=True)
class Proof:
    """One test with its parameters."""

    name: str
    test: Callable[..., None]
    arguments: dict[str, object]

    @property
    def operation(self) -> str | None:
        """The operation that it looks at, where it is one."""
        case = self.arguments.get("case")
        return case.operation.__name__ if hasattr(case, "operation") else None

    def hold(self) -> None:
        """Run it; raises what the test raises."""
        wanted = inspect.signature(self.test).parameters
        with pytest.MonkeyPatch.context() as monkeypatch:
            if "monkeypatch" in wanted:
                self.test(**self.arguments, monkeypatch=monkeypatch)
            else:
                self.test(**self.arguments)

    def __str__(self) -> str:
        return f"{self.name}[{', '.join(map(str, self.arguments.values()))}]"


def found_by(mutant: Mutant | None) -> str:
    """The first proof that fails, with its message; empty if all hold."""
    for proof in proofs(mutant):
        try:
            proof.hold()
        except (Exception, pytest.fail.Exception) as error:
            return f"{proof}: {type(error).__name__}: {' '.join(str(error).split())}"
    return ""


# -- one mutant, one process ---------------------------------------------------------------------


class Planted(importlib.abc.MetaPathFinder, importlib.abc.SourceLoader):
    """Imports the mutant's source in place of the module's own."""

    def __init__(self, mutant: Mutant) -> None:
        self.module = f"mnist_engine.autograd.{mutant.module}"
        self.source = mutant.source

    def find_spec(self, name: str, path: object, target: object = None) -> object:
        return importlib.util.spec_from_loader(name, self) if name == self.module else None

    def get_filename(self, name: str) -> str:
        return f"<mutant of {name}>"

    def get_data(self, path: str) -> bytes:
        return self.source.encode()


def run(mutant: Mutant | None) -> str:
    """:func:`found_by` in a fork of this process, in which nothing of the engine is loaded yet."""
    receiver, sender = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(receiver)
        np.seterr(all="ignore")
        hypothesis.settings.register_profile("mutants", BRIEF)
        hypothesis.settings.load_profile("mutants")
        signal.signal(signal.SIGPROF, lambda *_: give_up(sender))
        signal.setitimer(signal.ITIMER_PROF, PATIENCE)
        if mutant is not None:
            sys.meta_path.insert(0, Planted(mutant))
        try:
            answer = found_by(mutant)
        except BaseException as error:  # the module could not even be imported
            answer = f"import: {type(error).__name__}: {error}"
        os.write(sender, answer.encode()[:4096])
        os._exit(0)
    os.close(sender)
    with os.fdopen(receiver) as pipe:
        answer = pipe.read()
    _, status = os.waitpid(child, 0)
    return answer if status == 0 else f"the process died with status {status}"


def give_up(sender: int) -> None:
    """End a process that does not end."""
    os.write(sender, f"no answer within {PATIENCE} seconds".encode())
    os._exit(0)


def main(modules: list[str]) -> int:
    """Run all mutants, or those of the modules named; returns the exit status."""
    begin = time.perf_counter()
    if fault := run(None):
        print(f"The engine as it stands fails {fault}")
        return 1
    planted, survivors, unmet = 0, [], set(EQUIVALENT)
    for mutant in mutants(modules or None):
        key = (mutant.function, mutant.code, mutant.before, mutant.after)
        unmet.discard(key)
        if key in EQUIVALENT:
            answer = f"changes nothing: {EQUIVALENT[key]}"
        else:
            planted += 1
            answer = run(mutant)
        if not answer:
            survivors.append(mutant)
        print(f"{mutant}\n    {mutant.mistake}: {answer or 'NOT FOUND'}"[:300], flush=True)
    seconds = time.perf_counter() - begin
    print(f"\n{planted} mutants in {seconds:.0f} s, {len(survivors)} of them not found")
    for mutant in survivors:
        print(f"not found: {mutant}\n    in: {mutant.code}")
    if unmet and not modules:
        print("EQUIVALENT names what is not there (any more):", *unmet, sep="\n    ")
    return 1 if survivors or (unmet and not modules) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
