"""The stages of a step in slow motion: values only, nothing is drawn here."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from mnist_engine.runs.state import Snapshot
from mnist_engine.training.events import Stage, Staged

TURN: tuple[Stage, ...] = ("generate", "judge", "loss", "gradients", "update")
"""What a network's turn is made of; a classifier generates nothing."""

SENTENCES: dict[tuple[str, Stage], str] = {
    ("classifier", "sample"): "A batch of training images is taken, with the labels that are "
    "the right answers.",
    ("classifier", "judge"): "The network answers: one output for each class, the largest is its "
    "guess.",
    ("classifier", "loss"): "One number says how far the answers are from the labels.",
    ("classifier", "gradients"): "The chain rule, backwards along the tape: how the loss changes "
    "with each weight.",
    ("classifier", "update"): "The optimizer moves each weight a little, so that the loss falls.",
    ("discriminator", "sample"): "A batch of real images is taken from the training set.",
    ("discriminator", "generate"): "The generator turns random numbers into as many images; it "
    "learns nothing from these.",
    ("discriminator", "judge"): "The discriminator judges both kinds; a high number says real.",
    ("discriminator", "loss"): "The discriminator's loss is small where it tells the two kinds "
    "apart.",
    ("discriminator", "gradients"): "The chain rule, backwards along the tape: how that loss "
    "changes with each of its weights.",
    ("discriminator", "update"): "The discriminator's weights move, so that its loss falls; the "
    "generator stands still.",
    ("generator", "generate"): "The generator turns random numbers into images, and the tape "
    "records how.",
    ("generator", "judge"): "The discriminator judges them; this time it does not learn.",
    ("generator", "loss"): "The generator's loss is small where the discriminator takes its "
    "images for real.",
    ("generator", "gradients"): "The chain rule, back through the discriminator and then through "
    "the generator's own layers.",
    ("generator", "update"): "The generator's weights move, so that its loss falls; the "
    "discriminator stands still.",
}
"""What happens in a stage, by whose turn it is."""


@dataclass(frozen=True)
class SlowStep:
    """A step that is done stage by stage.

    ``number`` counts steps from 1. ``turns`` are the networks whose turn it is, in their order, and
    ``done`` their stages so far; ``sample`` comes before all of them. ``newest`` is the stage that
    was done last; None where the step is over.
    """

    number: int
    turns: tuple[str, ...]
    done: dict[tuple[str, Stage], Staged]
    sample: Staged | None
    newest: Staged | None

    @property
    def columns(self) -> tuple[Stage, ...]:
        """The stages that a turn may have."""
        return TURN[1:] if self.turns == ("classifier",) else TURN

    @property
    def sentence(self) -> str:
        """What happened in the newest stage."""
        if self.newest is None:
            return "The step is done: the losses are on the plots now."
        owner = self.newest.turn or self.turns[0]
        if self.newest.stage == "sample" and owner != "classifier":
            owner = "discriminator"
        return SENTENCES.get((owner, self.newest.stage), "")


def slow_step(snapshot: Snapshot) -> SlowStep | None:
    """The step that is done in slow motion, or was done last so; None where none is."""
    stages = snapshot.stages
    if not stages or snapshot.phase != "paused":
        return None
    gan = snapshot.started is None or snapshot.started.task == "gan"
    known = ("discriminator", "generator") if gan else ("classifier",)
    order = dict.fromkeys(stage.turn for stage in stages if stage.turn in known)
    return SlowStep(
        number=stages[0].step + 1,
        turns=tuple(dict.fromkeys((*order, *known))),
        done={(stage.turn, stage.stage): stage for stage in stages if stage.stage != "sample"},
        sample=next((stage for stage in stages if stage.stage == "sample"), None),
        newest=stages[-1] if snapshot.step <= stages[-1].step else None,
    )


def figures(stage: Staged, without: Collection[str] = ()) -> str:
    """The numbers of a stage, short, those ``without`` left out: "real 0.53  generated 0.41"."""
    told = {name: value for name, value in stage.numbers.items() if name not in without}
    return "  ".join(_figure(name, value) for name, value in told.items())


def _figure(name: str, value: float) -> str:
    match name:
        case "images":
            return f"{value:.0f} images"
        case "right":
            return f"{value:.0%} right"
        case "loss":
            return f"{value:.4g}"
        case "gradient norm":
            return f"norm {value:.3g}"
        case "learning rate":
            return f"rate {value:.3g}"
        case "change":
            return f"moved {value:.2%}"
        case "D(real)" | "critic(real)":
            return f"real {value:.3g}"
        case "D(fake)" | "critic(fake)":
            return f"generated {value:.3g}"
    return f"{name} {value:.3g}"
