"""The question before leaving a run that still trains."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.geometry import Size
from textual.widgets import Button, Static

from mnist_tui.monitor.screens.dialog import Dialog
from mnist_tui.terminal import RenderMode

ROOMY = Size(60, 14)
"""Cells of a screen from which on the answers have room beside each other."""


class QuitDialog(Dialog[bool]):
    """Stop and save (True), or go on training (False). Training goes on while it asks.

    ``refused`` says why the disk takes nothing; it is empty where all can be saved.
    """

    CSS_PATH = "quit.tcss"
    AUTO_FOCUS = "#stop"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("s", "answer(True)", "Stop and save", show=False),
        Binding("g,escape", "answer(False)", "Go on training", show=False),
        Binding("left,up", "app.focus_previous", show=False),
        Binding("right,down", "app.focus_next", show=False),
    ]

    def __init__(self, mode: RenderMode, run_directory: Path, refused: str = "") -> None:
        super().__init__(mode)
        self._run_directory = run_directory
        self._refused = refused

    def compose(self) -> ComposeResult:
        """The question and its two answers."""
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = "Stop training?"
            question = f"Stopping saves the weights so far in\n{self._run_directory}"
            if self._refused:
                question = (
                    f"The disk takes nothing: {self._refused}.\nSteps since the last checkpoint "
                    "will be lost; to resume the run does them again."
                )
            yield Static(Content(question), id="question")
            with Horizontal(id="answers"):
                stop = "Stop (s)" if self._refused else "Stop and save (s)"
                yield Button(Content(stop), id="stop")
                yield Button(Content("Go on training (g)"), id="go-on")

    def on_resize(self, event: events.Resize) -> None:
        """Where there is little room, all of it is taken, and the answers lie below each other."""
        self.set_class(event.size.width < ROOMY.width or event.size.height < ROOMY.height, "-small")

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Take the answer."""
        self.dismiss(event.button.id == "stop")

    def action_answer(self, stop: bool) -> None:
        """Take the answer that a key gives."""
        self.dismiss(stop)
