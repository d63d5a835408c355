"""Who raises alarms goes on after a break as if there had been none."""

from __future__ import annotations

import random
from collections.abc import Iterator

import msgspec
import pytest

from mnist_engine.training.alarms import Alarms, News
from mnist_engine.training.events import EpochDone, Event, Inspected, Measured, StepDone
from mnist_engine.training.limits import FIRST_JUDGED

STEPS = 4 * FIRST_JUDGED
EPOCH = 50


def gan(rng: random.Random) -> Iterator[Event]:
    """Good and bad times of a GAN in turn, each of some hundred steps."""
    for step in range(1, STEPS + 1):
        bad = step // 400 % 2
        sure = rng.uniform(0.9, 0.99) if bad else rng.uniform(0.5, 0.6)
        yield StepDone(
            step=step,
            epoch=1 + step // EPOCH,
            losses={"discriminator": rng.uniform(0.1, 1), "generator": 1 + 6 * bad * rng.random()},
            learning_rates={},
            measures={"D(real)": sure, "D(fake)": 1 - sure},
        )
        if step % 10 == 0:
            norm = 1e-4 if bad else 1.0
            yield Inspected(
                step=step,
                gradient_norms={"generator": norm * rng.uniform(0.9, 1.1)},
                silent={"generator.1": 0.99 if bad else rng.uniform(0, 0.3)},
            )
        if step % EPOCH == 0:
            yield Measured(step=step, values={"class KL": 2.0 if bad else 0.01 * rng.random()})
            known = {"accuracy known": 0.99 if bad else 0.7, "accuracy real": 0.6}
            yield EpochDone(step=step, epoch=step // EPOCH, measures={**known, "FID": 9.0 - bad})


def classifier(rng: random.Random) -> Iterator[Event]:
    """One that learns, over-fits, runs away and comes back."""
    for step in range(1, STEPS + 1):
        phase = step * 4 // STEPS
        loss = (2.3, 0.2, 200.0, 2.2)[min(phase, 3)] * rng.uniform(0.9, 1.1)
        yield StepDone(step=step, epoch=1, losses={"classifier": loss}, learning_rates={})
        if step % 10 == 0:
            yield Inspected(step=step, gradient_norms={"classifier": rng.uniform(0.5, 1)})
        if step % EPOCH == 0:
            measures = {"training loss": loss / (1 + step), "validation loss": 0.1 + 0.001 * step}
            yield EpochDone(step=step, epoch=step // EPOCH, measures=measures)


def news(alarms: Alarms, events: list[Event]) -> list[News]:
    return [each for event in events for each in alarms.see(event)]


@pytest.mark.parametrize("life", [gan, classifier])
def test_a_break_anywhere_changes_nothing_of_what_is_told(life):
    events = list(life(random.Random(5)))
    whole = news(Alarms(), events)
    kinds = {(type(each).__name__, each.name) for each in whole}
    assert len(kinds) >= 6  # troubles of several kinds come and go, or this would show little
    for cut in range(0, len(events), len(events) // 4):
        first, second = Alarms(), Alarms()
        before = news(first, events[:cut])
        second.recall(msgspec.json.decode(msgspec.json.encode(first.memory())))
        assert before + news(second, events[cut:]) == whole


def test_what_another_version_remembered_is_as_nothing():
    alarms = Alarms()
    news(alarms, list(gan(random.Random(1))))
    alarms.recall({"_told": {"collapse": 2}, "_watchers": [{"_of_long_ago": 1}], "_gone": 3})
    assert alarms.memory() == Alarms().memory()
