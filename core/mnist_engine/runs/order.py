"""Events of a log in their order, without those whose step a damaged disk made up."""

from __future__ import annotations

from mnist_engine.training.events import Event, Resumed, Started, StepDone


class Order:
    """Lets through the events that fit the ones before them.

    A log has each step once, so its lines count the steps. An event from another place than that
    is doubtful; it waits for the next one, which may come from there too: then something is missing
    in between and both are let through. A lonely one was never written by a trainer.
    """

    def __init__(self) -> None:
        self.dropped = 0
        self._step: int | None = None  # of the last event that was let through
        self._passed = 0  # steps that lines since then may have been
        self._went_back = False  # whether training went back and is not yet where it was
        self._doubtful: Event | None = None
        self._passed_doubtful = 0

    def pass_over(self, steps: int = 1) -> None:
        """Lines came that may be so many steps and are not looked at."""
        self._passed += steps
        self._passed_doubtful += steps

    def admit(self, event: Event) -> list[Event]:
        """The events that may be believed now that ``event`` came, oldest first: up to two."""
        if isinstance(event, StepDone):
            self.pass_over()
        doubtful, self._doubtful = self._doubtful, None
        if self._step is None or self._fits(event, self._step, self._passed):
            self.dropped += doubtful is not None
            return self._let_through(max(self._step or 0, event.step), [event])
        if doubtful is not None and self._fits(event, doubtful.step, self._passed_doubtful):
            return self._let_through(event.step, [doubtful, event])
        self.dropped += doubtful is not None
        self._doubtful, self._passed_doubtful = event, 0
        return []

    def _let_through(self, step: int, events: list[Event]) -> list[Event]:
        self._step, self._passed = step, 0
        match events[-1]:
            case Resumed():
                self._went_back = True
            case StepDone():
                self._went_back = False
        return events

    def _fits(self, event: Event, after: int, passed: int) -> bool:
        """Whether ``event`` can stand behind step ``after`` and ``passed`` lines more.

        A training that went back to a checkpoint does some steps once more, without noting them;
        but what it meets there may be new.
        """
        match event:
            case Started() | Resumed():
                return True
            case StepDone():
                return after < event.step <= after + passed
        return event.step <= after + passed and (event.step >= after or self._went_back)
