"""Mode collapse: a generator that draws one picture for all noise, and how it comes back.

Measured with seed 0: the mean distance between two generated digits (real ones: 10) is 6.3 at step
1,000. With D slowed down 32 times it is 4.7 after 400 steps and 4.3 after 600, where one class has
89% of the digits and all look alike. With D as fast as before it is 7.6 after 200 steps, and the
class KL has come down from 2.0 to 0.24. The generator has no batch normalisation, which would keep
it from making a batch of equal pictures.
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
    "linear 128", "leaky_relu 0.2",
    "linear 256", "leaky_relu 0.2",
    "linear pixels", "tanh",
]
average = 0.99
optimizer = { kind = "adam", learning_rate = 1e-3, betas = [0.5, 0.999] }

[discriminator]
layers = ["linear 256", "leaky_relu 0.2", "linear 128", "leaky_relu 0.2", "linear 1"]
optimizer = { kind = "adam", learning_rate = 1e-3, betas = [0.5, 0.999] }

[measures]
every = 200
fid_share = 0.0
"""

_VARIETY = telling(
    **{
        "distance between two digits": last_measure("pairwise distance", ".1f"),
        "class KL": last_measure("class KL"),
        "most frequent class": last_measure("top class", ".0%"),
        "loss of G": mean_loss("generator"),
    }
)
_TURNED = telling(**{"learning rate of D": factor_of("discriminator")})

COLLAPSE = Lesson(
    "collapse",
    "a generator draws one picture only, and learns to draw all digits again",
    RECIPE,
    (
        Card(
            "All ten digits",
            "G learns to draw digits that D takes for real. Nobody tells it to draw all ten. How "
            "varied they are is measured: the mean distance between two of them, 10 for real "
            "digits, and the class KL, 0 where their classes are those of the data, 2.3 where all "
            "are of one. Wait until step 1,000.",
            at=("digits", "classes"),
            until=lambda then, now: now.step >= 1000,
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
            "One picture wins",
            "G looks for what this D takes for real, finds one picture that passes, and D is too "
            "slow to see through it. Why should G draw anything else? Wait until the distance is "
            "below 4.5.",
            at=("digits", "classes"),
            until=or_after(1500, measured("pairwise distance", below=4.5)),
            tell=_VARIETY,
            holds=False,
        ),
        Card(
            "Mode collapse",
            "Look at the digits: nearly all alike. And look at G's loss: it fell. G is content, so "
            "its loss will never tell you; variety must be measured.",
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
            "D learns that this one picture is G's, and marks it down. G has to draw others. Wait "
            "until the class KL is below 0.4.",
            at=("digits", "classes"),
            until=or_after(1500, measured("class KL", below=0.4)),
            tell=_VARIETY,
            holds=False,
        ),
        Card(
            "Why",
            "A generator must not be trained too much without its discriminator, or it makes the "
            "same picture of too many noises: so Goodfellow et al., who invented GANs, warned in "
            "2014. The run goes on; {quit} leaves.",
            at=("digits", "classes"),
            tell=_VARIETY,
            holds=True,
        ),
    ),
)
