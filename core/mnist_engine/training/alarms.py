"""An observer of a GAN's run that says early what goes wrong.

It folds the events of a run and answers with alarms; training does not depend on it, so it may
watch a run that goes on as well as one that is read from a log. ::

    alarms = Alarms(game.bounded_losses)
    for event in trainer:
        for alarm in alarms.see(event):
            ...

Three troubles are told apart. **Collapse**: the generator draws few kinds of digits.
**Discriminator winning**: it tells nearly all, and the generator falls behind. **Divergence**:
losses run away. A generator that overpowers its discriminator is not among them: D(real) = D(fake)
= ½ is where a perfect generator ends too (Goodfellow et al., 2014), and one that learns 20 times
too fast does not fool its discriminator but collapses, which is seen.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Collection
from dataclasses import dataclass

from mnist_engine.training.events import Alarm, Diverged, Event, Level, Measured, StepDone, Trouble

HYSTERESIS = 0.1
"""A trouble has cleared when its values are better than the limits of a warning by this share.

Chosen: more than twice what chance does. Of 1,000 digits a share of 0.35 has a deviation of 0.015.
"""


@dataclass(frozen=True)
class Limits:
    """From where on a value is worth a warning, and an alarm; below them where ``falling``."""

    warning: float
    alarm: float
    falling: bool = False

    def severity(self, value: float) -> int:
        """0 where all is well, 1 past the limit of a warning, 2 past that of an alarm."""
        return self._past(value, self.warning) + self._past(value, self.alarm)

    def is_clear(self, value: float) -> bool:
        """Whether the value is well on the right side."""
        return not self._past(value, self.warning * (1 - self._direction * HYSTERESIS))

    def is_better(self, value: float, than: float) -> bool:
        """Whether the value has come on from ``than`` by PROGRESS at least."""
        return not self._past(value, than * (1 - self._direction * PROGRESS))

    @property
    def _direction(self) -> int:
        return -1 if self.falling else 1

    def _past(self, value: float, limit: float) -> bool:
        return value < limit if self.falling else value > limit


# -- collapse ------------------------------------------------------------------------------------
#
# The four limits, FIRST_JUDGED and DEAD come from the study that the shipped recipes grew from, of
# GANs that collapsed and GANs that did not: 1,000 digits of each, judged by a classifier.

CLASS_KL = Limits(0.3, 0.6)
"""KL of the predicted classes from the data's: 0.004 for 1,000 real digits, 2.2-2.33 for a single
class."""

TOP_CLASS = Limits(0.35, 0.5)
"""Share of the most frequent class; 0.11 in MNIST."""

CLASSES = Limits(7.5, 7.5, falling=True)
"""Classes above 1%, of 10: seven or fewer are an alarm."""

DISTANCE = Limits(0.7, 0.5, falling=True)
"""Mean L2 distance between generated digits, as a share of that between real ones."""

DEAD = 0.1
"""A distance below this share is one and the same picture, and needs no second look."""

FIRST_JUDGED = 1500
"""The step before which every generator draws few kinds of blobs, and nothing follows from it."""

PROGRESS = 0.15
"""What got better by this share since the measurement before is on its way, not collapsed.

Slow recipes are still spreading out when they are first judged: the study's dense-adam had a class
KL of 1.7 after 60 s, 1.3 after 120 s, 0.36 after 300 s. What has collapsed stays where it is.
"""

LOOK_BACK = 1000
"""Steps, at least, between two measurements that are compared for progress.

Chosen, since recipes measure after every 300 to 1,500 steps: looks that lie close together differ
by less than PROGRESS even where the generator gets on.
"""

# -- the discriminator wins ----------------------------------------------------------------------

MARGIN = Limits(0.6, 0.85)
"""D(real) - D(fake), from the same study. A healthy DCGAN sits at 0.54, conditional-dense between
0.1 and 0.25. It never speaks alone: the generator must be seen to fall behind as well.
"""

FIRST_MARGIN = 500
"""The step before which discriminators win everywhere: their task is the easier one to begin.

Chosen: later than MEMORY, so that the means hold little of the very first steps.
"""

UNFOOLED = 7.0
"""The generator's loss, -E ln D(G(z)), where D takes its digits for real with e⁻⁷: one in 1,000.

Measured with conditional-dense: 0.8-1.5 in health; 8-14 with a generator 20 times too fast, up to
80 with such a discriminator, 11-27 with both and no batch normalisation.
"""

RISE = 2.0
"""The generator falls behind, too, when its loss is so many times the lowest of RISE_WITHIN steps.

conditional-dense without batch normalisation had 0.9, 2.2 and 4.1 at steps 1,500, 3,000 and 4,000,
and from 3,000 on its digits got worse.
"""

RISE_WITHIN = 1500
RISE_EVERY = 250
"""The loss is noted after so many steps, from FIRST_JUDGED on: earlier it finds its level."""

# -- divergence ----------------------------------------------------------------------------------

RUNAWAY = Limits(17.0, 50.0)
"""The size of a loss that is of size 1 in health.

1 - σ(x) rounds to 0 in single precision from about x = 17 on: there is nothing to be won beyond.
Measured with conditional-dense: 0.8-1.5 in health, 77-89 with learning rates 100 times too large.
Least squares and the discriminator's hinge loss are of size 1 as well. The generator's hinge loss,
-E D(G(z)), and both Wasserstein losses may be of any size: they are not judged by it.
"""

ABSURD = 1e6
"""The size of a loss that no game has in health, be it bounded or not.

Chosen, far beyond those. Measured with learning rates 1,000 to 1,000,000 times too large: 1e8-1e32
from the second or third step on, though now and then exactly 0.
"""

ABSURD_STEPS = 10
"""So many of the last LATEST steps with such a loss are told at once: there is no mean to wait for.

Chosen: one wild step, from which Adam may come back, is not among them.
"""

LATEST = 20

LARGEST_LOSS = 100.0
"""A loss counts as no more, so that one wild step among MEMORY does not make a trend."""

MEMORY = 200
"""Steps over which losses and probabilities are averaged before anything is said of them.

Chosen: with batches of 64 a mean of 12,800 images, and a quarter of an epoch, so that trouble is
told within seconds.
"""

PROBABILITIES = ("D(real)", "D(fake)")
PLAYERS = ("discriminator", "generator")


class Alarms:
    """Watches one run; :meth:`see` takes its events, oldest first.

    ``bounded_losses`` are those of the game (see :class:`~mnist_engine.training.games.Game`), which
    are judged by their mean size. ``real_distance`` is the mean L2 distance between two real
    images, pixels in [0, 1]; MNIST's unless given. Games without probabilities are not asked
    whether the discriminator wins, a classifier's run only whether it diverges to NaN.
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
        self._told: dict[Trouble, int] = {}
        self._means: dict[str, _Mean] = {}
        self._absurd: deque[bool] = deque(maxlen=LATEST)
        self._noted_losses: deque[float] = deque(maxlen=RISE_WITHIN // RISE_EVERY)
        self._measured: deque[tuple[int, dict[str, float]]] = deque()

    def see(self, event: Event) -> list[Alarm]:
        """The alarms that this event gives rise to; mostly none.

        A trouble that grows from a warning to an alarm is told a second time, and then no more
        until it has cleared.
        """
        match event:
            case StepDone():
                return self._see_step(event)
            case Measured():
                return self._see_measures(event)
            case Diverged():
                return self._tell(event, "divergence", 2, event.text)
        return []

    # -- steps -----------------------------------------------------------------------------------

    def _see_step(self, event: StepDone) -> list[Alarm]:
        for name, value in (event.losses | event.measures).items():
            if name in PLAYERS + PROBABILITIES and math.isfinite(value):
                bounded = min(max(value, -LARGEST_LOSS), LARGEST_LOSS)
                self._means.setdefault(name, _Mean()).add(bounded)
        alarms = [*self._judge_sizes(event), *self._judge_losses(event), *self._judge_margin(event)]
        loss = self._mean("generator")
        if loss is not None and event.step >= FIRST_JUDGED and event.step % RISE_EVERY == 0:
            self._noted_losses.append(loss)
        return alarms

    def _judge_sizes(self, event: StepDone) -> list[Alarm]:
        """Whether losses are of a size that needs no average, and no bounds, to be told."""
        sizes = {name: abs(event.losses[name]) for name in PLAYERS if name in event.losses}
        worst = max(sizes, key=lambda name: sizes[name], default="")
        self._absurd.append(sizes.get(worst, 0.0) > ABSURD)
        if not any(self._absurd) and not self._bounded_losses:
            self._told.pop("divergence", None)
        if not self._absurd[-1] or sum(self._absurd) < ABSURD_STEPS:
            return []
        text = f"the {worst}'s loss has run away, to a size of {sizes[worst]:.0e}"
        return self._tell(event, "divergence", 2, text)

    def _judge_losses(self, event: StepDone) -> list[Alarm]:
        means = {name: self._mean(name) for name in self._bounded_losses}
        sizes = {name: abs(mean) for name, mean in means.items() if mean is not None}
        if not sizes:
            return []
        worst = max(sizes, key=lambda name: sizes[name])
        if RUNAWAY.is_clear(sizes[worst]):
            self._told.pop("divergence", None)
        severity = RUNAWAY.severity(sizes[worst])
        text = f"the {worst}'s loss has run away, to a mean size of {sizes[worst]:.1f}"
        return self._tell(event, "divergence", severity, text)

    def _judge_margin(self, event: StepDone) -> list[Alarm]:
        real, fake = (self._mean(name) for name in PROBABILITIES)
        if real is None or fake is None or event.step < FIRST_MARGIN:
            return []
        margin = real - fake
        if MARGIN.is_clear(margin):
            self._told.pop("discriminator winning", None)
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

    def _see_measures(self, event: Measured) -> list[Alarm]:
        values = {
            name: event.values[name]
            for name in self._variety
            if name in event.values and math.isfinite(event.values[name])
        }
        earlier = self._measured_before(event.step)
        self._measured.append((event.step, values))
        if not values or event.step < FIRST_JUDGED:
            return []
        if all(self._variety[name].is_clear(value) for name, value in values.items()):
            self._told.pop("collapse", None)
        past = {name: self._variety[name].severity(value) for name, value in values.items()}
        stuck = [past[name] for name in values if not self._is_on_its_way(name, values, earlier)]
        numbers = ", ".join(f"{name} {values[name]:.3g}" for name in values if past[name])
        text = f"generated digits lack variety: {numbers}"
        return self._tell(event, "collapse", max(stuck, default=0), text)

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

    def _tell(self, event: Event, name: Trouble, severity: int, text: str) -> list[Alarm]:
        """The alarm, if it is worse than what was told since the trouble last cleared."""
        if severity <= self._told.get(name, 0):
            return []
        self._told[name] = severity
        level: Level = "alarm" if severity == 2 else "warning"
        return [Alarm(step=event.step, seconds=event.seconds, name=name, level=level, text=text)]


class _Mean:
    """A mean that forgets: plain over the first MEMORY values, exponential from then on."""

    def __init__(self) -> None:
        self.count = 0
        self.value = 0.0

    def add(self, value: float) -> None:
        self.count += 1
        self.value += (value - self.value) / min(self.count, MEMORY)
