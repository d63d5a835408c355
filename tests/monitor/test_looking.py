"""Looking into networks from the panels of digits, mistakes and weights."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from mnist_engine.inspection.generated import real_digits, verdicts_on
from mnist_engine.inspection.weights import first_weights
from mnist_engine.training import Trainer
from mnist_tui.monitor.panels.judged import judged
from mnist_tui.monitor.panels.mistakes import MistakeGallery
from mnist_tui.render.pixels import SIGNED_RAMP
from mnist_tui.terminal import RenderMode

from .real import open_real, trainer_of
from .small_runs import replaying

PLAIN = RenderMode(unicode=False, colour=False, shades=False, tints=False)


@pytest.fixture
def make(make_recipe: Any, make_dataset: Any) -> Callable[..., Trainer]:
    """Makes the trainer of a small run on pictures of MNIST's size and classes."""

    def make_small(task: str, **changes: Any) -> Trainer:
        dataset = make_dataset(count=200, shape=(28, 28), classes=10, tests=40)
        return trainer_of(make_recipe(task, **changes), dataset)

    return make_small


def shown(desk: Any) -> np.ndarray:
    samples = desk.app.run_screen.snapshot.samples
    return np.frombuffer(samples.images, np.uint8).reshape(samples.count, -1)


# --- digits --------------------------------------------------------------------------------------


async def test_verdicts_stand_below_the_digits_that_are_seen(make):
    async with open_real(make("gan"), size=(160, 45), mode=PLAIN) as desk:
        await desk.zoom("digits")
        await desk.press("v")
        trainer = desk.trainer
        expected = verdicts_on(trainer, shown(desk), trainer.shown_labels)
        taken = int((expected.scores > 0.5).sum())
        await desk.sees(f"Generated digits: D takes {taken} of 100 for real")
        captions, _ = judged(expected)
        plain = [caption.replace("✓", "+").replace("✗", "-") for caption in captions]
        row = next(line for line in desk.lines if plain[0] in line and plain[1] in line)
        assert row.index(plain[0]) < row.index(plain[1])
        await desk.press("v")
        await desk.sees("Generated digits, epoch")


async def test_verdicts_are_new_when_the_digits_are(make):
    async with open_real(make("gan", epochs=3), size=(160, 45)) as desk:
        await desk.zoom("digits")
        await desk.press("v")
        panel = desk.panel("digits")
        await desk.until(lambda: panel._findings is not None)
        first = panel._findings
        desk.control.resume()
        await desk.sees("finished")
        await desk.until(lambda: panel._findings.samples is panel.snapshot.samples)
        assert panel._findings is not first
        trainer = desk.trainer
        expected = verdicts_on(trainer, shown(desk), trainer.shown_labels).scores
        assert np.allclose(panel._findings.verdicts.scores, expected)


async def test_real_digits_take_the_place_of_generated_ones(make):
    async with open_real(make("gan"), size=(160, 45)) as desk:
        await desk.zoom("digits")
        await desk.press("o")
        await desk.sees("Real digits, held out from training")
        panel = desk.panel("digits")
        assert np.array_equal(panel._findings.pictures, real_digits(desk.trainer))
        await desk.press("v")
        await desk.sees("Real digits: D takes")


async def test_arrows_choose_a_digit_as_one_reads(make):
    async with open_real(make("gan"), size=(160, 45)) as desk:
        await desk.zoom("digits")
        panel = desk.panel("digits")
        await desk.press("left")
        assert panel.wish.chosen == 0
        across = panel._sheet.grid.columns
        await desk.press("right", "down", "up", "down")
        await desk.until(lambda: panel.wish.chosen == across + 1)
        await desk.press("left", "left")
        await desk.until(lambda: panel.wish.chosen == across - 1)
        await desk.press("up")
        await desk.pilot.pause()
        assert panel.wish.chosen == across - 1


async def test_a_click_chooses_a_digit(make):
    async with open_real(make("gan"), size=(160, 45)) as desk:
        await desk.zoom("digits")
        panel = desk.panel("digits")
        places = ((x, y) for y in range(30) for x in range(100))
        x, y = next(place for place in places if panel._sheet.number_at(*place) == 7)
        await desk.pilot.click(panel, offset=(x + 2, y + 1))
        await desk.until(lambda: panel.wish.chosen == 7)


async def test_the_nearest_training_image_has_its_label_and_distance(make):
    trainer = make("gan")
    async with open_real(trainer, size=(160, 45)) as desk:
        await desk.zoom("digits")
        await desk.press("right", "right", "m")
        images = trainer.training.images.reshape(len(trainer.training), -1) / 255
        chosen = desk.panel("digits").wish.chosen
        distances = np.linalg.norm(images - shown(desk)[chosen] / 255, axis=1)
        label = trainer.training.labels[distances.argmin()]
        await desk.sees(
            "chosen",
            f"nearest: a {label}",
            f"nearest training image: a {label}, {distances.min():.2f} away",
        )


async def test_the_pixels_that_g_would_change_have_signs(make):
    trainer = make("gan", discriminator={"layers": ["linear 1"]})
    weights = trainer.networks["discriminator"].state_dict()
    halves = np.repeat([[1.0], [-1.0]], 14 * 28, axis=1).reshape(1, -1)
    weights["0.weight"][...] = halves
    trainer.networks["discriminator"].load_state_dict(weights)
    async with open_real(trainer, size=(160, 45), mode=PLAIN) as desk:
        await desk.zoom("digits")
        await desk.press("w")
        await desk.sees("G wants", "+# lighten  -= darken")
        lighter, darker = ([side * 12 in line for line in desk.lines] for side in "#=")
        assert sum(lighter) == sum(darker) >= 5
        assert lighter.index(True) < darker.index(True)


async def test_in_a_replay_the_footer_does_not_name_keys_that_a_panel_has_taken(replayed):
    async with replayed("gan") as desk:
        await desk.sees("← back")
        desk.app.run_screen.board.panel("digits").focus()
        await desk.sees("v verdicts")
        await desk.until(lambda: "← back" not in desk.text and "⇧← epoch" in desk.text)


async def test_of_a_classifier_none_of_it_is_offered(make):
    async with open_real(make("classify"), size=(160, 45)) as desk:
        await desk.zoom("digits")
        await desk.press("v", "o", "m", "w", "right")
        await desk.pilot.pause()
        assert not desk.panel("digits").wish.asks
        assert "verdicts" not in desk.lines[-1]


async def test_without_networks_none_of_it_is_offered(monitor):
    async with monitor("gan") as desk:
        desk.app.run_screen.looker = None
        panel = desk.app.run_screen.board.panel("digits")
        panel.focus()
        await desk.press("v", "right")
        assert not panel.wish.asks
        assert panel.wish.chosen is None
        assert "verdicts" not in desk.lines[-1]


def test_a_critics_scores_are_told_from_their_mean():
    from mnist_engine.inspection.generated import Verdicts

    captions, frames = judged(Verdicts(np.array([1.0, 2.0, 6.0], np.float32), None))
    assert captions == ("-2.00", "-1.00", "+3.00")
    assert frames == ("bad", "bad", "good")


# --- mistakes ------------------------------------------------------------------------------------


async def test_the_worst_mistakes_come_with_their_pictures(make):
    trainer = make("classify")
    async with open_real(trainer, size=(160, 45), mode=PLAIN) as desk:
        await desk.zoom("mistakes")
        await desk.sees("after the first epoch")
        desk.control.resume()
        await desk.sees("finished", "Worst mistakes of the test set")
        gallery = desk.panel("mistakes")
        assert isinstance(gallery, MistakeGallery)
        await desk.until(lambda: gallery._pictures and gallery._pictures[1] is not None)
        answers, pictures = gallery._pictures
        assert np.array_equal(
            pictures, trainer.test.images[[one.index for one in answers.mistakes]]
        )
        worst = answers.mistakes[0]
        await desk.sees(f"{worst.label}>{worst.answer} {worst.probability:.0%}")


async def test_without_networks_mistakes_are_told_in_words(make):
    async with open_real(make("classify"), size=(160, 45)) as desk:
        desk.app.run_screen.looker = None
        await desk.zoom("mistakes")
        desk.control.resume()
        await desk.sees("Worst mistakes of the test set")
        worst = desk.snapshot.finished.answers.mistakes[0]
        await desk.sees(worst.caption, f"{worst.probability:.2%}", f"picture {worst.index}")


# --- weights -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("task", "network", "title"),
    [("gan", "discriminator", "First weights of D"), ("classify", "classifier", "First weights")],
)
async def test_first_weights_are_pictures_and_follow_training(make, task, network, title):
    trainer = make(task)
    async with open_real(trainer, size=(160, 45), mode=PLAIN) as desk:
        units = len(first_weights(trainer, network))
        await desk.zoom("weights")
        await desk.sees(f"{title}: {units} of {units} units, longest first")
        panel = desk.panel("weights")
        assert set(SIGNED_RAMP) <= set(desk.text)
        before = panel._weights.pictures
        desk.control.resume()
        await desk.sees("finished")
        await desk.until(lambda: not np.array_equal(panel._weights.pictures, before))
        largest = first_weights(trainer, network)[0]
        seen = panel._weights.pictures[0].astype(int) - 127.5
        assert np.corrcoef(largest.ravel(), seen.ravel())[0, 1] > 0.99


async def test_of_which_step_the_networks_are_is_said_so_long_as_a_panel_looks(replayed):
    async with replayed("gan") as desk:
        board = desk.app.run_screen.board
        assert not any(board.panel(kind.name).looks for kind in board.seen)
        board.panel("digits").focus()
        await desk.press("v")
        await desk.sees("networks of step 8", "D takes")
        await desk.press("k")
        await desk.sees("Latent walk", "step 8")
        await desk.press("escape")
        await desk.sees("networks of step 8")
        await desk.press("v")
        await desk.until(lambda: "networks of step" not in desk.text)
        await desk.press("k")
        await desk.sees("Latent walk", "step 8")
        await desk.press("escape")
        await desk.sees("replay of")
        assert "networks of step" not in desk.text


async def test_where_nothing_was_saved_a_panel_says_so_and_nothing_else_does(small_run):
    run = small_run("gan")
    for path in run.checkpoints.iterdir():
        path.unlink()
    async with replaying(run, (160, 45), None) as desk:
        await desk.sees("no networks to look into")
        assert not desk.app._notifications
        desk.app.run_screen.board.panel("digits").focus()
        await desk.press("v")
        await desk.sees("No answer", "no checkpoint is saved yet")
