"""What can be compared of runs: values with a name, each of which is a curve over steps."""

from __future__ import annotations

from mnist_engine.runs.best import best_of, has_best
from mnist_engine.runs.history import Curve
from mnist_engine.runs.state import Snapshot
from mnist_tui.monitor.curves import frechet_distances, over_steps


def curves_of(snapshot: Snapshot) -> dict[str, Curve]:
    """The curves of a run over steps, by name: losses first, each network's at every step.

    A classifier's at a step is its "batch loss": "training loss" is the mean of an epoch.
    """
    curves = {
        "batch loss" if network == "classifier" else f"{network} loss": curve
        for network, curve in sorted(snapshot.losses.items())
    }
    for name, curve in snapshot.epochs.items():
        curves.setdefault(name, over_steps(curve, snapshot))
    for name, curve in snapshot.measures.items():
        curves.setdefault(name, curve)
    distances = frechet_distances(snapshot)
    if len(distances.x):
        curves["FID"] = distances
    return curves


def is_loss(name: str) -> bool:
    """Whether a value is a loss; all others say how good a network is, or what it does."""
    return name.endswith("loss")


def is_of_steps(name: str) -> bool:
    """Whether a value is that of single batches, and so mostly chance: losses, D(real), D(fake)."""
    return is_loss(name) or name.endswith(")")


def final_value(name: str, curve: Curve) -> float:
    """The last value of the curve ``name``; of single steps the mean of the last hundredth."""
    return curve.recent if is_of_steps(name) else curve.last


def best_value(name: str, curve: Curve) -> float | None:
    """The best value that the curve ever had; None where none is better than others."""
    if not has_best(name) or not len(curve.x):
        return None
    return best_of(name, (float(curve.low.min()), float(curve.high.max())))


def results_of(snapshot: Snapshot) -> dict[str, float]:
    """What was measured on the test set when the run ended."""
    finished = snapshot.finished
    if finished is None:
        return {}
    results = {name: value for name, value in finished.measures.items() if name.startswith("test")}
    if finished.test_accuracy is not None:
        results["test accuracy"] = finished.test_accuracy
    return results
