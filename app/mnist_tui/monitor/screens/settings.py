"""The numbers that can be turned while a run trains, each on a line of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Input, Static

from mnist_engine.runs.state import Snapshot
from mnist_tui.monitor.screens.dialog import Dialog
from mnist_tui.monitor.settings import Turnable
from mnist_tui.terminal import RenderMode

Turn = Callable[[Turnable, float, float], bool]
"""Asks for a number instead of the one in force; False where that did not get through."""


class SettingLine(Horizontal):
    """A number: its name, its value to be changed, and what is allowed."""

    def __init__(self, turnable: Turnable, snapshot: Snapshot) -> None:
        super().__init__()
        self.turnable = turnable
        self.now = turnable.now(snapshot)
        self.input = Input(_text(self.now), compact=True, select_on_focus=True)
        self._shown = self.input.value
        self._label = Static(classes="name")
        self._range = Static(classes="range")
        self._marks = len(snapshot.marks)
        self.asked = False

    def compose(self) -> ComposeResult:
        """One line."""
        yield self._label
        yield self.input
        yield self._range

    @property
    def touched(self) -> bool:
        """Whether somebody has typed something that was not asked for yet."""
        return self.input.value.strip() != self._shown

    def choose(self, sign: str) -> None:
        """Put ``sign`` before the name: a blank, or what says that its value is being typed."""
        self._label.update(Content(f"{sign} {self.turnable.label}"))

    def show(self, snapshot: Snapshot) -> str:
        """Follow the run, but for the line that is chosen: somebody may be about to type.

        What has happened, if it was asked for here.
        """
        happened = ""
        new = snapshot.marks[self._marks :] if self.asked else ()
        mark = next((one for one in reversed(new) if self.turnable.is_of(one)), None)
        if mark is not None:
            self.asked = False
            happened = f"{self.turnable.label}: changed after step {mark.step:,}"
        self.now = self.turnable.now(snapshot)
        self._range.update(Content(self.turnable.range))
        self.set_class(self.turnable.is_turned(snapshot), "-turned")
        waits = self.asked or self.input.has_focus
        if not self.touched and (mark is not None or not waits):
            self._take(_text(self.now))
        return happened

    def read(self) -> float:
        """The number that was typed; ValueError where it cannot be."""
        return self.turnable.read(self.input.value.strip(), self.now)

    def ask(self, turn: Turn, snapshot: Snapshot) -> bool:
        """Ask for what was typed; False where that did not get through."""
        value = self.read()
        self._marks = len(snapshot.marks)
        self.asked = turn(self.turnable, value, self.now)
        if self.asked:
            self._take(_text(value))
        return self.asked

    def take_back(self) -> None:
        """Forget what was typed."""
        self._take(_text(self.now))

    def _take(self, text: str) -> None:
        self._shown = text
        if self.input.value != text:
            self.input.value = text


class SettingsDialog(Dialog[None]):
    """Lists ``turnables``; training goes on meanwhile, and each change is asked for at once."""

    CSS_PATH = "settings.tcss"
    AUTO_FOCUS = "Input"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", "Close", show=False),
        Binding("down", "app.focus_next", show=False),
        Binding("up", "app.focus_previous", show=False),
    ]

    def __init__(
        self, mode: RenderMode, turnables: tuple[Turnable, ...], snapshot: Snapshot, turn: Turn
    ) -> None:
        super().__init__(mode)
        self._lines = [SettingLine(one, snapshot) for one in turnables]
        self._turn = turn
        self._snapshot = snapshot
        self._meaning = Static(id="meaning")
        self._news = Static(id="news")
        self._sign = "▸" if mode.unicode else ">"
        self._arrows = "↑↓" if mode.unicode else "up, down"

    def compose(self) -> ComposeResult:
        """A line each, then what the chosen one means, and what came of a change."""
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = "Settings"
            dialog.border_subtitle = f"enter applies  {self._arrows} next line  esc closes"
            with VerticalScroll(can_focus=False):
                yield from self._lines
            yield self._meaning
            yield self._news

    def on_mount(self) -> None:
        """Fill the lines."""
        self.show(self._snapshot)

    def show(self, snapshot: Snapshot) -> None:
        """Follow the run."""
        self._snapshot = snapshot
        for line in self._lines:
            happened = line.show(snapshot)
            if happened:
                self._say(happened)

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Say what the chosen number means, and forget what was typed elsewhere."""
        for line in self._lines:
            line.choose(self._sign if line.input is event.widget else " ")
            if line.input is event.widget:
                self._meaning.update(Content(line.turnable.meaning))
                self._judge(line)
            elif line.touched:
                line.take_back()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Say at once what cannot be."""
        line = self._line_of(event.input)
        if line.touched:
            self._judge(line)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Ask for what was typed."""
        line = self._line_of(event.input)
        if self._judge(line) and line.touched and line.ask(self._turn, self._snapshot):
            self._say(f"{line.turnable.label}: asked for, before the next step")

    def action_close(self) -> None:
        """Back to the run."""
        self.dismiss(None)

    def _line_of(self, field: Input) -> SettingLine:
        return next(line for line in self._lines if line.input is field)

    def _judge(self, line: SettingLine) -> bool:
        """Whether what stands there can be; where not it is said."""
        try:
            line.read()
        except ValueError as error:
            self._say(f"{line.turnable.label}: {error}", fault=True)
            return False
        self._say("")
        return True

    def _say(self, text: str, fault: bool = False) -> None:
        self._news.set_class(fault, "-fault")
        self._news.update(Content(text))


def _text(value: float) -> str:
    """As people type it: 0.004, 0.00125, 2e-06."""
    return f"{value:.3g}"
