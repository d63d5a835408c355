"""The tour: five cards that say what is to be seen on a run's screen."""

from __future__ import annotations

from mnist_engine.training.events import Task
from mnist_tui.monitor.guiding.card import KEYS, STATUS, Card

_WAYS_ON = Card(
    "What you can do",
    "{pause} pauses, {step} does one step. Numbers show and hide panels, {next-panel} chooses one, "
    "{zoom} zooms it. {help} lists all keys. {quit} leaves: the run is kept, and mnist-tui resume "
    "latest goes on. To see things go wrong, and right again: mnist-tui lesson.",
    at=(KEYS,),
)

TOURS: dict[Task, tuple[Card, ...]] = {
    "gan": (
        Card(
            "Two networks play",
            "G, the generator, makes digits out of random numbers. D, the discriminator, tells "
            "them from real ones. Each learns from the other. How far they are stands here, and "
            "how fast they learn: {decay} halves the learning rates, {raise} doubles them.",
            at=(STATUS,),
        ),
        Card(
            "What it costs them",
            "D's loss falls when it tells real from generated, G's when D takes its digits for "
            "real. What one wins the other loses, so neither says how good the digits are. Where "
            "both stay level, both learn.",
            at=("losses",),
        ),
        Card(
            "Who is winning",
            "How often D is right: about real digits that it was not trained on, and about "
            "generated ones. Near 100% for both, G cannot fool it and learns little; near 50% D "
            "can only guess.",
            at=("accuracy",),
        ),
        Card(
            "The digits",
            "They come from the same random numbers each time, so you see them become digits. "
            "Look for variety, too: a generator may collapse onto few that D believes.",
            at=("digits",),
        ),
        _WAYS_ON,
    ),
    "classify": (
        Card(
            "A network learns to read",
            "784 pixels go in, ten numbers come out, and the largest is its answer. How far it is "
            "stands here, and how fast it learns: {decay} halves the learning rate, {raise} "
            "doubles it.",
            at=(STATUS,),
        ),
        Card(
            "How wrong it is",
            "The batch loss is that of each batch; the validation loss that of digits it was "
            "not trained on. Where the first falls and the second rises, it learns by heart: it "
            "over-fits.",
            at=("losses",),
        ),
        Card(
            "How often it is right",
            "About digits it was not trained on, at the end of each epoch: each is one time "
            "through the training images.",
            at=("accuracy",),
        ),
        Card(
            "Some of those digits",
            "Each with its answer. 7→9 is a mistake: a 7 taken for a 9. Would you have known?",
            at=("digits",),
        ),
        _WAYS_ON,
    ),
}
