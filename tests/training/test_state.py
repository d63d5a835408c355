"""A trainer that was given the state of another goes on as that one did, to the bit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import msgspec
import numpy as np
import pytest

from mnist_engine.data.dataset import Dataset
from mnist_engine.nn.module import StateError
from mnist_engine.recipes import AnyRecipe
from mnist_engine.training import TrainControl, Trainer, make_trainer
from mnist_engine.training.events import (
    CheckpointDue,
    EpochDone,
    Event,
    Intervened,
    Resumed,
    SamplesDrawn,
    Started,
    StepDone,
)
from mnist_engine.training.randomness import StreamState
from mnist_engine.training.state import Progress, TrainerState

SHIFT = {"shift": 1}
ADAM = {"kind": "adam", "learning_rate": 0.01}
ADAMW = {"kind": "adamw", "learning_rate": 0.01, "weight_decay": 0.1}
RMSPROP = {"kind": "rmsprop", "learning_rate": 0.01, "momentum": 0.9}
NESTEROV = {"kind": "sgd", "learning_rate": 0.05, "momentum": 0.9, "nesterov": True}
ONE_CYCLE = {"kind": "one-cycle", "up": 0.3}

DROPOUT = ["linear 6", "batch_norm", "relu", "dropout 0.3", "linear classes"]
CONVOLUTIONS = ["unflatten 1 height width", "conv 3 3 1 1", "relu", "flatten", "linear classes"]
SPECTRAL = ["spectral linear 6", "leaky_relu 0.2", "dropout 0.2", "spectral linear 1"]
NORMALISED = ["linear 6", "batch_norm", "relu", "linear pixels", "tanh"]

RECIPES: dict[str, tuple[str, dict[str, Any]]] = {
    "sgd": ("classify", {}),
    "nesterov, one-cycle": (
        "classify",
        {"classifier": {"optimizer": NESTEROV, "schedule": ONE_CYCLE}},
    ),
    "adam, dropout, shift": (
        "classify",
        {"classifier": {"optimizer": ADAM, "layers": DROPOUT}, "data": SHIFT},
    ),
    "adamw, convolutions": (
        "classify",
        {"classifier": {"optimizer": ADAMW, "layers": CONVOLUTIONS, "clip_norm": 0.5}},
    ),
    "rmsprop, fixed order": (
        "classify",
        {"classifier": {"optimizer": RMSPROP}, "data": {"shuffle": False, **SHIFT}},
    ),
    "full batch": (
        "classify",
        {
            "data": {"batch_size": "full", "shuffle": False},
            "loss": "sum-squared-error",
            "epochs": 6,
        },
    ),
    "gan": ("gan", {"measures": {"every": 3}}),
    "conditional, average, adam": (
        "gan",
        {
            "game": {"conditional": True},
            "generator": {"layers": NORMALISED, "average": 0.9, "optimizer": ADAM},
            "discriminator": {"optimizer": ADAM},
        },
    ),
    "wgan-gp, rmsprop": (
        "gan",
        {
            "game": {"loss": "wasserstein", "gradient_penalty": 10, "generator_every": 3},
            "generator": {"average": 0.9, "optimizer": RMSPROP},
            "discriminator": {"optimizer": RMSPROP},
        },
    ),
    "hinge, spectral, adamw": (
        "gan",
        {
            "game": {"loss": "hinge", "skip_discriminator_every": 2},
            "generator": {"layers": NORMALISED, "noise": "uniform", "optimizer": ADAMW},
            "discriminator": {"layers": SPECTRAL, "optimizer": ADAMW},
            "data": SHIFT,
        },
    ),
    "generator first, old noise": (
        "gan",
        {"game": {"first": "generator", "fresh_noise": False, "generator_every": 2}},
    ),
}

Make = Callable[[], Trainer]
Ask = Callable[[TrainControl, int], None]


class Moment(NamedTuple):
    """A step boundary of a run: how many events there were before it, and the state."""

    seen: int
    state: TrainerState


class Whole(NamedTuple):
    """A run that nothing interrupted: its events, its end and all its step boundaries."""

    events: list[Event]
    end: TrainerState
    moments: list[Moment]


@pytest.fixture(params=RECIPES)
def make(request: Any, make_recipe: Any, make_dataset: Any) -> Make:
    """New trainers of one recipe: eight steps, two epochs (six of a full batch)."""
    task, changes = RECIPES[request.param]
    recipe: AnyRecipe = make_recipe(task, samples_per_epoch=2, **changes)
    dataset: Dataset = make_dataset()
    return lambda: make_trainer(recipe, dataset, TrainControl())


def kept(state: TrainerState) -> TrainerState:
    """The state as a checkpoint has it: arrays copied, and the rest by way of JSON."""
    arrays = {name: array.copy() for name, array in state.arrays.items()}
    progress = msgspec.json.decode(msgspec.json.encode(state.progress), type=Progress)
    return TrainerState(arrays, progress)


def timeless(event: Event) -> Event:
    """The event without what differs from one run to the next."""
    return msgspec.structs.replace(event, seconds=0.0)


def course(trainer: Trainer) -> Iterator[Event]:
    """What happens in training, apart from checkpoints and seconds."""
    for event in trainer:
        if not isinstance(event, CheckpointDue):
            yield timeless(event)


def halve_and_double(control: TrainControl, step: int) -> None:
    """Turn learning rates after steps 2 and 6."""
    if step in (2, 6):
        control.scale_learning_rate(0.5 if step == 2 else 4.0)


def nothing(control: TrainControl, step: int) -> None:
    """Leave the run alone."""


def whole_run(trainer: Trainer, ask: Ask = nothing) -> Whole:
    """Train to the end, looking at every step boundary."""
    events: list[Event] = []
    moments: list[Moment] = []
    trainer.control.checkpoint()
    for event in trainer:
        if isinstance(event, CheckpointDue):
            moments.append(Moment(len(events), kept(trainer.state())))
            continue
        events.append(timeless(event))
        if isinstance(event, StepDone):
            ask(trainer.control, event.step)
            trainer.control.checkpoint()
    return Whole(events, kept(trainer.state()), moments)


def same(one: TrainerState, other: TrainerState) -> bool:
    """Whether two states are the same to the bit, apart from seconds."""
    assert one.arrays.keys() == other.arrays.keys()
    for name, array in one.arrays.items():
        assert array.tobytes() == other.arrays[name].tobytes(), name
    first, second = (
        msgspec.structs.replace(
            state.progress,
            seconds=0.0,
            interventions=tuple(map(timeless, state.progress.interventions)),
        )
        for state in (one, other)
    )
    assert first == second
    return True


def test_a_run_that_goes_on_from_any_boundary_ends_the_same(make: Make) -> None:
    whole = whole_run(make())
    last = whole.end.progress.steps
    steps = [moment.state.progress.steps for moment in whole.moments]
    assert steps == sorted(steps)
    assert set(steps) == set(range(last + 1)), "before the first step, and at the very end"
    for moment in whole.moments:
        trainer = make()
        trainer.resume(moment.state)
        resumed, samples, *rest = course(trainer)
        assert resumed == Resumed(step=moment.state.progress.steps)
        assert isinstance(samples, SamplesDrawn)
        assert rest == [
            event
            for number, event in enumerate(whole.events[moment.seen :], moment.seen)
            if number > 1  # what opens a run
        ]
        assert same(kept(trainer.state()), whole.end)


def test_interventions_after_the_state_are_done_again_and_those_before_are_in_it(
    make: Make,
) -> None:
    whole = whole_run(make(), halve_and_double)
    done = whole.end.progress.interventions
    for moment in whole.moments:
        trainer = make()
        trainer.resume(moment.state)
        trainer.interventions.repeat(done)
        again = [event for event in course(trainer) if isinstance(event, Intervened)]
        earlier = moment.state.progress.interventions
        assert again == [timeless(each) for each in done[len(earlier) :]]
        assert same(kept(trainer.state()), whole.end)


def test_a_run_may_be_interrupted_after_every_single_step(make: Make) -> None:
    whole = whole_run(make(), halve_and_double)
    trainer = make()
    trainer.control.checkpoint()
    steps: list[StepDone] = []
    while True:
        state: TrainerState | None = None
        for event in trainer:
            if isinstance(event, CheckpointDue) and event.reason == "request":
                state = kept(trainer.state())
                break
            if isinstance(event, StepDone):
                steps.append(event)
                halve_and_double(trainer.control, event.step)
                trainer.control.checkpoint()
        if state is None:
            break
        trainer = make()
        trainer.resume(state)
    assert list(map(timeless, steps)) == [e for e in whole.events if isinstance(e, StepDone)]
    assert same(kept(trainer.state()), whole.end)


def test_seconds_go_on_where_they_were(make_recipe: Any, make_dataset: Any) -> None:
    recipe, dataset = make_recipe("classify"), make_dataset()
    state = whole_run(make_trainer(recipe, dataset, TrainControl())).moments[3].state
    later = TrainerState(state.arrays, msgspec.structs.replace(state.progress, seconds=1000.0))
    trainer = make_trainer(recipe, dataset, TrainControl())
    trainer.resume(later)
    resumed, *rest = trainer
    assert resumed.seconds == 1000
    assert all(1000 < event.seconds < 1100 for event in rest)


def test_the_mean_loss_of_an_epoch_has_the_steps_before_the_state(
    make_recipe: Any, make_dataset: Any
) -> None:
    recipe, dataset = make_recipe("classify"), make_dataset()
    whole = whole_run(make_trainer(recipe, dataset, TrainControl()))
    third = next(moment.state for moment in whole.moments if moment.state.progress.steps == 3)
    trainer = make_trainer(recipe, dataset, TrainControl())
    trainer.resume(third)
    epoch = next(event for event in trainer if isinstance(event, EpochDone))
    losses = [e.losses["classifier"] for e in whole.events if isinstance(e, StepDone)]
    assert epoch.measures["training loss"] == np.mean(losses[:4])


def test_a_branch_begins_at_the_step_of_the_state_with_its_own_learning_rate(
    make_recipe: Any, make_dataset: Any
) -> None:
    whole = whole_run(make_trainer(make_recipe("classify"), make_dataset(), TrainControl()))
    sixth = next(moment.state for moment in whole.moments if moment.state.progress.steps == 6)
    slower = make_recipe(
        "classify", classifier={"optimizer": {"kind": "sgd", "learning_rate": 1e-3}}
    )
    trainer = make_trainer(slower, make_dataset(), TrainControl())
    trainer.begin_from(sixth)
    started, samples, step, *_ = trainer
    assert isinstance(started, Started)
    assert (started.step, started.seconds) == (6, 0.0)
    assert isinstance(samples, SamplesDrawn)
    assert isinstance(step, StepDone)
    assert (step.step, step.epoch, step.learning_rates) == (7, 2, {"classifier": 1e-3})
    seventh = next(e for e in whole.events if isinstance(e, StepDone) and e.step == 7)
    assert step.losses == seventh.losses, "of the same weights on the same images"


# --- states that do not fit ---------------------------------------------------------------------


def state_of(recipe: AnyRecipe, dataset: Dataset) -> TrainerState:
    return kept(make_trainer(recipe, dataset, TrainControl()).state())


@pytest.mark.parametrize(
    ("task", "changes", "fault"),
    [
        ("gan", {}, "missing classifier/0.weight; .*unexpected discriminator/0.weight"),
        (
            "classify",
            {"classifier": {"layers": ["linear 4", "relu", "linear classes"]}},
            r"classifier/0.weight is float32 of shape \(4, 16\), "
            r"needs float32 of shape \(5, 16\)",
        ),
        ("classify", {"classifier": {"optimizer": ADAM}}, "unexpected .*/gradient_sum"),
        ("classify", {"classifier": {"optimizer": NESTEROV}}, "unexpected .*/velocity"),
    ],
)
def test_a_state_of_another_recipe_is_refused_by_name(
    task: str, changes: dict[str, Any], fault: str, make_recipe: Any, make_dataset: Any
) -> None:
    state = state_of(make_recipe(task, **changes), make_dataset())
    trainer = make_trainer(make_recipe("classify"), make_dataset(), TrainControl())
    with pytest.raises(StateError, match=f"^the state does not fit the recipe: .*{fault}"):
        trainer.resume(state)


def test_a_state_without_the_average_is_refused_where_one_is_needed(
    make_recipe: Any, make_dataset: Any
) -> None:
    averaged = make_recipe("gan", generator={"average": 0.9})
    for recipe, other, fault in (
        (averaged, make_recipe("gan"), "missing generator-average/0.weight; .*other names"),
        (make_recipe("gan"), averaged, "unexpected generator-average/0.weight; .*other names"),
    ):
        trainer = make_trainer(recipe, make_dataset(), TrainControl())
        with pytest.raises(StateError, match=fault):
            trainer.resume(state_of(other, make_dataset()))


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"steps": 9}, "step 9 is none of 8"),
        ({"steps": -1}, "step -1 is none of 8"),
        ({"streams": {}}, "the random streams are others"),
        ({"factors": {}}, "the networks have other names"),
        ({"updates": {"critic": 1}}, "the networks have other names"),
    ],
)
def test_progress_that_cannot_be_is_refused(
    change: dict[str, Any], fault: str, make_recipe: Any, make_dataset: Any
) -> None:
    arrays, progress = state_of(make_recipe("classify"), make_dataset())
    trainer = make_trainer(make_recipe("classify"), make_dataset(), TrainControl())
    with pytest.raises(StateError, match=f"^the state does not fit the recipe: {fault}$"):
        trainer.resume(TrainerState(arrays, msgspec.structs.replace(progress, **change)))


@pytest.mark.parametrize(
    "stream",
    [
        StreamState((1 << 64, 0, 0, 0), False, 0),
        StreamState((0, 0, 0, -1), False, 0),
        StreamState((0, 0, 0, 0), True, 1 << 32),
    ],
)
def test_a_random_stream_out_of_range_is_refused(
    stream: StreamState, make_recipe: Any, make_dataset: Any
) -> None:
    arrays, progress = state_of(make_recipe("classify"), make_dataset())
    streams = {**progress.streams, "order": stream}
    trainer = make_trainer(make_recipe("classify"), make_dataset(), TrainControl())
    with pytest.raises(StateError, match="random generator holds numbers out of range"):
        trainer.resume(TrainerState(arrays, msgspec.structs.replace(progress, streams=streams)))
