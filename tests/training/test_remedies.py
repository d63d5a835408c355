"""What is done against a trouble: requests, carried out together, and done again in a rerun."""

from __future__ import annotations

from typing import Any, get_args

import pytest

from mnist_engine.training import TrainControl, Trainer, make_trainer
from mnist_engine.training.events import Intervened, StepDone, Task, Trouble
from mnist_engine.training.remedies import REMEDIES, Raise, remedy_for
from mnist_engine.training.settings import Setting, Settings

WITH_DROPOUT = {
    "gan": {"discriminator": {"layers": ["linear 6", "dropout 0.1", "linear 1"]}},
    "classify": {"classifier": {"layers": ["linear 6", "dropout 0.1", "linear classes"]}},
}


@pytest.fixture
def trainer(make_recipe: Any, make_dataset: Any) -> Any:
    def make(task: Task, **changes: Any) -> Trainer:
        return make_trainer(make_recipe(task, **changes), make_dataset(), TrainControl())

    return make


def train(trainer: Trainer, trouble: Trouble | None = None) -> list[Intervened]:
    """Train to the end; ask for the remedy after step 2, where one is wanted. What was done."""
    done = []
    for event in trainer:
        if trouble and isinstance(event, StepDone) and event.step == 2:
            trainer.control.remedy(trouble)
        if isinstance(event, Intervened):
            done.append(event)
    return done


def weights(trainer: Trainer) -> dict[str, bytes]:
    return {
        f"{name}.{key}": array.tobytes()
        for name, network in trainer.saved_networks().items()
        for key, array in network.state_dict().items()
    }


def test_every_trouble_that_a_task_may_have_has_a_remedy() -> None:
    games = {"collapse", "discriminator winning"}
    troubles = set(get_args(Trouble))
    assert {name for task, name in REMEDIES if task == "gan"} == troubles - {"slow learning"}
    assert {name for task, name in REMEDIES if task == "classify"} == troubles - games


@pytest.mark.parametrize(("task", "trouble"), REMEDIES)
def test_a_remedy_is_a_few_interventions_and_can_be_done_again(
    task: Task, trouble: Trouble, trainer: Any
) -> None:
    helped, plain, again = (trainer(task, **WITH_DROPOUT[task]) for _ in range(3))
    done = train(helped, trouble)
    assert done
    assert {(each.step, each.source) for each in done} == {(2, "remedy")}
    train(plain)
    assert weights(helped) != weights(plain)
    again.interventions.repeat(done)
    train(again)
    assert weights(helped) == weights(again)


def test_what_helps_where_the_discriminator_wins(trainer: Any) -> None:
    done = train(trainer("gan"), "discriminator winning")
    assert [(each.what, each.network, each.setting, each.before, each.after) for each in done] == [
        ("learning rate", "discriminator", "", 1.0, 0.5),
        ("setting", "", "instance noise", 0.0, 0.1),
    ]


def test_what_helps_where_people_had_raised_a_rate_begins_at_its_schedule(trainer: Any) -> None:
    raised = trainer("gan")
    raised.learners["generator"].scale(1024.0)
    done = train(raised, "divergence")
    assert [(each.network, each.before, each.after) for each in done] == [
        ("generator", 1024.0, 1.0),
        ("discriminator", 1.0, 0.5),
        ("generator", 1.0, 0.5),
    ]


def test_what_a_task_cannot_have_needs_no_remedy(trainer: Any) -> None:
    assert remedy_for("classify", "collapse") is None
    assert train(trainer("classify"), "collapse") == []


def test_a_setting_is_raised_to_its_bound_and_no_further() -> None:
    values = {"dropout": 0.4, "noise": 0.0}

    def write(value: float) -> None:
        values["dropout"] = value

    setting = Setting("dropout", "generator", "", lambda: values["dropout"], write, 0.0, 0.95)
    settings = Settings(setting)
    (request,) = Raise("dropout", 0.2, 0.5).requests(settings, {})
    assert (request.networks, request.setting, request.value) == (("generator",), "dropout", 0.5)
    write(0.5)
    assert list(Raise("dropout", 0.2, 0.5).requests(settings, {})) == []
    assert list(Raise("input noise", 0.2, 0.5).requests(settings, {})) == []
