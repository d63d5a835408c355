"""The walk through latent space, on its screen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from mnist_engine.inspection.latent import Way, effects, walk
from mnist_engine.training import Trainer
from mnist_tui.monitor.journey import POINTS, TURN
from mnist_tui.monitor.screens.walk import WalkScreen
from mnist_tui.terminal import RenderMode

from .real import RealDesk, open_real, trainer_of

PLAIN = RenderMode(unicode=False, colour=False, shades=False, tints=False)
TOLD = {"conditional": True}


@pytest.fixture
def make(make_recipe: Any, make_dataset: Any) -> Callable[..., Trainer]:
    """Makes the trainer of a small GAN on pictures of MNIST's size and classes."""

    def make_small(**changes: Any) -> Trainer:
        dataset = make_dataset(count=200, shape=(28, 28), classes=10, tests=40)
        return trainer_of(make_recipe("gan", **changes), dataset)

    return make_small


async def begin(desk: RealDesk) -> WalkScreen:
    """Walk, and stand still."""
    await desk.press("k")
    await desk.sees("Latent walk", "% ")
    screen = desk.app.screen
    assert isinstance(screen, WalkScreen)
    await desk.press("space")
    await desk.sees("space walk")
    return screen


def expected(screen: WalkScreen, desk: RealDesk) -> np.ndarray:
    return walk(desk.trainer, screen.journey.way).pictures


async def until_seen(desk: RealDesk, screen: WalkScreen, pictures: np.ndarray) -> None:
    await desk.until(lambda: np.array_equal(screen._seen.walk.pictures, pictures))


async def test_the_way_leads_from_digit_to_digit(make):
    async with open_real(make(game=TOLD)) as desk:
        screen = await begin(desk)
        await desk.sees("From a 0 to a 1", "the network in training, step 0")
        await desk.press("right", "right", "enter")
        await desk.sees("From a 1 to a 3", "0% of the way")
        await until_seen(desk, screen, walk(desk.trainer, Way(1, 3, POINTS)).pictures)


async def test_without_classes_digits_are_counted_and_none_can_be_picked(make):
    async with open_real(make()) as desk:
        screen = await begin(desk)
        await desk.sees("From digit 1 to digit 2")
        await desk.press("4")
        await desk.pilot.pause()
        assert screen.journey.label is None


async def test_a_digit_key_picks_the_class(make):
    async with open_real(make(game=TOLD)) as desk:
        screen = await begin(desk)
        await desk.press("4")
        await desk.sees("all of class 4")
        await until_seen(desk, screen, walk(desk.trainer, Way(0, 1, POINTS, 4)).pictures)
        await desk.press("4")
        await desk.until(lambda: "all of class" not in desk.text)


async def test_the_coordinate_that_changes_most_is_turned_by_arrows(make):
    async with open_real(make(generator={"latent": 5}), mode=PLAIN) as desk:
        screen = await begin(desk)
        most = int(effects(desk.trainer).argmax())
        await desk.press("tab", "right", "right")
        turned = np.zeros(5, np.float32)
        turned[most] = 2 * TURN
        await until_seen(
            desk, screen, walk(desk.trainer, Way(0, 1, POINTS, turned=turned)).pictures
        )
        value = screen._seen.walk.noise[screen.journey.position][most]
        row = next(line for line in desk.lines if "> z" in line)
        assert f"> z{most + 1} " in row
        assert f"{value:+.2f}" in row
        await desk.press("r")
        await until_seen(desk, screen, walk(desk.trainer, Way(0, 1, POINTS)).pictures)


async def test_all_coordinates_are_listed_in_order(make):
    async with open_real(make(generator={"latent": 20}), size=(160, 45), mode=PLAIN) as desk:
        await begin(desk)
        await desk.sees("What changes most")
        assert sum(" z" in line for line in desk.lines) == 16
        await desk.press("l")
        await desk.sees("All 20 coordinates")
        names = [line.split(" z")[1].split()[0] for line in desk.lines if " z" in line]
        assert names == [str(number) for number in range(1, 21)]


async def test_on_the_way_arrows_go_from_picture_to_picture(make):
    async with open_real(make()) as desk:
        screen = await begin(desk)
        screen.journey.go_to(0)
        await desk.press("tab", "tab", "right", "right")
        await desk.until(lambda: screen.journey.position == 2)
        await desk.sees(f"{2 / (POINTS - 1):.0%} of the way")


async def test_it_plays(make):
    async with open_real(make()) as desk:
        screen = await begin(desk)
        here = screen.journey.position
        await desk.press("space")
        await desk.until(lambda: screen.journey.position != here)


async def test_the_pictures_follow_training(make):
    async with open_real(make(epochs=3)) as desk:
        screen = await begin(desk)
        before = screen._seen.walk.pictures
        desk.control.resume()
        await desk.until(lambda: desk.app.session.ended)
        await desk.sees("the network as it is now")
        await desk.until(lambda: screen._seen.step == desk.trainer.steps_done)
        assert not np.array_equal(screen._seen.walk.pictures, before)
        pictures = screen._seen.walk.pictures
        assert np.array_equal(pictures, expected(screen, desk))
        shown = np.frombuffer(screen._seen.shown.images, np.uint8).reshape(-1, 28, 28).astype(int)
        assert np.abs(shown[[0, 1]] - pictures[[0, -1]]).max() <= 1


async def test_who_comes_back_finds_the_run(make):
    async with open_real(make()) as desk:
        await begin(desk)
        await desk.press("escape")
        await desk.sees("paused", "1 Loss")
        assert desk.app.screen is desk.app.run_screen


@pytest.mark.parametrize("size", [(80, 24), (72, 20), (200, 60)])
async def test_it_fits_any_screen(make, size):
    async with open_real(make(game=TOLD), size=size) as desk:
        await begin(desk)
        await desk.sees("Digits to walk to", "What changes most", "From a 0 to a 1", "esc back")


async def test_a_classifier_has_no_latent_space(monitor):
    async with monitor("classify") as desk:
        await desk.press("k")
        await desk.pilot.pause()
        assert desk.app.screen is desk.app.run_screen


async def test_a_click_walks_to_a_digit_and_another_goes_along_the_way(make):
    async with open_real(make(game=TOLD)) as desk:
        screen = await begin(desk)
        ends = screen._ends
        x, y = next(
            (x, y) for y in range(30) for x in range(60) if ends._sheet.number_at(x, y) == 4
        )
        await desk.pilot.click(ends, offset=(x + 3, y + 2))
        await desk.sees("From a 1 to a 4")
        way = screen._way
        left = next(x for x in range(120) if way._sheet.number_at(x, 3) == 2)
        await desk.pilot.click(way, offset=(left + 3, 4))
        await desk.until(lambda: screen.journey.position == way._numbers[2])


async def test_in_a_replay_the_checkpoint_at_the_cursor_is_walked_through(replayed):
    async with replayed("gan") as desk:
        await desk.press("k")
        await desk.sees("Latent walk", "the checkpoint at the cursor, step 8", "% of the way")
