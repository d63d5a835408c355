"""Each panel by itself: what it shows, and what it says before there is anything."""

from __future__ import annotations

import pytest
from textual.events import MouseScrollDown, MouseScrollUp

from mnist_tui.terminal import RenderMode

ASCII = RenderMode(unicode=False, colour=True, shades=False)
LARGE = (200, 60)


async def zoomed(desk, number: int) -> None:
    """Give all of the room to the panel of that number."""
    (kind,) = [kind for kind in desk.app.run_screen.board.kinds if kind.number == number]
    board = desk.app.run_screen.board
    await desk.press("enter")
    if board.zoomed != kind:
        await desk.press(str(number))
    await desk.until(lambda: board.seen == (kind,))


@pytest.mark.parametrize(
    ("task", "number", "words"),
    [
        ("gan", 4, "after step 20"),
        ("gan", 5, "after step 20"),
        ("gan", 6, "at step 4"),
        ("gan", 7, "at an epoch's end, as time allows"),
        ("gan", 9, "nothing happened yet"),
        ("classify", 4, "after the first epoch"),
        ("classify", 5, "after step 20"),
        ("classify", 6, "after the first epoch"),
        ("classify", 9, "nothing happened yet"),
    ],
)
async def test_a_panel_says_when_it_will_have_something_to_show(monitor, task, number, words):
    async with monitor(task) as desk:
        await zoomed(desk, number)
        await desk.sees(words)


async def test_verdicts_are_seen_with_the_line_between_and_how_often_d_was_right(monitor):
    async with monitor("gan") as desk:
        await desk.train(1)
        await zoomed(desk, 4)
        await desk.sees("D's verdicts", "real 0.75", "generated 0.25", "─ 0.5 ─", "██")
        await desk.sees("held-out digits after the first epoch")
        await desk.train(3)
        await desk.sees("held out: 61% real, 71% generated right", "epoch 1")


async def test_a_critics_outputs_have_no_line_between(monitor):
    async with monitor("gan", critic=True) as desk:
        await desk.train(4)
        await zoomed(desk, 4)
        await desk.sees("D's outputs", "real 4.00", "generated -4.00", "-6 ─", "─ 6")
        await desk.sees("held out: 4.00 real, -4.00 generated")
        assert "0.5 ─" not in desk.text


async def test_gradients_are_curves_and_dead_units_bars(monitor):
    async with monitor("gan") as desk:
        await desk.train(8)
        await zoomed(desk, 5)
        await desk.sees("Gradient norms", "D 0.12", "G 0.25")
        await desk.sees("dead ReLU units by layer", "G 1 ██", "25%", "G 4 ", "0%")


async def test_the_layers_of_one_network_need_no_name(monitor):
    async with monitor("classify") as desk:
        await desk.train(2)
        await zoomed(desk, 5)
        await desk.sees("dead ReLU units by layer", " 1 ██", " 4 ")


async def test_classes_are_bars_beside_the_datas(monitor):
    async with monitor("gan") as desk:
        await desk.train(4)
        await zoomed(desk, 6)
        await desk.sees("Classes of 1,000 digits, KL 0.1250", "│ data", "30.0%", "5.0%")


async def test_data_that_the_judge_does_not_know_have_no_classes_and_no_fid(monitor):
    async with monitor("gan", judge="") as desk:
        for number in (6, 7):
            await zoomed(desk, number)
            await desk.sees("the judge knows MNIST's digits only")
            await desk.press("escape")


async def test_fid_comes_with_its_judge(monitor):
    async with monitor("gan") as desk:
        await desk.train(8)
        await zoomed(desk, 7)
        await desk.sees("FID per epoch", "judge c0ffee00 4.00")


async def test_what_is_taken_for_what_is_counted(monitor):
    async with monitor("classify") as desk:
        await desk.train(4)
        await zoomed(desk, 4)
        await desk.sees("Confusion matrix: labels ↓ answers →")
        (row,) = [line.strip(" │").split() for line in desk.lines if " 80 " in line]
        assert row == ["9", *"····", "20", *"····", "80"]
        await desk.sees("epoch 1: most often took 9 for 4  (20 times)")
        await desk.train(4)
        await desk.sees("epoch 2: most often took 9 for 4  (10 times)")


async def test_where_counts_have_no_room_there_are_percent(monitor):
    async with monitor("classify", size=(72, 24)) as desk:
        await desk.train(4)
        await desk.press("3")
        await desk.sees("Confusion, %", " 20 ", "took 9 for 4")


async def test_accuracies_by_class_begin_where_they_can_be_told_apart(monitor):
    async with monitor("classify") as desk:
        await desk.train(4)
        await zoomed(desk, 6)
        await desk.sees("Accuracy by class, from 50%", "│ precision", "80.0%", "100.0%")
        desk.trainer.allow(8)
        await desk.sees("Accuracy by class, from 90%", "94.0%")


async def test_the_log_tells_what_happened_newest_last(monitor):
    async with monitor("gan") as desk:
        await desk.train(4)
        await desk.press("d")
        await zoomed(desk, 9)
        await desk.sees("epoch 1: D right on 61% real, 71% generated, FID 8.00")
        await desk.sees("▸ learning rate of the generator: schedule × 1 → × 0.5 (by key)")
        lines = [line for line in desk.lines if "│ 4 " in line]
        assert "epoch 1" in lines[0]
        assert "learning rate" in lines[-1]


async def test_the_log_is_read_back_and_stays_where_it_is_read(monitor):
    async with monitor("gan", size=(80, 24), epochs=60, steps_per_epoch=1) as desk:
        await desk.train(40)
        await zoomed(desk, 9)
        await desk.sees("epoch 40:")
        assert "epoch 2:" not in desk.text
        await desk.press("pageup", "up")
        await desk.sees("newer ↓")
        first = desk.lines[5]
        await desk.train(3)
        await desk.sees(first)
        assert desk.lines[5] == first
        await desk.press("home")
        await desk.sees("epoch 1:")
        await desk.press("pagedown")
        await desk.until(lambda: "epoch 1:" not in desk.text)
        await desk.press("end")
        await desk.sees("epoch 43:")
        assert "newer" not in desk.text


async def test_what_is_printed_stands_in_the_log_where_it_was_said(monitor):
    async with monitor("gan", size=(80, 24)) as desk:
        await desk.train(3)
        desk.app.hear(["warning: a", "of two lines"])
        await desk.train(1)
        await zoomed(desk, 9)
        await desk.sees("3 | warning: a", "epoch 1")
        lines = desk.lines
        first = next(number for number, line in enumerate(lines) if "3 | warning: a" in line)
        assert "3 | of two lines" in lines[first + 1]
        assert "4   epoch 1" in lines[first + 2]


async def test_the_wheel_scrolls_the_log_and_nothing_else(monitor):
    async with monitor("gan", size=(80, 24), epochs=60, steps_per_epoch=1) as desk:
        await desk.train(40)
        await zoomed(desk, 9)
        await desk.sees("epoch 40:")
        log = desk.app.run_screen.board.panel("log")
        await desk.pilot._post_mouse_events([MouseScrollUp], log, offset=(5, 5))
        await desk.sees("3 newer ↓")
        await desk.pilot._post_mouse_events([MouseScrollDown], log, offset=(5, 5))
        await desk.until(lambda: "newer" not in desk.text)


async def test_everything_is_seen_on_a_large_screen(monitor):
    async with monitor("gan", size=LARGE) as desk:
        await desk.train(9)
        await desk.press("p")
        await desk.sees("paused")
        assert len(desk.app.run_screen.board.seen) >= 8


async def test_all_panels_of_a_classifier_are_ascii_where_that_is_wanted(monitor):
    async with monitor("classify", size=LARGE, mode=ASCII) as desk:
        await desk.train(9)
        await desk.press("p")
        await desk.sees("paused", "Confusion matrix: labels v answers >")
        assert desk.text.isascii(), desk.text
