"""Everything that a person can do, in one table.

Key bindings, the footer, the help screen and the command palette are all made from ``COMMANDS``.
"""

from __future__ import annotations

from typing import Any

from textual.binding import Binding, BindingType

from mnist_tui.monitor.commands.command import Command
from mnist_tui.monitor.commands.comparing import COMPARING
from mnist_tui.monitor.commands.panels import PANELS
from mnist_tui.monitor.commands.replaying import REPLAYING
from mnist_tui.monitor.commands.steering import STEERING
from mnist_tui.monitor.commands.viewing import VIEWING

COMMANDS: tuple[Command[Any], ...] = (*STEERING, *REPLAYING, *COMPARING, *PANELS, *VIEWING)


def bindings() -> list[BindingType]:
    """A binding for every key of the table; each runs the action ``key(key)``."""
    keys = dict.fromkeys(key for command in COMMANDS for key in command.keys)
    return [Binding(key, f"key({key!r})", show=False) for key in keys]
