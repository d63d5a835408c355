"""The list of keys, and what the picture means."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from mnist_engine.training.events import Task
from mnist_tui.monitor.commands import COMMANDS
from mnist_tui.terminal import RenderMode

READING = {
    "gan": (
        "D, the discriminator, tells real digits from generated ones;",
        "G, the generator, makes digits that D takes for real.",
    ),
    "classify": (
        "Training loss is that of each batch, validation loss that of digits",
        "held out from training. A mistake reads 7→9: a 7 taken for a 9.",
    ),
}


class HelpScreen(ModalScreen[None]):
    """Any of its keys closes it."""

    CSS_PATH = "help.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,question_mark,q,enter,space", "app.pop_screen", "Close", show=False)
    ]

    def __init__(self, mode: RenderMode, task: Task | None) -> None:
        super().__init__()
        self._mode = mode
        self._task = task
        self.set_class(not mode.unicode, "-ascii")

    def compose(self) -> ComposeResult:
        """One scrolling text."""
        with VerticalScroll(classes="dialog") as dialog:
            dialog.border_title = "Keys"
            dialog.border_subtitle = "esc closes"
            yield Static(help_text(self._mode, self._task))


def help_text(mode: RenderMode, task: Task | None) -> Content:
    """The keys of ``task``, a line each, then how to read the screen."""
    commands = [
        command for command in COMMANDS if command.keys and command.task in (None, task)
    ]
    width = max(len("  ".join(command.key_names)) for command in commands)
    parts: list[str | tuple[str, str]] = []
    for command in commands:
        parts.append(("  ".join(command.key_names).ljust(width + 3), "bold $accent"))
        parts.append(command.help + "\n")
    parts.append("\n")
    for sentence in READING.get(task or "gan", ()):
        parts.append((sentence + "\n", "$text-muted"))
    parts.append(("This colour", "bold $accent"))
    parts.append((" is the hand's: keys, and what they changed.", "$text-muted"))
    content = Content.assemble(*parts)
    if mode.unicode:
        return content
    return Content.assemble(
        *((text.replace("×", "x").replace("→", ">"), style) for text, style in _pairs(parts))
    )


def _pairs(parts: list[str | tuple[str, str]]) -> list[tuple[str, str]]:
    return [(part, "") if isinstance(part, str) else part for part in parts]
