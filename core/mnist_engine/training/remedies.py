"""What helps against each trouble that :mod:`~mnist_engine.training.alarms` tells.

A remedy is a few requests that anybody could make by hand, carried out together at a step boundary
with the source "remedy": each is an intervention in the log, and a run with remedies can be done
again to the same bits.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from mnist_engine.training.control import Request
from mnist_engine.training.events import Task, Trouble
from mnist_engine.training.settings import Settings

SOURCE = "remedy"

Factors = Mapping[str, float]
"""What people have multiplied learning rates by, by network."""


@dataclass(frozen=True)
class Turn:
    """Multiply the learning rate of ``networks`` (of all where empty) by ``factor``."""

    factor: float
    networks: tuple[str, ...] = ()

    def requests(self, settings: Settings, factors: Factors) -> Iterator[Request]:
        """One, whatever there is."""
        yield Request("learning rate", SOURCE, self.networks, self.factor)


@dataclass(frozen=True)
class SlowDown:
    """Halve all learning rates; those that people had raised, from the schedule's.

    Who has doubled a rate twenty times until training broke is not helped by half of that.
    """

    def requests(self, settings: Settings, factors: Factors) -> Iterator[Request]:
        """Two where any was raised, else one."""
        raised = tuple(name for name, factor in factors.items() if factor > 1)
        if raised:
            yield Request("learning rate", SOURCE, raised)
        yield Request("learning rate", SOURCE, factor=0.5)


@dataclass(frozen=True)
class Raise:
    """Add ``by`` to the setting of that name, of each network that has it, but not past ``most``.

    Where there is no such setting nothing is done.
    """

    setting: str
    by: float
    most: float

    def requests(self, settings: Settings, factors: Factors) -> Iterator[Request]:
        """One for each that can still be raised."""
        for setting in settings:
            if setting.name == self.setting and setting.read() < self.most:
                value = min(round(setting.read() + self.by, 6), self.most)
                networks = (setting.network,) if setting.network else ()
                yield Request("setting", SOURCE, networks, setting=setting.name, value=value)


@dataclass(frozen=True)
class Remedy:
    """``text`` says in a few words what the ``measures`` do."""

    text: str
    measures: tuple[Turn | Raise | SlowDown, ...]

    def requests(self, settings: Settings, factors: Factors) -> list[Request]:
        """What is to be carried out, given what there is to be turned."""
        return [one for measure in self.measures for one in measure.requests(settings, factors)]


SLOWER = Turn(0.5)
BLUR = Raise("instance noise", 0.1, 0.5)
"""Noise on all that the discriminator sees makes real and generated images overlap, so that it
cannot tell all of them and its slope leads somewhere (Arjovsky & Bottou, 2017; Sønderby et al.,
2017).

Measured with conditional-dense and a D that learns 20 times too fast: three times the remedy, and D
had stopped winning after step 1,621; the class KL of 2.1 at step 1,500 was 0.19 at step 3,000.
"""

NOISIER = Raise("input noise", 0.5, 1.0)
SMOOTHER = Raise("label smoothing", 0.1, 0.2)
"""Against answers that are surer than right: noise on pixels (Bishop, 1995) and labels that leave
some room (Szegedy et al., 2016).

Measured with both where an mlp over-fits 1,000 images, taken once, after epoch 10 of 40: its
validation loss ended at 0.40 instead of 0.51, its test accuracy at 89.1% instead of 87.6%.
"""

REMEDIES: dict[tuple[Task, Trouble], Remedy] = {
    ("gan", "discriminator winning"): Remedy(
        "halves D's rate, blurs what it sees",
        (Turn(0.5, ("discriminator",)), BLUR),
    ),
    ("gan", "collapse"): Remedy(
        "halves G's rate, blurs what D sees",
        (Turn(0.5, ("generator",)), BLUR),
    ),
    ("gan", "divergence"): Remedy("lowers both rates", (SlowDown(),)),
    ("gan", "vanishing gradients"): Remedy(
        "halves D's rate, blurs what it sees",
        (Turn(0.5, ("discriminator",)), BLUR),
    ),
    ("gan", "over-fitting"): Remedy("blurs what D sees", (BLUR, Raise("dropout", 0.2, 0.5))),
    ("gan", "plateau"): Remedy("halves both rates", (SLOWER,)),
    ("classify", "divergence"): Remedy("lowers the rate", (SlowDown(),)),
    ("classify", "vanishing gradients"): Remedy(
        "halves the rate, adds noise to pixels", (SLOWER, Raise("input noise", 0.1, 0.5))
    ),
    ("classify", "over-fitting"): Remedy(
        "adds dropout and noise, smooths labels",
        (Raise("dropout", 0.2, 0.5), NOISIER, SMOOTHER),
    ),
    ("classify", "plateau"): Remedy("halves the rate", (SLOWER,)),
    ("classify", "slow learning"): Remedy("multiplies the rate by 8", (Turn(8.0),)),
}
"""What :mod:`mnist_engine.training.alarms` may say of a run of either task, and what to do."""


def remedy_for(task: Task, trouble: Trouble) -> Remedy | None:
    """The remedy against that trouble; None where runs of ``task`` cannot have it."""
    return REMEDIES.get((task, trouble))
