"""The losses of a GAN stay where they are while its digits get better, and fall as they get worse.

Measured with seed 0, from step 410 to step 2,010: D's loss 1.35 and 1.28, G's 0.85 and 0.88, while
the class KL falls from 1.2 to 0.07 and the MNIST score rises from 1.9 to 5.2. With D slowed down
32 times G's loss is 0.56 after 200 steps, the class KL 1.6 and the MNIST score 1.7.
"""

from __future__ import annotations

from mnist_tui.lessons.lesson import (
    Lesson,
    last_measure,
    mean_loss,
    measured,
    or_after,
    read_card,
    steps_more,
    telling,
    watch_card,
)
from mnist_tui.lessons.small_gan import slow_down_d, small_gan

_BOTH = telling(
    loss_of_D=mean_loss("discriminator"),
    loss_of_G=mean_loss("generator"),
    class_KL=last_measure("class KL"),
    MNIST_score=last_measure("MNIST score"),
)

LOSSES = Lesson(
    "losses",
    "why the losses of a GAN say little about its digits",
    small_gan("lesson-losses"),
    (
        watch_card(
            "Two losses",
            "A classifier's loss falls as it gets better. Here two networks play against each "
            "other. D's loss says how well it tells G's digits from real ones; G's how often D "
            "takes them for real. Let them play until step 410.",
            ("losses",),
            lambda then, now: now.step >= 410,
            _BOTH,
        ),
        read_card(
            "Remember these digits",
            "Two more numbers come from a judge that was trained on real digits. The class KL: "
            "how far their classes are from the data's, 0 is best. The MNIST score: from 1 to 10, "
            "how clear and how varied they are. Look at the digits, then go on.",
            ("digits", "losses"),
            _BOTH,
        ),
        watch_card(
            "1,600 steps later",
            "Watch the losses, and the digits.",
            ("losses", "digits"),
            steps_more(1600),
            _BOTH,
        ),
        read_card(
            "The same losses, other digits",
            "The losses are about where they were: D got better, G got better, and neither "
            "gained on the other. The digits have come a long way, and only the judge says so.",
            ("losses", "digits"),
            _BOTH,
        ),
        slow_down_d(
            "Now a better loss",
            "Press {turn} until D alone is turned, then {decay} five times: against a D that "
            "hardly learns, G's loss will fall.",
        ),
        watch_card(
            "Better?",
            "Watch G's loss and the class KL, until that is above 1.",
            ("losses", "digits"),
            or_after(1500, measured("class KL", above=1.0)),
            _BOTH,
        ),
        read_card(
            "Lower loss, worse digits",
            "G's loss is lower than ever, and its digits are worse: the judge hardly recognises "
            "any. The loss of a GAN is measured against the other network, which changes: it tells "
            "who is winning, not how good the digits are. For that there are FID and its like, and "
            "your eyes. The run goes on; {schedule} mends it, {quit} leaves.",
            ("losses", "digits"),
            _BOTH,
        ),
    ),
)
