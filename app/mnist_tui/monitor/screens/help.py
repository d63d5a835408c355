"""The list of keys, and what the picture means."""

from __future__ import annotations

from textwrap import fill, wrap
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from mnist_engine.training.events import Task
from mnist_tui.monitor.commands import COMMANDS
from mnist_tui.monitor.standing import Place
from mnist_tui.monitor.themes import palette_of
from mnist_tui.render.palette import Palette
from mnist_tui.terminal import RenderMode

READING: dict[str, tuple[str, ...]] = {
    "gan": (
        "D, the discriminator, tells real digits from generated ones;",
        "G, the generator, makes digits that D takes for real.",
    ),
    "classify": (
        "The training curve is the loss of each batch, the validation curve that of digits held "
        "out from training. A mistake reads 7→9: a 7 taken for a 9.",
    ),
}


FRAME = 9
"""Cells of the dialog's border, padding and scroll bar."""

WIDEST = 84
"""Cells of a line that reads well."""


class HelpScreen(ModalScreen[None]):
    """Any of its keys closes it."""

    CSS_PATH = "help.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,question_mark,q,enter,space", "app.pop_screen", "Close", show=False)
    ]

    def __init__(self, mode: RenderMode, place: Place, task: Task | None) -> None:
        super().__init__()
        self._mode = mode
        self._place: Place = place
        self._run_task = task
        self._text = Static()
        self.set_class(not mode.unicode, "-ascii")

    def compose(self) -> ComposeResult:
        """One scrolling text."""
        with VerticalScroll(classes="dialog") as dialog:
            dialog.border_title = "Keys"
            dialog.border_subtitle = "esc closes"
            yield self._text

    def on_mount(self) -> None:
        """Messages have been seen, or are in the log; here they would hide keys."""
        self.app.clear_notifications()

    def on_resize(self, event: events.Resize) -> None:
        """Break lines where the screen ends."""
        palette = palette_of(self.app.theme_variables, self.app.current_theme.dark)
        width = min(event.size.width * 9 // 10 - FRAME, WIDEST)
        self._text.update(help_text(self._mode, self._place, self._run_task, palette, width))


def help_text(
    mode: RenderMode, place: Place, task: Task | None, palette: Palette, room: int
) -> Content:
    """The keys of ``task`` in that place, then how to read the screen, in ``room`` cells."""
    commands = [command for command in COMMANDS if command.keys and command.belongs(place, task)]
    names = ["  ".join(command.key_names(mode.unicode)) for command in commands]
    width = max(map(len, names))
    key = f"bold {palette.accent}"
    parts = []
    for command, name in zip(commands, names, strict=True):
        parts.append((name.ljust(width + 3), key))
        lines = wrap(command.help, max(room - width - 3, 10))
        parts.append((f"\n{' ' * (width + 3)}".join(lines) + "\n", palette.text))
    for sentence in ("", *READING.get(task or "", ())):
        parts.append((fill(sentence, room) + "\n", palette.quiet))
    last = fill("This colour marks what you can press, and what you have changed.", room)
    parts.append((last[: len("This colour")], key))
    parts.append((last[len("This colour") :], palette.quiet))
    if not mode.unicode:
        parts = [(text.replace("×", "x").replace("→", ">"), style) for text, style in parts]
    return Content.assemble(*parts)
