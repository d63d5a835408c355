"""What stands on the screen, at every size and in every mode."""

from __future__ import annotations

import threading

import pytest

from mnist_tui.terminal import RenderMode

ASCII = RenderMode(unicode=False, colour=True, shades=False)


async def test_the_first_frame_does_not_wait_for_data(monitor):
    async with monitor(may_load=threading.Event()) as desk:
        await desk.sees("loading data…", "waiting for the first step", "no digits yet")


@pytest.mark.parametrize(
    ("key", "words", "name"),
    [("e", "Settings", "settings"), ("s", "next stage", "stages"), ("T", "Tour 1/", "tour")],
)
async def test_what_lies_over_the_panels_at_80x24(monitor, matches_snapshot, key, words, name):
    async with monitor(size=(80, 24), mode=ASCII) as desk:
        await desk.train(5)
        await desk.press("space")
        await desk.sees("paused")
        await desk.press(key)
        await desk.sees(words)
        matches_snapshot(desk.text, f"{name}-ascii-80x24")


async def test_dialogs_over_training_are_ascii_too(monitor):
    async with monitor(size=(100, 30), mode=ASCII) as desk:
        await desk.train(1)
        dialogs = (("question_mark", "Keys"), ("q", "Stop training?"), ("e", "Settings"))
        for key, words in dialogs:
            await desk.press(key)
            await desk.sees(words)
            assert desk.text.isascii(), desk.text
            await desk.press("escape")


async def test_before_the_first_epoch_ends_the_second_plot_shows_the_verdict(monitor):
    async with monitor() as desk:
        await desk.train(3)
        await desk.sees("D's verdict", "real 0.75", "generated 0.25")
        await desk.train(1)
        await desk.sees("real 61%", "generated 71%")


async def test_a_critic_has_no_accuracy_so_its_outputs_stay_on_the_screen(monitor):
    async with monitor(critic=True) as desk:
        await desk.train(6)
        await desk.sees("D's output", "real 6.00", "generated -6.00")
        await desk.train(1)
        await desk.sees("real 7.00", "generated -7.00")


async def test_a_classifier_shows_validation_and_marks_mistakes(monitor):
    async with monitor("classify") as desk:
        await desk.train(3)
        await desk.sees("after the first epoch", "7→9", "1 of 20 wrong")
        await desk.train(1)
        await desk.sees("validation 1.000", "validation 91.00%")


@pytest.mark.parametrize("size", [(71, 24), (80, 19), (20, 5), (5, 2)])
async def test_a_small_terminal_is_told_what_is_needed(monitor, size):
    async with monitor() as desk:
        await desk.train(1)
        await desk.sees("learning rate")
        await desk.pilot.resize_terminal(*size)
        await desk.until(lambda: desk.app.size == size)
        if size[0] > 28 and size[1] > 4:
            await desk.sees(f"It is {size[0]} × {size[1]}", "needs 72 × 20")
        assert "learning rate" not in desk.text


async def test_growing_the_terminal_brings_the_monitor_back(monitor):
    async with monitor(size=(60, 18)) as desk:
        await desk.sees("too small", "It is 60 × 18")
        await desk.pilot.resize_terminal(64, 18)
        await desk.sees("It is 64 × 18")
        await desk.pilot.resize_terminal(72, 20)
        await desk.sees("Generated digits", "learning rate" if desk.snapshot.step else "scripted")
        assert "too small" not in desk.text


async def test_a_very_small_terminal_says_so_in_words_that_fit(monitor):
    async with monitor(size=(20, 5)) as desk:
        await desk.sees("Too small:", "20 × 5, not 72 × 20", "Training goes on.")


@pytest.mark.parametrize("theme", ["mnist-light", "nord", "textual-light", "ansi-dark"])
async def test_every_kind_of_theme_can_be_drawn(monitor, theme):
    async with monitor(theme=theme) as desk:
        if theme not in desk.app.available_themes:
            pytest.skip("this Textual does not have it")
        await desk.train(5)
        await desk.sees("Loss per step", "Generated digits")


async def test_changing_the_theme_changes_the_colours_that_are_shown(monitor):
    async with monitor() as desk:
        await desk.train(5)
        before = _colours(desk)
        desk.app.theme = "mnist-light"
        await desk.until(lambda: _colours(desk).isdisjoint(before))


async def test_no_widget_is_ever_replaced(monitor):
    async with monitor() as desk:
        await desk.train(1)
        widgets = list(desk.app.screen.walk_children())
        await desk.train(8)
        await desk.press("d", "p")
        await desk.sees("paused")
        assert list(desk.app.screen.walk_children()) == widgets


async def test_nothing_is_drawn_while_nothing_happens(monitor):
    async with monitor() as desk:
        await desk.train(5)
        await desk.press("p")
        await desk.sees("paused")
        drawn = []
        for widget in desk.app.screen.walk_children():
            if hasattr(widget, "draw"):
                widget.draw = lambda *_, name=widget: drawn.append(name) or []
        for _ in range(3):
            desk.app.pull()
            await desk.pilot.pause(0.05)
        assert drawn == []


def _colours(desk) -> set[object]:
    """Background colours of the plots' and the status line's cells."""
    strips = desk.app.screen._compositor.render_strips()
    return {
        segment.style.bgcolor
        for strip in strips[1:4]
        for segment in strip
        if segment.style is not None
    }
