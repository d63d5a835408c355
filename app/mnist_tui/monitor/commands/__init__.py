"""Everything that a person can do, in one table.

Key bindings, the footer, the help screen and the command palette are all made from ``COMMANDS``.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain
from typing import Any

from textual.binding import Binding, BindingType

from mnist_tui.monitor.commands.acting import ACTING
from mnist_tui.monitor.commands.command import Command
from mnist_tui.monitor.commands.comparing import COMPARING
from mnist_tui.monitor.commands.digits import DIGITS
from mnist_tui.monitor.commands.drawing import DRAWING
from mnist_tui.monitor.commands.guiding import GUIDING
from mnist_tui.monitor.commands.log import LOG
from mnist_tui.monitor.commands.networks import NETWORKS
from mnist_tui.monitor.commands.panels import PANELS
from mnist_tui.monitor.commands.plots import PLOTS
from mnist_tui.monitor.commands.replaying import REPLAYING
from mnist_tui.monitor.commands.steering import STEERING
from mnist_tui.monitor.commands.tape import TAPE
from mnist_tui.monitor.commands.viewing import VIEWING
from mnist_tui.monitor.commands.walking import WALKING

SECTIONS: tuple[tuple[str, tuple[Command[Any], ...]], ...] = (
    ("Training", (*STEERING, *ACTING)),
    ("Replay", REPLAYING),
    ("Comparison", COMPARING),
    ("Plots", PLOTS),
    ("Panels", (*PANELS, *DIGITS, *LOG)),
    ("Tour and lessons", GUIDING),
    ("Networks", NETWORKS),
    ("Drawing", DRAWING),
    ("Tape", TAPE),
    ("Latent walk", WALKING),
    ("Around", VIEWING),
)
"""What belongs together on the help screen, where those of one panel stand by themselves."""

COMMANDS: tuple[Command[Any], ...] = tuple(chain.from_iterable(table for _, table in SECTIONS))


def keys_of(commands: Iterable[Command[Any]]) -> list[str]:
    """Every key of ``commands``, once."""
    return list(dict.fromkeys(key for command in commands for key in command.keys))


def action_of(key: str) -> str:
    """What a screen does when ``key`` is pressed, in Textual's words."""
    return f"key({key!r})"


def bindings() -> list[BindingType]:
    """A binding for every key of the table."""
    return [Binding(key, action_of(key), show=False) for key in keys_of(COMMANDS)]
