"""Cards on the screen: a tour that points at panels, and courses that follow a run."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.geometry import Region, Size

from mnist_engine.runs.state import Snapshot
from mnist_tui.monitor.commands import COMMANDS
from mnist_tui.monitor.guiding.card import Card, Course
from mnist_tui.monitor.guiding.offered import first_time
from mnist_tui.monitor.guiding.placing import beside
from mnist_tui.monitor.guiding.tour import tour
from mnist_tui.terminal import RenderMode

READ = Card("one", "to be read", at=("losses",))
WAIT = Card("two", "to wait for", at=("digits",), until=lambda then, now: now.step >= then.step + 2)


def test_a_card_lies_beside_what_it_is_about():
    room, panel = Region(0, 0, 100, 40), Region(0, 10, 40, 10)
    place = beside([Size(30, 8)], [panel], room)
    assert not place.overlaps(panel)
    assert room.contains_region(place)


def test_a_card_without_room_beside_covers_as_little_as_can_be():
    room, panel = Region(0, 0, 50, 20), Region(0, 0, 50, 15)
    assert beside([Size(40, 8)], [panel], room).y == 12


def test_a_card_takes_another_form_where_that_fits():
    room, panel = Region(0, 0, 80, 24), Region(0, 0, 50, 24)
    assert beside([Size(46, 8), Size(30, 12)], [panel], room) == Region(50, 0, 30, 12)


def test_a_card_covers_none_of_several_where_it_can():
    room = Region(0, 0, 100, 40)
    panels = [Region(0, 0, 40, 20), Region(40, 0, 60, 20)]
    place = beside([Size(30, 8)], panels, room)
    assert not any(place.overlaps(panel) for panel in panels)


def test_cards_to_be_read_are_turned_by_people_and_others_by_the_run():
    course = Course("a course", [READ, WAIT])
    assert not course.see(Snapshot(step=5))
    course.read(Snapshot(step=5))
    assert course.card is WAIT
    course.read(Snapshot(step=5))  # reading does not help here
    assert not course.see(Snapshot(step=6))
    assert course.see(Snapshot(step=7))
    assert course.card is None


def test_it_is_first_once(tmp_path: Path):
    environ = {"XDG_STATE_HOME": str(tmp_path)}
    assert [first_time(environ), first_time(environ)] == [True, False]


def test_where_nothing_can_be_kept_it_is_never_first(tmp_path: Path):
    (tmp_path / "mnist-tui").write_text("a file where a folder should be")
    assert not first_time({"XDG_STATE_HOME": str(tmp_path)})


@pytest.mark.parametrize("task", ["gan", "classify"])
@pytest.mark.parametrize("size", [(80, 24), (120, 36), (160, 45)])
async def test_the_tour_points_at_panels_and_covers_none_of_them(monitor, task, size):
    async with monitor(task, size=size) as desk:
        await desk.train(4)
        await desk.press("T")
        screen = desk.app.run_screen
        for number, card in enumerate(tour(task, "live").cards, 1):
            await desk.sees(f"Tour {number}/5", card.title)
            await desk.pilot.pause()
            box = screen.cards.region
            assert screen.region.contains_region(box)
            for name in card.at:
                panel = screen.cards._target(name)
                assert panel.has_class("-pointed")
                assert not panel.region.overlaps(box)
            await desk.press("enter")
        await desk.until(lambda: "Tour" not in desk.text)
        assert not screen.query(".-pointed")
        assert desk.trainer.requests == []


async def test_escape_leaves_the_tour_and_enter_zooms_again(monitor):
    async with monitor() as desk:
        await desk.press("T")
        await desk.sees("Tour 1/5", "enter next card", "esc put away")
        await desk.press("escape")
        await desk.until(lambda: "Tour" not in desk.text)
        await desk.press("enter")
        await desk.until(lambda: desk.app.run_screen.board.zoomed is not None)


async def test_every_other_key_works_beside_a_card(monitor):
    async with monitor() as desk:
        await desk.train(1)
        await desk.press("T", "p")
        await desk.sees("paused", "Tour 1/5")


async def test_the_tour_begins_from_help(monitor):
    async with monitor() as desk:
        await desk.press("question_mark")
        await desk.sees("T takes the tour")
        await desk.press("T")
        await desk.sees("Tour 1/5")


async def test_the_tour_is_offered_in_a_quiet_line(monitor):
    async with monitor(offers_tour=True, size=(80, 24)) as desk:
        await desk.sees("new here? T shows you round")
        await desk.press("T")
        await desk.sees("Tour 1/5")
        await desk.until(lambda: "new here?" not in desk.text)


async def test_a_lesson_holds_training_while_a_card_is_read(monitor):
    cards = [
        Card("go", "until step {step}", at=("losses",), until=lambda _, now: now.step >= 2,
             holds=False),
        Card("stop", "and read", at=("digits",), holds=True),
        Card("press", "{decay}", at=("losses",), holds=True,
             until=lambda _, now: now.factors.get("generator") == 0.5),
        Card("and on", "the last", at=("losses",), holds=False),
    ]  # fmt: skip
    async with monitor(course=Course("Lesson", cards)) as desk:
        await desk.sees("Lesson 1/4", "go")
        await desk.train(2)
        await desk.sees("Lesson 2/4", "stop", "paused")
        await desk.press("enter")
        await desk.sees("Lesson 3/4", "press", "paused")
        await desk.press("d")
        await desk.sees("Lesson 4/4", "and on", "training")
        await desk.press("enter")
        await desk.until(lambda: "Lesson" not in desk.text)
        assert {one.source for one in desk.trainer.requests} == {"lesson", "key"}


async def test_leaving_a_lesson_lets_training_go_on(monitor):
    course = Course("Lesson", [Card("stop", "and read", at=("digits",), holds=True)])
    async with monitor(course=course) as desk:
        await desk.sees("Lesson 1/1", "paused")
        await desk.press("escape")
        await desk.sees("training")


WAITING = Card("wait", "for nothing", at=("losses",), until=lambda then, now: False)


@pytest.mark.parametrize("keys", [("enter",), ("tab", "enter")])
async def test_a_zoomed_panel_is_left_before_a_lesson_is(monitor, keys):
    async with monitor(course=Course("Lesson", [WAITING])) as desk:
        board = desk.app.run_screen.board
        await desk.sees("Lesson 1/1", "esc leaves", "esc put away")
        await desk.press(*keys)
        await desk.sees("esc all panels")
        assert board.zoomed is not None
        assert "put away" not in desk.text
        await desk.press("escape")
        await desk.sees("Lesson 1/1", "esc leaves", "Generated digits")
        assert board.zoomed is None
        await desk.press("escape")
        await desk.until(lambda: "Lesson 1/1" not in desk.text)


async def test_a_lesson_that_was_put_away_can_be_gone_on_with(monitor):
    cards = [READ, Card("wait", "here", at=("losses",), until=lambda *_: False, holds=True)]
    async with monitor(course=Course("Lesson", cards)) as desk:
        await desk.sees("Lesson 1/2")
        await desk.press("enter")
        await desk.sees("Lesson 2/2", "paused")
        await desk.press("escape")
        await desk.sees("Lesson put away", "T brings its card back", "training")
        await desk.press("T")
        await desk.sees("Lesson 2/2", "paused")
        await desk.press("T")
        await desk.sees("Tour 1/5")
        await desk.press("escape", "T")
        await desk.sees("Lesson 2/2")


async def test_a_lesson_that_was_read_to_its_end_does_not_come_back(monitor):
    async with monitor(course=Course("Lesson", [READ])) as desk:
        await desk.sees("Lesson 1/1")
        await desk.press("enter", "T")
        await desk.sees("Tour 1/5")


async def test_cards_are_ascii_too(monitor):
    async with monitor("classify", mode=RenderMode(False, False, False, False)) as desk:
        await desk.train(1)
        await desk.press("T", "enter")
        await desk.sees("Tour 2/5", ">> 1 ")  # a frame of ASCII has but one form
        await desk.press("enter", "enter")
        await desk.sees("Tour 4/5", "7>9 is a mistake", ">> 3 ")
        assert desk.text.isascii()
        assert ">> 1 " not in desk.text


def test_cards_name_commands_that_there_are():
    from string import Formatter

    from mnist_tui.lessons.table import LESSONS

    shown = [(place, task, card) for place in ("live", "attached", "replay")
             for task in ("gan", "classify") for card in tour(task, place).cards]  # fmt: skip
    shown += [("live", each.recipe().task, card) for each in LESSONS for card in each.cards]
    for place, task, card in shown:
        ids = {one.id for one in COMMANDS if one.belongs(place, task)}
        named = {name for _, name, _, _ in Formatter().parse(card.text) if name}
        assert named | set(card.press) <= ids
