"""Learning-rate schedules against values worked out by hand and by other formulas."""

from __future__ import annotations

import math

import msgspec
import pytest

from mnist_engine.optim.schedules import (
    AnySchedule,
    Constant,
    Cosine,
    Linear,
    OneCycle,
    Schedule,
    Steps,
)


def factors(schedule: Schedule, steps: list[int], total: int = 100, epoch: int = 10) -> list[float]:
    return [schedule.factor(step, total, epoch) for step in steps]


@pytest.mark.parametrize(
    ("schedule", "table"),
    [
        (Constant(), {0: 1, 50: 1, 99: 1}),
        (Steps((2, 5), by=0.1), {0: 1, 19: 1, 20: 0.1, 49: 0.1, 50: 0.01, 99: 0.01}),
        (Steps((10,), by=0.7), {99: 1}),
        (Linear(), {0: 1, 25: 0.75, 50: 0.5, 99: 0.01, 100: 0, 150: 0}),
        (Linear(hold=0.2, end=0.5), {0: 1, 20: 1, 60: 0.75, 100: 0.5}),
        (Linear(hold=1.0), {0: 1, 99: 1, 100: 1}),
        (Cosine(), {0: 1, 50: 0.5, 100: 0, 120: 0}),
        (Cosine(), {25: (2 + math.sqrt(2)) / 4, 75: (2 - math.sqrt(2)) / 4}),
        (Cosine(hold=0.5, end=0.2), {50: 1, 75: 0.6, 100: 0.2}),
    ],
    ids=str,
)
def test_factors_at_known_steps(schedule: Schedule, table: dict[int, float]) -> None:
    assert factors(schedule, list(table)) == pytest.approx(list(table.values()), abs=1e-12)


def one_cycle(step: int, total: int, peak_rate: float, up: float = 0.3) -> float:
    """The learning rate in the words of PyTorch's documentation of OneCycleLR.

    It anneals from initial_lr = max_lr / 25 to max_lr over the first 30% of the steps, then to
    min_lr = initial_lr / 1e4; both along (1 + cos) / 2, steps counting from 0.
    """
    initial_rate = peak_rate / 25
    least_rate = initial_rate / 1e4
    boundary, last = total * up - 1, total - 1
    if step <= boundary:
        share, begin, end = step / boundary, initial_rate, peak_rate
    else:
        share, begin, end = (step - boundary) / (last - boundary), peak_rate, least_rate
    cosine = math.cos(math.pi * share) + 1
    return end + (begin - end) / 2 * cosine


@pytest.mark.parametrize("total", [10, 100, 780])
@pytest.mark.parametrize("up", [0.25, 0.3, 0.5])
def test_one_cycle_is_pytorchs(total: int, up: float) -> None:
    for step in range(total):
        expected = one_cycle(step, total, peak_rate=0.004, up=up)
        assert 0.004 * OneCycle(up=up).factor(step, total, 1) == pytest.approx(expected)


def test_one_cycle_at_its_corners() -> None:
    table = factors(OneCycle(), [0, 29, 99], total=100)
    assert table == pytest.approx([1 / 25, 1, 1 / 25 / 1e4])
    assert max(factors(OneCycle(), list(range(100)))) == pytest.approx(1)


@pytest.mark.parametrize("up", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("total", [1, 2, 3])
def test_one_cycle_of_a_tiny_run_stays_in_bounds(total: int, up: float) -> None:
    for step in range(total + 2):
        assert 0 < OneCycle(up=up).factor(step, total, 1) <= 1


@pytest.mark.parametrize(
    ("text", "schedule"),
    [
        ('{"kind": "constant"}', Constant()),
        ('{"kind": "steps", "after_epochs": [100], "by": 0.7}', Steps((100,), 0.7)),
        ('{"kind": "linear", "hold": 0.2}', Linear(0.2)),
        ('{"kind": "cosine"}', Cosine()),
        ('{"kind": "one-cycle", "up": 0.25}', OneCycle(0.25)),
    ],
)
def test_recipes_name_them_by_kind(text: str, schedule: Schedule) -> None:
    assert msgspec.json.decode(text, type=AnySchedule) == schedule


@pytest.mark.parametrize(
    "text",
    [
        '{"kind": "linear", "hold": 1.5}',
        '{"kind": "one-cycle", "start_divisor": 0}',
        '{"kind": "cosine", "holds": 0.5}',
        '{"kind": "exponential"}',
    ],
)
def test_what_is_no_schedule_is_refused(text: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(text, type=AnySchedule)
