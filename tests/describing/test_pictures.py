"""What the pictures of a run say in words."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pytest

from mnist_engine.data.dataset import load_dataset
from mnist_engine.runs.history import Curve, History
from mnist_engine.runs.state import RunState
from mnist_engine.training.answers import Answers, Mistake
from mnist_engine.training.events import (
    Alarm,
    Cleared,
    EpochDone,
    Event,
    Finished,
    Inspected,
    Intervened,
    Measured,
    SamplesDrawn,
    Started,
    StepDone,
    Task,
)
from mnist_tui.describing.pictures import describe
from mnist_tui.describing.trends import trend_of
from mnist_tui.describing.weights import first_layer, place_of
from mnist_tui.figures import a_digit


def started(task: Task, **more: object) -> Started:
    return Started(
        step=0,
        task=task,
        recipe="small",
        summary="",
        epochs=2,
        steps_per_epoch=10,
        seed=0,
        threads=1,
        parameters={},
        image_shape=(28, 28),
        **more,  # type: ignore[arg-type]
    )


def told(events: Iterable[Event], rows: bool = False) -> dict[str, str]:
    """The lines by what stands before their colon."""
    state = RunState()
    for event in events:
        state.apply(event)
    lines = [line.partition(": ") for line in describe(state.snapshot(), rows=rows)]
    return {name: text for name, _, text in lines}


def steps(count: int, **measures: float) -> list[Event]:
    return [
        StepDone(
            step=number,
            seconds=number / 10,
            epoch=1,
            losses={"generator": 2.0 - number / 100, "discriminator": 1.0},
            learning_rates={"generator": 0.004},
            measures=measures,
        )
        for number in range(1, count + 1)
    ]


def test_nothing_is_said_before_it_is_known_what_is_trained() -> None:
    assert told([]) == {}


def test_where_a_run_stands() -> None:
    assert told([started("gan"), *steps(5)])["run"] == (
        "GAN small, training, step 5 of 20, epoch 1 of 2, 0:00 of training, "
        "learning rate generator 0.004."
    )


def test_a_loss_is_told_with_where_it_goes() -> None:
    lines = told([started("gan"), *steps(100)])
    assert lines["loss of the generator"] == (
        "1.000, falling: on average 1.045 over the last 10 steps, 1.145 over as many before."
    )
    assert "steady" in lines["loss of the discriminator"]


def test_a_trouble_comes_with_its_remedy_and_is_told_when_it_is_over() -> None:
    alarm = Alarm(step=3, name="collapse", level="alarm", text="all digits are alike")
    assert told([started("gan"), alarm])["trouble"] == (
        "collapse, alarm at step 3: all digits are alike. "
        "The remedy halves G's rate, blurs what D sees."
    )
    over = told([started("gan"), alarm, Cleared(step=4, name="collapse")])
    assert over["trouble"] == "none now; there was collapse at step 3."


def test_what_people_did_has_no_signs() -> None:
    deed = Intervened(step=3, what="learning rate", source="key", before=1, after=0.5)
    assert told([started("gan"), deed])["interventions"] == (
        "1, the last: step 3 learning rate: schedule times 1 to times 0.5 (by key)."
    )


def test_the_newest_deeds_are_told_with_the_number_of_all() -> None:
    deeds = [Intervened(step=n, what="pause", source="key") for n in range(1, 6)]
    assert told([started("gan"), *deeds])["interventions"] == (
        "5, the last: step 3 pause (by key); step 4 pause (by key); step 5 pause (by key)."
    )


def test_the_game_in_words() -> None:
    looked = Inspected(
        step=5,
        gradient_norms={"generator": 0.5},
        verdicts={"real": (0, 1, 0, 3), "generated": (4, 0, 0, 0)},
        boundary=0.5,
        silent={"generator.1": 0.25},
    )
    measured = Measured(
        step=5,
        values={"class KL": 0.02, "pairwise distance": 9.5},
        class_shares=(0.5, 0.5, *[0.0] * 8),
    )
    epochs = [
        EpochDone(step=10 * n, epoch=n, measures={"FID": 9.0 - n, "accuracy real": 0.6})
        for n in (1, 2)
    ]
    lines = told(
        [started("gan"), *steps(5, **{"D(real)": 0.7, "D(fake)": 0.2}), looked, measured, *epochs]
    )
    assert lines["D's mean probability of real"] == "0.70 for real digits, 0.20 for generated ones."
    assert lines["D's verdicts on a batch"] == (
        "it takes for real 75% of the real ones and 0% of the generated ones."
    )
    assert lines["D's accuracy on held-out real digits"] == "60.00%, after 60.00% before."
    assert lines["FID"] == "7.0000, after 8.0000 before."
    assert lines["gradient norm of the generator"] == "0.5."
    assert lines["dead ReLU units, of the last batch looked at"] == "layer 1 of the generator 25%."
    classes = lines["classes of 1,000 generated digits"]
    assert classes.startswith("0 50.0%, 1 50.0%, 2 0.0%")
    assert classes.endswith(
        "KL to the data 0.0200. Two of them differ by 9.5 on average; real ones by about 10."
    )


def test_generated_digits_are_read_by_the_judge() -> None:
    data = load_dataset()
    zeros, sevens = (np.flatnonzero(data.test_labels == label)[:3] for label in (0, 7))
    chosen = np.concatenate((zeros, sevens))
    blank = np.zeros((2, 28, 28), np.uint8)
    pictures = np.concatenate((data.test_images[chosen].reshape(-1, 28, 28), blank))
    drawn = SamplesDrawn(
        step=1, epoch=1, count=8, image_shape=(28, 28), columns=4, images=pictures.tobytes()
    )
    lines = told([started("gan", judge="abc"), drawn], rows=True)
    assert lines["digits, row 1"] == "0 0 0 7"
    assert lines["digits, row 2"].startswith("7 7 ")
    assert "3 of 0" in lines["digits"]
    assert "none of" in lines["digits"]
    assert "digits, row 1" not in told([started("gan", judge="abc"), drawn])
    assert "no judge knows them" in told([started("gan"), drawn])["digits"]


def test_answers_in_words() -> None:
    confusion = [[0] * 10 for _ in range(10)]
    confusion[0][0], confusion[4][4], confusion[4][9] = 100, 90, 10
    answers = Answers(
        confusion=tuple(map(tuple, confusion)), mistakes=(Mistake(1234, 4, 8, 0.9998),)
    )
    samples = SamplesDrawn(
        step=10,
        epoch=1,
        count=3,
        image_shape=(28, 28),
        columns=3,
        captions=("4", "4→9", "4→9"),
        wrong=(False, True, True),
    )
    epoch = EpochDone(
        step=10,
        epoch=1,
        measures={"validation loss": 0.3, "validation accuracy": 0.95},
        answers=answers,
    )
    lines = told([started("classify"), samples, epoch])
    assert lines["validation loss"] == "0.300; lowest 0.300 after epoch 1."
    assert lines["validation accuracy"] == "95.00%."
    assert lines["digits"] == "2 of 3 validation digits are mistaken: a 4 taken for a 9, 2 times."
    where = "on the validation images"
    assert lines[f"confusions {where}"] == "10 of 200 wrong; 4 taken for 9 10 times, 10.0% of them."
    assert lines[f"right by class {where}, the worst first"] == "4 90.0%, 0 100.0%."
    assert lines[f"worst mistakes {where}"] == "a 4 taken for an 8 with 99.98%, image 1,234."
    end = Finished(step=20, epoch=2, ending="completed", test_accuracy=0.9, answers=answers)
    lines = told([started("classify"), epoch, end])
    assert lines["test accuracy"] == "90.00%."
    assert "confusions on the test set" in lines


def curve_of(values: Iterable[float]) -> Curve:
    history = History()
    for step, value in enumerate(values, 1):
        history.append(step, value)
    return history.curve()


@pytest.mark.parametrize(
    ("drift", "course"), [(0.0, "steady"), (0.01, "rising"), (-0.01, "falling")]
)
def test_a_trend_is_more_than_chance(drift: float, course: str) -> None:
    rng = np.random.default_rng(0)
    values = 5 + drift * np.arange(1000) + 0.2 * rng.standard_normal(1000)
    trend = trend_of(curve_of(values))
    assert trend is not None
    assert (trend.course, trend.length) == (course, 100)
    assert trend.now - trend.before == pytest.approx(100 * drift, abs=0.1)


@pytest.mark.parametrize(
    "end",
    [
        pytest.param([0.5, 0.6, 2.02e3, 3e3, 9e3, 4.14e4], id="by a factor a step"),
        pytest.param([4.14e4], id="in the last step"),
    ],
)
def test_a_loss_that_runs_away_at_the_end_is_rising(end: list[float]) -> None:
    values = [0.42, 0.41, 0.4, 0.43] * 2 + end
    for sign, course in ((1, "rising"), (-1, "falling")):
        trend = trend_of(curve_of(sign * value for value in values))
        assert trend is not None
        assert trend.course == course


def test_a_short_curve_has_no_trend() -> None:
    assert trend_of(curve_of(range(7))) is None


def test_a_unit_is_told_by_where_it_looks() -> None:
    unit = np.zeros((28, 28), np.float32)
    unit[:6, 22:] = 1
    unit[22:, 10:18] = -2
    assert (place_of(unit), place_of(-unit)) == ("top right", "bottom")
    lines = list(first_layer(np.stack([unit, unit / 2, unit / 1000]), "classifier"))
    assert "3 units" in lines[0]
    assert "1 idle" in lines[0]
    assert lines[1:] == [
        "units 1, 2, 3 by length: look for ink at top right and for none at bottom."
    ]
    assert len(list(first_layer(np.ones((4, 2, 2), np.float32), "classifier"))) == 1


def test_a_unit_is_told_by_places_that_differ_or_by_none() -> None:
    """A stroke at the middle between its two dark sides: ink and none at one and the same place."""
    stroke = np.zeros((28, 28), np.float32)
    stroke[11:17, 12:16] = 2
    stroke[11:17, 10:12] = stroke[11:17, 16:18] = -2
    corner, hole = stroke.copy(), stroke.copy()
    corner[:6, :6] = 1
    hole[22:, 22:] = -1
    _, *lines = first_layer(np.stack([stroke, corner, stroke, hole]), "classifier")
    assert lines == [
        "units 1, 3 by length: look for strokes, at no place more than at others.",
        "unit 2 by length: looks for ink at top left.",
        "unit 4 by length: looks for no ink at bottom right.",
    ]


def test_weights_that_diverged_have_no_places() -> None:
    lines = list(first_layer(np.full((4, 28, 28), np.nan, np.float32), "classifier"))
    assert lines == ["first layer of the classifier: its weights are not all finite."]


def test_an_eight_has_an_article_of_its_own() -> None:
    assert [a_digit(digit) for digit in (1, 8, np.int64(8))] == ["a 1", "an 8", "an 8"]
