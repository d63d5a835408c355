"""An observer of a run that says early what goes wrong.

It folds the events of a run and answers with alarms; training does not depend on it, so it may
watch a run that goes on as well as one that is read from a log. ::

    alarms = Alarms(game.bounded_losses)
    for event in trainer:
        for news in alarms.see(event):
            ...

Seven troubles are told apart; :mod:`~mnist_engine.training.limits` has every threshold, and
:mod:`~mnist_engine.training.remedies` what helps. Two are a GAN's. **Collapse**: the generator
draws few kinds of digits. **Discriminator winning**: it tells nearly all, and the generator falls
behind. A generator that overpowers its discriminator is not among them: D(real) = D(fake) = ½ is
where a perfect generator ends too (Goodfellow et al., 2014), and one that learns 20 times too fast
does not fool its discriminator but collapses, which is seen. Four may befall any network:
**divergence**, where losses run away, **vanishing gradients**, **over-fitting** and a **plateau**.
A classifier may learn too slowly, **slow learning**.
"""

from __future__ import annotations

import math
from collections import defaultdict, deque
from collections.abc import Collection, Mapping
from typing import Any

from mnist_engine.training.events import (
    Alarm,
    Cleared,
    Diverged,
    Event,
    Level,
    Measured,
    StepDone,
    Trouble,
)
from mnist_engine.training.learning import (
    Mean,
    Memorising,
    Overfitting,
    Plateau,
    Runaway,
    Vanishing,
)
from mnist_engine.training.limits import (
    ABSURD,
    ABSURD_STEPS,
    CLASS_KL,
    CLASSES,
    DEAD,
    DISTANCE,
    FIRST_JUDGED,
    FIRST_MARGIN,
    LARGEST_LOSS,
    LATEST,
    LOOK_BACK,
    MARGIN,
    MEMORY,
    RISE,
    RISE_EVERY,
    RISE_WITHIN,
    RUNAWAY,
    TOP_CLASS,
    UNFOOLED,
    Limits,
)
from mnist_engine.training.remembering import memory_of, recall

News = Alarm | Cleared

PROBABILITIES = ("D(real)", "D(fake)")
PLAYERS = ("discriminator", "generator")
REMEMBERED = {"_told", "_means", "_absurd", "_noted_losses", "_measured", "_watchers"}


class Alarms:
    """Watches one run; :meth:`see` takes its events, oldest first.

    ``bounded_losses`` are those of the game (see :class:`~mnist_engine.training.games.Game`), which
    are judged by their mean size. ``real_distance`` is the mean L2 distance between two real
    images, pixels in [0, 1]; MNIST's unless given. Games without probabilities are not asked
    whether the discriminator wins.
    """

    def __init__(
        self, bounded_losses: Collection[str] = PLAYERS, real_distance: float = 10.0
    ) -> None:
        self._bounded_losses = bounded_losses
        self._dead = DEAD * real_distance
        distance = Limits(DISTANCE.warning * real_distance, DISTANCE.alarm * real_distance, True)
        self._variety = {
            "class KL": CLASS_KL,
            "top class": TOP_CLASS,
            "classes": CLASSES,
            "pairwise distance": distance,
        }
        self._forget()

    def _forget(self) -> None:
        self._told: dict[Trouble, int] = {}
        self._means: dict[str, Mean] = defaultdict(Mean)
        self._absurd: deque[bool] = deque(maxlen=LATEST)
        self._noted_losses: deque[float] = deque(maxlen=RISE_WITHIN // RISE_EVERY)
        self._measured: deque[tuple[int, dict[str, float]]] = deque()
        self._of_steps = (Vanishing(), Plateau(), Runaway(), Overfitting())  # of a million steps
        self._watchers = (*self._of_steps, Memorising())

    def memory(self) -> dict[str, Any]:
        """All that it has seen and that later judgements depend on, for JSON."""
        return {name: memory_of(getattr(self, name)) for name in REMEMBERED}

    def recall(self, memory: Mapping[str, Any]) -> None:
        """Go on from the :meth:`memory` of another; from nothing if it is no such."""
        self._forget()
        try:
            for name in REMEMBERED & memory.keys():
                recall(getattr(self, name), memory[name])
        except (AttributeError, TypeError, ValueError):  # of an older version of the program
            self._forget()

    def see(self, event: Event) -> list[News]:
        """What this event gives rise to; mostly nothing.

        A trouble that grows from a warning to an alarm is told a second time, and then no more
        until it has cleared, which is told as well.
        """
        news: list[News] = []
        match event:
            case StepDone():
                news += self._see_step(event)
            case Measured():
                news += self._see_measures(event)
            case Diverged():
                news += self._tell(event, "divergence", 2, event.text)
        for watcher in self._of_steps if isinstance(event, StepDone) else self._watchers:
            for finding in watcher.see(event):
                if finding.clear:
                    news += self._clear(event, finding.trouble)
                news += self._tell(event, finding.trouble, finding.severity, finding.text)
        return news

    # -- steps -----------------------------------------------------------------------------------

    def _see_step(self, event: StepDone) -> list[News]:
        for name, value in (event.losses | event.measures).items():
            if name in PLAYERS + PROBABILITIES and math.isfinite(value):
                bounded = min(max(value, -LARGEST_LOSS), LARGEST_LOSS)
                self._means[name].add(bounded)
        alarms = [*self._judge_sizes(event), *self._judge_losses(event), *self._judge_margin(event)]
        loss = self._mean("generator")
        if loss is not None and event.step >= FIRST_JUDGED and event.step % RISE_EVERY == 0:
            self._noted_losses.append(loss)
        return alarms

    def _judge_sizes(self, event: StepDone) -> list[News]:
        """Whether losses are of a size that needs no average, and no bounds, to be told."""
        sizes = {name: abs(event.losses[name]) for name in PLAYERS if name in event.losses}
        worst = max(sizes, key=lambda name: sizes[name], default="")
        self._absurd.append(sizes.get(worst, 0.0) > ABSURD)
        if not any(self._absurd) and not self._bounded_losses:
            return self._clear(event, "divergence")
        if not self._absurd[-1] or sum(self._absurd) < ABSURD_STEPS:
            return []
        text = f"the {worst}'s loss has run away, to a size of {sizes[worst]:.0e}"
        return self._tell(event, "divergence", 2, text)

    def _judge_losses(self, event: StepDone) -> list[News]:
        means = {name: self._mean(name) for name in self._bounded_losses}
        sizes = {name: abs(mean) for name, mean in means.items() if mean is not None}
        if not sizes:
            return []
        worst = max(sizes, key=lambda name: sizes[name])
        cleared = self._clear(event, "divergence") if RUNAWAY.is_clear(sizes[worst]) else []
        severity = RUNAWAY.severity(sizes[worst])
        text = f"the {worst}'s loss has run away, to a mean size of {sizes[worst]:.1f}"
        return cleared + self._tell(event, "divergence", severity, text)

    def _judge_margin(self, event: StepDone) -> list[News]:
        real, fake = (self._mean(name) for name in PROBABILITIES)
        if real is None or fake is None or event.step < FIRST_MARGIN:
            return []
        margin = real - fake
        if MARGIN.is_clear(margin):
            return self._clear(event, "discriminator winning")
        if not MARGIN.severity(margin) or not (behind := self._generator_is_behind()):
            return []
        text = f"D(real) is {real:.2f} and D(fake) {fake:.2f} on average, and {behind}"
        return self._tell(event, "discriminator winning", MARGIN.severity(margin), text)

    def _generator_is_behind(self) -> str:
        """How it is seen that the generator cannot follow; empty where it can."""
        loss = self._mean("generator")
        if loss is not None and loss > UNFOOLED:
            return f"the generator's loss is {loss:.1f}"
        lowest = min(self._noted_losses, default=math.inf)
        if loss is not None and loss > RISE * lowest:
            return f"the generator's loss has risen from {lowest:.2f} to {loss:.2f}"
        return "generated digits lack variety" if self._told.get("collapse") else ""

    def _mean(self, name: str) -> float | None:
        """The mean over the last steps; None until there were enough of them."""
        mean = self._means.get(name)
        return mean.value if mean is not None and mean.count >= MEMORY else None

    # -- measures of generated digits ------------------------------------------------------------

    def _see_measures(self, event: Measured) -> list[News]:
        values = {
            name: event.values[name]
            for name in self._variety
            if name in event.values and math.isfinite(event.values[name])
        }
        earlier = self._measured_before(event.step)
        self._measured.append((event.step, values))
        if not values or self._steps_of_generator(event.step) < FIRST_JUDGED:
            return []
        if all(self._variety[name].is_clear(value) for name, value in values.items()):
            return self._clear(event, "collapse")
        past = {name: self._variety[name].severity(value) for name, value in values.items()}
        stuck = [past[name] for name in values if not self._is_on_its_way(name, values, earlier)]
        numbers = ", ".join(f"{name} {values[name]:.3g}" for name in values if past[name])
        text = f"generated digits lack variety: {numbers}"
        return self._tell(event, "collapse", max(stuck, default=0), text)

    def _steps_of_generator(self, steps: int) -> float:
        """In how many of ``steps`` it moved: not in all where D takes several for one of G's."""
        moves = [self._means[name].count for name in PLAYERS]
        return steps * moves[PLAYERS.index("generator")] / max(moves) if max(moves) else steps

    def _measured_before(self, step: int) -> dict[str, float]:
        """The newest measures that are LOOK_BACK steps older at least; empty if none are."""
        old = step - LOOK_BACK
        while len(self._measured) > 1 and self._measured[1][0] <= old:
            self._measured.popleft()
        return self._measured[0][1] if self._measured and self._measured[0][0] <= old else {}

    def _is_on_its_way(
        self, name: str, values: dict[str, float], earlier: dict[str, float]
    ) -> bool:
        """Whether what ``name`` measures may still be spreading out, for all that is known.

        The class KL tells it for all measures of classes: the others move in leaps.
        """
        telling = name if name == "pairwise distance" else "class KL"
        if telling == "pairwise distance" and values[name] < self._dead:
            return False
        if telling not in values or telling not in earlier:
            return True
        return self._variety[telling].is_better(values[telling], earlier[telling])

    # -- what was told ---------------------------------------------------------------------------

    def _clear(self, event: Event, name: Trouble) -> list[News]:
        """Say that a trouble is over, if it was told."""
        if self._told.pop(name, 0) == 0:
            return []
        return [Cleared(step=event.step, seconds=event.seconds, name=name)]

    def _tell(self, event: Event, name: Trouble, severity: int, text: str) -> list[News]:
        """The alarm, if it is worse than what was told since the trouble last cleared."""
        if severity <= self._told.get(name, 0):
            return []
        self._told[name] = severity
        level: Level = "alarm" if severity == 2 else "warning"
        return [Alarm(step=event.step, seconds=event.seconds, name=name, level=level, text=text)]
