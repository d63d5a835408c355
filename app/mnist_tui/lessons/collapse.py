"""Mode collapse: a generator that draws one kind of digit, and how it comes back.

Measured with seed 0: the class KL is 0.36 at step 1,000; 2.0 two hundred steps after D was slowed
down 32 times, with one class making up 94% of the digits; 0.37 two hundred steps after D learns
as fast as before, and 0.10 after six hundred.
"""

from __future__ import annotations

from mnist_tui.lessons.lesson import (
    Lesson,
    as_scheduled,
    factor_of,
    last_measure,
    mean_loss,
    measured,
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
    "a generator draws one digit only, and learns to draw them all again",
    RECIPE,
    (
        Card(
            "All ten digits",
            "G learns to draw digits that D takes for real. Nobody tells it to draw all ten. "
            "How evenly it does is the class KL: 0 where the digits have the classes of the data, "
            "2.3 where all are of one class. It falls: wait until it is below 0.45.",
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
            "One digit wins",
            "G looks for what this D takes for real, finds one digit that passes, and D is too "
            "slow to see through it. Why should G draw anything else? Wait until the class KL is "
            "above 1.5.",
            at=("digits", "classes"),
            until=measured("class KL", above=1.5),
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
            "D learns that this one digit is G's, and marks it down. G has to draw others. Wait "
            "until the class KL is below 0.3.",
            at=("digits", "classes"),
            until=measured("class KL", below=0.3),
            tell=_VARIETY,
            holds=False,
        ),
        Card(
            "Why",
            "A generator must not be trained too much without its discriminator, or it collapses "
            "onto few digits: so Goodfellow et al., who invented GANs, warned in 2014. Try the "
            "other way: {turn} to G, and {raise}. The run goes on; {quit} leaves.",
            at=("digits", "classes"),
            tell=_VARIETY,
            holds=True,
        ),
    ),
)
