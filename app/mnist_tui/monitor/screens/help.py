"""The list of keys, and what the picture means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from textwrap import fill, wrap
from typing import Any, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from mnist_engine.training.events import Task
from mnist_tui.monitor.commands import COMMANDS, SECTIONS
from mnist_tui.monitor.commands.command import Command
from mnist_tui.monitor.commands.guiding import CARD
from mnist_tui.monitor.screens.dialog import Dialog
from mnist_tui.monitor.standing import Place
from mnist_tui.monitor.themes import palette_of
from mnist_tui.render.palette import Palette
from mnist_tui.render.spelling import spelled
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


class HelpScreen(Dialog[str]):
    """The keys of ``commands``, as many as belong there. Any of its own keys closes it.

    The key of the tour closes it too, with the id of that command as its answer.
    """

    CSS_PATH = "help.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,question_mark,q,enter,space", "dismiss", "Close", show=False)
    ]

    def __init__(
        self,
        mode: RenderMode,
        place: Place,
        task: Task | None,
        commands: Sequence[Command[Any]] = COMMANDS,
    ) -> None:
        super().__init__(mode)
        self._place: Place = place
        self._run_task = task
        self._commands = commands
        self._text = Static()
        self._width = 0
        answers = {"help": "dismiss", "tour": "dismiss('tour')"}
        for command in commands:
            if command.id in answers and command.keys and command.belongs(place, task):
                self._bindings.bind(",".join(command.keys), answers[command.id], show=False)

    def compose(self) -> ComposeResult:
        """One scrolling text."""
        with VerticalScroll(classes="dialog") as dialog:
            dialog.border_title = "Keys"
            dialog.border_subtitle = ", ".join([*self._tour(), "esc closes, up and down scroll"])
            self._break_lines(self.app.size.width)  # now: each change later is one more picture
            yield self._text

    def _tour(self) -> list[str]:
        """How the tour is begun from here, where there is one."""
        return [
            f"{command.key_names(self.mode.unicode)[0]} takes the tour"
            for command in self._commands
            if command.id == "tour" and command.keys and command.belongs(self._place, None)
        ]

    def on_mount(self) -> None:
        """Messages have been seen, or are in the log; here they would hide keys."""
        self.app.clear_notifications()

    def on_resize(self, event: events.Resize) -> None:
        """Break lines where the screen ends."""
        self._break_lines(event.size.width)

    def _break_lines(self, columns: int) -> None:
        width = min(columns * 9 // 10 - FRAME, WIDEST)
        if width != self._width:
            self._width = width
            palette = palette_of(self.app.theme_variables, self.app.current_theme.dark)
            shown = shown_sections(self._commands, self._place, self._run_task)
            self._text.update(help_text(self.mode, shown, self._run_task, palette, width))


def shown_sections(
    commands: Sequence[Command[Any]], place: Place, task: Task | None
) -> dict[str, list[Command[Any]]]:
    """What can be done there with keys, by the titles of sections; panels have one each."""
    titles = {command.id: title for title, table in SECTIONS for command in table}
    sections: dict[str, list[Command[Any]]] = {title: [] for title, _ in SECTIONS}
    for command in commands:
        if command.keys and command.belongs(place, task):
            of_panel = command.panel not in ("", CARD)
            title = f"Panel of {command.panel}" if of_panel else titles[command.id]
            sections.setdefault(title, []).append(command)
    around = sections.pop(SECTIONS[-1][0])
    return {title: some for title, some in sections.items() if some} | {"Around": around}


def help_text(
    mode: RenderMode,
    sections: Mapping[str, Sequence[Command[Any]]],
    task: Task | None,
    palette: Palette,
    room: int,
) -> Content:
    """The keys of ``sections`` by title, then how to read the screen, in ``room`` cells."""
    key = f"bold {palette.accent}"
    names = {
        command: "  ".join(command.key_names(mode.unicode))
        for commands in sections.values()
        for command in commands
    }
    width = max(map(len, names.values()))
    parts = []
    for title, commands in sections.items():
        parts.append((f"{title}\n", f"bold {palette.text}"))
        for command in commands:
            parts.append((names[command].ljust(width + 3), key))
            lines = wrap(command.help, max(room - width - 3, 10))
            parts.append((f"\n{' ' * (width + 3)}".join(lines) + "\n", palette.text))
        parts.append(("\n", palette.text))
    for sentence in READING.get(task or "", ()):
        parts.append((fill(sentence, room) + "\n", palette.quiet))
    last = fill("This colour marks what you can press, and what you have changed.", room)
    parts.append((last[: len("This colour")], key))
    parts.append((last[len("This colour") :], palette.quiet))
    return Content.assemble(*((spelled(text, mode), style) for text, style in parts))
