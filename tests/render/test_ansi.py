"""SGR codes become styles, and no character is lost."""

from __future__ import annotations

import pytest
from rich.color import Color
from rich.segment import Segment
from rich.style import Style

from mnist_tui.render.ansi import parse_line, style_of


def test_a_coloured_line_becomes_segments():
    assert parse_line("\x1b[0m  \x1b[0m\x1b[38;2;1;2;3m⡠⠊\x1b[0m!") == [
        Segment("  ", Style()),
        Segment("⡠⠊", Style(color=Color.from_rgb(1, 2, 3))),
        Segment("!", Style()),
    ]


@pytest.mark.parametrize(
    ("codes", "style"),
    [
        ((), Style()),
        ((31,), Style(color=Color.from_ansi(1))),
        ((97,), Style(color=Color.from_ansi(15))),
        ((42,), Style(bgcolor=Color.from_ansi(2))),
        ((104,), Style(bgcolor=Color.from_ansi(12))),
        ((38, 5, 200), Style(color=Color.from_ansi(200))),
        ((48, 2, 9, 8, 7), Style(bgcolor=Color.from_rgb(9, 8, 7))),
        ((1, 38, 5, 3), Style(bold=True, color=Color.from_ansi(3))),
        ((31, 0, 2), Style(dim=True)),
        ((31, 39), Style(color=Color.default())),
        ((53, 999), Style()),
        ((38, 5), Style()),
        ((38, 2, 1), Style()),
    ],
)
def test_codes_add_up(codes, style):
    assert style_of(codes) == style


def test_codes_last_until_they_are_reset():
    bold_red = Style(bold=True, color=Color.from_ansi(1))
    line = "\x1b[1ma\x1b[31mb\x1b[0;31mc\x1b[md"
    assert [segment.style for segment in parse_line(line)] == [
        Style(bold=True),
        bold_red,
        Style(color=Color.from_ansi(1)),
        Style(),
    ]


def test_equal_codes_give_the_very_same_style():
    assert style_of((38, 2, 4, 5, 6)) is style_of((38, 2, 4, 5, 6))


def test_plain_text_passes_through():
    assert parse_line("no colour") == [Segment("no colour", Style())]
    assert parse_line("") == []
