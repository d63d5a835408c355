"""The tape of a step on the screen: a table, formulas, and derivatives that are checked."""

from __future__ import annotations

import pytest

from mnist_engine.autograd.activations import ReLU
from mnist_engine.inspection.checked import Check
from mnist_engine.inspection.derivatives import EXPLANATIONS
from mnist_engine.runs.checkpoints import checkpoints_of, remove
from mnist_engine.runs.directory import RunDirectory
from mnist_tui.monitor.screens.run import RunScreen
from mnist_tui.monitor.screens.tape import TapeScreen
from mnist_tui.monitor.widgets.derivative import plain, verdict
from mnist_tui.monitor.widgets.tape_table import TapeTable
from mnist_tui.terminal import RenderMode


def chosen(desk) -> str:
    (line,) = [line for line in desk.lines if "▸" in line or "│ > " in line]
    return line


async def test_the_tape_of_a_classifier(paused):
    async with paused("classify") as desk:
        await desk.press("i")
        await desk.sees(
            "What a step computes   the network in training, step 0",
            "Tape of the classifier's loss: 5 operations",
            "1 Linear",
            "10×16  5×16  5",
            "4 SoftmaxCrossEntropy",
        )
        assert "1 Linear" in chosen(desk)
        await desk.sees("Y = X Wᵀ + b", "dL/dX = G W", "enter checks that")


async def test_keys_choose_an_operation_and_stay_on_the_tape(paused):
    async with paused("classify") as desk:
        await desk.press("i")
        await desk.sees("5 operations")
        for key, name in [
            ("down", "2 ReLU"),
            ("up", "1 Linear"),
            ("up", "1 Linear"),
            ("end", "5 Mean"),
            ("down", "5 Mean"),
            ("pageup", "1 Linear"),
        ]:
            await desk.press(key)
            await desk.until(lambda name=name: name in chosen(desk))
        await desk.pilot.click(TapeTable, offset=(10, 3))
        await desk.until(lambda: "2 ReLU" in chosen(desk))
        await desk.sees("y = max(x, 0)")


async def test_enter_checks_the_derivatives_on_the_spot(paused):
    async with paused("classify") as desk:
        await desk.press("i")
        await desk.sees("5 operations")
        await desk.press("down", "down", "enter")
        await desk.sees("difference quotient", "the gradient", "chance")
        checked = [line for line in desk.lines if "agree" in line]
        assert len(checked) == 6  # by x, weight and bias, in two directions
        await desk.press("up")
        await desk.sees("enter checks that")


async def test_a_wrong_derivative_is_named(paused, monkeypatch):
    monkeypatch.setattr(ReLU, "derivatives", (lambda self, g, x: g * 1.01,))
    monkeypatch.setattr(ReLU, "fast_paths", {})
    async with paused("classify") as desk:
        await desk.press("i")
        await desk.sees("5 operations")
        await desk.press("down", "enter")
        await desk.sees("DIFFER")


async def test_both_networks_of_a_gan_have_a_tape(paused):
    async with paused("gan") as desk:
        await desk.press("i")
        await desk.sees("Tape of the discriminator's loss", "tab D or G")
        await desk.press("down", "tab")
        await desk.sees("Tape of the generator's loss", "Tanh")
        assert "1 Linear" in chosen(desk)
        await desk.press("tab")
        await desk.sees("Tape of the discriminator's loss")


async def test_after_a_step_from_here_the_tape_is_the_new_one(paused):
    async with paused("classify") as desk:
        await desk.press("i")
        await desk.sees("step 0", "space go on", "n step")
        before = [line for line in desk.lines if "1 Linear" in line]
        await desk.press("n")
        await desk.sees("the network in training, step 1")
        await desk.until(lambda: [line for line in desk.lines if "1 Linear" in line] != before)


async def test_it_says_that_training_goes_on_and_offers_to_pause(paused):
    async with paused("classify", epochs=10**6) as desk:
        await desk.press("i")
        await desk.sees("step 0", "space go on")
        await desk.press("space")
        await desk.sees("training goes on", "space pause")
        await desk.press("space")
        await desk.sees("space go on")
        await desk.until(lambda: "training goes on" not in desk.text)
        await desk.press("r")
        await desk.sees(f"the network in training, step {desk.trainer.steps_done:,}")


async def test_looking_and_checking_do_not_change_the_course(paused):
    weights = []
    for looks in (True, False):
        async with paused("gan") as desk:
            if looks:
                await desk.press("i")
                await desk.sees("discriminator's loss:")
                await desk.press("enter")
                await desk.sees("agree")
                await desk.press("tab")
                await desk.sees("generator's loss:")
                await desk.press("n")
                await desk.sees("step 1")
                await desk.press("enter")
                await desk.sees("agree")
            desk.control.resume()
            await desk.until(lambda desk=desk: desk.app.session.ended)
            state = desk.trainer.state()
            weights.append({name: array.tobytes() for name, array in state.arrays.items()})
    assert weights[0] == weights[1]


async def test_networks_that_diverged_can_be_read(paused):
    async with paused("classify") as desk:
        desk.trainer.networks["classifier"].parameters()[0].data[...] = float("nan")
        await desk.press("i")
        await desk.sees("5 operations", "nan")
        await desk.press("enter")
        await desk.sees("no numbers")


async def test_when_training_is_over_the_networks_can_be_read(paused):
    async with paused("classify") as desk:
        desk.control.resume()
        await desk.until(lambda: desk.app.run_screen.standing.ended)
        await desk.press("i")
        await desk.sees("the network as it is now, step 8", "5 operations")
        await desk.press("enter")
        await desk.sees("agree")
        assert "n step" not in desk.text


async def test_what_a_broken_training_left_is_not_waited_for(paused):
    async with paused("classify") as desk:
        desk.trainer.step = None
        desk.control.resume()
        await desk.until(lambda: desk.app.run_screen.standing.failure)
        await desk.press("i")
        await desk.sees("no networks to ask")


async def test_in_a_replay_it_is_that_of_the_checkpoint(replayed):
    async with replayed("gan") as desk:
        await desk.press("i")
        await desk.sees("the checkpoint at the cursor, step 8", "discriminator's loss:")
        assert "space" not in desk.lines[-1]
        await desk.press("escape", "home")
        await desk.sees("step 0 of 8")
        await desk.press("i")
        await desk.sees("the checkpoint at the cursor, step 4")
        await desk.press("escape")
        await desk.sees("replay of")
        assert "networks of step" not in desk.text


async def test_where_there_is_no_checkpoint_it_says_so(replayed):
    async with replayed("gan") as desk:
        for checkpoint in checkpoints_of(RunDirectory(desk.app.run_screen.folder)):
            remove(checkpoint)
        await desk.press("i")
        await desk.sees("no networks to ask", "no checkpoint is saved yet")


@pytest.mark.parametrize("key", ["escape", "q", "i"])
async def test_a_key_leads_back_to_the_run(paused, key):
    async with paused("classify") as desk:
        await desk.press("i")
        await desk.until(lambda: isinstance(desk.app.screen, TapeScreen))
        await desk.press(key)
        await desk.until(lambda: isinstance(desk.app.screen, RunScreen))


@pytest.mark.parametrize("size", [(80, 24), (100, 30), (120, 36), (160, 45), (200, 60)])
async def test_nothing_is_cut(paused, size):
    async with paused("gan", size=size) as desk:
        await desk.press("i")
        await desk.sees("discriminator's loss:")
        await desk.press("enter")
        await desk.sees("agree", "? help")
        rows = [line for line in desk.lines if "agree" in line or "Linear" in line]
        assert not [line for line in rows if "…" in line]
        await desk.press("end")
        await desk.until(lambda: f"{len(desk.app.screen._table.rows)} Add" in chosen(desk))


async def test_plain_characters_are_enough(paused):
    async with paused("classify", mode=RenderMode(unicode=False)) as desk:
        await desk.press("i")
        await desk.sees("Y = X W^T + b", "10x16  5x16  5", "us")
        await desk.press("enter")
        await desk.sees("agree")
        assert desk.text.isascii()


def test_all_formulas_can_be_spelled_in_plain_characters():
    texts = [text for one in EXPLANATIONS.values() for text in one]
    assert [text for text in texts if not plain(text).isascii()] == []


@pytest.mark.parametrize(
    ("analytic", "numeric", "noise", "words"),
    [
        (1.0, 1.0, 0.0, "agree, 15 digits"),
        (1.0, 1.0000012, 0.0, "agree, 5 digits"),
        (1e-12, 3e-12, 1e-9, "agree"),
        (1.0, 1.01, 0.0, "DIFFER"),
        (float("nan"), 1.0, 0.0, "no numbers"),
    ],
)
def test_what_is_said_of_a_check(analytic, numeric, noise, words):
    assert verdict(Check("x", "chance", analytic, numeric, noise, 0)) == words
