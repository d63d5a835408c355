"""The losses of a GAN stay where they are while its digits get better, and fall as they get worse.

Measured with seed 0, from step 410 to step 2,010: D's loss 1.35 and 1.28, G's 0.85 and 0.88, while
the class KL falls from 1.2 to 0.07 and the MNIST score rises from 1.9 to 5.2. With D slowed down
32 times G's loss is 0.56 after 200 steps, the class KL 1.6 and the MNIST score 1.7.
"""

from __future__ import annotations

from mnist_tui.lessons.lesson import (
    Lesson,
    factor_of,
    last_measure,
    mean_loss,
    measured,
    or_after,
    steps_more,
    telling,
    turned_down,
)
from mnist_tui.monitor.guiding.card import Card

RECIPE = """
task = "gan"
name = "lesson-losses"
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

_BOTH = telling(
    loss_of_D=mean_loss("discriminator"),
    loss_of_G=mean_loss("generator"),
    class_KL=last_measure("class KL"),
    MNIST_score=last_measure("MNIST score"),
)


_TURNED = telling(**{"learning rate of D": factor_of("discriminator")})

LOSSES = Lesson(
    "losses",
    "why the losses of a GAN say little about its digits",
    RECIPE,
    (
        Card(
            "Two losses",
            "A classifier's loss falls as it gets better. Here two networks play against each "
            "other. D's loss says how well it tells G's digits from real ones; G's how often D "
            "takes them for real. Let them play until step 410.",
            at=("losses",),
            until=lambda then, now: now.step >= 410,
            tell=_BOTH,
            holds=False,
        ),
        Card(
            "Remember these digits",
            "Two more numbers come from a judge that was trained on real digits. The class KL: "
            "how far their classes are from the data's, 0 is best. The MNIST score: from 1 to 10, "
            "how clear and how varied they are. Look at the digits, then go on.",
            at=("digits", "losses"),
            tell=_BOTH,
            holds=True,
        ),
        Card(
            "1,600 steps later",
            "Watch the losses, and the digits.",
            at=("losses", "digits"),
            until=steps_more(1600),
            tell=_BOTH,
            holds=False,
        ),
        Card(
            "The same losses, other digits",
            "The losses are about where they were: D got better, G got better, and neither "
            "gained on the other. The digits have come a long way, and only the judge says so.",
            at=("losses", "digits"),
            tell=_BOTH,
            holds=True,
        ),
        Card(
            "Now a better loss",
            "Press {turn} until D alone is turned, then {decay} five times: against a D that "
            "hardly learns, G's loss will fall.",
            at=("status",),
            until=turned_down("discriminator", 1 / 32),
            tell=_TURNED,
            press=("turn", *["decay"] * 5),
            holds=True,
        ),
        Card(
            "Better?",
            "Watch G's loss and the class KL, until that is above 1.",
            at=("losses", "digits"),
            until=or_after(1500, measured("class KL", above=1.0)),
            tell=_BOTH,
            holds=False,
        ),
        Card(
            "Lower loss, worse digits",
            "G's loss is lower than ever, and its digits are worse: the judge hardly recognises "
            "any. The loss of a GAN is measured against the other network, which changes: it tells "
            "who is winning, not how good the digits are. For that there are FID and its like, and "
            "your eyes. The run goes on; {schedule} mends it, {quit} leaves.",
            at=("losses", "digits"),
            tell=_BOTH,
            holds=True,
        ),
    ),
)
