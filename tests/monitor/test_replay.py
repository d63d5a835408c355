"""A run that is over, at any of its steps."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from mnist_engine.runs.directory import RunDirectory
from mnist_engine.training.control import TrainControl
from mnist_tui.monitor.apps.replay import ReplayApp
from mnist_tui.monitor.sessions.replay import PLAYING_SECONDS, Replay
from mnist_tui.terminal import RenderMode

from .desk import Desk
from .scripted import DEADLINE, ScriptedTrainer, write_down


@pytest.fixture
def recorded(run: RunDirectory) -> Callable[..., ScriptedTrainer]:
    """Leaves the log of a scripted training: 12 steps, 4 an epoch, and what is set otherwise."""

    def record(**settings: object) -> ScriptedTrainer:
        trainer = ScriptedTrainer("gan", TrainControl())
        for name, value in settings.items():
            setattr(trainer, name, value)
        trainer.allow(trainer.epochs * trainer.steps_per_epoch)
        try:
            write_down(trainer, run)
        except ValueError:
            assert trainer.fails_at is not None
        return trainer

    return record


@pytest.fixture
def replay(run: RunDirectory, recorded) -> Callable[..., AsyncIterator[Desk]]:
    """A replay of such a training, at its end: ``async with replay() as desk``."""

    @asynccontextmanager
    async def open_desk(
        size: tuple[int, int] = (120, 36), mode: RenderMode | None = None, **settings: object
    ) -> AsyncIterator[Desk]:
        trainer = recorded(**settings)
        app = ReplayApp(run, mode)
        async with app.run_test(size=size, notifications=True) as pilot:
            desk = Desk(app, pilot, trainer)
            await desk.sees("replay ")
            await desk.until(lambda: app.session.whole is not None)
            await desk.sees("step")
            yield desk

    return open_desk


@pytest.fixture
def session(run: RunDirectory, recorded) -> Replay:
    """The session of a replay, read to its end."""
    recorded(epochs=100, steps_per_epoch=40)
    session = Replay(run, lambda: None)
    session.start()
    session.join(DEADLINE)
    return session


async def test_it_opens_at_the_end_with_what_came_of_it(replay):
    async with replay() as desk:
        await desk.sees("replay of a-run", "replay · step 12 of 12", "epoch 3/3", "✓ finished")
        await desk.sees("D loss 0.167", "D right on real 63%", "digits, epoch 3", "▀▀▀")


async def test_everything_shows_the_state_at_the_cursor(replay):
    async with replay() as desk:
        await desk.press("home", *["right"] * 5)
        await desk.sees("step  5 of 12", "epoch 2/3", "D 0.001  G 0.004", "42%")
        await desk.sees("D 0.400", "G 0.600", "real 61%", "generated 71%", "digits, epoch 1")
        assert "finished" not in desk.text
        await desk.press("left")
        await desk.sees("step  4 of 12", "epoch 1/3")


async def test_plots_keep_the_whole_run_and_mark_the_cursor(replay):
    async with replay() as desk:
        await desk.press("home", *["right"] * 6)
        await desk.sees("step  6 of 12")
        axis = next(line for line in desk.lines if "└┬" in line)
        middle = axis.index("└") + (axis.index("│ │") - axis.index("└")) // 2
        assert abs(axis.index("┴") - middle) <= 2


async def test_an_epoch_at_a_time(replay):
    async with replay() as desk:
        for key, step in (("shift+left", 8), ("pageup", 4), ("shift+left", 0), ("left", 0)):
            await desk.press(key)
            await desk.sees(f"step {step:2} of 12")
        for key, step in (("right", 1), ("shift+right", 4), ("pagedown", 8), ("end", 12)):
            await desk.press(key)
            await desk.sees(f"step {step:2} of 12")


async def test_space_plays_and_holds(replay):
    async with replay() as desk:
        await desk.press("space")
        await desk.sees("▸ replay", "space hold")
        await desk.until(lambda: 0 < desk.snapshot.step < 12)
        await desk.press("space")
        await desk.sees("◇ replay", "space play")
        held = desk.snapshot.step
        desk.app.run_screen.tick()
        assert desk.snapshot.step == held


async def test_a_crashed_run_says_how_to_go_on(replay, run):
    async with replay(fails_at=6) as desk:
        await desk.sees("step 5 of 5", "✗ crashed", "mnist-tui resume")


async def test_nothing_can_be_asked_of_a_trainer(replay, run):
    async with replay() as desk:
        await desk.press("d", "p", "s", "c")
        await desk.sees("b branch", "q leave")
        assert not run.control.exists()
        assert "rate ×0.5" not in desk.text


async def test_before_the_first_digits_it_says_when_they_come(run, recorded):
    recorded()
    lines = run.events.read_bytes().splitlines(keepends=True)
    first = next(line for line in lines if b'"samples"' in line)
    run.events.write_bytes(b"".join(line for line in lines if line != first))
    app = ReplayApp(run)
    async with app.run_test(size=(120, 36)) as pilot:
        desk = Desk(app, pilot, ScriptedTrainer("gan", TrainControl()))
        await desk.sees("step 12 of 12")
        await desk.press("home")
        await desk.sees("step  0 of 12", "before the first step", "first digits at step 4")


async def test_until_the_log_is_read_it_says_so_and_no_step(run, recorded, monkeypatch):
    recorded()
    read = threading.Event()
    whole = Replay.work

    def wait_and_work(replay: Replay) -> None:
        read.wait(DEADLINE)
        whole(replay)

    monkeypatch.setattr(Replay, "work", wait_and_work)
    app = ReplayApp(run)
    async with app.run_test(size=(120, 36)) as pilot:
        desk = Desk(app, pilot, ScriptedTrainer("gan", TrainControl()))
        await desk.until(lambda: desk.text.count("reading the log…") > 3)  # status and panels
        assert " of 12" not in desk.text
        read.set()
        await desk.sees("step 12 of 12")
        assert "reading the log" not in desk.text


async def test_help_lists_the_keys_of_a_replay(replay):
    async with replay(size=(120, 90)) as desk:
        await desk.press("question_mark")
        await desk.sees(
            "a hundredth of the run back", "to the first step", "the run stays as it is"
        )
        assert "halve the learning rate" not in desk.text


async def test_q_leaves(replay):
    async with replay() as desk:
        await desk.press("q")
        assert await desk.left() == 0


async def test_80x24_shows_everything(replay, matches_snapshot):
    async with replay(size=(80, 24)) as desk:
        await desk.press("shift+left", "left", "left")
        await desk.sees("step  6 of 12")
        matches_snapshot(desk.text, "replay-80x24")


async def test_ascii_draws_nothing_else(replay, matches_snapshot):
    mode = RenderMode(unicode=False, colour=True, shades=False)
    async with replay(size=(100, 30), mode=mode) as desk:
        await desk.press("shift+left")
        await desk.sees("step  8 of 12")
        assert desk.text.isascii()
        matches_snapshot(desk.text, "replay-ascii-100x30")


async def test_an_empty_log_is_an_empty_screen(run):
    app = ReplayApp(run)
    async with app.run_test(size=(120, 36)) as pilot:
        desk = Desk(app, pilot, ScriptedTrainer("gan", TrainControl()))
        await desk.sees("step 0 of 0", "crashed")
        await desk.press("left", "right", "space", "shift+left", "home", "end")
        await desk.sees("step 0 of 0")


def test_a_hundredth_of_the_run_is_a_hundredth(session):
    session.scrub(-1)
    assert session.latest.step == 3960
    session.scrub(3)
    assert session.latest.step == 4000


def test_the_whole_takes_its_time(session):
    session.toggle_play()
    session.advance(PLAYING_SECONDS / 4)
    assert session.latest.step == 1000
    session.advance(PLAYING_SECONDS / 4)
    assert session.latest.step == 2000
    session.advance(PLAYING_SECONDS)
    assert session.latest.step == 4000
    assert not session.playing


def test_the_same_step_is_the_same_snapshot(session):
    session.go_to(0.5)
    assert session.latest is session.latest
    assert session.latest.step == 2000
