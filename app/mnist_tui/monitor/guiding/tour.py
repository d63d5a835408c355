"""The tour: five cards that say what is to be seen on a run's screen."""

from __future__ import annotations

from mnist_engine.training.events import Task
from mnist_tui.monitor.guiding.card import KEYS, STATUS, Card, Course
from mnist_tui.monitor.standing import Place


def tour(task: Task, place: Place) -> Course:
    """The tour of a screen that shows a run of ``task``, in that place."""
    first, *others = _SEEN[task]
    if place == "replay":
        cards = [Card(*first), *(Card(*one) for one in others), _REPLAY]
    else:
        title, text, at = first
        cards = [Card(title, text + _RATES, at), *(Card(*one) for one in others), _DONE[place]]
    return Course("Tour", cards)


_RATES = " {decay} halves learning rates, {raise} doubles them."

_WAYS = (
    "Numbers show and hide panels, {next-panel} chooses one, {zoom} zooms it. {help} lists all "
    "keys. "
)

_LESSONS = " To see things go wrong, and right again: mnist-tui lesson."

_DONE: dict[Place, Card] = {
    "live": Card(
        "What you can do",
        "{pause} pauses, {step} does one step. "
        + _WAYS
        + "{quit} leaves: the run is kept, and mnist-tui resume latest goes on."
        + _LESSONS,
        at=(KEYS,),
    ),
    "attached": Card(
        "What you can do",
        "{pause} pauses, {step} does one step. "
        + _WAYS
        + "{quit} leaves, and training goes on; {stop} ends it."
        + _LESSONS,
        at=(KEYS,),
    ),
}

_REPLAY = Card(
    "What you can do",
    "{play} plays the run, {back} and {on} go through it, {branch} begins a new one from here. "
    + _WAYS
    + "{quit} leaves."
    + _LESSONS,
    at=(KEYS,),
)

_SEEN: dict[Task, tuple[tuple[str, str, tuple[str, ...]], ...]] = {
    "gan": (
        (
            "Two networks play",
            "G, the generator, makes digits out of random numbers. D, the discriminator, tells "
            "them from real ones. Each learns from the other. How far they are stands here.",
            (STATUS,),
        ),
        (
            "What it costs them",
            "D's loss falls when it tells real from generated, G's when D takes its digits for "
            "real. What one wins the other loses, so neither says how good the digits are. Where "
            "both stay level, both learn.",
            ("losses",),
        ),
        (
            "Who is winning",
            "How often D is right: about real digits that it was not trained on, and about "
            "generated ones. Near 100% for both, G cannot fool it and learns little; near 50% D "
            "can only guess. In the first epoch: how real it takes both for, 1 is surely.",
            ("accuracy",),
        ),
        (
            "The digits",
            "They come from the same random numbers each time, so you see them become digits. "
            "Look for variety, too: a generator may collapse onto few that D believes.",
            ("digits",),
        ),
    ),
    "classify": (
        (
            "A network learns to read",
            "784 pixels go in, ten numbers come out, and the largest is its answer. How far it is "
            "stands here.",
            (STATUS,),
        ),
        (
            "How wrong it is",
            "The batch loss is that of each batch; the validation loss that of digits it was "
            "not trained on. Where the first falls and the second rises, it learns by heart: it "
            "over-fits.",
            ("losses",),
        ),
        (
            "How often it is right",
            "Its accuracy on digits that it was not trained on, after each epoch: one pass "
            "through the training images.",
            ("accuracy",),
        ),
        (
            "Some of those digits",
            "Each with its answer. 7→9 is a mistake: a 7 taken for a 9. Would you have known?",
            ("digits",),
        ),
    ),
}
