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

import numpy as np
import pytest
from mutants import Mutant, mutants

PATIENCE = 60
"""Seconds after which a mutant counts as found, because it never ends."""

ZERO = "the slope of x⁰ is 0, however it is written"

EQUIVALENT = {
    ("Power.d_x", "g * 0.0", "-(g * 0.0)"): ZERO,
    ("Power.d_x", "g * 0.0", "(g * 0.0).detach()"): ZERO,
    ("Power.d_x", "g", "x"): ZERO,
    ("Transpose.d_x", "x", "g"): "only the number of axes is asked for, and both have the same",
    ("unbroadcast", "shape", "gradient"): "a gradient of the right shape is summed over no axis",
    ("_pass_back", "argument", "gradient"): "without its fast path a derivative is as right",
    ("_add", "destination", "earlier"): "an array is copied onto itself",
    (
        "batch_norm_x",
        "np.subtract(x, norm.mean, out=out)",
        "np.subtract(norm.mean, x, out=out)",
    ): "x - μ is a factor twice",
}
"""Mutants that change nothing, as (function, before, after), and why not."""


# -- the proofs ----------------------------------------------------------------------------------

TESTS = ["test_operations", "test_tape", "test_witness", "test_memory"]
"""The files of this folder that hold proofs, in the order in which they run."""


def proofs(operation: str | None) -> list[Proof]:
    """The tests in TESTS, those of ``operation`` first."""
    all_proofs = [proof for name in TESTS for proof in tests_of(importlib.import_module(name))]
    return sorted(all_proofs, key=lambda proof: proof.operation != operation)


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


def found_by(operation: str | None) -> str:
    """The first proof that fails, with its message; empty if all hold."""
    for proof in proofs(operation):
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
        signal.signal(signal.SIGALRM, lambda *_: give_up(sender))
        signal.alarm(PATIENCE)
        if mutant is not None:
            sys.meta_path.insert(0, Planted(mutant))
        try:
            answer = found_by(mutant.operation if mutant else None)
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
    planted, survivors, excused = 0, [], set()
    for mutant in mutants(modules or None):
        planted += 1
        answer = run(mutant)
        key = (mutant.function, mutant.before, mutant.after)
        if not answer and key in EQUIVALENT:
            excused.add(key)
            answer = f"changes nothing: {EQUIVALENT[key]}"
        elif not answer:
            survivors.append(mutant)
        print(f"{mutant}\n    {mutant.mistake}: {answer or 'NOT FOUND'}"[:300], flush=True)
    unfounded = [] if modules else [key for key in EQUIVALENT if key not in excused]
    seconds = time.perf_counter() - begin
    print(f"\n{planted} mutants in {seconds:.0f} s, {len(survivors)} of them not found")
    for mutant in survivors:
        print(f"not found: {mutant}")
    for key in unfounded:
        print(f"said to change nothing, but is found: {key}")
    return 1 if survivors or unfounded else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
