"""How long a training step takes: this engine, PyTorch, and the bare matrix products.

    python tests/benchmarks/speed.py [--only WORDS] [--rounds N] [--threads N] [--json FILE]

Each side of a workload lives in a process of its own. They take turns, a quarter of a second each,
so that whatever else the machine does hits all of them alike. Medians count: of the times of a
side, and of the ratios within a round. PyTorch is left out where it is not installed.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from workloads import WORKLOADS, Workload

SIDES = ("engine", "torch", "products")
ROUND_SECONDS = 0.25
WARM_UP_SECONDS = 0.1
"""Before each round: what slept meanwhile has lost its place in caches and memory."""


def main() -> None:
    """Measure, print a table, write JSON."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--only", default="", help="workloads whose name contains this")
    parser.add_argument("--rounds", type=int, default=15, help="rounds for each workload")
    parser.add_argument("--threads", type=int, default=2, help="threads of the linear algebra")
    parser.add_argument("--json", type=Path, help="where to write the figures")
    parser.add_argument("--serve", nargs=2, metavar=("SIDE", "NUMBER"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.serve:
        side, number = arguments.serve
        serve(side, WORKLOADS[int(number)], arguments.threads)
        return
    if arguments.rounds < 1 or arguments.threads < 1:
        parser.error("--rounds and --threads must be at least 1")
    chosen = [
        number for number, w in enumerate(WORKLOADS) if arguments.only.lower() in w.name.lower()
    ]
    if not chosen:
        parser.error(f"--only: no workload's name contains {arguments.only!r}")
    console = Console()
    results = []
    for number in chosen:
        with console.status(title(WORKLOADS[number])):
            results.append(measure(number, arguments.rounds, arguments.threads))
    console.print(table_of(results, arguments.threads))
    if arguments.json:
        arguments.json.write_text(json.dumps(report(results, arguments), indent=2) + "\n")


def measure(number: int, rounds: int, threads: int) -> dict[str, Any]:
    """Milliseconds a step of each side of one workload: the medians, and all rounds."""
    workload = WORKLOADS[number]
    sides = [s for s in SIDES if s != "torch" or importlib.util.find_spec("torch")]
    servers = {side: start(side, number, threads) for side in sides}
    times: dict[str, list[float]] = {side: [] for side in sides}
    try:
        for server in servers.values():
            ask(server)  # loads and allocates
        for _ in range(rounds):
            for side, server in servers.items():
                times[side].append(ask(server))
    finally:
        for server in servers.values():
            server.kill()
            server.wait()
    return {
        "workload": workload.name,
        "recipe": Path(workload.recipe_name).stem,
        "batch": workload.batch_size,
        "must": workload.must,
        "goal": workload.goal,
        "milliseconds": {side: statistics.median(times[side]) for side in sides},
        "torch/engine": ratio(times["torch"], times["engine"]) if "torch" in sides else None,
        "rounds": times,
    }


def ratio(theirs: list[float], ours: list[float]) -> float:
    """How many times as long they take as we do: the median over the rounds."""
    return statistics.median(a / b for a, b in zip(theirs, ours, strict=True))


# -- a side in a process of its own --------------------------------------------------------------


def start(side: str, number: int, threads: int) -> subprocess.Popen[str]:
    """A process that measures when it is asked to."""
    limits = {f"{name}_NUM_THREADS": str(threads) for name in ("OPENBLAS", "OMP", "MKL")}
    return subprocess.Popen(
        [sys.executable, __file__, "--threads", str(threads), "--serve", side, str(number)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, **limits},
    )


def ask(server: subprocess.Popen[str]) -> float:
    """Milliseconds a step in a round that begins now; nothing else runs meanwhile."""
    assert server.stdin is not None
    assert server.stdout is not None
    server.stdin.write("go\n")
    server.stdin.flush()
    answer = server.stdout.readline()
    if not answer:
        raise SystemExit(f"a side ended with status {server.wait()}; its message is above")
    time.sleep(0.05)  # threads of linear algebra spin for a while before they sleep
    return float(answer)


def serve(side: str, workload: Workload, threads: int) -> None:
    """Answer each line of standard input with the milliseconds that a step takes."""
    if side == "torch":
        import torch

        torch.set_num_threads(threads)
    module = importlib.import_module(f"{side}_side")
    step = module.steps(workload)
    for _ in sys.stdin:
        time_of(step, WARM_UP_SECONDS)
        print(1000 * time_of(step, ROUND_SECONDS), flush=True)


def time_of(step: Any, seconds: float) -> float:
    """Seconds a step takes, the mean over at least ``seconds`` and 3 steps."""
    begin, count = time.perf_counter(), 0
    while count < 3 or time.perf_counter() - begin < seconds:
        step()
        count += 1
    return (time.perf_counter() - begin) / count


# -- the outcome ---------------------------------------------------------------------------------


def title(workload: Workload) -> str:
    """The workload in a line."""
    return f"{workload.name}, batch {workload.batch_size}"


def table_of(results: list[dict[str, Any]], threads: int) -> Table:
    """The figures for people."""
    table = Table(title=f"milliseconds a step, {threads} threads")
    table.add_column("workload")
    table.add_column("batch", justify="right")
    for name in ("engine", "PyTorch", "products", "PyTorch / engine", "must", "goal"):
        table.add_column(name, justify="right")
    for result in results:
        times = result["milliseconds"]
        found = result["torch/engine"]
        colour = "" if found is None else mark(found, result["must"], result["goal"])
        table.add_row(
            result["workload"],
            str(result["batch"]),
            *(f"{times[side]:.2f}" if side in times else "-" for side in SIDES),
            "-" if found is None else f"[{colour}]{found:.2f}[/]",
            f"{result['must']:.2f}",
            f"{result['goal']:.2f}",
        )
    return table


def mark(found: float, must: float, goal: float) -> str:
    """The colour of a ratio."""
    return "bold green" if found >= goal else "green" if found >= must else "bold red"


def report(results: list[dict[str, Any]], arguments: argparse.Namespace) -> dict[str, Any]:
    """The figures for programs, and where they come from."""
    versions = {
        name: importlib.import_module(name).__version__
        for name in ("numpy", "torch")
        if importlib.util.find_spec(name)
    }
    return {
        "threads": arguments.threads,
        "python": platform.python_version(),
        "machine": platform.machine(),
        "cores": os.cpu_count(),
        "versions": versions,
        "results": results,
    }


if __name__ == "__main__":
    main()
