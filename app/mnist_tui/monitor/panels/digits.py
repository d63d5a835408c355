"""The pictures: digits that a generator made, or that a classifier judged."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from textual import events
from textual.strip import Strip

from mnist_engine.runs.pictures import pictures_of
from mnist_engine.runs.state import Snapshot
from mnist_engine.training.events import SamplesDrawn, Task
from mnist_tui.monitor.inquiry import Inquiry
from mnist_tui.monitor.looking import Looking
from mnist_tui.monitor.panels.detail import detail_of, detail_place
from mnist_tui.monitor.panels.findings import Detail, Findings, Wish, find
from mnist_tui.monitor.panels.judged import judged, judgement
from mnist_tui.monitor.panels.panel import RunPanel
from mnist_tui.render.digits import Digits
from mnist_tui.render.pixels import DigitColours
from mnist_tui.render.sheet import Sheet, sheet_of
from mnist_tui.terminal import RenderMode


class DigitGrid(RunPanel):
    """The newest samples, as large as they fit.

    Of generated ones a person can choose one, and ask what the discriminator makes of them; the
    answers are always about the pictures that are seen with them.
    """

    def __init__(
        self, mode: RenderMode, task: Task | None = None, *, id: str | None = None
    ) -> None:
        super().__init__(mode, task, id=id)
        self.wish = Wish()
        self._first: int | None = None
        self._findings: Findings | None = None
        self._asked: tuple[SamplesDrawn, Wish] | None = None
        self._inquiry: Inquiry[Findings] = Inquiry(self, self._on_found, self._on_failure)
        self._sheet = Sheet(0, 0, None)
        self._count = 0

    @property
    def looks(self) -> bool:
        """Whether somebody asks what the networks make of the digits."""
        return self.is_gan and self.wish.asks

    def expect(self, step: int | None) -> None:
        """Say, before that, that the first digits are at ``step``."""
        if step != self._first:
            self._first = step
            self.redraw()

    def show_news(self, before: Snapshot, now: Snapshot) -> None:
        """Draw new samples."""
        if before.samples is not now.samples or before.started != now.started:
            self.redraw()

    # What a person can do: see ``commands/digits``.

    def toggle(self, what: str) -> None:
        """Show, or show no more: "real", "verdicts", "nearest" or "change"."""
        changes: dict[str, Any] = {what: not getattr(self.wish, what)}
        if what in ("nearest", "change") and self.wish.chosen is None:
            changes["chosen"] = self._sheet.first
        self.wish = replace(self.wish, **changes)
        self.redraw()

    def choose(self, columns: int, rows: int) -> None:
        """Choose the digit so far on from the chosen one, as one reads, and so far below."""
        chosen, first = self.wish.chosen, self._sheet.first
        number = first if chosen is None else self._sheet.moved(chosen, columns, rows)
        if 0 <= number < self._count:
            self.wish = replace(self.wish, chosen=number)
            self.redraw()

    def on_click(self, event: events.Click) -> None:
        """Choose a digit."""
        place = event.get_content_offset(self)
        number = None if place is None else self._sheet.number_at(*place)
        if number is not None and number < self._count and self._screen_to_ask() is not None:
            self.wish = replace(self.wish, chosen=number)
            self.redraw()

    # What is seen.

    def draw(self, width: int, height: int) -> list[Strip]:
        """The grid, or what it waits for."""
        samples = self.snapshot.samples
        if samples is None or not samples.images:
            self.set_title(_titles(self.is_gan, samples))
            first = f"first digits at step {self._first:,}" if self._first else "no digits yet"
            return self.message(first, width, height)
        found = self._found(samples)
        self.set_title(_titles(self.is_gan, found.samples if found else samples, found))
        digits = _digits(samples, found, self.wish)
        self._count = len(digits.images)
        place = detail_place(self.wish, digits, width, height, self.mode)
        self._sheet = sheet_of(digits, place.width, place.height, self.mode)
        colours = DigitColours.of(self.palette)
        strips = self._sheet.strips(digits, colours, self.mode)
        if place.below or place.beside:
            detail = _detail_for(found, self.wish)
            drawn = detail_of(digits, self.wish, detail, place, self.palette, self.mode)
            strips = place.joined(strips, drawn)
        return strips

    def _found(self, samples: SamplesDrawn) -> Findings | None:
        """What was found last; asks where something else is wanted by now."""
        screen = self._screen_to_ask()
        if screen is None or not self.wish.asks:
            self._asked = None
            return None
        wish = replace(self.wish, chosen=self.wish.detailed)
        if self._asked is None or self._asked[0] is not samples or self._asked[1] != wish:
            urgent = (
                self._asked is None or self._asked[1] != wish or self.snapshot.phase != "training"
            )
            self._asked = (samples, wish)
            self._inquiry.ask(screen, find(samples, wish), urgent)
        found = self._findings
        return found if found is not None and found.real == self.wish.real else None

    def _on_found(self, findings: Findings) -> None:
        self._findings = findings
        self.redraw()

    def _on_failure(self) -> None:
        self._asked = None

    def _screen_to_ask(self) -> Looking | None:
        screen = self.screen
        if not (self.is_gan and isinstance(screen, Looking)) or screen.looker is None:
            return None
        return screen


def _digits(samples: SamplesDrawn, found: Findings | None, wish: Wish) -> Digits:
    if found is None:
        return Digits(
            pictures_of(samples),
            samples.columns,
            samples.captions,
            samples.wrong,
            chosen=wish.chosen,
        )
    digits = Digits(found.pictures, samples.columns, chosen=wish.chosen)
    if wish.verdicts and found.verdicts is not None:
        captions, frames = judged(found.verdicts)
        return replace(digits, captions=captions, frames=frames)
    return digits


def _detail_for(found: Findings | None, wish: Wish) -> Detail | None:
    detail = found.detail if found else None
    return detail if detail is not None and detail.number == wish.chosen else None


def _titles(
    gan: bool, samples: SamplesDrawn | None, found: Findings | None = None
) -> tuple[str, ...]:
    if found is not None and (found.real or found.verdicts):
        name = "Real digits" if found.real else "Generated digits"
        if found.verdicts is None:
            return (f"{name}, held out from training", name)
        return (f"{name}: {judgement(found.verdicts)}", judgement(found.verdicts), name)
    name = "Generated digits" if gan else "Validation digits"
    if samples is None:
        return (name,)
    when = f"epoch {samples.epoch}"
    if samples.wrong:
        mistakes = sum(samples.wrong)
        told = f"{mistakes} of {samples.count} wrong" if mistakes else "none wrong"
        return (f"{name}, {when}: {told}", f"{name}, {when}", name)
    return (f"{name}, {when}", name)
