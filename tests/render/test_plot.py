"""Plots show every curve, survive every number, and fill exactly the room that they get."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mnist_engine.runs.history import Curve
from mnist_tui.render.columns import decimate, value_range
from mnist_tui.render.plot import Axes, Mark, PlotColours, Series, plot
from mnist_tui.terminal import RenderMode

COLOURS = PlotColours("#333333", "#999999", "#ffaa00", "#101010")
BLUE, GREEN = "#0000ff", "#00ff00"
RICH = RenderMode()
PLAIN = RenderMode(unicode=False, colour=False, shades=False)


def curve(values, x=None) -> Curve:
    values = np.asarray(values, dtype=float)
    x = np.arange(len(values), dtype=float) if x is None else np.asarray(x, dtype=float)
    return Curve(x, values, values, values)


def draw(*values, width=60, height=14, mode=RICH, **options) -> list[str]:
    series = [Series(f"s{n}", curve(v), (BLUE, GREEN)[n % 2]) for n, v in enumerate(values)]
    return [strip.text for strip in plot(series, width, height, COLOURS, mode, **options)]


def braille(lines: list[str]) -> str:
    return "".join(c for line in lines for c in line if 0x2800 < ord(c) <= 0x28FF)


@pytest.mark.parametrize(
    "values",
    [
        [],
        [np.nan],
        [np.nan, np.inf, -np.inf],
        [1.0],
        [0.0, 0.0],
        [3.0] * 50,
        [1e300, -1e300, 1e308],
        [1e-300, 2e-300],
        [5e-324],
        [1.0, np.nan, 2.0, np.inf, 3.0],
        list(range(20_000)),
    ],
    ids=lambda values: f"{len(values)} from {values[:1]}",
)
@pytest.mark.parametrize("mode", [RenderMode(), PLAIN])
def test_any_values_fill_exactly_the_room(values, mode):
    lines = draw(values, mode=mode)
    assert [len(line) for line in lines] == [60] * 14


def test_finite_values_between_broken_ones_are_drawn():
    assert braille(draw([1.0, np.nan, 2.0, np.inf, 3.0])) == braille(
        [
            strip.text
            for strip in plot(
                [Series("s", curve([1.0, 2.0, 3.0], x=[0, 2, 4]), BLUE)],
                60,
                14,
                COLOURS,
                RenderMode(),
            )
        ]
    )


def test_nothing_finite_leaves_empty_axes():
    lines = draw([np.nan, np.inf])
    assert braille(lines) == ""
    assert any("┤" in line for line in lines)


def test_one_point_is_one_dot():
    assert len(braille(draw([2.5]))) == 1


@pytest.mark.parametrize(("width", "height"), [(0, 0), (1, 1), (15, 10), (40, 3)])
def test_without_room_there_is_no_plot(width, height):
    lines = draw([1, 2, 3], width=width, height=height)
    assert lines == [" " * width] * height


@settings(deadline=None, max_examples=40)
@given(
    values=st.lists(st.floats(allow_nan=True, allow_infinity=True), max_size=30),
    width=st.integers(0, 50),
    height=st.integers(0, 12),
)
def test_no_numbers_and_no_size_break_it(values, width, height):
    lines = draw(values, width=width, height=height, marks=[Mark(1, "×0.5")])
    assert [len(line) for line in lines] == [width] * height


def test_a_rising_line_rises():
    lines = draw(np.arange(100.0), mode=PLAIN, axes=Axes(y_range=(0, 99)))
    rows = [line.index("*") for line in lines if "*" in line]
    assert rows == sorted(rows, reverse=True)
    assert len(rows) == 12  # all rows but the axis and its labels


def test_a_value_lies_in_the_row_of_its_tick():
    for value in (0.0, 0.25, 0.5, 0.75, 1.0):
        lines = draw([value] * 30, height=22, mode=PLAIN, axes=Axes(y_range=(0.0, 1.0)))
        row = next(line for line in lines if "*" in line)
        if "+" in row:
            assert float(row.split("+")[0]) == value
        assert draw([value] * 30, height=22, mode=PLAIN, axes=Axes(y_range=(0, 1))) == lines
    ticked = [line for line in draw([0.5] * 30, height=22, mode=PLAIN) if "*" in line]
    assert ticked[0].split("+")[0].strip() == "0.50"


def test_a_step_lies_in_the_column_of_its_tick():
    only = curve([0.0, 1.0, 0.0], x=[49, 50, 51])
    axes = Axes(x_range=(0, 100))
    lines = [strip.text for strip in plot([Series("s", only, BLUE)], 107, 12, COLOURS, PLAIN, axes)]
    floor = next(line for line in lines if line.lstrip().startswith("+--") or "-+-" in line)
    labels = lines[-1]
    tick = labels.index("50")
    peak = lines[0].index("*")
    assert floor[tick] == "+" or floor[tick + 1] == "+"
    assert abs(peak - (tick + (floor[tick] != "+"))) <= 1


def test_a_thousand_columns_keep_every_spike():
    values = np.zeros(100_000)
    values[77_777] = 9.0
    values[12_345] = -4.0
    columns = decimate(curve(values), 100, (0, len(values) - 1))
    assert len(columns.column) == 100
    assert columns.high.max() == 9.0
    assert columns.low.min() == -4.0
    assert columns.high.argmax() == 77
    assert columns.mean.sum() == pytest.approx(5 / 1000)


def test_decimation_equals_a_plain_loop():
    random = np.random.default_rng(3)
    values, x = random.normal(size=500), np.sort(random.uniform(0, 10, 500))
    columns = decimate(curve(values, x), 37, (0, 10))
    for column, mean, low, high in zip(*columns, strict=True):
        inside = [v for v, at in zip(values, x, strict=True) if int(at / 10 * 37) == column]
        assert (mean, low, high) == pytest.approx((np.mean(inside), min(inside), max(inside)))
    assert set(columns.column) == {int(at / 10 * 37) for at in x}


def test_one_wild_step_does_not_flatten_the_rest():
    values = np.ones(1000)
    values[10] = 1e9
    low, high = value_range([decimate(curve(values), 1000, (0, 999))])
    assert low <= 1 <= high < 10


def test_the_newest_value_is_always_inside():
    values = np.ones(1000)
    values[-1] = 50
    _, high = value_range([decimate(curve(values), 1000, (0, 999))])
    assert high >= 50


def test_marks_stand_at_their_step_under_their_label():
    lines = draw(np.ones(101), axes=Axes(x_range=(0, 100)), marks=[Mark(50, "×0.5")])
    column = lines[0].index("×0.5")
    assert lines[1][column] == "┊"
    floor = next(line for line in lines if "└" in line)
    left = floor.index("└") + 1
    assert column == left + (60 - left) // 2


def test_where_labels_collide_the_newest_is_readable():
    marks = [Mark(50, "first"), Mark(51, "second")]
    lines = draw(np.ones(101), axes=Axes(x_range=(0, 100)), marks=marks)
    assert lines[0].split() == ["second"]


def test_a_label_at_the_right_edge_is_not_cut():
    lines = draw(np.ones(101), axes=Axes(x_range=(0, 100)), marks=[Mark(100, "pause")])
    assert lines[0].endswith("pause")
    assert lines[1].endswith("┊")


@pytest.mark.parametrize(
    ("width", "shown"),
    [
        (60, "instance noise 0.5, label smoothing 0.1, pause"),
        (45, "instance noise 0.5, label smoothing 0.1 …"),
        (30, "instance noise 0.5 …"),
        (18, ""),
    ],
)
def test_a_label_without_room_names_fewer_things_and_each_of_them_whole(width, shown):
    marks = [Mark(50, "instance noise 0.5, label smoothing 0.1, pause")]
    lines = draw(np.ones(101), axes=Axes(x_range=(0, 100)), width=width, marks=marks)
    assert lines[0].strip() == shown


def test_a_mark_never_hides_a_curve():
    without = braille(draw(np.arange(100.0), axes=Axes(y_range=(0, 99)), height=14))
    marked = braille(
        draw(np.arange(100.0), axes=Axes(y_range=(0, 99)), height=15, marks=[Mark(50, "x")])
    )
    assert marked == without


def test_each_curve_has_its_colour():
    strips = plot(
        [Series("a", curve([0, 0, 0]), BLUE), Series("b", curve([1, 1, 1]), GREEN)],
        60,
        14,
        COLOURS,
        RenderMode(),
    )
    colours = {
        segment.style.color.name for strip in strips for segment in strip if braille([segment.text])
    }
    assert colours == {BLUE, GREEN}


def test_without_colour_curves_differ_by_their_characters():
    text = "".join(draw([0, 0, 0], [1, 1, 1], mode=PLAIN))
    assert text.isascii()
    assert "*" in text
    assert "o" in text


def test_a_ribbon_shades_lows_to_highs_and_nothing_else():
    n = 10_000
    middle = np.full(n, 0.5)
    band = Curve(np.arange(n, dtype=float), middle, middle - 0.2, middle + 0.2)
    strips = plot(
        [Series("s", band, BLUE, ribbon=True)],
        60,
        22,
        COLOURS,
        RenderMode(),
        Axes(y_range=(0.0, 1.0)),
    )
    shaded = [any(s.style.bgcolor is not None for s in strip) for strip in strips]
    assert shaded == [False] * 6 + [True] * 8 + [False] * 8


def test_what_lies_beyond_the_cursor_is_pale_and_stands_where_it_stood():
    series = [Series("s", curve(np.linspace(1, 0, 100)), BLUE)]
    axes, whole = Axes((0, 99)), Axes((0, 99), cursor=49.5)
    strips = plot(series, 60, 14, COLOURS, RICH, whole)
    drawn = [
        (x, segment.style.color.get_truecolor().hex)
        for strip in strips
        for x, segment in _placed(strip)
        if braille([segment.text])
    ]
    column = strips[-2].text.index("┴")
    assert {colour for x, colour in drawn if x <= column} == {BLUE}
    assert BLUE not in {colour for x, colour in drawn if x > column}
    without = "\n".join(strip.text for strip in plot(series, 60, 14, COLOURS, RICH, axes))
    assert braille([strip.text for strip in strips]) == braille([without])


def test_without_colour_nothing_lies_beyond_the_cursor():
    lines = draw(np.linspace(1, 0, 100), mode=PLAIN, axes=Axes((0, 99), cursor=49.5))
    column = lines[-2].index("^")
    assert not any("*" in line[column + 1 :] for line in lines[:-2])
    assert all(line[column] in "|*" for line in lines[:-2])


def test_a_cursor_before_the_axis_is_not_seen():
    lines = draw([1.0, 0.0], axes=Axes((1, 3), cursor=0.5))
    assert not any("┴" in line for line in lines)


def _placed(strip):
    """Segments with the columns at which they begin."""
    x = 0
    for segment in strip:
        yield x, segment
        x += len(segment.text)


def test_every_segment_has_a_style():
    strips = plot([Series("s", curve([1, 2]), BLUE)], 40, 10, COLOURS, PLAIN, marks=[Mark(1, "x")])
    assert all(segment.style is not None for strip in strips for segment in strip)


# --- letters at the ends of curves --------------------------------------------------------------


def lettered(*curves: Curve, mode: RenderMode = RICH) -> list[str]:
    series = [
        Series("s", one, (BLUE, GREEN)[n % 2], letter="ABC"[n]) for n, one in enumerate(curves)
    ]
    return [strip.text for strip in plot(series, 60, 14, COLOURS, mode)]


def place_of(letter: str, lines: list[str]) -> tuple[int, int]:
    return next((line.rindex(letter), row) for row, line in enumerate(lines) if letter in line)


def test_a_letter_stands_behind_the_end_of_its_curve():
    lines = lettered(curve([5, 0]), curve([1, 3, 5]))
    (a, low), (b, high) = place_of("A", lines), place_of("B", lines)
    assert (low, high) == (11, 0), "as high as the last value"
    assert b == 59, "the longest curve ends beside the edge"
    assert a < 35, "a shorter one ends where it ends"


def test_letters_of_curves_that_end_together_stand_one_above_the_other():
    lines = lettered(*[curve([0, 1, 2])] * 3)
    rows = [place_of(letter, lines)[1] for letter in "ABC"]
    assert sorted(rows) == [0, 1, 2]


@pytest.mark.parametrize("mode", [PLAIN, RenderMode(colour=False, shades=False, tints=False)])
def test_letters_draw_the_curves_where_lines_look_all_alike(mode):
    text = "".join(lettered(curve([0, 1, 2]), curve([2, 1, 0]), mode=mode))
    assert min(text.count("A"), text.count("B")) > 10


def test_a_curve_without_a_value_has_no_letter():
    assert "A" not in "".join(lettered(curve([]), curve([1, 2])))


def test_letters_that_crowd_stand_in_the_order_of_their_curves():
    lines = lettered(curve([0, 5.0]), curve([0, 5.02]), curve([0, 5.01]))
    rows = {letter: place_of(letter, lines)[1] for letter in "ABC"}
    assert rows["B"] < rows["C"] < rows["A"]
