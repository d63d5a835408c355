"""Collapse: a generator whose digits are all of one class, and how it comes back.

Measured with seed 0 and D slowed down 32 times at step 1,000 and at steps up to 90 later: the class
KL is 0.36 to 0.38 before, 1.7 to 2.0 within 200 steps, when one class has about 90% of the digits,
and 0.22 to 0.27 within 200 to 400 steps of D as fast as before. The distance between digits stays
near that of real ones: batch normalisation keeps G from making a batch of equal pictures.
"""

from __future__ import annotations

from mnist_tui.lessons.lesson import (
    Lesson,
    as_scheduled,
    factor_of,
    last_measure,
    mean_loss,
    measured,
    or_after,
    telling,
    turned_down,
)
from mnist_tui.monitor.guiding.card import Card

RECIPE = """
task = "gan"
name = "lesson-collapse"
summary = "a GAN without labels, and a discriminator that can be slowed down"
epochs = 20
threads = 1

[data]
batch_size = 64
pixels = "signed"
limit = 20000

[generator]
latent = 32
layers = [
    "linear 128", "batch_norm", "leaky_relu 0.2",
    "linear 256", "batch_norm", "leaky_relu 0.2",
    "linear pixels", "tanh",
]
average = 0.99
optimizer = { kind = "adam", learning_rate = 4e-3, betas = [0.5, 0.999] }

[discriminator]
layers = ["linear 256", "leaky_relu 0.2", "linear 128", "leaky_relu 0.2", "linear 1"]
optimizer = { kind = "adam", learning_rate = 1e-3, betas = [0.5, 0.999] }

[measures]
every = 200
fid_share = 0.0
"""

_VARIETY = telling(
    class_KL=last_measure("class KL"),
    most_frequent_class=last_measure("top class", ".0%"),
    loss_of_G=mean_loss("generator"),
)
_TURNED = telling(**{"learning rate of D": factor_of("discriminator")})

COLLAPSE = Lesson(
    "collapse",
    "a generator draws one class only, and learns to draw all digits again",
    RECIPE,
    (
        Card(
            "All ten digits",
            "G learns to draw digits that D takes for real. Nobody tells it to draw all ten. How "
            "evenly it does is the class KL, as a judge sees it: 0 where their classes are those "
            "of the data, 2.3 where all are of one. It falls: wait until it is below 0.45.",
            at=("digits", "classes"),
            until=measured("class KL", below=0.45),
            tell=_VARIETY,
            holds=False,
        ),
        Card(
            "A judge that stands still",
            "Now make D slow. Press {turn} until D alone is turned (above, beside the learning "
            "rates), then {decay} five times: D learns 32 times slower.",
            at=("status",),
            until=turned_down("discriminator", 1 / 32),
            tell=_TURNED,
            press=("turn", *["decay"] * 5),
            holds=True,
        ),
        Card(
            "One class wins",
            "G looks for what this D takes for real, finds it, and D is too slow to see through "
            "it. Why should G draw anything else, or anything better? Wait until the class KL is "
            "above 1.5.",
            at=("digits", "classes"),
            until=or_after(1500, measured("class KL", above=1.5)),
            tell=_VARIETY,
            holds=False,
        ),
        Card(
            "Collapse",
            "The digits are damaged, and the judge takes most of them for one class: variety is "
            "gone. And look at G's loss: it fell. G is content, so its loss will never tell you; "
            "variety must be measured.",
            at=("losses", "digits", "classes"),
            tell=_VARIETY,
            holds=True,
        ),
        Card(
            "The cure",
            "Let D keep up again: {schedule} takes its learning rate back to the schedule.",
            at=("status",),
            until=as_scheduled("discriminator"),
            tell=_TURNED,
            press=("schedule",),
            holds=True,
        ),
        Card(
            "D sees through it",
            "D learns what G found, and marks it down. G has to draw other digits. Wait until the "
            "class KL is below 0.3.",
            at=("digits", "classes"),
            until=or_after(1500, measured("class KL", below=0.3)),
            tell=_VARIETY,
            holds=False,
        ),
        Card(
            "Why",
            "A generator must not be trained too much without its discriminator, or it collapses: "
            "so Goodfellow et al., who invented GANs, warned in 2014. In the extreme it makes one "
            "picture of all noise (mnist-tui gan --recipe dense-tanh); here batch normalisation "
            "keeps it from that. The run goes on; {quit} leaves.",
            at=("digits", "classes"),
            tell=_VARIETY,
            holds=True,
        ),
    ),
)
