"""The screen of a comparison: every run is there, can be told apart, and is followed."""

from __future__ import annotations

import re
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest
from textual.pilot import Pilot

from mnist_engine.recipes import load_recipe
from mnist_engine.recipes.overrides import override
from mnist_engine.runs.directory import RunDirectory
from mnist_engine.runs.lock import locked
from mnist_engine.training.events import EpochDone, Event, Finished, Started, StepDone, encode_event
from mnist_tui.compare.app import CompareApp
from mnist_tui.monitor.commands.comparing import COMPARING
from mnist_tui.terminal import RenderMode

DEADLINE = 15.0
ASCII = RenderMode(unicode=False, colour=True, shades=False, tints=False)
PER_EPOCH = 10


def steps(first: int, last: int, level: float) -> list[Event]:
    """Steps with a falling loss, and an epoch after every tenth."""
    events: list[Event] = []
    for number in range(first, last + 1):
        events.append(
            StepDone(
                step=number,
                seconds=number * level,
                epoch=-(-number // PER_EPOCH),
                losses={"classifier": level + 1 / number},
                learning_rates={"classifier": 0.1},
            )
        )
        if number % PER_EPOCH == 0:
            measures = {
                "validation loss": level,
                "validation accuracy": 0.9 + level / 100 + number / 10_000,
            }
            epoch = number // PER_EPOCH
            events.append(
                EpochDone(step=number, seconds=number * level, epoch=epoch, measures=measures)
            )
    return events


def training(length: int, level: float) -> list[Event]:
    """A run of so many steps that is not finished yet."""
    started = Started(
        step=0,
        task="classify",
        recipe="mlp",
        summary="",
        epochs=5,
        steps_per_epoch=PER_EPOCH,
        seed=0,
        threads=1,
        parameters={"classifier": 1},
        image_shape=(28, 28),
    )
    return [started, *steps(1, length, level)]


def end(step: int) -> Finished:
    return Finished(step=step, epoch=5, ending="completed", test_accuracy=0.9)


class Desk:
    """A running comparison and its screen."""

    def __init__(self, app: CompareApp, pilot: Pilot[None]) -> None:
        self.app = app
        self.pilot = pilot

    @property
    def text(self) -> str:
        """The screen as text."""
        strips = self.app.screen._compositor.render_strips()
        return "\n".join(strip.text.rstrip() for strip in strips)

    async def until(self, condition: Callable[[], object]) -> None:
        """Let the app work until ``condition`` holds; fail after a deadline, showing the screen."""
        deadline = time.monotonic() + DEADLINE
        while not condition():
            if time.monotonic() > deadline:
                pytest.fail(f"waited in vain; the screen shows\n{self.text}")
            await self.pilot.pause()

    async def sees(self, *words: str) -> None:
        """Wait until all ``words`` stand on the screen."""
        await self.until(lambda: all(word in self.text for word in words))

    def line_of(self, letter: str) -> list[str]:
        """The words in the line of a run below the charts; none where there is no such line yet."""
        lines = [line.split() for line in self.text.splitlines()]
        return next((words for words in lines if words[:1] == [letter]), [])

    @property
    def charts(self) -> str:
        """The screen above the table of the runs."""
        return self.text.partition("        state")[0]

    @property
    def ends(self) -> dict[str, int]:
        """In which column of the left chart each run's curve ends."""
        lines = [line.partition("││")[0] for line in self.charts.splitlines() if "││" in line]
        found = [(match[0], match.start()) for line in lines for match in re.finditer("[AB]", line)]
        return dict(found)


Compare = Callable[..., AsyncIterator[Desk]]


@pytest.fixture
def runs(tmp_path: Path, write_run: Callable[..., RunDirectory]) -> list[RunDirectory]:
    """``first``, of 50 steps, and ``second``, of 20 steps and with another learning rate."""
    recipe = override(load_recipe("mlp"), learning_rates="0.5")
    return [
        write_run(tmp_path / "first", [*training(50, 0.5), end(50)]),
        write_run(tmp_path / "second", training(20, 2.0), recipe),
    ]


@pytest.fixture
def compare() -> Compare:
    """Opens a comparison: ``async with compare(runs, size=..., mode=..., theme=...) as desk``."""

    @asynccontextmanager
    async def open_desk(
        runs: Sequence[RunDirectory],
        size: tuple[int, int] = (120, 36),
        mode: RenderMode | None = None,
        theme: str = "mnist-dark",
    ) -> AsyncIterator[Desk]:
        app = CompareApp(runs, [run.read_recipe() for run in runs], mode, theme)
        try:
            async with app.run_test(size=size) as pilot:
                yield Desk(app, pilot)
        finally:
            app.leave()

    return open_desk


async def test_every_run_has_its_line_and_its_letter_at_the_end_of_its_curves(compare, runs):
    async with compare(runs) as desk:
        await desk.sees("Batch loss by step", "Validation accuracy by step")
        first = ["A", "first", "finished", "50", "0:25", "2.0", "0.5200", "91.00%", "91.00%"]
        await desk.until(lambda: desk.line_of("A") == first)
        await desk.until(lambda: desk.line_of("B")[1:4] == ["second", "crashed", "20"])
        await desk.until(lambda: len(re.findall("A[ │]", desk.charts)) == 2)
        await desk.until(lambda: len(re.findall("B[ │]", desk.charts)) == 2)


@pytest.mark.parametrize("size", [(160, 45), (120, 36), (80, 24)])
@pytest.mark.parametrize("mode", [None, ASCII])
async def test_at_every_size_all_runs_values_and_keys_are_there(compare, runs, size, mode):
    async with compare(runs, size=size, mode=mode) as desk:
        await desk.sees("Batch loss", "Validation accuracy", "91.00%", "92.20%", "q leave")
        await desk.sees("A first", "B second", "finished", "l loss", "v value", "x axis", "? help")
        assert all(len(line) <= size[0] for line in desk.text.splitlines())
        if mode is ASCII:
            assert desk.text.isascii(), sorted(set(desk.text) - {chr(n) for n in range(128)})


async def test_where_colours_tell_nothing_letters_draw_the_curves(compare, runs):
    plain = RenderMode(unicode=True, colour=False, shades=False, tints=False)
    async with compare(runs, mode=plain) as desk:
        await desk.until(lambda: min(desk.charts.count("A"), desk.charts.count("B")) > 30)


async def test_keys_choose_the_loss_the_axis_and_show_what_the_recipes_differ_in(compare, runs):
    async with compare(runs) as desk:
        await desk.sees("Batch loss by step", "finished")
        await desk.pilot.press("l")
        await desk.sees("Validation loss by step", "val loss    best")
        await desk.pilot.press("l", "x")
        await desk.sees("Batch loss by epoch", "Validation accuracy by epoch")
        await desk.pilot.press("x")
        await desk.sees("Batch loss by time", "40 s")
        await desk.pilot.press("x", "d")
        await desk.sees("by step", "classifier.optimizer.learning_rate", "A 0.004", "B 0.5")
        await desk.pilot.press("escape", "question_mark")
        await desk.sees("Keys", *(command.help for command in COMPARING))


async def test_z_shows_the_whole_axis_the_same_logarithmically_or_as_far_as_the_shortest(
    compare, runs
):
    async with compare(runs) as desk:
        await desk.sees("Batch loss by step ─", "finished")
        await desk.pilot.press("z")
        await desk.sees("Batch loss by step, log", "Validation accuracy by step, log")
        await desk.pilot.press("z")
        await desk.sees("Batch loss by step, to B's end")
        await desk.until(lambda: len(set(desk.ends.values())) == 1)
        await desk.pilot.press("z")
        await desk.sees("Batch loss by step ─")


async def test_runs_of_very_different_lengths_open_on_a_logarithmic_axis(
    compare, write_run, tmp_path
):
    runs = [write_run(tmp_path / f"{length}", training(length, 0.5)) for length in (20, 400)]
    async with compare(runs) as desk:
        await desk.sees("Batch loss by step, log")
        await desk.until(lambda: {"A", "B"} == desk.ends.keys())
        assert desk.ends["A"] > desk.ends["B"] / 2


async def test_values_that_span_decades_have_a_logarithmic_axis(compare, write_run, tmp_path):
    def fids(highest: float) -> list[Event]:
        events: list[Event] = []
        for event in training(50, 0.5):
            if isinstance(event, EpochDone):
                event = msgspec.structs.replace(event, measures={"FID": highest / 4**event.epoch})
            events.append(event)
        return events

    runs = [write_run(tmp_path / name, fids(100.0)) for name in ("one", "two")]
    async with compare(runs) as desk:
        await desk.sees("FID by step")
        await desk.until(lambda: all(f" {tick}┤" in desk.charts for tick in ("0.1", "1", "10")))


async def test_keys_that_steer_a_training_do_nothing_here(compare, runs):
    async with compare(runs) as desk:
        await desk.sees("finished")
        await desk.pilot.press("p", "n", "u", "s", "c", "l")
        await desk.sees("Validation loss")  # the last key, which means something, has been heard
        assert not runs[1].control.exists()


async def test_a_run_that_trains_is_followed(compare, runs):
    with locked(runs[1]):
        async with compare(runs) as desk:
            await desk.until(lambda: desk.line_of("B")[2:4] == ["running", "20"])
            with runs[1].events.open("ab") as log:
                for event in [*steps(21, 50, 2.0), end(50)]:
                    log.write(encode_event(event) + b"\n")
            await desk.sees("B second  finished    50")


async def test_q_leaves_with_status_0_and_a_signal_with_its_own(compare, runs):
    async with compare(runs) as desk:
        await desk.sees("finished")
        await desk.pilot.press("q")
        await desk.until(lambda: desk.app.return_code == 0)
    async with compare(runs) as desk:
        desk.app.on_signal(15)
        assert desk.app.return_code == 143


async def test_a_small_terminal_is_told_what_is_needed(compare, runs):
    async with compare(runs, size=(60, 18)) as desk:
        await desk.sees("It is 60 × 18", "needs 72 × 20")
        assert "Training goes on" not in desk.text


async def test_a_theme_changes_the_colours_of_the_runs(compare, runs):
    async with compare(runs) as desk:
        await desk.sees("finished")
        before = _colour_of_name(desk)
        desk.app.theme = "mnist-light"
        await desk.until(lambda: _colour_of_name(desk) != before)


def _colour_of_name(desk: Desk) -> object:
    strips = desk.app.screen._compositor.render_strips()
    segments = [segment for strip in strips for segment in strip if "first" in segment.text]
    return segments[0].style.color
