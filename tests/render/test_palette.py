"""Colours that can be read, and told apart, whatever the theme and whoever looks."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from numpy.typing import NDArray
from textual.theme import BUILTIN_THEMES, Theme

from mnist_tui.monitor.themes import COLOUR_BLIND, OWN_THEMES, palette_of
from mnist_tui.render.colours import contrast, legible, rgb
from mnist_tui.render.palette import LEAST_CONTRAST, LEAST_CONTRAST_OF_TEXT, Palette

THEMES = {theme.name: theme for theme in OWN_THEMES} | BUILTIN_THEMES

SEEN = {
    "with all cones": np.eye(3),
    "protanopia": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deuteranopia": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
    "tritanopia": np.array(
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ]
    ),
}
"""Linear RGB as it is seen: Machado, Oliveira and Fernandes (2009), table 1, severity 1.0."""

TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
WHITE = TO_XYZ.sum(axis=1)


def palette_for(theme: Theme) -> Palette:
    return palette_of(theme.to_color_system().generate() | theme.variables, theme.dark)


def lab(colour: str, seen: NDArray[np.float64]) -> NDArray[np.float64]:
    """CIE 1976 L*a*b* of an sRGB colour, as it is seen."""
    parts = np.array(rgb(colour)) / 255
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    x, y, z = TO_XYZ @ np.clip(seen @ linear, 0, 1) / WHITE
    x, y, z = (np.cbrt(t) if t > (6 / 29) ** 3 else t * 841 / 108 + 4 / 29 for t in (x, y, z))
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def difference(one: str, other: str, seen: NDArray[np.float64] = SEEN["with all cones"]) -> float:
    """CIE 1976: 2.3 is just noticed, black and white are 100 apart."""
    return float(np.linalg.norm(lab(one, seen) - lab(other, seen)))


def test_contrast_is_that_of_the_standard() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_what_can_be_read_stays_as_it_is_and_the_rest_is_moved_no_further_than_needed() -> None:
    assert legible("#ffffff", "#000000", "#ffffff", 4.5) == "#ffffff"
    assert 4.5 <= contrast(legible("#303030", "#000000", "#ffffff", 4.5), "#000000") < 6


@pytest.mark.parametrize("name", THEMES)
def test_in_every_theme_all_that_is_read_has_contrast(name: str) -> None:
    palette = palette_for(THEMES[name])
    read = (palette.quiet, palette.accent, palette.first, palette.second, palette.good, palette.bad)
    assert min(contrast(colour, palette.background) for colour in read) >= LEAST_CONTRAST
    assert contrast(palette.text, palette.background) >= LEAST_CONTRAST_OF_TEXT
    assert contrast(palette.ink, palette.paper) >= 2 * LEAST_CONTRAST_OF_TEXT
    assert contrast(palette.faint, palette.background) >= 1.5


@pytest.mark.parametrize("name", THEMES)
def test_in_every_theme_curves_differ_and_so_do_right_and_wrong(name: str) -> None:
    palette = palette_for(THEMES[name])
    assert difference(palette.first, palette.second) > 20
    assert difference(palette.good, palette.bad) > 20


@pytest.mark.parametrize("seen", SEEN.values(), ids=list(SEEN))
def test_one_theme_is_for_people_who_lack_a_kind_of_cones(seen: NDArray[np.float64]) -> None:
    palette = palette_for(COLOUR_BLIND)
    colours = (palette.first, palette.second, palette.accent, palette.bad)
    assert min(difference(*pair, seen) for pair in combinations(colours, 2)) > 35
    assert difference(palette.good, palette.bad, seen) > 35  # right and wrong, drawn and not


def test_no_other_theme_would_do() -> None:
    """The measure is worth something: for some eyes our ordinary dark theme falls short of it."""
    palette = palette_for(THEMES["mnist-dark"])
    colours = (palette.first, palette.second, palette.accent, palette.bad)
    least = min(
        difference(*pair, seen) for pair in combinations(colours, 2) for seen in SEEN.values()
    )
    assert least < 25
