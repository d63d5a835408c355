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
    key_card,
    last_measure,
    mean_loss,
    measured,
    or_after,
    read_card,
    telling,
    watch_card,
)
from mnist_tui.lessons.small_gan import RATE_OF_D, slow_down_d, small_gan

_VARIETY = telling(
    class_KL=last_measure("class KL"),
    most_frequent_class=last_measure("top class", ".0%"),
    loss_of_G=mean_loss("generator"),
)

COLLAPSE = Lesson(
    "collapse",
    "a generator draws one class only, and learns to draw all digits again",
    small_gan("lesson-collapse"),
    (
        watch_card(
            "All ten digits",
            "G learns to draw digits that D takes for real. Nobody tells it to draw all ten. How "
            "evenly it does is the class KL, as a judge sees it: 0 where their classes are those "
            "of the data, 2.3 where all are of one. It falls: wait until it is below 0.45.",
            ("digits", "classes"),
            measured("class KL", below=0.45),
            _VARIETY,
        ),
        slow_down_d(
            "A judge that stands still",
            "Now make D slow. Press {turn} until D alone is turned (above, beside the learning "
            "rates), then {decay} five times: D learns 32 times slower.",
        ),
        watch_card(
            "One class wins",
            "G looks for what this D takes for real, finds it, and D is too slow to see through "
            "it. Why should G draw anything else, or anything better? Wait until the class KL is "
            "above 1.5.",
            ("digits", "classes"),
            or_after(1500, measured("class KL", above=1.5)),
            _VARIETY,
        ),
        read_card(
            "Collapse",
            "The digits are damaged, and the judge takes most of them for one class: variety is "
            "gone. And look at G's loss: it fell. G is content, so its loss will never tell you; "
            "variety must be measured.",
            ("losses", "digits", "classes"),
            _VARIETY,
        ),
        key_card(
            "The cure",
            "Let D keep up again: {schedule} takes its learning rate back to the schedule.",
            ("schedule",),
            as_scheduled("discriminator"),
            RATE_OF_D,
        ),
        watch_card(
            "D sees through it",
            "D learns what G found, and marks it down. G has to draw other digits. Wait until the "
            "class KL is below 0.3.",
            ("digits", "classes"),
            or_after(1500, measured("class KL", below=0.3)),
            _VARIETY,
        ),
        read_card(
            "Why",
            "A generator must not be trained too much without its discriminator, or it collapses: "
            "so Goodfellow et al., who invented GANs, warned in 2014. In the extreme it makes one "
            "picture of all noise (mnist-tui gan --recipe dense-tanh); here batch normalisation "
            "keeps it from that. The run goes on; {quit} leaves.",
            ("digits", "classes"),
            _VARIETY,
        ),
    ),
)
