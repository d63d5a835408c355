"""What goes wrong has one line, with the key that helps."""

from __future__ import annotations

import pytest

from mnist_engine.recipes import load_recipe, recipe_text
from mnist_engine.runs.directory import RunDirectory
from mnist_engine.runs.state import Snapshot
from mnist_engine.training.events import Alarm, Intervened
from mnist_engine.training.limits import REMEDY_STEPS
from mnist_tui.monitor.trouble import foremost, offered, treated_at


def alarm(step: int, name: str, level: str = "warning") -> Alarm:
    return Alarm(step=step, name=name, level=level, text="so it is")


def remedy(step: int) -> Intervened:
    return Intervened(step=step, what="learning rate", source="remedy")


def test_an_alarm_comes_before_a_warning_and_the_newest_first():
    old, new = alarm(1, "collapse"), alarm(5, "plateau")
    assert foremost(Snapshot()) is None
    assert foremost(Snapshot(troubles=(old, new))) is new
    worse = alarm(2, "collapse", "alarm")
    assert foremost(Snapshot(troubles=(worse, new))) is worse


def test_divergence_comes_before_what_it_brings_about():
    cause = alarm(1, "divergence", "alarm")
    others = (alarm(5, "over-fitting", "alarm"), alarm(9, "plateau"))
    assert foremost(Snapshot(troubles=(cause, *others))) is cause
    hint = alarm(1, "divergence")
    assert foremost(Snapshot(troubles=(hint, others[1]))) is hint
    assert foremost(Snapshot(troubles=(hint, *others))) is others[0]


def test_a_remedy_is_given_time():
    trouble = alarm(100, "plateau")

    def at(step: int, *marks: Intervened) -> Snapshot:
        return Snapshot(step=step, troubles=(trouble,), marks=marks)

    assert offered(at(100)) is not None
    assert offered(at(100, remedy(99))) is not None, "it was for something else"
    assert offered(at(200, remedy(120))) is None
    assert treated_at(at(200, remedy(120)), trouble) == 120
    assert offered(at(120 + REMEDY_STEPS + 1, remedy(120))) is not None


async def test_the_line_names_trouble_and_key_and_the_key_helps(monitor):
    async with monitor(alarms={2: alarm(2, "collapse", "alarm")}) as desk:
        await desk.train(1)
        assert "collapse" not in desk.text
        await desk.train(1)
        await desk.sees("▲ collapse   f halves G's rate, blurs what D sees   at step 2: so it is")
        await desk.press("f")
        await desk.sees("▲ collapse   remedy taken after step 2")
        (request,) = desk.trainer.requests
        assert (request.what, request.trouble, request.source) == ("remedy", "collapse", "key")


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_without_a_trouble_there_is_nothing_to_be_mended(monitor, size):
    async with monitor(size=size) as desk:
        await desk.train(1)
        await desk.press("f")
        await desk.sees("no trouble to be mended")
        assert desk.trainer.requests == []


async def test_what_diverged_can_begin_again(monitor, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run = RunDirectory(tmp_path / "runs" / "scripted")
    run.path.mkdir(parents=True)
    run.recipe.write_text(recipe_text(load_recipe("dense")), encoding="utf-8")
    async with monitor(diverges_at=3) as desk:
        desk.trainer.allow(3)
        await desk.sees("diverged: a number of the discriminator became nan")
        await desk.sees("f begins anew, with half the learning rate")
        await desk.press("f")
        assert await desk.left() == 0
        assert desk.app.going_back is not None
        assert desk.app.going_back.saved is None


async def test_where_nothing_was_kept_there_is_no_way_back(monitor, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    async with monitor(diverges_at=3) as desk:
        desk.trainer.allow(3)
        await desk.sees("diverged: a number of the discriminator became nan", "q leaves")
        assert "begins anew" not in desk.text
        await desk.press("f")
        assert desk.app.is_running
