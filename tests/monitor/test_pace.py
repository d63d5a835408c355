"""A screen looks for news as often as it may cost."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from mnist_tui.monitor import pace


@dataclass
class Clock:
    """Stands for the module ``time``."""

    now: float = 100.0
    spent: float = 7.0

    def monotonic(self) -> float:
        return self.now

    def thread_time(self) -> float:
        return self.spent


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    one = Clock()
    monkeypatch.setattr(pace, "time", one)
    monkeypatch.setattr(pace, "LOOKING_SHARE", 0.05)
    monkeypatch.setattr(pace, "VIEWING_SHARE", 0.02)
    return one


@pytest.mark.parametrize(
    ("cost", "rest"), [(0.0, 0.0), (0.01, 0.2), (0.02, 0.4), (9.0, pace.LONGEST_REST)]
)
def test_what_was_spent_is_paid_back_before_the_next_look(clock, cost, rest):
    one = pace.Pace()
    assert one.is_due(training=True)
    clock.spent += cost
    clock.now += 0.9 * rest
    assert one.is_due(training=True) == (rest == 0)
    clock.now += 0.11 * rest
    assert one.is_due(training=True)
    assert one.is_due(training=True), "what was paid back is not asked for again"


@pytest.mark.parametrize(("cost", "rest"), [(0.02, 1.0), (9.0, pace.LONGEST_VIEWING_REST)])
def test_another_process_is_spared_more(clock, cost, rest):
    one = pace.Pace(elsewhere=True)
    clock.spent += cost
    clock.now += 0.99 * rest
    assert not one.is_due(training=True)
    clock.now += 0.02 * rest
    assert one.is_due(training=True)


def test_where_nothing_trains_every_look_is_due(clock):
    one = pace.Pace()
    clock.spent += 9.0
    assert one.is_due(training=False)
