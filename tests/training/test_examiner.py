"""Generated digits are measured while training goes on, and training takes no notice."""

from __future__ import annotations

import itertools
from dataclasses import replace

import msgspec
import numpy as np
import pytest

from mnist_engine.data.dataset import Dataset, Examples
from mnist_engine.metrics.judge import Judge, Opinion, shipped_judge
from mnist_engine.recipes import GanRecipe, load_recipe
from mnist_engine.recipes.schema import MeasuresTable
from mnist_engine.training import TrainControl, make_trainer
from mnist_engine.training.events import CheckpointDue, EpochDone, Finished, Measured
from mnist_engine.training.examiner import FEW, LIKELY_COST, Costs, Examiner
from mnist_engine.training.state import TrainerState


def trained(
    mnist: Dataset, measures: MeasuresTable
) -> tuple[dict[str, np.ndarray], list[Measured | EpochDone | Finished]]:
    """The generator's weights after two short epochs, and the events that hold measures."""
    recipe = load_recipe("conditional-dense")
    assert isinstance(recipe, GanRecipe)
    recipe = msgspec.structs.replace(
        recipe,
        epochs=2,
        threads=1,
        data=msgspec.structs.replace(recipe.data, limit=640),
        measures=measures,
    )
    small = replace(mnist, test_images=mnist.test_images[:500], test_labels=mnist.test_labels[:500])
    trainer = make_trainer(recipe, small, TrainControl())
    events = [e for e in trainer if isinstance(e, Measured | EpochDone | Finished)]
    return trainer.networks["generator"].state_dict(), events


def test_a_runs_weights_do_not_depend_on_how_often_it_is_measured(mnist: Dataset) -> None:
    often, measured = trained(mnist, MeasuresTable(every=10, fid_share=1000))
    never, unmeasured = trained(mnist, MeasuresTable(every=1000, fid_share=0))
    for name, value in often.items():
        np.testing.assert_array_equal(value, never[name])
    assert [e.step for e in measured if isinstance(e, Measured)] == [10, 20]
    assert not [e for e in unmeasured if isinstance(e, Measured)]


def test_the_start_says_by_what_digits_are_measured(mnist: Dataset) -> None:
    recipe = load_recipe("dense")
    few = msgspec.structs.replace(recipe, data=msgspec.structs.replace(recipe.data, limit=640))
    trainer = make_trainer(few, mnist, TrainControl())
    started = trainer.started(0)
    counts = np.bincount(trainer.training.labels, minlength=10)
    assert started.class_shares == pytest.approx(counts / counts.sum())
    assert started.judge == shipped_judge().version
    assert started.measured_every == recipe.measures.every
    unknown = replace(mnist, name="other", test_images=255 - mnist.test_images)
    started = make_trainer(few, unknown, TrainControl()).started(0)
    assert (started.class_shares, started.judge) == ((), "")


def test_measures_have_their_names_and_fid_stands_at_the_end(mnist: Dataset) -> None:
    _, events = trained(mnist, MeasuresTable(every=20, fid_share=0))
    (measured,) = (e for e in events if isinstance(e, Measured))
    assert measured.values.keys() == {
        "pairwise distance", "class KL", "top class", "rarest class", "classes", "MNIST score",
        "confident", "label agreement",
    }  # fmt: skip
    assert not [e for e in events if isinstance(e, EpochDone) and "FID" in e.measures]
    finished = events[-1]
    assert isinstance(finished, Finished)
    assert finished.measures["FID"] > 10  # after 20 steps nothing looks like a digit yet


class Drawer:
    """Hands out real training digits as if they were generated."""

    def __init__(self, mnist: Dataset) -> None:
        self._mnist = mnist
        self.counts: list[int] = []

    def __call__(
        self, count: int, rng: np.random.Generator
    ) -> tuple[np.ndarray, np.ndarray | None]:
        self.counts.append(count)
        chosen = rng.integers(0, 10_000, count)
        return self._mnist.train_images[chosen].reshape(count, -1), None


def examiner(mnist: Dataset, drawer: Drawer, table: MeasuresTable, count: int = 1200) -> Examiner:
    examples = Examples(mnist.test_images[:count], mnist.test_labels[:count])
    return Examiner(drawer, shipped_judge(), examples, np.full(10, 0.1), table, seed=0)


COST = 5.0
"""Seconds that an FID takes by the clock of these tests."""


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each look at the clock is COST seconds after the one before."""
    looks = itertools.count()
    monkeypatch.setattr(
        "mnist_engine.training.examiner.time.perf_counter", lambda: COST * next(looks)
    )


@pytest.mark.usefixtures("clock")
def test_fid_waits_until_its_share_of_the_time_is_enough(mnist: Dataset) -> None:
    drawer = Drawer(mnist)
    examined = examiner(mnist, drawer, MeasuresTable(fid_share=0.1))
    assert examined.many(1, 10 * LIKELY_COST - 1) == {}
    assert drawer.counts == []
    found = examined.many(2, 10 * LIKELY_COST + 1)
    assert 0 < found["FID"] < 2
    assert drawer.counts == [1000, 200]  # as many as there are real ones
    assert examined.many(3, 10 * 2 * COST - 1) == {}
    assert "FID" in examined.many(4, 10 * 2 * COST + 1)
    assert examined.many(5, 10 * 3 * COST - 1) == {}


def test_real_digits_are_seen_once_and_their_time_is_not_counted(
    mnist: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run needs them at its end in any case, so nothing has to wait longer for them."""
    judged = 0
    look = Judge.look

    def counted(judge: Judge, images: np.ndarray) -> Opinion:
        nonlocal judged
        judged += len(images)
        return look(judge, images)

    monkeypatch.setattr(Judge, "look", counted)
    monkeypatch.setattr("mnist_engine.training.examiner.time.perf_counter", lambda: float(judged))
    examined = examiner(mnist, Drawer(mnist), MeasuresTable(fid_share=1000))
    for step in (1, 2):
        assert "FID" in examined.many(step, 1e6)
    assert judged == 3 * 1200
    assert examined.costs == Costs(spent=2400, last=1200)


def first_epoch(recipe: GanRecipe, dataset: Dataset) -> TrainerState:
    """The state after a short epoch at whose end FID was measured."""
    trainer = make_trainer(recipe, dataset, TrainControl())
    for event in trainer:
        if isinstance(event, CheckpointDue):
            return trainer.state()
    raise AssertionError("there was no end of an epoch")


def test_a_run_that_goes_on_knows_what_fid_has_cost_and_a_branch_begins_anew(
    mnist: Dataset,
) -> None:
    recipe = load_recipe("conditional-dense")
    assert isinstance(recipe, GanRecipe)
    data = msgspec.structs.replace(recipe.data, limit=640)
    recipe = msgspec.structs.replace(
        recipe, epochs=2, threads=1, data=data, measures=MeasuresTable(fid_share=1000)
    )
    small = replace(mnist, test_images=mnist.test_images[:500], test_labels=mnist.test_labels[:500])
    state = first_epoch(recipe, small)
    assert state.progress.fid.spent > 0
    assert state.progress.fid != Costs()

    gone_on = make_trainer(recipe, small, TrainControl())
    gone_on.resume(state)
    assert gone_on.state().progress.fid == state.progress.fid

    branch = make_trainer(recipe, small, TrainControl())
    branch.begin_from(state)
    assert branch.state().progress.fid == Costs()


@pytest.mark.usefixtures("clock")
def test_two_lives_measure_fid_as_often_as_one(mnist: Dataset) -> None:
    table = MeasuresTable(fid_share=0.1)
    moments = range(10, 300, 10)  # seconds of training at which an epoch ends

    def measured(*lives: range) -> list[int]:
        found, costs = [], Costs()
        for life in lives:
            examined = examiner(mnist, Drawer(mnist), table, count=100)
            examined.costs = costs
            found += [at for at in life if examined.many(at, float(at))]
            costs = examined.costs
        return found

    uninterrupted = measured(moments)
    assert len(uninterrupted) > 3
    for interrupted in (1, 11, 20):
        assert measured(moments[:interrupted], moments[interrupted:]) == uninterrupted


def test_what_is_measured_at_a_step_is_the_same_each_time(mnist: Dataset) -> None:
    table = MeasuresTable()
    first, second = (examiner(mnist, Drawer(mnist), table) for _ in range(2))
    second.few(1500)
    assert first.few(3000) == second.few(3000)
    assert first.few(3000) != first.few(4500)


def test_the_cheap_measures_are_of_a_thousand_digits(mnist: Dataset) -> None:
    drawer = Drawer(mnist)
    examiner(mnist, drawer, MeasuresTable()).few(1500)
    assert drawer.counts == [FEW]


@pytest.mark.parametrize(("step", "due"), [(1499, False), (1500, True), (3000, True)])
def test_they_are_due_every_so_many_steps(mnist: Dataset, step: int, due: bool) -> None:
    assert examiner(mnist, Drawer(mnist), MeasuresTable(every=1500)).is_due(step) is due


def test_without_a_judge_only_the_spread_is_measured(mnist: Dataset) -> None:
    examples = Examples(mnist.test_images, mnist.test_labels)
    table = MeasuresTable(fid_share=1000)
    blind = Examiner(Drawer(mnist), None, examples, np.full(10, 0.1), table, seed=0)
    values, shares = blind.few(1)
    assert values.keys() == {"pairwise distance"}
    assert shares == ()
    assert blind.many(1, 1e6) == {}


def first_measures(dataset: Dataset) -> set[str]:
    """The names of what is measured after the first steps on ``dataset``."""
    recipe = load_recipe("conditional-dense")
    assert isinstance(recipe, GanRecipe)
    recipe = msgspec.structs.replace(recipe, measures=MeasuresTable(every=2), threads=1)
    trainer = make_trainer(recipe, dataset, TrainControl())
    return set(next(event for event in trainer if isinstance(event, Measured)).values)


def test_the_judge_looks_at_mnist_wherever_its_files_lie_and_at_nothing_else(
    mnist: Dataset,
) -> None:
    assert "label agreement" in first_measures(replace(mnist, name="digits"))
    clothes = replace(mnist, name="clothes", test_images=mnist.test_images[::-1])
    assert first_measures(clothes) == {"pairwise distance"}
