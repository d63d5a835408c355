"""Snapshots become the right curves and marks."""

from __future__ import annotations

import pytest

from mnist_engine.runs.state import RunState
from mnist_engine.training.events import EpochDone, Intervened, Resumed, Started, StepDone
from mnist_tui.monitor.curves import loss_series, marks, verdict_series
from mnist_tui.monitor.themes import DARK, LIGHT, palette_of


def state_of(*events) -> RunState:
    state = RunState()
    for event in events:
        state.apply(event)
    return state


def rate(step: int, network: str, after: float) -> Intervened:
    return Intervened(step=step, what="learning rate", source="key", network=network, after=after)


def setting(step: int, network: str, name: str, after: float) -> Intervened:
    return Intervened(
        step=step, what="setting", source="key", network=network, setting=name, after=after
    )


PALETTE = palette_of(DARK.to_color_system().generate() | DARK.variables, dark=True)


def test_a_validation_loss_stands_where_its_epoch_ended():
    started = Started(
        step=0,
        task="classify",
        recipe="r",
        summary="s",
        epochs=5,
        steps_per_epoch=250,
        seed=1,
        threads=1,
        parameters={},
        image_shape=(28, 28),
    )
    snapshot = state_of(
        started,
        StepDone(step=1, epoch=1, losses={"classifier": 2.0}, learning_rates={}),
        EpochDone(step=250, epoch=1, measures={"validation loss": 1.0}),
        EpochDone(step=500, epoch=2, measures={"validation loss": 0.5}),
    ).snapshot()
    training, validation = loss_series(snapshot, PALETTE)
    assert (training.label, validation.label) == ("training", "validation")
    assert validation.curve.x.tolist() == [250, 500]
    assert validation.curve.mean.tolist() == [1.0, 0.5]


@pytest.mark.parametrize(
    ("names", "labels"),
    [
        (("D(real)", "D(fake)"), ["real", "generated"]),
        (("critic(real)", "critic(fake)"), ["real", "generated"]),
    ],
)
def test_only_a_verdict_on_real_and_generated_digits_is_a_curve(names, labels):
    measures = dict.fromkeys(names, 0.25) | {"gradient penalty": 1.0}
    step = StepDone(step=1, epoch=1, losses={}, learning_rates={}, measures=measures)
    series = verdict_series(state_of(step).snapshot(), PALETTE)
    assert [one.label for one in series] == labels


def test_the_discriminator_keeps_its_colour_while_the_generator_has_no_loss_yet():
    steps = [
        StepDone(step=n, epoch=1, losses=losses, learning_rates={})
        for n, losses in enumerate([{"discriminator": 1.0}, {"discriminator": 1.0, "generator": 2}])
    ]
    alone = loss_series(state_of(steps[0]).snapshot(), PALETTE)
    both = loss_series(state_of(*steps).snapshot(), PALETTE)
    assert [one.label for one in both] == ["D", "G"]
    assert [(one.label, one.colour) for one in alone] == [("D", both[0].colour)]
    assert both[1].curve.x.tolist() == [1], "the generator has a point only where it moved"


@pytest.mark.parametrize(
    ("interventions", "labels"),
    [
        ([rate(5, "discriminator", 0.5), rate(5, "generator", 0.5)], ["×0.5"]),
        ([rate(5, "discriminator", 0.5)], ["D×0.5"]),
        ([rate(5, "discriminator", 0.5), rate(5, "generator", 2.0)], ["D×0.5, G×2"]),
        ([rate(5, "discriminator", 0.5), rate(6, "generator", 2.0)], ["D×0.5", "G×2"]),
        ([rate(5, "classifier", 0.25), rate(9, "classifier", 1.0)], ["×0.25", "×1"]),
        ([Intervened(step=3, what="pause", source="key")], ["pause"]),
        ([Intervened(step=3, what="resume", source="key")], []),
        ([Intervened(step=3, what="step", source="key")], []),
        ([Intervened(step=3, what="step", source="key", network="generator")], ["G step"]),
        ([setting(5, "", "label smoothing", 0.1)], ["label smoothing 0.1"]),
        ([setting(5, "", "generator every", 2.0)], ["D steps per G step 2"]),
        ([setting(5, "discriminator", "dropout", 0.3)], ["D dropout 0.3"]),
        (
            [rate(5, "generator", 2.0), setting(5, "", "noise", 0.1), setting(5, "", "noise", 0.2)],
            ["G×2, noise 0.2"],
        ),
        (
            [Resumed(step=4), rate(7, "classifier", 0.5), Resumed(step=9)],
            ["resumed", "×0.5", "resumed"],
        ),
        ([Resumed(step=4), Intervened(step=4, what="pause", source="key")], ["pause, resumed"]),
    ],
)
def test_marks_say_what_was_done(interventions, labels):
    assert [mark.label for mark in marks(state_of(*interventions).snapshot())] == labels


@pytest.mark.parametrize("theme", [DARK, LIGHT])
def test_our_own_themes_keep_text_readable(theme):
    palette = palette_of(theme.to_color_system().generate() | theme.variables, theme.dark)
    for colour in (palette.text, palette.accent, palette.first, palette.second, palette.bad):
        assert _contrast(colour, palette.background) > 4.5
    assert _contrast(palette.quiet, palette.background) > 3.5


def _contrast(one: str, other: str) -> float:
    """WCAG 2 contrast ratio."""

    def luminance(colour: str) -> float:
        channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    bright, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)
