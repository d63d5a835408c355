"""The ways out: the dialog, the end of a run, signals, failures."""

from __future__ import annotations

import gc
import signal
import threading

import pytest

from mnist_engine.errors import BadInput
from mnist_tui.monitor.apps import viewing
from mnist_tui.monitor.screens.dialog import Dialog
from mnist_tui.monitor.screens.quit import QuitDialog
from mnist_tui.terminal import RenderMode


async def test_q_asks_while_training_goes_on(monitor):
    async with monitor() as desk:
        await desk.press("q")
        await desk.sees("Stop training?", "runs/scripted")
        desk.trainer.allow(2)
        await desk.until(lambda: desk.snapshot.step == 2)
        assert not desk.control.stop_wanted


@pytest.mark.parametrize("mode", [RenderMode(), RenderMode(False, False, False, False)])
async def test_all_of_the_question_is_seen_in_the_smallest_terminal(monitor, mode):
    async with monitor(size=(40, 10), mode=mode) as desk:
        await desk.press("q")
        await desk.sees(
            "Stop training?",
            "Stopping saves the weights so far in",
            "runs/scripted",
            "Stop and save (s)",
            "Go on training (g)",
        )
        await desk.press("down", "enter")
        await desk.until(lambda: not isinstance(desk.app.screen, QuitDialog))
        assert not desk.control.stop_wanted


@pytest.mark.parametrize("key", ["escape", "g"])
async def test_going_on_closes_the_question(monitor, key):
    async with monitor() as desk:
        await desk.press("q")
        await desk.sees("Stop training?")
        await desk.press(key)
        await desk.until(lambda: not isinstance(desk.app.screen, QuitDialog))
        await desk.train(3)
        assert not desk.control.stop_wanted


@pytest.mark.parametrize(
    ("key", "answer"), [("q", "enter"), ("q", "s"), ("ctrl+c", "ctrl+c"), ("ctrl+q", "s")]
)
async def test_stopping_saves_and_exits_with_0(monitor, key, answer):
    async with monitor() as desk:
        await desk.train(2)
        await desk.press(key)
        await desk.sees("Stop training?")
        await desk.press(answer)
        assert await desk.left() == 0
        assert desk.trainer.saved
        assert desk.snapshot.phase == "stopped"


async def test_quitting_while_paused_does_not_hang(monitor):
    async with monitor() as desk:
        await desk.train(1)
        await desk.press("p")
        await desk.sees("paused")
        await desk.press("q")
        await desk.sees("Stop training?")
        await desk.press("enter")
        assert await desk.left() == 0
        assert desk.trainer.saved


async def test_the_second_answer_is_go_on(monitor):
    async with monitor() as desk:
        await desk.press("q")
        await desk.sees("Stop training?")
        await desk.press("right", "enter")
        await desk.until(lambda: not isinstance(desk.app.screen, QuitDialog))
        assert not desk.control.stop_wanted


async def test_the_screen_says_that_it_saves(monitor):
    gate = threading.Event()
    async with monitor(may_save=gate) as desk:
        await desk.train(1)
        await desk.press("q")
        await desk.sees("Stop training?")
        await desk.press("enter")
        await desk.sees("saving…")
        assert not desk.trainer.saved
        gate.set()
        assert await desk.left() == 0


async def test_a_finished_run_stays_on_the_screen_with_a_summary(monitor):
    async with monitor() as desk:
        desk.trainer.allow(12)
        await desk.sees("finished after 12 steps in 0:00", "saved in runs/scripted", "q leaves")
        assert "D loss 0.167   G loss 0.250   D right on real 63%   on generated 73%" in desk.text
        assert "space pause" not in desk.text
        await desk.press("q")
        assert await desk.left() == 0


async def test_a_classifier_ends_with_its_test_accuracy(monitor):
    async with monitor("classify") as desk:
        desk.trainer.allow(12)
        await desk.sees("test accuracy 98.76%", "validation accuracy 93.00%")


async def test_the_end_of_training_answers_an_open_question(monitor):
    async with monitor() as desk:
        await desk.press("q")
        await desk.sees("Stop training?")
        desk.trainer.allow(12)
        await desk.until(lambda: not isinstance(desk.app.screen, QuitDialog))
        await desk.sees("finished after 12 steps")


@pytest.mark.parametrize(
    ("failure", "line", "code"),
    [
        (ValueError("shapes do\nnot fit"), "ValueError: shapes do not fit", 1),
        (BadInput("train.toml: no such key"), "train.toml: no such key", 2),
    ],
)
async def test_a_failure_stays_readable_and_sets_the_code(monitor, failure, line, code):
    async with monitor(fails_at=3, failure=failure) as desk:
        desk.trainer.allow(3)
        await desk.sees("training failed at step 2", line)
        assert desk.app.failure is failure
        await desk.press("q")
        assert await desk.left() == code


async def test_divergence_is_named_and_exits_with_1(monitor):
    async with monitor(diverges_at=2) as desk:
        desk.trainer.allow(2)
        await desk.sees("diverged: a number of the discriminator became nan")
        await desk.press("q")
        assert await desk.left() == 1


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
async def test_a_signal_saves_and_exits_with_128_and_its_number(monitor, name):
    number = int(getattr(signal, name))
    async with monitor() as desk:
        await desk.train(2)
        signal.raise_signal(number)
        assert await desk.left() == 128 + number
        assert desk.trainer.saved
        assert desk.trainer.requests[-1].source == "signal"


async def test_a_signal_while_data_is_loading_waits_for_the_trainer(monitor):
    gate = threading.Event()
    async with monitor(may_load=gate) as desk:
        await desk.sees("loading data…")
        desk.app.on_signal(15)
        await desk.sees("saving…")
        gate.set()
        assert await desk.left() == 143


async def test_a_terminal_that_hangs_up_twice_still_waits_for_the_weights(monitor):
    gate = threading.Event()
    async with monitor(may_save=gate) as desk:
        await desk.train(1)
        for _ in range(2):
            desk.app.on_signal(signal.SIGHUP)
        await desk.sees("saving…")
        gate.set()
        assert await desk.left() == 128 + signal.SIGHUP
        assert desk.trainer.saved


async def test_a_second_signal_does_not_wait_for_the_weights(monitor):
    async with monitor(may_save=threading.Event()) as desk:
        await desk.train(1)
        desk.app.on_signal(2)
        await desk.sees("saving…")
        desk.app.on_signal(2)
        assert await desk.left() == 130
        assert not desk.trainer.saved


async def test_a_palette_opens_again_while_the_one_before_is_taken_down(monitor):
    async with monitor() as desk:
        desk.app.action_command_palette()
        await desk.sees("Search for commands")
        desk.app.screen.dismiss(None)
        desk.app.action_command_palette()
        await desk.sees("Search for commands")
        await desk.press("escape")
        await desk.until(lambda: desk.app.screen is desk.app.run_screen)


async def test_a_palette_closed_before_it_lies_on_the_screen_breaks_nothing(monitor):
    async with monitor() as desk:
        for _ in range(5):
            desk.app.action_command_palette()
            desk.app.screen.dismiss(None)
            await desk.train(1)
        assert desk.app.is_running


async def test_a_palette_closed_three_times_at_once_leaves_the_screen_where_it_is(monitor):
    async with monitor() as desk:
        await desk.press("ctrl+p")
        palette = desk.app.screen
        for _ in range(3):
            palette.dismiss(None)
        await desk.train(2)
        assert desk.app.screen is desk.app.screen_stack[1]


@pytest.mark.parametrize("key", ["q", "e", "question_mark"])
async def test_a_dialog_answered_twice_at_once_answers_once(monitor, key):
    async with monitor() as desk:
        await desk.train(1)
        await desk.press(key)
        dialog = desk.app.screen
        assert isinstance(dialog, Dialog)
        for _ in range(3):
            dialog.dismiss(None)
        await desk.train(2)
        assert desk.app.screen is desk.app.screen_stack[1]


@pytest.mark.parametrize("key", ["q", "e", "question_mark"])
async def test_a_dialog_under_the_palette_leaves_that_alone(monitor, key):
    async with monitor() as desk:
        await desk.train(1)
        await desk.press(key)
        dialog = desk.app.screen
        await desk.press("ctrl+p")
        palette = desk.app.screen
        assert palette is not dialog
        dialog.dismiss(None)
        assert desk.app.screen is palette
        await desk.app.run_action("app.ask_to_quit")
        palette.dismiss(None)  # it lies below the question now
        assert palette in desk.app.screen_stack


async def test_q_twice_is_a_question_and_no_answer(monitor):
    async with monitor() as desk:
        await desk.app.run_action("app.ask_to_quit")
        await desk.app.run_action("app.ask_to_quit")
        await desk.sees("Stop training?")
        assert not desk.control.stop_wanted


async def test_what_is_hidden_from_the_collector_comes_back(monitor, monkeypatch):
    monkeypatch.setattr(viewing, "SETTLED_SECONDS", 0.05)
    gc.unfreeze()
    async with monitor() as desk:
        await desk.until(gc.get_freeze_count)
    assert gc.get_freeze_count() == 0
