"""What a run's own past says of how it learns: gradients that fade, over-fitting, plateaus."""

from __future__ import annotations

import math
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping
from statistics import median
from typing import NamedTuple

from mnist_engine.training.events import EpochDone, Event, Inspected, StepDone, Trouble, finite
from mnist_engine.training.limits import (
    BETTER,
    FADED,
    FIRST_FADED,
    FIRST_LEARNT,
    FIRST_STEPS,
    KNOWN_BETTER,
    LATEST,
    LOOKS,
    MEMORY,
    NOTHING_LEARNT,
    OVERFITTED_EPOCHS,
    OVERFITTING,
    PATIENCE,
    PATIENT_STEPS,
    RUNAWAY_TIMES,
    SILENT,
    STEEP,
    STILL_FALLING,
    STOOD_STILL,
    UNLEARNT,
)


class Finding(NamedTuple):
    """``severity`` is 0 where nothing is to be told; ``clear`` says that all is well again."""

    trouble: Trouble
    severity: int = 0
    text: str = ""
    clear: bool = False


class Mean:
    """A mean that forgets: plain over the first MEMORY values, exponential from then on."""

    def __init__(self) -> None:
        self.count = 0
        self.value = 0.0

    def add(self, value: float) -> None:
        """Take in one more."""
        self.count += 1
        self.value += (value - self.value) / min(self.count, MEMORY)


class First(Mean):
    """A loss before anything was learnt: the mean of the first FIRST_STEPS.

    Later ones count as no more than the very first, for by then it may have run away.
    """

    def __init__(self) -> None:
        super().__init__()
        self.very_first = math.inf

    def add(self, value: float) -> None:
        """Take in one more, unless there were enough."""
        if self.count == 0:
            self.very_first = value
        if self.count < FIRST_STEPS:
            super().add(min(value, self.very_first))


class Vanishing:
    """Layers that fell silent, and gradients that have faded while there is much to be learnt."""

    def __init__(self) -> None:
        self._silent: dict[str, deque[float]] = defaultdict(_latest)
        self._norms: dict[str, deque[float]] = defaultdict(_latest)
        self._means: dict[str, list[float]] = defaultdict(list)  # of LOOKS norms each, none twice
        self._newest_losses: Mapping[str, float] = {}
        self._first_losses: dict[str, float] = {}
        self._losses: dict[str, deque[float]] = defaultdict(_latest)

    def see(self, event: Event) -> Iterable[Finding]:
        """What follows from ``event``."""
        if isinstance(event, StepDone):
            self._newest_losses = event.losses
            return ()
        return self._look(event) if isinstance(event, Inspected) else ()

    def _look(self, event: Inspected) -> Iterator[Finding]:
        for name, loss in finite(self._newest_losses).items():
            self._first_losses.setdefault(name, abs(loss))
            self._losses[name].append(abs(loss))
        found = [
            *self._silences(finite(event.silent)),
            *self._fadings(finite(event.gradient_norms)),
        ]
        worst = max(found, key=lambda finding: finding.severity, default=None)
        if worst is not None and worst.severity:
            yield worst
        elif found and all(finding.clear for finding in found):
            yield Finding("vanishing gradients", clear=True)

    def _silences(self, silent: Mapping[str, float]) -> Iterator[Finding]:
        for layer, share in silent.items():
            shares = self._silent[layer]
            shares.append(share)
            if len(shares) == LOOKS:
                least = min(shares)
                network, _, number = layer.partition(".")
                text = f"{least:.0%} of the {network}'s layer {number} is 0 for every image"
                yield Finding(
                    "vanishing gradients", SILENT.severity(least), text, SILENT.is_clear(share)
                )

    def _fadings(self, norms: Mapping[str, float]) -> Iterator[Finding]:
        for name, norm in norms.items():
            newest, means = self._norms[name], self._means[name]
            newest.append(norm)
            if len(newest) < LOOKS:
                continue
            mean = math.fsum(norm / LOOKS for norm in newest)  # a sum of huge ones overflows
            usual = median(means) if LOOKS * len(means) >= FIRST_FADED else 0.0
            share = mean / usual if usual > 0 else 1.0
            learnt = self._loss_share(name) < UNLEARNT
            text = (
                f"the {name}'s gradient is {share:.2g} of its usual length, and its loss has not "
                "fallen accordingly"
            )
            yield Finding(
                "vanishing gradients",
                0 if learnt else FADED.severity(share),
                text,
                learnt or FADED.is_clear(share),
            )
            if not FADED.severity(share):  # what has faded is no usual length
                means.append(mean)
                newest.clear()

    def _loss_share(self, name: str) -> float:
        first, newest = self._first_losses.get(name), self._losses.get(name)
        return median(newest) / first if first and newest else 1.0


class Memorising:
    """A discriminator that knows its training images by heart, and no others."""

    def __init__(self) -> None:
        self._worse = 0  # epochs in a row

    def see(self, event: Event) -> Iterator[Finding]:
        """What follows from ``event``."""
        measures = finite(event.measures) if isinstance(event, EpochDone) else {}
        if not {"accuracy known", "accuracy real"} <= measures.keys():
            return
        known, others = measures["accuracy known"], measures["accuracy real"]
        severity = KNOWN_BETTER.severity(known - others)
        self._worse = self._worse + 1 if severity else 0
        if KNOWN_BETTER.is_clear(known - others):
            yield Finding("over-fitting", clear=True)
        if self._worse >= OVERFITTED_EPOCHS:
            text = (
                f"D is right on {known:.0%} of the digits it was trained on, {others:.0%} of others"
            )
            yield Finding("over-fitting", severity, text)


class Overfitting:
    """A classifier whose validation loss rises for good while its training loss goes on falling.

    It has learnt something before: a loss that was never better than guessing only leaps about.
    """

    def __init__(self) -> None:
        self._first = First()
        self._best = math.inf
        self._lowest_training = math.inf
        self._lowest_at_best = math.inf  # the lowest training loss up to the best epoch
        self._worse = 0  # epochs in a row

    def see(self, event: Event) -> Iterable[Finding]:
        """What follows from ``event``."""
        if isinstance(event, EpochDone):
            return self._epoch(finite(event.measures))
        loss = event.losses.get("classifier") if isinstance(event, StepDone) else None
        if loss is not None and math.isfinite(loss):
            self._first.add(loss)
        return ()

    def _epoch(self, measures: Mapping[str, float]) -> Iterator[Finding]:
        training, validation = measures.get("training loss"), measures.get("validation loss")
        if training is None or validation is None:
            return
        self._lowest_training = min(self._lowest_training, training)
        if validation < self._best:
            self._best, self._lowest_at_best, self._worse = validation, self._lowest_training, 0
            yield Finding("over-fitting", clear=True)
            return
        rise = validation / self._best - 1 if self._best > 0 else 0.0
        falls = training < STILL_FALLING * self._lowest_at_best
        overfits = self._has_learnt() and falls and OVERFITTING.severity(rise)
        self._worse = self._worse + 1 if overfits else 0
        if OVERFITTING.is_clear(rise):
            yield Finding("over-fitting", clear=True)
        if self._worse >= OVERFITTED_EPOCHS:
            text = (
                f"the validation loss is {rise:.0%} above its lowest, {self._best:.3g}, while the "
                "training loss goes on falling"
            )
            yield Finding("over-fitting", OVERFITTING.severity(rise), text)

    def _has_learnt(self) -> bool:
        return self._first.count == 0 or self._best < NOTHING_LEARNT * self._first.value


class Runaway:
    """A classifier whose loss is many times what it was at first."""

    def __init__(self) -> None:
        self._first = First()
        self._newest: deque[float] = deque(maxlen=LATEST)

    def see(self, event: Event) -> Iterable[Finding]:
        """What follows from ``event``."""
        loss = event.losses.get("classifier") if isinstance(event, StepDone) else None
        if loss is None or not math.isfinite(loss):
            return ()
        if self._first.count < FIRST_STEPS:
            self._first.add(loss)
            return ()
        self._newest.append(loss)
        if len(self._newest) < LATEST or self._first.value <= 0:
            return ()
        return (self._judge(),)

    def _judge(self) -> Finding:
        now = median(self._newest)
        self._newest.clear()
        times = now / self._first.value
        text = f"the loss has run away, from {self._first.value:.3g} to {now:.3g}"
        severity = RUNAWAY_TIMES.severity(times)
        return Finding("divergence", severity, text, RUNAWAY_TIMES.is_clear(times))


class Plateau:
    """A classifier that learns nothing from the beginning, or a loss or FID that stands still."""

    def __init__(self) -> None:
        self._first, self._mean, self._first_slope = First(), Mean(), Mean()
        self._slopes: deque[float] = deque(maxlen=LOOKS)
        self._best: dict[str, float] = {}
        self._since: dict[str, tuple[int, int]] = {}  # looks without a better one, and their step

    def see(self, event: Event) -> Iterable[Finding]:
        """What follows from ``event``."""
        if isinstance(event, StepDone):
            return self._step(event)
        if isinstance(event, EpochDone):
            return self._epoch(event)
        slope = event.gradient_norms.get("classifier") if isinstance(event, Inspected) else None
        if slope is not None and math.isfinite(slope):
            if self._first_slope.count < LOOKS:
                self._first_slope.add(slope)
            self._slopes.append(slope)
        return ()

    def _step(self, event: StepDone) -> Iterable[Finding]:
        loss = event.losses.get("classifier")
        if loss is None or not math.isfinite(loss):
            return ()
        self._first.add(loss)
        self._mean.add(loss)
        judged = event.step >= FIRST_LEARNT and self._mean.count >= MEMORY
        return (self._learnt(),) if judged else ()

    def _epoch(self, event: EpochDone) -> Iterator[Finding]:
        measures = finite(event.measures)
        for name in ("training loss", "FID"):
            if name in measures:
                yield from self._moved(name, measures[name], event.step)

    def _learnt(self) -> Finding:
        first = self._first.value
        slope = math.fsum(self._slopes) / max(len(self._slopes), 1)
        rose = self._mean.value > STOOD_STILL * first
        steep = slope > STEEP * self._first_slope.value and not rose
        trouble: Trouble = "slow learning" if steep else "plateau"
        if self._mean.value < NOTHING_LEARNT * first:
            return Finding("slow learning", clear=True)
        text = f"nothing is learnt: the loss has not come down from its first, {first:.3g}"
        return Finding(trouble, 2, text + "; its slope is as steep as ever" * steep)

    def _moved(self, name: str, value: float, step: int) -> Iterator[Finding]:
        best = self._best.get(name, math.inf)
        if value < best * (1 - BETTER):
            self._best[name] = value
            self._since[name] = (0, step)
            yield Finding("plateau", clear=True)
            return
        looks, begin = self._since[name]
        looks += 1
        self._since[name] = (looks, begin)
        if looks >= PATIENCE and step - begin >= PATIENT_STEPS:
            text = f"the {name} has not been better than {best:.3g} since step {begin:,}"
            yield Finding("plateau", 1, text)


def _latest() -> deque[float]:
    return deque(maxlen=LOOKS)
