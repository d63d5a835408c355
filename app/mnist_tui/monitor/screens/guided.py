"""What a screen with cards does: it shows a tour or a lesson, and turns its cards."""

from __future__ import annotations

from textual import events

from mnist_tui.monitor.commands.guiding import CARD
from mnist_tui.monitor.guiding.box import CardBox
from mnist_tui.monitor.guiding.card import Course
from mnist_tui.monitor.guiding.tour import tour
from mnist_tui.monitor.screens.plotting import PlottingScreen


class GuidedScreen(PlottingScreen):
    """Has ``cards``; see ``Guided`` for what a person can do with them.

    ``course`` is the one to begin with; ``offers_tour`` tells that a person is here the first time.
    """

    cards: CardBox
    course: Course | None = None
    offers_tour = False

    @property
    def card_place(self) -> str:
        """The panel for which the commands of cards are, where one lies there; else empty."""
        return CARD if self.cards.card is not None else ""

    def on_mount(self) -> None:
        """Begin with the course that there is."""
        if self.course is not None:
            self.call_after_refresh(self.begin_course, self.course)

    def hold(self, waits: bool) -> None:
        """Let training wait for a person who reads, or go on; where there is none, nothing."""

    def begin_course(self, course: Course) -> None:
        """Show its first card."""
        self.cards.begin(course)
        self.stand()

    def on_resize(self, event: events.Resize) -> None:
        """The card finds another place."""
        self.call_after_refresh(self.cards.write)

    # What a person can do: see ``Guided``.

    def take_tour(self) -> None:
        """Begin with the first card of the tour; a lesson that was put away goes on instead."""
        self.offers_tour = False
        lesson = self._lesson_left
        self.begin_course(lesson or tour(self.run_task or "gan", self.place))

    def next_card(self) -> None:
        """The card was read."""
        self.cards.read()
        self.stand()

    def leave_cards(self) -> None:
        """Put the cards away."""
        self.cards.leave()
        self.stand()
        key = self.standing.key("tour")
        if key and self._lesson_left is not None:
            self.notify(f"{key} brings its card back", title="Lesson put away", markup=False)

    @property
    def _lesson_left(self) -> Course | None:
        """What the screen began with, where it is not at its end and its card lies elsewhere."""
        lesson = self.course
        unfinished = lesson is not None and lesson.card is not None
        return lesson if unfinished and self.cards.course is not lesson else None

    def stand(self, **changes: object) -> None:
        """Change the standing, and show it."""
        raise NotImplementedError
