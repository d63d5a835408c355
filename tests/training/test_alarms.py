"""What is told of a run that goes wrong: when, how loudly, and how often."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_engine.training.alarms import (
    ABSURD,
    ABSURD_STEPS,
    DISTANCE,
    FIRST_JUDGED,
    FIRST_MARGIN,
    HYSTERESIS,
    LARGEST_LOSS,
    LATEST,
    MARGIN,
    MEMORY,
    PLAYERS,
    RUNAWAY,
    UNFOOLED,
    Alarms,
)
from mnist_engine.training.events import (
    Alarm,
    Diverged,
    EpochDone,
    Event,
    Finished,
    Intervened,
    Measured,
    StepDone,
)
from mnist_engine.training.games import GAMES

HEALTHY = {"class KL": 0.01, "top class": 0.13, "classes": 10.0, "pairwise distance": 9.8}
COLLAPSED = {"class KL": 2.26, "top class": 1.0, "classes": 1.0, "pairwise distance": 0.03}


def step(number: int, generator: float = 0.9, real: float = 0.55, fake: float = 0.45) -> StepDone:
    return StepDone(
        step=number,
        epoch=1,
        losses={"discriminator": 1.3, "generator": generator},
        learning_rates={},
        measures={"D(real)": real, "D(fake)": fake},
    )


def steps(first: int, last: int, **values: float) -> list[Event]:
    """``first`` to ``last``, both included, all alike."""
    return [step(number, **values) for number in range(first, last + 1)]


def measured(at: int, **values: float) -> Measured:
    """Healthy measures but for ``values``, whose names have _ for a space."""
    changes = {name.replace("_", " "): value for name, value in values.items()}
    return Measured(step=at, values=HEALTHY | changes)


def told(events: Iterable[Event], alarms: Alarms | None = None) -> list[Alarm]:
    alarms = alarms or Alarms()
    return [alarm for event in events for alarm in alarms.see(event)]


def names(alarms: list[Alarm]) -> list[tuple[str, str]]:
    return [(alarm.name, alarm.level) for alarm in alarms]


def twice(**values: float) -> list[Event]:
    """The same measures at steps 2,000 and 4,000: whatever they say, it does not get better."""
    return [measured(2000, **values), measured(4000, **values)]


# -- collapse ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("measure", "fine", "warning", "alarm"),
    [
        ("class_KL", 0.29, 0.31, 0.61),
        ("top_class", 0.34, 0.36, 0.51),
        ("classes", 8, None, 7),
        ("pairwise_distance", 7.01, 6.99, 4.99),
    ],
)
def test_each_measure_of_variety_has_its_limits(
    measure: str, fine: float, warning: float | None, alarm: float
) -> None:
    assert told(twice(**{measure: fine})) == []
    assert names(told(twice(**{measure: alarm}))) == [("collapse", "alarm")]
    if warning is not None:
        assert names(told(twice(**{measure: warning}))) == [("collapse", "warning")]


def test_the_text_has_the_numbers_that_are_past_their_limits() -> None:
    (alarm,) = told(twice(class_KL=1.234, top_class=0.51))
    assert alarm.text == "generated digits lack variety: class KL 1.23, top class 0.51"
    assert alarm.step == 4000


def test_early_blobs_are_no_collapse() -> None:
    early = [Measured(step=at, values=COLLAPSED) for at in (300, FIRST_JUDGED - 1)]
    assert told(early) == []
    assert names(told([*early, Measured(step=FIRST_JUDGED, values=COLLAPSED)])) == [
        ("collapse", "alarm")
    ]


def test_one_and_the_same_picture_needs_no_second_look() -> None:
    assert told([measured(FIRST_JUDGED, pairwise_distance=1.01)]) == []
    (alarm,) = told([measured(FIRST_JUDGED, pairwise_distance=0.99)])
    assert (alarm.name, alarm.level) == ("collapse", "alarm")


def test_a_generator_that_is_still_spreading_out_has_not_collapsed() -> None:
    spreading = [
        measured(1500 * number, class_KL=kl, classes=classes, top_class=0.6)
        for number, (kl, classes) in enumerate([(2.2, 1), (1.7, 2), (1.3, 2), (0.7, 7)], 1)
    ]
    assert told(spreading) == []
    standing = measured(7500, class_KL=0.69, classes=7, top_class=0.6)
    assert names(told([*spreading, standing])) == [("collapse", "alarm")]


def test_progress_is_made_over_a_thousand_steps_not_between_two_looks() -> None:
    """Steady, by a tenth from look to look: a third in 1,000 steps."""
    looks = [measured(1500 + 250 * number, class_KL=2 * 0.9**number) for number in range(12)]
    assert told(looks) == []


def test_what_was_healthy_before_is_told_at_once() -> None:
    assert names(told([measured(3000), Measured(step=4500, values=COLLAPSED)])) == [
        ("collapse", "alarm")
    ]


def test_without_a_judge_the_distance_alone_tells() -> None:
    def spread(at: int, distance: float) -> Measured:
        return Measured(step=at, values={"pairwise distance": distance})

    assert told([spread(2000, 7.1), spread(4000, 7.1)]) == []
    assert names(told([spread(2000, 6.9), spread(4000, 6.9)])) == [("collapse", "warning")]


def test_distances_are_shares_of_what_real_images_have() -> None:
    events = twice(pairwise_distance=6.0)
    assert told(events, Alarms(real_distance=8.0)) == []
    assert names(told(events, Alarms(real_distance=12.1))) == [("collapse", "alarm")]


@pytest.mark.parametrize("nothing", [math.nan, math.inf, -math.inf])
def test_a_measure_that_is_no_number_says_nothing(nothing: float) -> None:
    assert told([measured(2000), measured(4000, class_KL=nothing, pairwise_distance=nothing)]) == []


# -- the discriminator wins ----------------------------------------------------------------------

WON = {"real": 0.99, "fake": 0.01}


@pytest.mark.parametrize(
    ("margin", "expected"),
    [
        (MARGIN.warning - 0.01, []),
        (MARGIN.warning + 0.01, [("discriminator winning", "warning")]),
        (MARGIN.alarm - 0.01, [("discriminator winning", "warning")]),
        (MARGIN.alarm + 0.01, [("discriminator winning", "alarm")]),
    ],
)
def test_the_margin_has_its_limits(margin: float, expected: list[tuple[str, str]]) -> None:
    events = steps(1, FIRST_MARGIN, generator=UNFOOLED + 0.1, real=margin + 0.01, fake=0.01)
    assert names(told(events)) == expected


def test_the_margin_never_speaks_alone() -> None:
    assert told(steps(1, 3000, generator=UNFOOLED - 0.1, **WON)) == []


def test_nor_does_the_generators_loss() -> None:
    assert told(steps(1, 3000, generator=UNFOOLED + 1)) == []


def test_a_generator_falls_behind_when_its_loss_doubles() -> None:
    events = [*steps(1, 2000, generator=1.0), *steps(2001, 3000, generator=1.9, **WON)]
    assert told(events) == []
    (alarm,) = told([*events, *steps(3001, 3200, generator=3.0, **WON)])
    assert (alarm.name, alarm.level) == ("discriminator winning", "alarm")
    assert "the generator's loss has risen from 1.00 to 2." in alarm.text


def test_a_loss_that_rises_slowly_is_followed() -> None:
    """By a third in every thousand steps: thrice as high in the end, never twice in 1,500."""
    events = [
        event
        for thousand in range(5)
        for event in steps(
            1000 * thousand + 1, 1000 * thousand + 1000, generator=(4 / 3) ** thousand, **WON
        )
    ]
    assert told(events) == []


def test_a_loss_finds_its_level_before_it_is_said_to_rise() -> None:
    events = [*steps(1, 1000, generator=0.7), *steps(1001, 3000, generator=3.0, **WON)]
    assert told(events) == []


def test_a_generator_without_variety_is_behind_too() -> None:
    early = steps(1, 2000, generator=3.0, **WON)
    collapse = Measured(step=2000, values=COLLAPSED)
    assert names(told([*early, collapse, *steps(2001, 2010, generator=3.0, **WON)])) == [
        ("collapse", "alarm"),
        ("discriminator winning", "alarm"),
    ]


def test_discriminators_win_everywhere_to_begin_with() -> None:
    assert told(steps(1, FIRST_MARGIN - 1, generator=9.0, **WON)) == []


def test_one_wild_step_is_no_trend() -> None:
    wild = step(1001, generator=1e30, **WON)
    assert told([*steps(1, 1000), wild, *steps(1002, 2500)]) == []


@pytest.mark.parametrize("name", ["wasserstein", "least-squares", "hinge"])
def test_a_critic_has_no_probabilities_to_win_by(name: str) -> None:
    events = [
        StepDone(
            step=number,
            epoch=1,
            losses={"discriminator": 1.0, "generator": 9.0},
            learning_rates={},
            measures={"critic(real)": 0.99, "critic(fake)": 0.01, "gradient penalty": 0.1},
        )
        for number in range(1, 2000)
    ]
    assert told(events, Alarms(GAMES[name].bounded_losses)) == []


# -- divergence ----------------------------------------------------------------------------------


@pytest.mark.parametrize("network", ["generator", "discriminator"])
@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize(
    ("size", "expected"),
    [
        (RUNAWAY.warning - 0.1, []),
        (RUNAWAY.warning + 0.1, [("divergence", "warning")]),
        (RUNAWAY.alarm - 0.1, [("divergence", "warning")]),
        (RUNAWAY.alarm + 0.1, [("divergence", "alarm")]),
        (ABSURD, [("divergence", "alarm")]),
    ],
)
def test_losses_that_run_away(
    network: str, sign: int, size: float, expected: list[tuple[str, str]]
) -> None:
    events = [
        StepDone(step=number, epoch=1, losses={network: sign * size}, learning_rates={})
        for number in range(1, MEMORY + 1)
    ]
    assert told(events[:-1]) == []
    assert names(told(events)) == expected
    assert names(told(events, Alarms([network]))) == expected
    assert told(events, Alarms([name for name in PLAYERS if name != network])) == []


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("non-saturating", PLAYERS),
        ("least-squares", PLAYERS),
        ("hinge", ("discriminator",)),
        ("wasserstein", ()),
    ],
)
def test_losses_without_bounds_may_be_of_any_size(name: str, expected: tuple[str, ...]) -> None:
    """What the generator of the hinge loss makes small is a mean of outputs, as a critic's is."""
    judged = [
        network
        for network in PLAYERS
        if told(
            [
                StepDone(step=at, epoch=1, losses={network: -60.0}, learning_rates={})
                for at in range(1, MEMORY + 1)
            ],
            Alarms(GAMES[name].bounded_losses),
        )
    ]
    assert tuple(judged) == expected


def absurd(at: int, network: str = "generator") -> StepDone:
    return StepDone(step=at, epoch=1, losses={network: -1e24, "other": 1.0}, learning_rates={})


@pytest.mark.parametrize("game", GAMES)
@pytest.mark.parametrize("network", PLAYERS)
def test_losses_that_no_game_has_are_told_within_steps(game: str, network: str) -> None:
    """Even where each other one is small again."""
    events: list[Event] = []
    for at in range(1, 2 * ABSURD_STEPS, 2):
        events += [absurd(at, network), step(at + 1)]
    (alarm,) = told(events, Alarms(GAMES[game].bounded_losses))
    assert (alarm.name, alarm.level, alarm.step) == ("divergence", "alarm", 2 * ABSURD_STEPS - 1)
    assert alarm.text == f"the {network}'s loss has run away, to a size of 1e+24"


def test_some_wild_steps_are_no_divergence() -> None:
    wild = [absurd(at) for at in range(1, ABSURD_STEPS)]
    calm = steps(ABSURD_STEPS, ABSURD_STEPS + LATEST)
    assert told([*wild, *calm, *wild, *calm]) == []


def test_a_loss_without_bounds_may_run_away_again() -> None:
    away, calm = [absurd(at) for at in range(LATEST)], steps(1, LATEST)
    alarms = told([*away, *calm, *away, *calm[1:], *away], Alarms(()))
    assert names(alarms) == [("divergence", "alarm")] * 2


def test_a_classifiers_loss_may_be_a_sum() -> None:
    events = [
        StepDone(step=number, epoch=1, losses={"classifier": 150.0}, learning_rates={})
        for number in range(1, 1000)
    ]
    assert told(events) == []


@pytest.mark.parametrize("bounded", [(), PLAYERS])
def test_a_loss_that_is_no_number_any_more(bounded: tuple[str, ...]) -> None:
    (alarm,) = told([Diverged(step=9, network="classifier", value="nan")], Alarms(bounded))
    assert (alarm.name, alarm.level, alarm.step) == ("divergence", "alarm", 9)
    assert alarm.text == "a number of the classifier became nan"


# -- how often -----------------------------------------------------------------------------------


def test_a_trouble_that_lasts_is_told_once() -> None:
    lasting = [measured(at, class_KL=0.4) for at in range(2000, 90_000, 1000)]
    assert names(told(lasting)) == [("collapse", "warning")]


def test_a_trouble_that_grows_is_told_a_second_time_and_then_no_more() -> None:
    levels = [0.4, 0.7, 0.4, 0.7, 2.0, 0.4, 0.4]
    growing = [measured(2000 * number, class_KL=kl) for number, kl in enumerate(levels, 1)]
    # The first look has nothing to be compared with.
    assert names(told([measured(1000), *growing])) == [
        ("collapse", "warning"),
        ("collapse", "alarm"),
    ]


@pytest.mark.parametrize(("between", "count"), [(0.28, 1), (0.26, 2)])
def test_a_trouble_is_told_again_only_after_it_has_cleared(between: float, count: int) -> None:
    events = [
        measured(1000),
        measured(2000, class_KL=0.31),
        measured(3000, class_KL=between),
        measured(4000, class_KL=0.31),
    ]
    assert len(told(events)) == count


def test_a_collapse_has_cleared_when_all_its_signs_have() -> None:
    events = [
        measured(1000),
        measured(2000, class_KL=0.4),
        measured(3000, pairwise_distance=DISTANCE.warning * 10 * (1 + HYSTERESIS) - 0.1),
        measured(4000, class_KL=0.4),
    ]
    assert len(told(events)) == 1


@pytest.mark.parametrize(("between", "count"), [(0.56, 1), (0.52, 2)])
def test_a_margin_clears_as_well(between: float, count: int) -> None:
    lost = {"generator": 9.0, "real": 0.7, "fake": 0.01}
    better = {"generator": 9.0, "real": between, "fake": 0.0}
    events = [*steps(1, 1000, **lost), *steps(1001, 4000, **better), *steps(4001, 6000, **lost)]
    assert len(told(events)) == count


def test_a_loss_that_came_back_may_run_away_again() -> None:
    away, back = {"generator": 20.0}, {"generator": 1.0}
    events = [*steps(1, 1000, **away), *steps(1001, 2500, **back), *steps(2501, 4000, **away)]
    assert names(told(events)) == [("divergence", "warning")] * 2


# -- any order, any numbers ----------------------------------------------------------------------

NUMBERS = st.floats(allow_nan=True, allow_infinity=True) | st.sampled_from([0.5, LARGEST_LOSS])


def some(*keys: str) -> Any:
    return st.dictionaries(st.sampled_from(keys), NUMBERS)


EVENTS = st.one_of(
    st.builds(
        StepDone,
        step=st.integers(0, 10_000),
        epoch=st.just(1),
        losses=some("discriminator", "generator", "classifier"),
        learning_rates=st.just({}),
        measures=some("D(real)", "D(fake)", "critic(real)"),
    ),
    st.builds(Measured, step=st.integers(0, 10_000), values=some(*HEALTHY, "FID")),
    st.builds(Diverged, step=st.integers(0, 9), network=st.just("generator"), value=st.just("inf")),
    st.builds(EpochDone, step=st.integers(0, 9), epoch=st.just(1), measures=some("D(real)")),
    st.builds(Intervened, step=st.just(1), what=st.just("pause"), source=st.just("key")),
    st.builds(Finished, step=st.just(1), epoch=st.just(1), ending=st.just("stopped")),
)


@given(
    st.lists(st.tuples(EVENTS, st.sampled_from([1, MEMORY])), max_size=30),
    st.sampled_from([game.bounded_losses for game in GAMES.values()]),
)
def test_no_order_of_events_is_too_much(
    runs: list[tuple[Event, int]], bounded: tuple[str, ...]
) -> None:
    events = [event for event, times in runs for _ in range(times)]
    alarms = told(events, Alarms(bounded))
    assert all(alarm.text and "inf " not in alarm.text for alarm in alarms)
    assert all(alarm.step >= FIRST_JUDGED for alarm in alarms if alarm.name == "collapse")
