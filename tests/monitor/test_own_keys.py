"""A person's own keys: a file gives commands other ones, and says in a line what cannot be."""

from __future__ import annotations

import tomllib

import pytest

from mnist_engine.errors import BadInput
from mnist_tui.monitor.commands import COMMANDS
from mnist_tui.monitor.commands.key_names import key_called, key_name
from mnist_tui.monitor.commands.keys_file import (
    as_toml,
    clashes,
    default_file,
    rebound,
    with_own_keys,
)


def keys_by_id(commands):
    return {one.id: one.keys for one in commands}


def fault(table):
    with pytest.raises(BadInput) as caught:
        rebound(COMMANDS, table, "keys.toml")
    return str(caught.value)


def test_no_key_of_ours_stands_for_two_commands():
    assert clashes(COMMANDS) == []


def test_commands_of_one_place_are_told_apart_by_their_ids():
    for place in ("live", "attached", "replay", "comparison"):
        for task in ("gan", "classify"):
            ids = [(one.panel, one.id) for one in COMMANDS if one.belongs(place, task)]
            assert len(set(ids)) == len(ids)


def test_commands_of_one_id_have_one_key():
    assert len({(one.id, one.keys) for one in COMMANDS}) == len({one.id for one in COMMANDS})


def test_what_is_printed_is_a_file_that_changes_nothing():
    assert rebound(COMMANDS, tomllib.loads(as_toml(COMMANDS)), "") == COMMANDS


def test_a_command_has_the_keys_of_the_file_and_others_keep_theirs():
    changed = keys_by_id(rebound(COMMANDS, {"pause": "f5", "zoom": ["enter", "Z"]}, ""))
    assert (changed["pause"], changed["zoom"]) == (("f5",), ("enter", "Z"))
    assert changed["step"] == keys_by_id(COMMANDS)["step"]


def test_an_empty_text_takes_the_key_away():
    assert keys_by_id(rebound(COMMANDS, {"checkpoint": ""}, ""))["checkpoint"] == ()


def test_keys_may_be_swapped():
    changed = keys_by_id(rebound(COMMANDS, {"decay": "u", "raise": "d"}, ""))
    assert (changed["decay"], changed["raise"]) == (("u",), ("d",))


def test_a_key_for_two_commands_is_named_with_both():
    told = fault({"pause": "n"})
    assert "n is the key of pause (pause or go on) and of step (single step)" in told
    assert "\n" not in told


def test_a_key_may_stand_for_two_commands_that_never_meet():
    assert keys_by_id(rebound(COMMANDS, {"play": "n"}, ""))["play"] == ("n",)


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({"puase": "f5"}, "keys.toml: puase: there is no such command; did you mean pause?"),
        ({"pause": "spcae"}, "keys.toml: pause: there is no key 'spcae'; did you mean space?"),
        ({"pause": "ctlr+x"}, "did you mean ctrl?"),
        ({"pause": 5}, "keys.toml: pause: is 5; it must be a key in quotes, or a list of them"),
        ({"pause": ["a", 5]}, "is a list; it must be a key in quotes"),
        ({"keys": {"pause": "a"}}, "keys.toml: keys: there is no such command"),
        ({"pause": "ctrl+c"}, "^c always leaves"),
    ],
)
def test_what_cannot_be_is_said_in_one_line(table, words):
    told = fault(table)
    assert words in told
    assert "\n" not in told


def test_there_is_always_a_way_out():
    assert keys_by_id(rebound(COMMANDS, {"quit": ""}, ""))["quit"] == ("ctrl+c", "ctrl+q")


@pytest.mark.parametrize(
    ("written", "key", "shown"),
    [
        ("?", "question_mark", "?"),
        ("+", "plus", "+"),
        (",", "comma", ","),
        (" ", "space", "space"),
        ("T", "T", "T"),
        ("shift+t", "T", "T"),
        ("ctrl+p", "ctrl+p", "^p"),
        ("^p", "ctrl+p", "^p"),
        ("⇧←", "shift+left", "⇧←"),
        ("Esc", "escape", "esc"),
        ("ctrl+i", "tab", "tab"),  # which no terminal tells apart
    ],
)
def test_keys_are_written_as_people_write_them(written, key, shown):
    assert key_called(written) == key
    assert key_name(key, unicode=True) == shown


def test_the_file_lies_among_the_settings_of_programs(tmp_path):
    environ = {"XDG_CONFIG_HOME": str(tmp_path)}
    assert with_own_keys(COMMANDS, None, environ) is COMMANDS
    path = default_file(environ)
    assert path == tmp_path / "mnist-tui" / "keys.toml"
    path.parent.mkdir()
    path.write_text('pause = "f5"\n')
    assert keys_by_id(with_own_keys(COMMANDS, None, environ))["pause"] == ("f5",)


def test_a_file_that_was_asked_for_must_be_there(tmp_path):
    missing = tmp_path / "none.toml"
    with pytest.raises(BadInput, match=r"--keys: .*none\.toml: No such file"):
        with_own_keys(COMMANDS, missing, {})


def test_a_file_that_is_no_toml_is_named(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text("pause = f5")
    with pytest.raises(BadInput, match=r"mine\.toml: is not TOML"):
        with_own_keys(COMMANDS, path, {})


async def test_own_keys_work_and_stand_in_footer_and_help(monitor):
    commands = rebound(COMMANDS, {"pause": "f5", "step": "", "help": "h"}, "")
    async with monitor(commands=commands) as desk:
        await desk.train(1)
        await desk.sees("f5 pause", "h help")
        await desk.press("space", "n", "f5")
        await desk.sees("paused", "f5 go on")
        assert [request.what for request in desk.trainer.requests] == ["pause"]
        await desk.press("h")
        await desk.sees("Keys", "f5")
        assert "do one step and stay paused" not in desk.text
        await desk.press("h")
        await desk.until(lambda: "esc closes" not in desk.text)
