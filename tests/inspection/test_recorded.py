"""The tape of a step as a table, and its derivatives, checked on the spot."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from mnist_engine.autograd import Tensor
from mnist_engine.autograd.activations import ReLU
from mnist_engine.autograd.operation import Operation
from mnist_engine.inspection import recorded
from mnist_engine.inspection.checked import Check, checks_of
from mnist_engine.inspection.derivatives import EXPLANATIONS
from mnist_engine.inspection.recorded import rows_of
from mnist_engine.training import make_trainer
from mnist_engine.training.control import TrainControl
from mnist_engine.training.trainer import Trainer

CONVOLUTIONS = [
    "unflatten 1 height width", "conv 3 3 1 1", "batch_norm", "relu", "max_pool 2", "flatten",
    "dropout 0.5", "linear classes",
]  # fmt: skip


@pytest.fixture
def trainer(make_recipe: Any, make_dataset: Any) -> Any:
    def make(task: str, **changes: Any) -> Trainer:
        return make_trainer(make_recipe(task, **changes), make_dataset(), TrainControl())

    return make


def everything_of(trainer: Trainer) -> dict[str, Any]:
    """All that training goes on from, and the modes of the networks."""
    state = trainer.state()
    kept: dict[str, Any] = {name: array.tobytes() for name, array in state.arrays.items()}
    modes = {name: network.training for name, network in trainer.networks.items()}
    return kept | {"progress": state.progress, "modes": modes}


# --- the table -----------------------------------------------------------------------------------


def test_the_tape_of_a_classifier(trainer: Any) -> None:
    rows = rows_of(trainer("classify"), "classifier")
    assert [row.name for row in rows] == ["Linear", "ReLU", "Linear", "SoftmaxCrossEntropy", "Mean"]
    assert [row.number for row in rows] == [0, 1, 2, 3, 4]
    assert rows[0].inputs == ((10, 16), (5, 16), (5,))
    assert rows[0].output == (10, 5)
    assert rows[-1].gradient_norm == 1
    assert all(row.microseconds > 0 for row in rows)


def test_norms_and_quiet_units_are_those_of_the_step(trainer: Any) -> None:
    classifier = trainer("classify")
    weights = classifier.networks["classifier"].state_dict()
    weights["0.bias"][:2] = -1e6  # two units of five
    classifier.networks["classifier"].load_state_dict(weights)
    rows = rows_of(classifier, "classifier")
    pixels = classifier.scaling.apply(classifier.training.images[:10])
    hidden = np.maximum(pixels @ weights["0.weight"].T + weights["0.bias"], 0)
    assert rows[1].output_norm == pytest.approx(float(np.linalg.norm(hidden)), rel=1e-5)
    assert rows[1].quiet == pytest.approx(float((hidden == 0).all(axis=0).mean()))
    assert rows[1].quiet >= 0.4
    assert rows[0].quiet is None


def test_gradients_are_those_that_training_finds(trainer: Any) -> None:
    classifier = trainer("classify")
    last = rows_of(classifier, "classifier")[2]
    tape, loss = classifier.record("classifier")
    bias = classifier.networks["classifier"].parameters()[-1]
    (by_bias,) = tape.gradient(loss, [bias])
    logits = tape.operations[2].output
    (by_logits,) = tape.gradient(loss, [logits])
    assert last.gradient_norm == pytest.approx(float(np.linalg.norm(by_logits.data)), rel=1e-5)
    np.testing.assert_allclose(by_bias.data, by_logits.data.sum(axis=0), rtol=1e-4, atol=1e-7)


@pytest.mark.parametrize(("task", "network"), [("classify", "classifier"), ("gan", "generator")])
def test_it_is_the_last_step_s_batch_that_is_recorded(
    trainer: Any, task: str, network: str
) -> None:
    looked_at = trainer(task, data={"shuffle": True})
    first = looked_at.last_batch.labels.tolist()
    assert first == looked_at.training.labels[:10].tolist()
    events = iter(looked_at)
    done = 0
    while done < 3:
        done = max(done, next(events).step)
    assert looked_at.last_batch.labels.tolist() != first
    assert len(rows_of(looked_at, network)) >= 5


def test_the_discriminator_s_tape_begins_with_the_discriminator(trainer: Any) -> None:
    gan = trainer("gan")
    discriminator, generator = (rows_of(gan, name) for name in ("discriminator", "generator"))
    assert discriminator[0].inputs[0] == (20, 16)  # real and generated ones together
    assert generator[0].inputs[0] == (10, 3)  # noise
    assert all(row.gradient_norm is not None for row in discriminator + generator)


def test_a_gradient_penalty_is_on_the_tape(trainer: Any) -> None:
    plain, penalised = (
        rows_of(
            trainer("gan", game={"loss": "wasserstein", "gradient_penalty": p}), "discriminator"
        )
        for p in (0.0, 10.0)
    )
    assert len(penalised) > len(plain)
    assert "Sqrt" in {row.name for row in penalised}


TASKS = [
    ("classify", {"classifier": {"layers": CONVOLUTIONS}}, "classifier"),
    ("gan", {}, "discriminator"),
    ("gan", {}, "generator"),
    ("gan", {"game": {"loss": "wasserstein", "gradient_penalty": 10.0}}, "discriminator"),
]


@pytest.mark.parametrize(("task", "changes", "network"), TASKS)
def test_looking_moves_nothing(trainer: Any, task: str, changes: Any, network: str) -> None:
    looked_at = trainer(task, **changes)
    before = everything_of(looked_at)
    count = len(rows_of(looked_at, network))
    for number in range(count):
        checks_of(looked_at, network, number)
    assert everything_of(looked_at) == before


# --- the checks ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("task", "changes", "network"), TASKS)
def test_every_derivative_agrees(trainer: Any, task: str, changes: Any, network: str) -> None:
    looked_at = trainer(task, **changes)
    checks = [
        check
        for row in rows_of(looked_at, network)
        for check in checks_of(looked_at, network, row.number)
    ]
    assert len(checks) >= 8
    assert all(check.agrees for check in checks)
    assert {check.along for check in checks} == {"the gradient", "chance"}


def test_along_the_gradient_the_slope_is_its_length(trainer: Any) -> None:
    (check, *_) = checks_of(trainer("classify"), "classifier", 4)
    assert (check.argument, check.along) == ("x", "the gradient")
    assert check.analytic == pytest.approx(1.0)  # ten tenths, for the mean of ten


def test_constants_are_not_checked(trainer: Any) -> None:
    found = {check.argument for check in checks_of(trainer("classify"), "classifier", 0)}
    assert found == {"weight", "bias"}  # not the images


def test_numbers_at_a_kink_are_left_out(trainer: Any) -> None:
    classifier = trainer("classify")
    network = classifier.networks["classifier"]
    network.load_state_dict({k: np.zeros_like(v) for k, v in network.state_dict().items()})
    last = network.parameters()[2]
    last.data[...] = 1.0
    kinks = {check.kinks for check in checks_of(classifier, "classifier", 1)}
    assert kinks == {10 * 5}  # all stand at 0


def test_ties_of_a_pool_are_left_out(trainer: Any) -> None:
    classifier = trainer("classify", classifier={"layers": CONVOLUTIONS})
    rows = rows_of(classifier, "classifier")
    (pool,) = [row.number for row in rows if row.name == "MaxPool2d"]
    checks = checks_of(classifier, "classifier", pool)
    assert all(check.kinks > 0 and check.agrees for check in checks)


def test_a_wrong_derivative_is_found(trainer: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(self: Operation, g: Tensor, x: Tensor) -> Tensor:
        return g * 1.001

    monkeypatch.setattr(ReLU, "derivatives", (wrong,))
    monkeypatch.setattr(ReLU, "fast_paths", {})
    checks = checks_of(trainer("classify"), "classifier", 1)
    assert checks
    assert not any(check.agrees for check in checks)


def test_agreement_is_to_five_digits_or_to_what_rounding_leaves() -> None:
    def check(analytic: float, numeric: float, noise: float = 0.0) -> Check:
        return Check("x", "chance", analytic, numeric, noise, 0)

    assert check(1.0, 1.000009).agrees
    assert not check(1.0, 1.00002).agrees
    assert check(0.0, 0.0).agrees
    assert check(1e-12, -1e-12, noise=1e-11).agrees
    assert not check(float("nan"), 1.0).agrees


# --- words ---------------------------------------------------------------------------------------


def every_operation(kind: type[Operation] = Operation) -> Iterator[str]:
    for each in kind.__subclasses__():
        if each.__module__.startswith("mnist_engine"):
            yield each.__name__
        yield from every_operation(each)


def test_every_operation_is_explained_and_nothing_else() -> None:
    assert set(EXPLANATIONS) == set(every_operation())


def test_the_saturated_are_those_with_a_slope_below_six_hundredths() -> None:
    assert 1 - recorded.SATURATED**2 < 0.06
