"""Pictures are drawn pixel by pixel, as large as they fit."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from mnist_tui.render.colours import mix
from mnist_tui.render.digits import Digits, area_average, signed_bytes
from mnist_tui.render.grid import ENOUGH, fit_grid
from mnist_tui.render.pixels import (
    RAMP,
    SHADES,
    SIGNED_RAMP,
    DigitColours,
    half_block_rows,
    ramp_rows,
)
from mnist_tui.render.sheet import digit_strips, sheet_of
from mnist_tui.terminal import RenderMode

COLOURS = DigitColours("#000000", "#ffffff", "#202020", "#888888", "#ff0000")
RAMPED = RenderMode(unicode=True, colour=True, shades=False)
PLAIN = RenderMode(unicode=False, colour=False, shades=False)


def pixels_of(rows) -> list[list[str]]:
    """Colours of the pixels that half-block segments show, two rows of them a line."""
    lines = []
    for row in rows:
        upper, lower = [], []
        for segment in row:
            below = segment.style.bgcolor.name
            above = segment.style.color.name if segment.text[0] == "▀" else below
            assert set(segment.text) <= {"▀", " "}
            upper += [above] * len(segment.text)
            lower += [below] * len(segment.text)
        lines += [upper, lower]
    return lines


def shade(level: int) -> str:
    return mix("#000000", "#ffffff", level / (SHADES - 1)) if level >= 0 else "#202020"


def test_half_blocks_show_every_pixel_in_its_colour():
    shades = np.random.default_rng(0).integers(-1, SHADES, (8, 9)).astype(np.int16)
    expected = [[shade(int(level)) for level in row] for row in shades]
    assert pixels_of(half_block_rows(shades, COLOURS)) == expected


def test_equal_neighbours_are_one_segment():
    shades = np.zeros((2, 10), dtype=np.int16)
    shades[:, 4:6] = 31
    assert [len(row) for row in half_block_rows(shades, COLOURS)] == [3]


def test_the_ramp_grows_with_ink():
    columns = np.tile(np.linspace(0, SHADES - 1, len(RAMP)).round().astype(np.int16), (2, 1))
    assert ramp_rows(columns)[0][0].text == RAMP
    assert ramp_rows(np.full((2, 3), -1, dtype=np.int16))[0][0].text == "   "


def test_a_few_large_numbers_do_not_hide_the_others_of_a_signed_picture():
    values = np.full((1, 10, 10), 0.1, np.float32)
    values[0, 0, 0], values[0, 5, 5] = -7, 0
    whole, cut = signed_bytes(values), signed_bytes(values, 0.98)
    assert np.abs(whole[0, 1:].astype(int) - 128).max() < 4
    assert cut[0, 0, 0] < 2
    assert (cut[0, 1:5] > 253).all()
    assert cut[0, 5, 5] == whole[0, 5, 5]


def test_signed_pictures_have_two_colours_and_two_kinds_of_characters():
    values = np.repeat([[-1.0, -0.3, 0.0, 0.3, 1.0]], 2, axis=0).repeat(4, axis=1)
    digits = Digits(signed_bytes(values[None].astype(np.float32)), 1, signed=(True,))
    plain = digit_strips(digits, 20, 1, COLOURS, PLAIN)[0].text
    assert plain == "".join(character * 4 for character in SIGNED_RAMP)
    (row,) = digit_strips(digits, 20, 1, COLOURS, RenderMode())
    upper = pixels_of([row])[0][::4]
    assert upper[0] == COLOURS.negative
    assert upper[4] == COLOURS.positive
    assert upper[2] == COLOURS.paper


def test_what_is_chosen_stands_in_brackets_where_there_are_no_frames():
    digits = Digits(np.full((3, 10, 10), 255, dtype=np.uint8), 3, chosen=1)
    strips = digit_strips(digits, 38, 5, COLOURS, PLAIN)
    ink = "@" * 10
    assert {strip.text for strip in strips} == {f" {ink}  [{ink}]  {ink} "}


def test_what_is_good_stands_between_bars_where_there_are_no_frames():
    images = np.full((3, 10, 10), 255, dtype=np.uint8)
    digits = Digits(images, 3, frames=("good", "", "good"), chosen=2)
    ink = "@" * 10
    texts = {strip.text for strip in digit_strips(digits, 38, 5, COLOURS, PLAIN)}
    assert texts == {f"|{ink}|  {ink}  [{ink}]"}


def test_frames_judge_and_show_what_is_chosen():
    digits = Digits(
        np.full((3, 10, 10), 255, dtype=np.uint8), 3, frames=("good", "bad", "bad"), chosen=2
    )
    rows = pixels_of([list(strip) for strip in digit_strips(digits, 38, 6, COLOURS, RenderMode())])
    for corners in (rows[0], rows[11]):
        assert corners[:12] == [COLOURS.success] * 12
        assert corners[13:25] == [COLOURS.mistake] * 12
        assert corners[26:] == [COLOURS.chosen] * 12
    assert rows[5][:3] == [COLOURS.success, "#ffffff", "#ffffff"]
    assert rows[5][12] == "#202020"


@settings(deadline=None, max_examples=60)
@given(
    count=st.integers(1, 100),
    chosen=st.integers(0, 99),
    width=st.integers(12, 120),
    height=st.integers(7, 40),
    captioned=st.booleans(),
)
def test_what_is_chosen_is_always_seen(count, chosen, width, height, captioned):
    chosen %= count
    captions = ("7",) * count if captioned else ()
    digits = Digits(np.zeros((count, 12, 12), np.uint8), 10, captions, chosen=chosen)
    sheet = sheet_of(digits, width, height, RenderMode())
    numbers = {sheet.number_at(x, y) for x in range(width) for y in range(height)}
    assert chosen in numbers
    assert sheet.number_at(-1, 0) is None
    strips = sheet.strips(digits, COLOURS, RenderMode())
    assert any(
        segment.style.color and segment.style.color.name == COLOURS.chosen
        for strip in strips
        for segment in strip
    )


@settings(deadline=None, max_examples=30)
@given(st.integers(1, 12), st.integers(1, 12), st.integers(0, 2**32 - 1))
def test_shrinking_averages_areas(height, width, seed):
    image = np.random.default_rng(seed).integers(0, 256, (1, 12, 12), dtype=np.uint8)
    # An independent way: blow every pixel up to width x height, then average whole blocks.
    large = image[0].repeat(height, 0).repeat(width, 1).astype(float)
    means = large.reshape(height, 12, width, 12).mean(axis=(1, 3))
    assert np.abs(area_average(image, height, width)[0] - means).max() <= 0.51


def test_a_picture_in_its_own_size_is_unchanged():
    image = np.random.default_rng(1).integers(0, 256, (3, 28, 28), dtype=np.uint8)
    assert np.array_equal(area_average(image, 28, 28), image)


def test_a_picture_stands_centred_with_nothing_around_it():
    image = np.full((1, 10, 10), 255, dtype=np.uint8)
    strips = digit_strips(Digits(image, 1), 14, 7, COLOURS, RAMPED)
    assert [strip.text for strip in strips] == [" " * 14, *["  @@@@@@@@@@  "] * 5, " " * 14]


def test_one_cell_lies_between_pictures():
    images = np.full((4, 10, 10), 255, dtype=np.uint8)
    rows = pixels_of(
        [
            list(strip)
            for strip in digit_strips(Digits(images, 2), 21, 11, COLOURS, RenderMode())
            if any(segment.style.bgcolor for segment in strip)
        ]
    )
    ink, gap = "#ffffff", "#202020"
    assert rows[0] == [ink] * 10 + [gap] + [ink] * 10
    assert rows[10] == [gap] * 21
    assert rows[11] == rows[0]


def test_captions_stand_below_and_mistakes_in_their_colour():
    images = np.zeros((2, 10, 10), dtype=np.uint8)
    digits = Digits(images, 2, captions=("7", "7→9"), wrong=(False, True))
    caption = digit_strips(digits, 21, 6, COLOURS, RenderMode())[5]
    assert caption.text.split() == ["7", "7→9"]
    colours = {s.text.strip(): s.style.color.name for s in caption if s.text.strip()}
    assert colours == {"7": "#888888", "7→9": "#ff0000"}


def test_without_colour_a_mistake_is_marked_by_a_sign():
    images = np.zeros((1, 10, 10), dtype=np.uint8)
    digits = Digits(images, 1, captions=("7→9",), wrong=(True,))
    text = digit_strips(digits, 12, 6, COLOURS, PLAIN)[5].text
    assert text.strip() == "7>9 !"


@settings(deadline=None, max_examples=60)
@given(
    count=st.integers(1, 100),
    columns=st.integers(1, 12),
    shape=st.tuples(st.integers(1, 40), st.integers(1, 40)),
    width=st.integers(0, 120),
    height=st.integers(0, 40),
    captioned=st.booleans(),
)
def test_any_panel_is_filled_exactly(count, columns, shape, width, height, captioned):
    images = np.zeros((count, *shape), dtype=np.uint8)
    captions = ("7",) * count if captioned else ()
    strips = digit_strips(Digits(images, columns, captions), width, height, COLOURS, RenderMode())
    assert [strip.cell_length for strip in strips] == [width] * height
    assert all(segment.style is not None for strip in strips for segment in strip)


def test_a_large_panel_shows_ten_classes_in_line():
    grid = fit_grid(100, (28, 28), 10, 80, 38)
    assert grid is not None
    assert grid.columns in (5, 10)
    assert grid.count >= ENOUGH
    assert grid.width >= 14


def test_few_pictures_are_shown_in_full_size():
    grid = fit_grid(4, (28, 28), 2, 80, 38)
    assert grid is not None
    assert (grid.columns, grid.rows, grid.width) == (2, 2, 28)


def test_without_room_there_is_no_grid():
    assert fit_grid(10, (28, 28), 5, 9, 40) is None
    assert fit_grid(10, (28, 28), 5, 40, 4) is None
