"""A viewer of a run that another process trains; here that process is a thread."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from mnist_engine.errors import BadInput
from mnist_engine.recipes import load_recipe, recipe_text
from mnist_engine.runs.directory import RunDirectory
from mnist_engine.runs.inbox import listening
from mnist_engine.runs.lock import is_locked, locked
from mnist_engine.training.control import TrainControl
from mnist_tui.monitor.apps.attached import AttachedApp
from mnist_tui.monitor.screens.help import HelpScreen
from mnist_tui.monitor.screens.quit import QuitDialog

from .desk import Desk
from .scripted import DEADLINE, ScriptedTrainer, write_down


class CrashError(Exception):
    """Stands for whatever ends a process before it can say so."""


class Training:
    """Another process, as far as a viewer can tell: a lock, a log and an inbox."""

    def __init__(self, run: RunDirectory) -> None:
        self.run = run
        self.trainer = ScriptedTrainer("gan", TrainControl())
        self.trainer.failure = CrashError()
        self._began = threading.Event()
        self._thread = threading.Thread(target=self._train)

    def _train(self) -> None:
        control = self.trainer.control
        try:
            with locked(self.run), listening(self.run, control):
                self._began.set()
                write_down(self.trainer, self.run)
        except CrashError:
            return

    def __enter__(self) -> Training:
        self._thread.start()
        assert self._began.wait(DEADLINE)
        return self

    def __exit__(self, *_: object) -> None:
        self.trainer.control.stop()
        self._thread.join(DEADLINE)
        assert not self._thread.is_alive()


@pytest.fixture
def attached(run: RunDirectory) -> Callable[..., AsyncIterator[Desk]]:
    """A viewer of a training: ``async with attached() as desk``."""

    @asynccontextmanager
    async def open_desk(**settings: object) -> AsyncIterator[Desk]:
        with Training(run) as training:
            for name, value in settings.items():
                setattr(training.trainer, name, value)
            app = AttachedApp(run)
            async with app.run_test(size=(120, 36), notifications=True) as pilot:
                desk = Desk(app, pilot, training.trainer)
                await desk.sees("scripted", "Generated digits, epoch 0")
                yield desk
            app.session.leave()
            app.session.join(DEADLINE)

    return open_desk


async def test_it_shows_what_the_other_process_does_and_that_it_only_watches(attached):
    async with attached() as desk:
        await desk.train(5)
        await desk.sees("watching a-run", "training", "D 0.", "real 61%", "digits, epoch 1", "▀▀▀")


async def test_a_classifier_is_one_from_the_first_frame(run):
    run.recipe.write_text(recipe_text(load_recipe("mlp")), encoding="utf-8")
    with locked(run):
        app = AttachedApp(run)
        async with app.run_test(size=(120, 36)) as pilot:
            desk = Desk(app, pilot, ScriptedTrainer("classify", TrainControl()))
            await desk.sees("loading data", "Validation digits", "Accuracy per epoch")
            assert "Generated digits" not in desk.text
            assert "D's accuracy" not in desk.text
        app.session.leave()
        app.session.join(DEADLINE)


async def test_what_happened_before_is_there_too(run):
    with Training(run) as training:
        training.trainer.allow(6)
        app = AttachedApp(run)
        async with app.run_test(size=(120, 36)) as pilot:
            desk = Desk(app, pilot, training.trainer)
            await desk.sees("6/12", "real 61%")
            assert desk.snapshot.losses["discriminator"].x.tolist() == [1, 2, 3, 4, 5, 6]
        app.session.leave()
        app.session.join(DEADLINE)


async def test_keys_reach_the_trainer(attached):
    async with attached() as desk:
        await desk.train(1)
        await desk.press("d", "c", "p")
        await desk.sees("paused", "space go on", "×0.5")
        await desk.press("space")
        await desk.train(1)
        whats = [(one.what, one.source) for one in desk.trainer.requests]
        assert whats == [
            (what, "viewer key") for what in ("learning rate", "checkpoint", "pause", "resume")
        ]


async def test_slow_motion_and_steps_of_one_network_reach_the_trainer(attached):
    async with attached() as desk:
        await desk.train(1)
        await desk.press("s")
        await desk.sees("paused", "Slow motion, step 2", "▸ loss", "0.125")
        await desk.press("D")
        await desk.sees("2/12")
        await desk.press("G")
        await desk.sees("3/12")
        asked = [(one.what, one.networks) for one in desk.trainer.requests]
        assert asked == [
            ("pause", ()),
            ("stage", ()),
            ("step", ("discriminator",)),
            ("step", ("generator",)),
        ]


async def test_settings_are_turned_from_afar(attached):
    async with attached() as desk:
        await desk.train(1)
        await desk.press("e")
        await desk.sees("learning rate of the discriminator", "0.001")
        desk.app.screen.focused.value = "0.0005"
        await desk.press("enter")
        await desk.sees("learning rate of the discriminator: changed after step 1")
        (request,) = desk.trainer.requests
        assert (request.networks, request.factor) == (("discriminator",), 0.5)
        assert request.source == "viewer settings"


async def test_whoever_paused_it_one_key_lets_it_go_on(attached):
    async with attached() as desk:
        await desk.train(1)
        desk.control.pause(source="key")
        await desk.sees("paused")
        await desk.press("p")
        await desk.sees("training")
        await desk.train(1)


async def test_q_leaves_at_once_and_training_goes_on(attached):
    async with attached() as desk:
        await desk.train(1)
        await desk.sees("q leave")
        await desk.press("q")
        assert await desk.left() == 0
        assert not desk.control.stop_wanted
        assert desk.trainer.requests == []


async def test_help_says_that_training_goes_on(attached):
    async with attached() as desk:
        await desk.press("question_mark")
        await desk.sees("end training, after a question")
        await desk.press("end")
        await desk.sees("leave; training goes on without you")
        assert "and save the weights" not in desk.text
        await desk.press("escape")
        await desk.until(lambda: not isinstance(desk.app.screen, HelpScreen))


async def test_stopping_the_run_is_asked_first(attached):
    async with attached() as desk:
        await desk.train(2)
        await desk.press("S")
        await desk.sees("Stop training?")
        await desk.press("g")
        await desk.until(lambda: not isinstance(desk.app.screen, QuitDialog))
        assert desk.trainer.requests == []
        await desk.press("S")
        await desk.sees("Stop training?")
        await desk.press("s")
        await desk.sees("stopped after 2 steps", "mnist-tui resume", "q leaves")
        assert [one.what for one in desk.trainer.requests] == ["stop"]
        assert desk.app.is_running


async def test_the_end_is_told_and_the_viewer_stays(attached, run):
    async with attached() as desk:
        desk.trainer.allow(12)
        await desk.sees("finished after 12 steps", "saved in", "q leaves")
        assert not is_locked(run)
        await desk.press("d")
        assert desk.app.is_running


async def test_a_crash_is_told_with_the_way_on(attached, run):
    async with attached(fails_at=4) as desk:
        desk.trainer.allow(4)
        await desk.sees("crashed after 3 steps", f"mnist-tui resume {run.path}"[:60], "goes on")
        assert "s stop" not in desk.lines[-1]


async def test_whoever_sees_nothing_else_hears_how_the_run_is(attached):
    async with attached(fails_at=4) as desk:
        await desk.train(1)
        await desk.pilot.resize_terminal(80, 18)
        await desk.sees("too small", "Training goes on.")
        desk.control.pause()
        await desk.sees("Training is paused.")
        desk.control.resume()
        await desk.sees("Training goes on.")
        desk.trainer.allow(3)
        await desk.sees("Training has crashed.")
        assert "goes on" not in desk.text


async def test_a_run_that_is_resumed_is_followed_again(attached, run):
    async with attached(fails_at=4) as desk:
        desk.trainer.allow(4)
        await desk.sees("crashed")
        with Training(run) as again:
            again.trainer.allow(5)
            await desk.sees("training", "5/12", "space pause")


async def test_two_viewers_see_the_same(attached, run):
    async with attached() as desk:
        other = AttachedApp(run)
        async with other.run_test(size=(120, 36)) as pilot:
            second = Desk(other, pilot, desk.trainer)
            await second.press("p")
            await desk.sees("paused")
            await second.sees("paused")
        other.session.leave()
        other.session.join(DEADLINE)


async def test_what_cannot_be_asked_is_said(attached, run):
    async with attached() as desk:
        run.control.mkdir()
        await desk.press("d")
        await desk.sees("Not heard")


async def test_a_log_that_cannot_be_read_is_said(run):
    run.events.mkdir()
    app = AttachedApp(run)
    async with app.run_test(size=(120, 36)) as pilot:
        desk = Desk(app, pilot, ScriptedTrainer("gan", TrainControl()))
        await desk.sees("the run cannot be read", "events.jsonl")
        assert isinstance(app.failure, BadInput)
