"""Drawing a digit: the pen, the mouse, and what networks take the drawing for."""

from __future__ import annotations

import numpy as np
import pytest
from textual.events import MouseDown, MouseMove, MouseUp

from mnist_engine.data.dataset import load_dataset
from mnist_engine.inspection.read import Reader
from mnist_engine.metrics.judge import shipped_judge
from mnist_tui.drawing import centred, draw_line
from mnist_tui.monitor.apps.attached import AttachedApp
from mnist_tui.monitor.screens.draw import DrawScreen
from mnist_tui.monitor.screens.help import HelpScreen
from mnist_tui.monitor.screens.run import RunScreen
from mnist_tui.monitor.widgets.answers import shown_classes
from mnist_tui.monitor.widgets.sketch_pad import SIDE, SketchPad
from mnist_tui.terminal import RenderMode

from .desk import Desk
from .scripted import DEADLINE
from .small_runs import Nobody

STROKE = ["space", *["down"] * 5, *["right"] * 3]


def sheet(width: int = 28, height: int = 28) -> np.ndarray:
    return np.zeros((height, width), np.uint8)


# --- lines, and MNIST's form ---------------------------------------------------------------------


def test_a_line_is_soft_and_as_wide_as_the_pen():
    drawing = sheet()
    draw_line(drawing, (5.5, 14.5), (22.5, 14.5))
    assert drawing[:, 14].tolist() == [0] * 12 + [26, 255, 255, 255, 26] + [0] * 11


def test_a_dot_is_round():
    drawing = sheet()
    draw_line(drawing, (14, 14), (14, 14))
    np.testing.assert_array_equal(drawing, drawing.T)
    np.testing.assert_array_equal(drawing, drawing[::-1])
    assert drawing[14, 14] == 255
    assert (drawing > 0).sum() == 12


def test_a_line_adds_ink_and_takes_none_away():
    drawing = sheet()
    draw_line(drawing, (3, 3), (20, 20))
    before = drawing.copy()
    draw_line(drawing, (20, 3), (3, 20))
    assert (drawing >= before).all()
    assert (drawing > before).any()


def test_rubbing_out_leaves_nothing_where_the_pen_was():
    drawing = sheet()
    draw_line(drawing, (3, 3), (20, 20))
    draw_line(drawing, (3, 3), (20, 20), rubs_out=True)
    assert drawing.max() < 128
    assert drawing.diagonal().max() == 0


def test_mnist_s_own_digits_stay_as_they_are():
    images = load_dataset().test_images[:500]
    same = [np.array_equal(centred(image, (28, 28)), image) for image in images]
    assert np.mean(same) > 0.99


@pytest.mark.parametrize("place", [0, 40, 84])
def test_size_and_place_of_a_drawing_do_not_matter(place):
    dataset = load_dataset()
    drawn = []
    for image in dataset.test_images[:200]:
        large = sheet(140, 140)
        large[place : place + 56, 84 - place : 140 - place] = image.repeat(2, 0).repeat(2, 1)
        drawn.append(centred(large, (28, 28)))
    answers = shipped_judge().look(np.array(drawn)).probabilities.argmax(axis=1)
    assert (answers == dataset.test_labels[:200]).mean() > 0.98


def test_what_is_centred_has_its_mass_in_the_middle():
    drawing = sheet()
    draw_line(drawing, (2, 2), (2, 20))
    draw_line(drawing, (2, 2), (6, 2))
    image = centred(drawing, (28, 28)).astype(float)
    for axis in (0, 1):
        profile = image.sum(axis=1 - axis)
        assert profile @ np.arange(28) / profile.sum() == pytest.approx(14, abs=0.5)


# --- the sheet -----------------------------------------------------------------------------------


def pad(desk) -> SketchPad:
    return desk.app.screen.query_one(SketchPad)


async def test_the_pen_draws_where_it_is_down(paused):
    async with paused("classify") as desk:
        await desk.press("a")
        await desk.sees("Draw a digit", "nothing yet", "space pen down")
        await desk.press("down", "right")
        assert pad(desk).is_empty
        await desk.press("space")
        await desk.sees("space pen up", "Taken for a")
        dot = pad(desk).drawing.copy()
        await desk.press("left", "left")
        assert (pad(desk).drawing > dot).any()
        await desk.press("space", "left", "left", "left")
        line = pad(desk).drawing.copy()
        await desk.press("up")
        np.testing.assert_array_equal(pad(desk).drawing, line)


@pytest.mark.parametrize("key", ["x", "backspace"])
async def test_a_key_clears_the_sheet_and_lifts_the_pen(paused, key):
    async with paused("classify") as desk:
        await desk.press("a", *STROKE)
        await desk.sees("Taken for a")
        await desk.press(key)
        await desk.sees("nothing yet", "space pen down")
        assert pad(desk).is_empty


async def test_the_pen_stays_on_the_sheet(paused):
    async with paused("classify") as desk:
        await desk.press("a", "space")
        desk.app.screen.move_pen(-40, -40)
        assert pad(desk).drawing[0, 0] == 255
        await desk.press("right", "down")
        assert pad(desk).drawing[1, 1] == 255


async def test_the_mouse_draws_and_its_right_button_rubs_out(paused):
    async with paused("classify") as desk:
        await desk.press("a")
        await desk.sees("Draw a digit")
        sheet = pad(desk)
        for button in (1, 3):
            for event, x in ((MouseDown, 11), (MouseMove, 31), (MouseUp, 31)):
                await desk.pilot._post_mouse_events([event], sheet, (x, 6), button)
            if button == 1:
                assert sheet.scale == 2
                assert (sheet.drawing[5, 5:15] == 255).all()
                await desk.sees("Taken for a")
                kept = sheet.drawing.copy()
                await desk.pilot.hover(sheet, offset=(20, 20))
                np.testing.assert_array_equal(sheet.drawing, kept)
        assert sheet.drawing[5, 5:15].max() == 0


@pytest.mark.parametrize(
    ("size", "scale"),
    [((80, 24), 1), ((100, 30), 1), ((120, 36), 2), ((160, 45), 2), ((200, 60), 3)],
)
async def test_pixels_are_as_large_as_they_fit_and_nothing_is_cut(paused, size, scale):
    async with paused("classify", size=size) as desk:
        await desk.press("a", *STROKE)
        await desk.sees("Taken for a", "As networks see it", "? help")
        assert pad(desk).scale == scale
        assert pad(desk).size == (SIDE * scale, SIDE * scale // 2)
        screen = desk.app.screen
        for widget in (*screen.query("#seen"), *screen.query("#answers"), pad(desk)):
            assert screen.region.contains_region(widget.region)
        for label in range(3):
            assert any(f"│ {label} " in line or f" {label} " in line for line in desk.lines)


async def test_where_there_is_no_room_it_says_so_and_can_be_left(paused):
    async with paused("classify", size=(60, 15)) as desk:
        desk.app.run_screen.draw_digit()
        await desk.sees("This terminal is too small.")
        await desk.press("escape")
        await desk.until(lambda: isinstance(desk.app.screen, RunScreen))


async def test_plain_characters_are_enough(paused):
    async with paused("classify", mode=RenderMode(unicode=False)) as desk:
        await desk.press("a", *STROKE)
        await desk.sees("Taken for a", "@@@", "[")
        assert desk.text.isascii()


def test_of_more_classes_than_rows_the_most_probable_are_shown():
    probabilities = np.array([0.1, 0.4, 0.0, 0.3, 0.2])
    assert shown_classes(probabilities, 5) == [0, 1, 2, 3, 4]
    assert shown_classes(probabilities, 3) == [1, 3, 4]


# --- who is asked --------------------------------------------------------------------------------


async def test_the_answer_is_that_of_the_network_in_training(paused):
    async with paused("classify") as desk:
        await desk.press("a", *STROKE)
        await desk.sees("asked is the network in training, step 0")
        picture = centred(pad(desk).drawing, (4, 4)).reshape(-1)
        answer = Reader(desk.trainer).opinion(picture).probabilities.argmax()
        await desk.sees(f"Taken for a {answer}")


async def test_where_there_is_no_checkpoint_it_says_so(paused):
    async with paused("classify") as desk:
        await desk.press("a", *STROKE, "less_than_sign")
        await desk.sees("no checkpoint is saved yet", "the network in training, step 0")


async def test_bars_move_as_the_network_learns(paused):
    async with paused("classify") as desk:
        await desk.press("a", *STROKE)
        await desk.sees("step 0")
        desk.control.step()
        await desk.sees("asked is the network in training, step 1")
        desk.control.resume()
        await desk.sees("asked is the network as it is now, step 8")


async def test_drawing_does_not_change_the_course(paused):
    weights = []
    for draws in (True, False):
        async with paused("classify") as desk:
            if draws:
                await desk.press("a", *STROKE)
                await desk.sees("Taken for a")
            desk.control.step()
            await desk.until(lambda desk=desk: desk.trainer.steps_done == 1)
            if draws:
                await desk.sees("training, step 1")
            desk.control.resume()
            await desk.until(lambda desk=desk: desk.app.session.ended)
            state = desk.trainer.state()
            weights.append({name: array.tobytes() for name, array in state.arrays.items()})
    assert weights[0] == weights[1]


async def test_in_a_gan_the_discriminator_is_asked(paused):
    async with paused("gan") as desk:
        await desk.press("a", *STROKE)
        await desk.sees("The discriminator", "D 0.", "D is the network in training, step 0")


async def test_one_goes_through_the_checkpoints_and_back_to_now(replayed):
    async with replayed() as desk:
        await desk.press("a", *STROKE)
        await desk.sees("the checkpoint at the cursor, step 8")
        await desk.press("less_than_sign")
        await desk.sees("checkpoint 1 of 2, step 4")
        await desk.press("less_than_sign")
        await desk.sees("checkpoint 1 of 2, step 4")
        await desk.press("greater_than_sign")
        await desk.sees("checkpoint 2 of 2, step 8")
        await desk.press("greater_than_sign")
        await desk.sees("the checkpoint at the cursor, step 8")


async def test_a_checkpoint_answers_with_its_own_weights(replayed):
    async with replayed() as desk:
        await desk.press("a", *STROKE)
        await desk.sees("step 8")
        picture = centred(pad(desk).drawing, (4, 4)).reshape(-1)
        restored = desk.app.run_screen.looker._trainer
        shown = {}
        for step in (8, 4):
            opinion = Reader(restored.at(step)).opinion(picture)
            shown[step] = [f"{share:.0%}" for share in opinion.probabilities]
        assert shown[4] != shown[8]
        await desk.until(lambda: all(f" {share} " in desk.text for share in shown[8]))
        await desk.press("less_than_sign")
        await desk.sees("step 4")
        await desk.until(lambda: all(f" {share} " in desk.text for share in shown[4]))


async def test_a_run_of_another_process_is_asked_too(small_run):
    app = AttachedApp(small_run())
    async with app.run_test(size=(120, 36), notifications=True) as pilot:
        desk = Desk(app, pilot, Nobody())
        await desk.sees("watching")
        await desk.press("a", *STROKE)
        await desk.sees("asked is the newest checkpoint, step 8", "Taken for a")
        app.session.leave()
        app.session.join(DEADLINE)


# --- the way back --------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["escape", "q"])
async def test_a_key_leads_back_to_the_run(paused, key):
    async with paused("classify") as desk:
        await desk.press("a")
        await desk.until(lambda: isinstance(desk.app.screen, DrawScreen))
        await desk.press(key)
        await desk.until(lambda: isinstance(desk.app.screen, RunScreen))
        await desk.sees("a draw")


async def test_help_lists_the_keys_of_the_pen(paused):
    async with paused("classify") as desk:
        await desk.press("a", "question_mark")
        await desk.until(lambda: isinstance(desk.app.screen, HelpScreen))
        await desk.sees("put the pen down", "ask an earlier checkpoint")
        assert "learning rate" not in desk.text
