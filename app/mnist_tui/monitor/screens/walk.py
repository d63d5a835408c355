"""The screen on which a person walks through a generator's latent space."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from textual import events
from textual.app import ComposeResult
from textual.containers import Container

from mnist_engine.inspection.latent import Walk, effects, walk
from mnist_engine.training.events import SamplesDrawn
from mnist_engine.training.gan import GanTrainer
from mnist_engine.training.questions import Question
from mnist_engine.training.trainer import Trainer
from mnist_tui.figures import a_digit
from mnist_tui.monitor.commands.command import Command
from mnist_tui.monitor.inquiry import Inquiry
from mnist_tui.monitor.journey import POINTS, POINTS_PER_SECOND, Journey
from mnist_tui.monitor.screens.over_run import OverRunScreen
from mnist_tui.monitor.widgets.coordinates import Coordinates
from mnist_tui.monitor.widgets.ends import Ends
from mnist_tui.monitor.widgets.key_line import KeyLine
from mnist_tui.monitor.widgets.large_picture import LargePicture
from mnist_tui.monitor.widgets.too_small import TooSmall
from mnist_tui.monitor.widgets.way_strip import WayStrip
from mnist_tui.monitor.widgets.words import Words

if TYPE_CHECKING:
    from mnist_tui.monitor.screens.run import RunScreen

MOST_EFFECTIVE = 16
"""Coordinates that are listed unless all are wanted."""


class Seen(NamedTuple):
    """What was found on the way, by networks of which ``step``, and the classes that they know.

    ``shown`` are the digits to walk to, as the same networks make them, and ``labels`` their
    classes, None where the generator is not told any. ``effects`` (latent,) come with the first
    answer.
    """

    step: int
    walk: Walk
    shown: SamplesDrawn
    labels: NDArray[np.integer] | None
    classes: int
    effects: NDArray[np.float64] | None


class WalkScreen(OverRunScreen):
    """Digits to walk to, one large picture that moves, coordinates to turn, the whole way below.

    While training goes on the pictures are those of the newest generator.
    """

    OWN_PLACE = "walk"
    CSS_PATH = "walk.tcss"

    def __init__(self, below: RunScreen, first: int, last: int) -> None:
        super().__init__(below)
        self.journey = Journey(first, last)
        self._heading = Words(below.mode)
        self._ends = Ends(below.mode, self.walk_to, id="ends")
        self._picture = LargePicture(below.mode, id="picture")
        self._coordinates = Coordinates(below.mode, id="coordinates")
        self._way = WayStrip(below.mode, self._go_to, id="way")
        self._keys = KeyLine(below.mode)
        self._too_small = TooSmall(below.mode)
        self._inquiry: Inquiry[Seen] = Inquiry(self, self._on_seen, self._on_failure)
        self._asked: tuple[int, int] | None = None  # the journey's version, the run's step
        self._seen: Seen | None = None
        self._order: list[int] = []  # coordinates, those first that matter most
        self._all = False

    def compose(self) -> ComposeResult:
        """Every widget, once."""
        yield self._heading
        with Container(id="upper"):
            yield self._ends
            yield self._picture
            yield self._coordinates
        yield self._way
        yield self._keys
        yield self._too_small

    def on_mount(self) -> None:
        """The walk begins at once."""
        self._ends.chosen = self.journey.last
        self._ends.focus()
        self.set_interval(1 / POINTS_PER_SECOND, self._advance)
        self.look_again()

    # What a person can do: see ``Walking``.

    def move(self, columns: int, rows: int) -> None:
        """Go about in the focused panel."""
        latent = len(self._seen.walk.noise[0]) if self._seen else 0
        if self.focused is self._coordinates:
            self._coordinates.choose(rows)
            chosen = self._coordinates.chosen
            if columns and chosen is not None:
                self.journey.turn(chosen, columns, latent)
        elif self.focused is self._way:
            self.journey.step(columns)
        else:
            self._ends.choose(columns, rows)
        self._show()

    def take(self) -> None:
        """Walk on to the chosen digit."""
        self._ends.take()

    def walk_to(self, number: int) -> None:
        """Walk on to a digit."""
        self.journey.walk_to(number)
        self._show()

    def toggle_play(self) -> None:
        """Walk, or stand."""
        self.journey.playing = not self.journey.playing
        self._show()

    def pick_class(self, label: int) -> None:
        """Let every picture be of that class, or again of those of the two digits."""
        self.journey.pick_class(label)
        self._show()

    def turn_back(self) -> None:
        """All coordinates as they were."""
        self.journey.turn_back()
        self._show()

    def toggle_all(self) -> None:
        """List all coordinates, or only those that matter most."""
        self._all = not self._all
        self._show()

    def next_panel(self) -> None:
        """Choose the next panel, in which the arrows then work."""
        self.focus_next()

    # -- questions and answers -------------------------------------------------------------------

    def look_again(self) -> None:
        """See whether training has gone on, or the way has become another."""
        wanted = self.journey.version, self.below.snapshot.step
        if self._asked != wanted:
            urgent = self._asked is None or self._asked[0] != wanted[0]
            self._asked = wanted
            self._inquiry.ask(self.below, self._question(), urgent)
        self._show_ends()

    def _question(self) -> Question[Seen]:
        way, first = self.journey.way, not self._order

        def question(trainer: Trainer) -> Seen:
            assert isinstance(trainer, GanTrainer)
            told = trainer.shown_labels if trainer.recipe.game.conditional else None
            return Seen(
                trainer.steps_done,
                walk(trainer, way),
                trainer.draw_samples(epoch_end=False),
                told,
                trainer.sizes.classes,
                effects(trainer) if first else None,
            )

        return question

    def _on_seen(self, seen: Seen) -> None:
        self._seen = seen
        if seen.effects is not None:
            self._order = [int(number) for number in np.argsort(-seen.effects, kind="stable")]
        if self.is_attached:
            self._show()

    def _on_failure(self) -> None:
        self._asked = None

    # -- what is seen ----------------------------------------------------------------------------

    def offered_commands(self) -> tuple[Command[Any], ...]:
        """Classes can be picked where the generator is told them."""
        known = 0 if self._seen is None or self._seen.labels is None else self._seen.classes
        others = {f"all-of-class-{label}" for label in range(known, 10)}
        return tuple(one for one in super().offered_commands() if one.id not in others)

    def on_resize(self, event: events.Resize) -> None:
        """The keys may be others where nothing can be seen."""
        self.call_after_refresh(self._show_keys)

    def _advance(self) -> None:
        if self._seen is not None and self.journey.advance():
            self._show_moment(self._seen)

    def _go_to(self, position: int) -> None:
        self.journey.step(position - self.journey.position)
        self._show()

    def _show(self) -> None:
        """Everything, and ask where the way has become another."""
        self.look_again()
        self._show_keys()
        seen, journey = self._seen, self.journey
        if seen is None:
            return
        told = "" if journey.label is None else f"all of class {journey.label}"
        self._heading.show("Latent walk", [self.whose(seen.step), *([told] if told else [])])
        self._show_moment(seen)

    def _show_keys(self) -> None:
        self._keys.show(self.offered_commands(), not self.journey.playing)

    def _show_moment(self, seen: Seen) -> None:
        journey = self.journey
        picture = seen.walk.pictures[journey.position]
        share = f"{journey.position / (POINTS - 1):.0%}"
        self._picture.show(picture, f"{share} of the way", share)
        first, last = (self._called(number, seen) for number in (journey.first, journey.last))
        self._way.show(seen.walk.pictures, journey.position, f"From {first} to {last}")
        numbers: Sequence[int] = self._order[:MOST_EFFECTIVE]
        title = "What changes most"
        if self._all:
            numbers, title = range(len(self._order)), f"All {len(self._order)} coordinates"
        noise = seen.walk.noise[journey.position]
        self._coordinates.show(numbers, noise, journey.turned, title)

    def _show_ends(self) -> None:
        shown = self._seen.shown if self._seen else self.below.snapshot.samples
        self._ends.show(shown, (self.journey.first, self.journey.last))

    def _called(self, number: int, seen: Seen) -> str:
        """What a digit is called: by its class, where the generator is told one."""
        if seen.labels is None or self.journey.label is not None:
            return f"digit {number + 1}"
        return a_digit(seen.labels[number])
