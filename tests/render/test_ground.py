"""Strips take the colours of the ground that they are laid on."""

from __future__ import annotations

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from mnist_tui.render.colours import style
from mnist_tui.render.ground import on_ground

GROUND = style("#ffffff", "#000000")


def test_what_has_no_colour_of_its_own_takes_that_of_the_ground() -> None:
    click = style("#102030") + Style.from_meta({"@click": "quit"})
    strips = [
        Strip([Segment("a", style()), Segment("b", click), Segment("c", None)], 3),
        Strip([Segment("d", style("", "#405060", bold=True)), Segment("e", click)], 2),
        Strip([], 0),
    ]
    assert on_ground(strips, GROUND) == [strip.apply_style(GROUND) for strip in strips]
