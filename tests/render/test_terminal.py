"""What a terminal can show is told from its environment alone."""

from __future__ import annotations

import pytest

from mnist_tui.terminal import RenderMode, render_mode, why_no_ui

COLOURFUL = {"TERM": "xterm-256color"}


class Stream:
    def __init__(self, tty: bool = True, encoding: str | None = "utf-8") -> None:
        self.tty, self.encoding = tty, encoding

    def isatty(self) -> bool:
        return self.tty


@pytest.mark.parametrize(
    "environ",
    [
        COLOURFUL,
        {"TERM": "tmux-256color"},
        {"TERM": "xterm-kitty"},
        {"TERM": "xterm", "COLORTERM": "truecolor"},
        {"TERM": "screen", "COLORTERM": "24bit", "LANG": "de_DE.UTF-8"},
        {"WT_SESSION": "1"},
        COLOURFUL | {"LC_ALL": "C.UTF-8"},
        COLOURFUL | {"NO_COLOR": ""},
    ],
)
def test_many_colours_allow_half_blocks(environ):
    assert render_mode(environ, "utf-8").half_blocks


@pytest.mark.parametrize("term", ["xterm", "screen", "rxvt", "xterm-16color", ""])
def test_sixteen_colours_have_too_few_greys(term):
    assert render_mode({"TERM": term}, "UTF-8") == RenderMode(True, True, False, False)


def test_no_color_means_no_shades_either():
    mode = render_mode(COLOURFUL | {"NO_COLOR": "1", "COLORTERM": "truecolor"}, "utf-8")
    assert mode == RenderMode(unicode=True, colour=False, shades=False, tints=False)


@pytest.mark.parametrize(
    ("environ", "encoding"),
    [
        (COLOURFUL, "iso-8859-1"),
        (COLOURFUL, "ascii"),
        (COLOURFUL, None),
        (COLOURFUL | {"LC_ALL": "C"}, "utf-8"),
        (COLOURFUL | {"LANG": "POSIX"}, "utf-8"),
        ({"TERM": "linux"}, "utf-8"),
        ({"TERM": "vt100", "LANG": "en_GB.UTF-8"}, "utf-8"),
    ],
)
def test_without_unicode_only_plain_characters_are_drawn(environ, encoding):
    mode = render_mode(environ, encoding)
    assert not mode.unicode
    assert not mode.half_blocks
    assert mode.ellipsis.isascii()


def test_lc_all_outweighs_lang():
    assert render_mode(COLOURFUL | {"LC_ALL": "en_GB.UTF-8", "LANG": "C"}, "utf-8").unicode


def test_the_ascii_flag_forces_plain_characters_and_keeps_colour():
    assert render_mode(COLOURFUL, "utf-8", ascii_only=True) == RenderMode(False, True, False, False)


def test_a_terminal_at_both_ends_is_enough():
    assert why_no_ui(COLOURFUL, Stream(), Stream()) is None


@pytest.mark.parametrize(
    ("environ", "stdin", "stderr", "word"),
    [
        (COLOURFUL, Stream(tty=False), Stream(), "standard input"),
        (COLOURFUL, Stream(), Stream(tty=False), "standard error"),
        ({"TERM": "dumb"}, Stream(), Stream(), "dumb"),
        (COLOURFUL, Stream(), Stream(encoding="latin-1"), "latin-1"),
    ],
)
def test_a_refusal_is_one_line_that_names_the_reason(environ, stdin, stderr, word):
    reason = why_no_ui(environ, stdin, stderr)
    assert reason is not None
    assert word in reason
    assert "\n" not in reason


def test_only_deep_colours_keep_a_tint_faint():
    assert render_mode({"TERM": "xterm-256color", "COLORTERM": "truecolor"}, "utf-8").tints
    assert not render_mode({"TERM": "xterm-256color"}, "utf-8").tints
