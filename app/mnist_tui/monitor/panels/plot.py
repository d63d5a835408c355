"""What the panels that draw curves over steps have in common."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from textual import events
from textual.message import Message
from textual.strip import Strip
from textual.timer import Timer

from mnist_engine.runs.history import Curve
from mnist_engine.runs.state import Snapshot
from mnist_engine.training.events import Task
from mnist_tui.monitor.axes import (
    extent_of,
    over,
    places,
    step_at,
    time_labels,
    unit_of_time,
)
from mnist_tui.monitor.panels.panel import RunPanel
from mnist_tui.monitor.plot_view import PlotView
from mnist_tui.monitor.seen_curve import SeenCurve
from mnist_tui.monitor.widgets.panel import LegendEntry
from mnist_tui.render.columns import Range
from mnist_tui.render.plot import (
    Axes,
    Labels,
    Mark,
    Picture,
    PlotColours,
    Series,
    curve_glyph,
    picture,
)
from mnist_tui.render.scale import is_wide
from mnist_tui.render.spelling import spelled
from mnist_tui.render.ticks import count_labels, decimal_labels, plain_labels
from mnist_tui.terminal import RenderMode

MOUSE_SECONDS = 0.04
"""The mouse is listened to so often: it moves faster than anybody reads."""

POSITIVE = 0.99
"""A share of values above 0 from which on the rest may be left out of a logarithmic axis."""


class PlotPanel(RunPanel):
    """Curves over steps, drawn as the screen's :class:`PlotView` says.

    The subclass says which, and what they are called. A click on a name in the legend hides its
    curve, or shows it again.
    """

    class Pointed(Message):
        """The mouse is over ``step``, or over none any more; or it was ``clicked`` there."""

        def __init__(self, step: float | None, clicked: bool = False) -> None:
            super().__init__()
            self.step = step
            self.clicked = clicked

    class Wheeled(Message):
        """The mouse's wheel was turned, to see less, but that ``closer``, or to see more."""

        def __init__(self, closer: bool) -> None:
            super().__init__()
            self.closer = closer

    def __init__(
        self, mode: RenderMode, task: Task | None = None, *, id: str | None = None
    ) -> None:
        super().__init__(mode, task, id=id)
        self.view = PlotView()
        self._hidden: frozenset[str] = frozenset()
        self._picture: Picture | None = None
        self._unit = 1.0  # of the x axis: how many epochs, seconds or steps it counts as one
        self._pointed: float | None = None
        self._listening: Timer | None = None

    # What the subclass says.

    def names(self, snapshot: Snapshot) -> tuple[str, ...]:
        """What it is called, ever shorter."""
        raise NotImplementedError

    def series(self, snapshot: Snapshot) -> list[Series]:
        """The curves of a run, over steps."""
        raise NotImplementedError

    def marks(self, snapshot: Snapshot) -> list[Mark]:
        """What happened at which step."""
        return []

    def figure(self, value: float, alone: bool) -> str:
        """A value as the legend has it, of a curve that is ``alone`` or one of several."""
        return f"{value:.2f}"

    def scale(self, snapshot: Snapshot, series: Sequence[Series]) -> Range | None:
        """The limits of a linear y axis; None where they follow the curves."""
        return None

    @property
    def labels(self) -> Labels:
        """How values are written beside a linear axis."""
        return decimal_labels

    may_be_logarithmic = True
    prefers_logarithms = False

    @property
    def waits_for(self) -> str:
        """What is said so long as there is no curve."""
        return "waiting for the first step"

    # What they have in common.

    def show_view(self, view: PlotView) -> None:
        """Look at the curves in another way."""
        if view != self.view:
            self.view = view
            self.redraw()

    def show_news(self, before: Snapshot, now: Snapshot) -> None:
        """What people did stands at once, curves grow as time allows."""
        if len(before.marks) != len(now.marks) or before.started != now.started:
            self.redraw()
        elif (before.step, before.epochs.keys()) != (now.step, now.epochs.keys()):
            self.redraw_grown(now.phase)

    def draw(self, width: int, height: int) -> list[Strip]:
        """The plot, or what it waits for."""
        shown, view = self.shown, self.view
        curves = [
            SeenCurve.at(one, view, extent_of(shown), one.label in self._hidden)
            for one in self.series(shown)
            if len(one.curve.x)
        ]
        if not curves:
            self._picture = None
            self.set_title(self.names(shown))
            return self.message(self.waits_for, width, height)
        visible = [one.part for one in curves if not one.hidden]
        logarithmic = self._is_logarithmic([one.raw or one.curve for one in visible])
        limits = view.limits(extent_of(shown))
        axes = self._axes(limits, visible, logarithmic)
        marks = [mark for mark in self.marks(shown) if limits[0] <= mark.x <= limits[1]]
        lettered = len(curves) > 1 and self.mode.unicode and self.mode.colour
        drawn = picture(
            [
                replace(self._placed(one), letter=one.label[0] if lettered else "")
                for one in visible
            ],
            width,
            height,
            PlotColours.of(self.palette),
            self.mode,
            axes,
            [
                replace(mark, x=self._place(mark.x), label=spelled(mark.label, self.mode))
                for mark in marks
            ],
        )
        self._picture = drawn
        notes = self._notes(logarithmic, drawn.outliers)
        self.set_title(
            self._titles(),
            self._legend(curves),
            self._about(marks, drawn) + notes,
            values_first=self._cursor is not None,
        )
        return drawn.strips

    @property
    def _cursor(self) -> float | None:
        """The step at which values are read; None for the newest. A replay is at its own."""
        if self.whole is None:
            return self.view.cursor
        return float(self.snapshot.step) if self.snapshot.step < self.whole.step else None

    def _titles(self) -> tuple[str, ...]:
        names = self.names(self.shown)
        if self._cursor is None:
            return names
        return (f"{names[-1]} at step {self._cursor:,.0f}",)

    def _legend(self, curves: Sequence[SeenCurve]) -> list[LegendEntry]:
        """The curves with their values at the cursor."""
        entries, drawn = [], 0
        for one in curves:
            action = f"toggle_curve({one.series.label!r})"
            if one.hidden:
                glyph, colour, value = "·" if self.mode.unicode else ".", self.palette.quiet, ""
            else:
                glyph, colour = curve_glyph(drawn, self.mode), one.series.colour
                read = one.value(self._cursor)
                value = self.figure(read, len(curves) == 1) if math.isfinite(read) else ""
                drawn += 1
            entries.append(LegendEntry(glyph, colour, one.series.label, value, action))
        return entries

    def _notes(self, logarithmic: bool, outliers: bool) -> list[str]:
        """What a person chose that is not as it always is, and what cannot be seen."""
        notes = self.view.choices(extent_of(self.shown))
        if logarithmic:
            notes.append("log")
        elif self.view.scale == "logarithmic" and self.may_be_logarithmic:
            notes.append("no log: not all above 0")
        return [*notes, "outliers clipped"] if outliers else notes

    def _about(self, marks: Sequence[Mark], drawn: Picture) -> list[str]:
        """What happened where the cursor is."""
        if self._cursor is None or not drawn.box.width:
            return []
        low, high = self.view.limits(extent_of(self.shown))
        near = (high - low) / drawn.box.width / 2
        return [
            f"{spelled(mark.label, self.mode)} at step {mark.x:,.0f}"
            for mark in marks
            if mark.label and abs(mark.x - self._cursor) <= near
        ]

    def _is_logarithmic(self, curves: Sequence[Curve]) -> bool:
        if not self.may_be_logarithmic or self.view.scale == "linear":
            return False
        if self.view.scale == "auto" and not self.prefers_logarithms:
            return is_wide(curves)
        means = np.concatenate([np.zeros(0), *(curve.mean for curve in curves)])
        return len(means) > 0 and bool(np.mean(means > 0) >= POSITIVE)

    def _axes(self, limits: Range, series: Sequence[Series], logarithmic: bool) -> Axes:
        self._unit = 1.0
        labels: Labels = count_labels
        if self.view.axis == "time":
            self._unit, sign = unit_of_time(self._place(limits[1]))
            labels = time_labels(sign)
        return Axes(
            x_range=(self._place(limits[0]), self._place(limits[1])),
            y_range=None if logarithmic else self.scale(self.shown, series),
            x_labels=labels,
            y_labels=plain_labels if logarithmic else self.labels,
            whole_x=self.view.axis == "step",
            cursor=None if self._cursor is None else self._place(self._cursor),
            parts=self.whole is not None,
            steps=limits[1] - limits[0],
            logarithmic_y=logarithmic,
        )

    def _place(self, step: float) -> float:
        """Where a step lies on the x axis."""
        return float(places(self.view.axis, step, self.shown)) / self._unit

    def _placed(self, series: Series) -> Series:
        """Curves over steps as curves over the x axis."""

        def placed(curve: Curve) -> Curve:
            moved = over(self.view.axis, curve, self.shown)
            return moved._replace(x=moved.x / self._unit)

        raw = None if series.raw is None else placed(series.raw)
        return replace(series, curve=placed(series.curve), raw=raw)

    # What the mouse does.

    def action_toggle_curve(self, label: str) -> None:
        """Hide a curve, or show it again."""
        self._hidden ^= {label}
        self.redraw()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Tell which step is pointed at, now and then."""
        self._pointed = self._step_under(event)
        if self._listening is None:
            self._listening = self.set_timer(MOUSE_SECONDS, self._tell)

    def on_leave(self, event: events.Leave) -> None:
        """None is, any more."""
        self._pointed = None
        self._tell()

    def on_click(self, event: events.Click) -> None:
        """A step was chosen, unless the click was on the frame."""
        if (step := self._step_under(event)) is not None:
            self.post_message(self.Pointed(step, clicked=True))

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """See fewer steps."""
        event.stop()
        self.post_message(self.Wheeled(closer=True))

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """See more of them."""
        event.stop()
        self.post_message(self.Wheeled(closer=False))

    def _tell(self) -> None:
        if self._listening is not None:
            self._listening.stop()
            self._listening = None
        self.post_message(self.Pointed(self._pointed))

    def _step_under(self, event: events.MouseEvent) -> float | None:
        offset = event.get_content_offset(self)
        if offset is None or self._picture is None:
            return None
        place = self._picture.x_at(*offset)
        if place is None:
            return None
        return round(step_at(self.view.axis, place * self._unit, self.shown))
