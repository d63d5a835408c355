"""What a command is: something that a person can do, with its keys and where it is offered."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar, get_args

from mnist_engine.training.events import Task
from mnist_tui.monitor.commands.key_names import key_name
from mnist_tui.monitor.standing import Place

EVERYWHERE: tuple[Place, ...] = get_args(Place)

ScreenType = TypeVar("ScreenType", contravariant=True)


@dataclass(frozen=True)
class Command(Generic[ScreenType]):
    """Something that a person can do.

    ``name`` stands in the palette, ``label`` in the footer ("" keeps it out; ``other_label`` takes
    its place while the run is paused, or plays), ``help`` on the help screen. ``places`` says where
    it is offered. ``running`` commands make sense only until training has ended; ``task`` limits a
    command to one task, and ``blind`` ones can be done where the terminal is too small to see.
    Those of a ``panel`` are for when it is focused or zoomed, and come before others of their keys;
    ``looking`` ones are offered where networks can be asked.
    By ``id`` people give commands other keys; those of one id, for several places, go together.
    Unless it is given it is made of the name.
    """

    name: str
    keys: tuple[str, ...]
    label: str
    help: str
    do: Callable[[ScreenType, str], None]
    other_label: str = ""
    places: tuple[Place, ...] = EVERYWHERE
    running: bool = False
    blind: bool = False
    task: Task | None = None
    panel: str = ""
    looking: bool = False
    id: str = ""

    def __post_init__(self) -> None:
        """Every command can be named."""
        if not self.id:
            words = re.findall(r"[a-z0-9]+", self.name.lower().replace("'", ""))
            object.__setattr__(self, "id", "-".join(words))

    def key_names(self, unicode: bool) -> tuple[str, ...]:
        """The keys as people write them."""
        return tuple(key_name(key, unicode) for key in self.keys)

    def belongs(self, place: Place, task: Task | None) -> bool:
        """Whether it can ever be done there."""
        return place in self.places and self.task in (None, task)

    def offered(self, place: Place, task: Task | None, ended: bool) -> bool:
        """Whether it can be done now."""
        return self.belongs(place, task) and not (self.running and ended)
