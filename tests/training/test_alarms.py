"""What is told of a run that goes wrong: when, how loudly, and how often."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_engine.training.alarms import PLAYERS, Alarms, News
from mnist_engine.training.events import (
    Alarm,
    Cleared,
    Diverged,
    EpochDone,
    Event,
    Finished,
    Inspected,
    Intervened,
    Measured,
    StepDone,
)
from mnist_engine.training.games import GAMES
from mnist_engine.training.limits import (
    ABSURD,
    ABSURD_STEPS,
    DISTANCE,
    FIRST_JUDGED,
    FIRST_LEARNT,
    FIRST_MARGIN,
    HYSTERESIS,
    LARGEST_LOSS,
    LATEST,
    LOOKS,
    MARGIN,
    MEMORY,
    OVERFITTED_EPOCHS,
    PATIENCE,
    PATIENT_STEPS,
    RUNAWAY,
    UNFOOLED,
)

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


def news(events: Iterable[Event], alarms: Alarms | None = None) -> list[News]:
    alarms = alarms or Alarms()
    return [each for event in events for each in alarms.see(event)]


def told(events: Iterable[Event], alarms: Alarms | None = None) -> list[Alarm]:
    return [each for each in news(events, alarms) if isinstance(each, Alarm)]


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


def test_a_generator_that_moves_seldom_is_given_as_many_steps_of_its_own() -> None:
    def seldom(number: int) -> StepDone:
        done = step(number)
        return (
            done
            if number % 5 == 0
            else msgspec.structs.replace(done, losses={"discriminator": 1.0})
        )

    story: list[Event] = []
    for number in range(1, 5 * FIRST_JUDGED + 301):
        story.append(seldom(number))
        if number % 300 == 0:
            story.append(Measured(step=number, values=COLLAPSED))
    assert [alarm.step for alarm in told(story) if alarm.name == "collapse"] == [5 * FIRST_JUDGED]


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
        StepDone(step=number, epoch=1, losses={"classifier": 300 - 0.1 * number}, learning_rates={})
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


def test_that_a_trouble_is_over_is_told_once() -> None:
    events = [
        measured(1000),
        measured(2000, class_KL=0.31),
        *(measured(at) for at in (3000, 4000)),
    ]
    assert [type(each) for each in news(events)] == [Alarm, Cleared]
    lost, fair = steps(1, 1000, generator=9.0, **WON), steps(1001, 3000)
    assert [(type(each), each.name) for each in news([*lost, *fair])] == [
        (Alarm, "discriminator winning"),
        (Cleared, "discriminator winning"),
    ]


# -- vanishing gradients -------------------------------------------------------------------------


def looks(count: int, norm: float = 1.0, silent: float = 0.0, after: int = 0) -> list[Event]:
    return [
        Inspected(
            step=after + 20 * number,
            gradient_norms={"classifier": norm},
            silent={"classifier.1": silent},
        )
        for number in range(1, count + 1)
    ]


def learning(last: int, loss: float, first: int = 1) -> list[Event]:
    """A classifier's steps, all with the same loss."""
    return [
        StepDone(step=number, epoch=1, losses={"classifier": loss}, learning_rates={})
        for number in range(first, last + 1)
    ]


@pytest.mark.parametrize(
    ("share", "expected"),
    [
        (0.89, []),
        (0.91, [("vanishing gradients", "warning")]),
        (1.0, [("vanishing gradients", "alarm")]),
    ],
)
def test_a_layer_that_is_silent_for_ten_looks(share: float, expected: list[Any]) -> None:
    assert told(looks(LOOKS - 1, silent=share)) == []
    alarms = told(looks(LOOKS, silent=share))
    assert names(alarms) == expected
    assert all("the classifier's layer 1 is 0" in alarm.text for alarm in alarms)


def test_a_layer_that_speaks_again() -> None:
    events = [*looks(LOOKS, silent=1.0), *looks(1, silent=0.5, after=200)]
    assert [type(each) for each in news(events)] == [Alarm, Cleared]


@pytest.mark.parametrize(
    ("norm", "expected"),
    [
        (0.011, []),
        (0.009, [("vanishing gradients", "warning")]),
        (0.0009, [("vanishing gradients", "alarm")]),
    ],
)
def test_a_gradient_that_fades_while_the_loss_does_not(norm: float, expected: list[Any]) -> None:
    usual = [*learning(500, 2.0), *looks(100)]
    assert names(told([*usual, *looks(2 * LOOKS, norm, after=2000)])) == expected


def test_a_gradient_may_fade_with_the_loss() -> None:
    learnt = [*learning(50, 2.0), *looks(100), *learning(3000, 0.01, first=51)]
    assert told([*learnt, *looks(30, 1e-6, after=3000)]) == []


# -- over-fitting --------------------------------------------------------------------------------


def epochs(*losses: tuple[float, float], steps_each: int = 100) -> list[Event]:
    """Epochs with these training and validation losses."""
    return [
        EpochDone(
            step=steps_each * number,
            epoch=number,
            measures={"training loss": training, "validation loss": validation},
        )
        for number, (training, validation) in enumerate(losses, 1)
    ]


LEARNT = [(1.0, 0.9), (0.5, 0.5)]


def test_a_validation_loss_that_rises_for_good() -> None:
    events = epochs(*LEARNT, *[(0.4, 0.56)] * OVERFITTED_EPOCHS)
    assert told(events[:-1]) == []
    (alarm,) = told(events)
    assert (alarm.name, alarm.level) == ("over-fitting", "warning")
    assert "12% above its lowest, 0.5" in alarm.text
    worse = epochs(*LEARNT, *[(0.4, 0.7)] * OVERFITTED_EPOCHS)
    assert names(told(worse)) == [("over-fitting", "alarm")]


def test_one_bad_epoch_is_no_over_fitting() -> None:
    assert told(epochs(*LEARNT, *[(0.4, 0.7), (0.39, 0.51)] * 4)) == []


def test_nor_is_a_loss_that_rises_together_with_that_of_training() -> None:
    assert told(epochs(*LEARNT, *[(0.6, 0.7)] * 8)) == []


def test_nor_are_losses_that_leap_about() -> None:
    """The training loss is below that of the best epoch, but was lower before."""
    assert told(epochs((3.3, 380.0), (3400.0, 23.0), *[(30.0, 38.0)] * 8)) == []
    assert told(epochs((40.0, 380.0), (3400.0, 23.0), *[(30.0, 38.0)] * 8)) != []


@pytest.mark.parametrize(("first", "expected"), [(2.3, []), (60.0, [("over-fitting", "alarm")])])
def test_who_never_did_better_than_guessing_fits_nothing(first: float, expected: list[Any]) -> None:
    events = epochs((60.0, 23.0), *[(30.0, 38.0)] * 8)
    assert names(told([*learning(1, first), *events])) == expected


def test_over_fitting_is_over_when_the_validation_loss_is_back() -> None:
    events = epochs(*LEARNT, *[(0.4, 0.56)] * 3, (0.3, 0.49))
    assert [type(each) for each in news(events)] == [Alarm, Cleared]


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        (0.79, []),
        (0.81, [("over-fitting", "warning")]),
        (1.0, [("over-fitting", "alarm")]),
    ],
)
def test_a_discriminator_that_knows_its_images_by_heart(known: float, expected: list[Any]) -> None:
    def epoch(number: int, known: float) -> EpochDone:
        measures = {"accuracy known": known, "accuracy real": 0.29}
        return EpochDone(step=10 * number, epoch=number, measures=measures)

    events = [epoch(number, known) for number in range(1, OVERFITTED_EPOCHS + 1)]
    assert told(events[:-1]) == []
    assert names(told(events)) == expected
    assert len(news([*events, epoch(9, 0.5)])) == 2 * len(expected), "and that it is over"


# -- a plateau -----------------------------------------------------------------------------------


def test_a_classifier_that_learns_nothing() -> None:
    (alarm,) = told(learning(FIRST_LEARNT, 2.3))
    assert (alarm.name, alarm.level, alarm.step) == ("plateau", "alarm", FIRST_LEARNT)
    assert alarm.text == "nothing is learnt: the loss has not come down from its first, 2.3"
    assert told([*learning(100, 2.3), *learning(3000, 1.5, first=101)]) == []


def test_a_classifier_whose_steps_are_too_short() -> None:
    alarms = told([*looks(30, 1.8), *learning(FIRST_LEARNT, 2.3)])
    assert names(alarms) == [("slow learning", "alarm")]
    assert alarms[0].text.endswith("as steep as ever")
    flat = [*looks(LOOKS, 1.8), *looks(LOOKS, 0.5), *learning(FIRST_LEARNT, 2.3)]
    assert names(told(flat)) == [("plateau", "alarm")]


def test_a_loss_that_rose_has_no_steps_that_are_too_short() -> None:
    rose = [*looks(30, 1.8), *learning(10, 2.3), *learning(FIRST_LEARNT, 5.0, first=11)]
    assert names(told(rose)) == [("plateau", "alarm")]


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        (2.9, []),
        (3.1, [("divergence", "warning")]),
        (31.0, [("divergence", "alarm")]),
    ],
)
def test_a_classifiers_loss_runs_away_from_its_first(times: float, expected: list[Any]) -> None:
    events = [*learning(LOOKS, 150.0), *learning(70, 150.0 * times, first=LOOKS + 1)]
    assert names(told(events)) == expected
    back = learning(100, 10.0, first=71)
    assert [type(each) for each in news([*events, *back])] == [Alarm, Cleared][: 2 * len(expected)]


def test_a_loss_that_runs_away_at_once_does_not_hide_it() -> None:
    """The first steps, whose mean is the first loss, are those in which it runs away."""
    events = [*learning(1, 2.3), *learning(LOOKS + LATEST, 200.0, first=2)]
    (alarm,) = told(events)
    assert (alarm.name, alarm.level) == ("divergence", "alarm")
    assert alarm.text == "the loss has run away, from 2.3 to 200"
    nothing = [*events, *learning(FIRST_LEARNT, 2.3, first=LOOKS + LATEST + 1)]
    assert ("plateau", "alarm") in names(told(nothing))


def test_a_training_loss_that_stands_still() -> None:
    events = epochs(*[(0.5, 0.5)] * (PATIENCE + 1), steps_each=PATIENT_STEPS // PATIENCE)
    assert told(events[:-1]) == []
    (alarm,) = told(events)
    assert (alarm.name, alarm.level) == ("plateau", "warning")
    assert alarm.text == "the training loss has not been better than 0.5 since step 100"


def test_epochs_of_a_few_steps_have_more_patience() -> None:
    assert told(epochs(*[(0.5, 0.5)] * 100, steps_each=1)) == []


def test_one_per_cent_is_progress() -> None:
    slow = [(0.989**number, 0.5) for number in range(100)]
    assert told(epochs(*slow, steps_each=500)) == []


def test_a_generator_whose_digits_get_no_better() -> None:
    def distance(number: int, value: float) -> EpochDone:
        return EpochDone(step=900 * number, epoch=number, measures={"FID": value})

    stuck = [distance(number, 30.0) for number in range(1, PATIENCE + 2)]
    assert names(told(stuck)) == [("plateau", "warning")]
    better = [distance(number, 30.0 * 0.98**number) for number in range(1, 40)]
    assert told(better) == []
    back = distance(20, 20.0)
    assert [type(each) for each in news([*stuck, back])] == [Alarm, Cleared]


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
    st.builds(
        EpochDone,
        step=st.integers(0, 9),
        epoch=st.just(1),
        measures=some("D(real)", "FID", "training loss", "validation loss"),
    ),
    st.builds(
        Inspected,
        step=st.integers(0, 9),
        gradient_norms=some("generator"),
        silent=some("generator.1"),
    ),
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
