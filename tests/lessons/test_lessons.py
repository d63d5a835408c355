"""Lessons: what their cards wait for does happen, in the time that people have."""

from __future__ import annotations

import pytest

from mnist_engine.data.dataset import load_dataset
from mnist_engine.runs.state import RunState, Snapshot
from mnist_engine.training import make_trainer
from mnist_engine.training.control import TrainControl
from mnist_engine.training.events import StepDone
from mnist_tui.lessons.lesson import Lesson
from mnist_tui.lessons.over_fitting import lowest
from mnist_tui.lessons.table import LESSONS
from mnist_tui.monitor.guiding.card import KEYS, STATUS, Course
from mnist_tui.monitor.panels.kinds import KINDS

LOOK_EVERY = 10
"""Steps; a screen looks five times a second."""

NETWORKS = {"gan": ((), ("discriminator",), ("generator",)), "classify": ((),)}


class Pupil:
    """Presses the keys that cards ask for."""

    def __init__(self, control: TrainControl, task: str) -> None:
        self.control = control
        self._turned = list(NETWORKS[task])

    def press(self, command: str) -> None:
        networks = self._turned[0]
        match command:
            case "turn":
                self._turned = [*self._turned[1:], self._turned[0]]
            case "raise":
                self.control.scale_learning_rate(2.0, networks)
            case "decay":
                self.control.scale_learning_rate(0.5, networks)
            case "schedule":
                self.control.reset_learning_rate(networks)
            case "pause":
                self.control.pause()
                self.control.resume()
            case _:
                pytest.fail(f"no pupil can press {command}")


def take(lesson: Lesson, thinking: int = 0) -> tuple[list[Snapshot], int]:
    """The run as each card was turned, and how many were; keys are pressed after so many steps."""
    recipe = lesson.recipe()
    control = TrainControl()
    pupil, course = Pupil(control, recipe.task), Course("Lesson", lesson.cards)
    state, turned, presses_at = RunState(), [], thinking
    for event in make_trainer(recipe, load_dataset(), control):
        state.apply(event)
        if isinstance(event, StepDone) and event.step % LOOK_EVERY:
            continue
        now = state.snapshot()
        before = course.number
        while course.see(now) or course.is_for_reading:
            course.read(now)
        turned += [now] * (course.number - before)
        if before != course.number:
            presses_at = now.step
        if course.card is None:
            control.stop()
        elif now.step >= presses_at and isinstance(event, StepDone):
            presses_at = 10**9
            for command in course.card.press:
                pupil.press(command)
    return turned, course.number


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.name)
def test_a_lesson_points_at_what_its_screen_has(lesson):
    task = lesson.recipe().task
    panels = {kind.name for kind in KINDS if kind.belongs(task)}
    for card in lesson.cards:
        assert card.at
        assert set(card.at) <= panels | {STATUS, KEYS}


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.name)
def test_a_key_that_is_to_be_pressed_stands_in_the_text(lesson):
    for card in lesson.cards:
        assert all(f"{{{command}}}" in card.text for command in card.press)
    assert lesson.cards[-1].until is None


@pytest.mark.slow
def test_collapse_comes_and_goes():
    (lesson,) = [one for one in LESSONS if one.name == "collapse"]
    turned, count = take(lesson)
    assert count == len(lesson.cards)
    before, collapsed, cured = turned[0], turned[2], turned[-1]
    assert before.measures["class KL"].last < 0.45
    assert collapsed.measures["class KL"].last > 1.5
    assert collapsed.measures["top class"].last > 0.75
    assert cured.measures["class KL"].last < 0.3
    assert collapsed.losses["generator"].recent < before.losses["generator"].recent
    assert turned[-1].step <= 3000


@pytest.mark.slow
def test_losses_of_a_gan_do_not_tell_how_good_its_digits_are():
    (lesson,) = [one for one in LESSONS if one.name == "losses"]
    turned, count = take(lesson)
    assert count == len(lesson.cards)
    early, late, worse = turned[0], turned[2], turned[5]
    for network in ("discriminator", "generator"):  # a processor's last bits are another seed
        assert late.losses[network].recent == pytest.approx(early.losses[network].recent, rel=0.25)
    assert late.measures["class KL"].last < early.measures["class KL"].last / 5
    assert late.measures["MNIST score"].last > 2 * early.measures["MNIST score"].last
    assert worse.losses["generator"].recent < late.losses["generator"].recent * 0.8
    assert worse.measures["class KL"].last > 1
    assert worse.step <= 3500


@pytest.mark.slow
def test_a_learning_rate_may_be_too_small_or_too_large():
    (lesson,) = [one for one in LESSONS if one.name == "learning-rate"]
    turned, count = take(lesson)
    assert count == len(lesson.cards)
    slow, right, too_large, afterwards = (turned[card] for card in (0, 2, 4, 6))
    assert slow.losses["classifier"].recent > 0.8
    assert right.losses["classifier"].recent < 0.3
    for lost in (too_large, afterwards):
        assert lost.losses["classifier"].recent > 1.8
        assert lost.inspected.silent["classifier.1"] > 0.95


@pytest.mark.slow
def test_a_network_learns_few_images_by_heart():
    (lesson,) = [one for one in LESSONS if one.name == "over-fitting"]
    turned, count = take(lesson, thinking=200)
    assert count == len(lesson.cards)
    end = turned[-1]
    validation = end.epochs["validation loss"]
    assert end.epochs["training loss"].last < 0.01
    assert validation.last > 1.25 * lowest(validation)
    assert end.epochs["validation accuracy"].last == pytest.approx(0.895, abs=0.02)
