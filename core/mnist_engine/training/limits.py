"""From where on something is wrong: every threshold by which a run is judged, with its source.

Numbers "of the study" come from the trials that the shipped recipes grew from, whose data were not
kept: GANs that collapsed and GANs that did not, 1,000 digits of each judged by a classifier. What
is "chosen" says why; what is "measured" says on what. How many alarms each shipped recipe raised
over its whole length is measured with its other results (tests/benchmarks/recipes.py).
"""

from __future__ import annotations

from dataclasses import dataclass

HYSTERESIS = 0.1
"""A trouble has cleared when its values are better than the limits of a warning by this share.

Chosen: more than twice what chance does. Of 1,000 digits a share of 0.35 has a deviation of 0.015.
"""


@dataclass(frozen=True)
class Limits:
    """From where on a value is worth a warning, and an alarm; below them where ``falling``."""

    warning: float
    alarm: float
    falling: bool = False

    def severity(self, value: float) -> int:
        """0 where all is well, 1 past the limit of a warning, 2 past that of an alarm."""
        return self._past(value, self.warning) + self._past(value, self.alarm)

    def is_clear(self, value: float) -> bool:
        """Whether the value is well on the right side."""
        return not self._past(value, self.warning * (1 - self._direction * HYSTERESIS))

    def is_better(self, value: float, than: float) -> bool:
        """Whether the value has come on from ``than`` by PROGRESS at least."""
        return not self._past(value, than * (1 - self._direction * PROGRESS))

    @property
    def _direction(self) -> int:
        return -1 if self.falling else 1

    def _past(self, value: float, limit: float) -> bool:
        return value < limit if self.falling else value > limit


# -- collapse ------------------------------------------------------------------------------------
#
# The four limits, FIRST_JUDGED and DEAD come from the study.

CLASS_KL = Limits(0.3, 0.6)
"""KL of the predicted classes from the data's: 0.004 for 1,000 real digits, 2.2-2.33 for a single
class."""

TOP_CLASS = Limits(0.35, 0.5)
"""Share of the most frequent class; 0.11 in MNIST."""

CLASSES = Limits(7.5, 7.5, falling=True)
"""Classes above 1%, of 10: seven or fewer are an alarm."""

DISTANCE = Limits(0.7, 0.5, falling=True)
"""Mean L2 distance between generated digits, as a share of that between real ones."""

DEAD = 0.1
"""A distance below this share is one and the same picture, and needs no second look."""

FIRST_JUDGED = 1500
"""The step of the generator before which every one draws few kinds of blobs, and nothing follows
from it.

Measured with wgan-gp-dcgan, whose critic has five steps for one of its generator's: a class KL of
0.33 after 5,700 steps, 1,140 of them the generator's, and 0.03 at its end.
"""

PROGRESS = 0.15
"""What got better by this share since the measurement before is on its way, not collapsed.

Slow recipes are still spreading out when they are first judged: the study's dense-adam had a class
KL of 1.7 after 60 s, 1.3 after 120 s, 0.36 after 300 s. What has collapsed stays where it is.
"""

LOOK_BACK = 1000
"""Steps, at least, between two measurements that are compared for progress.

Chosen, since recipes measure after every 300 to 1,500 steps: looks that lie close together differ
by less than PROGRESS even where the generator gets on.
"""

# -- the discriminator wins ----------------------------------------------------------------------

MARGIN = Limits(0.6, 0.85)
"""D(real) - D(fake), from the study. A healthy DCGAN sits at 0.54, conditional-dense between
0.1 and 0.25. It never speaks alone: the generator must be seen to fall behind as well.
"""

FIRST_MARGIN = 500
"""The step before which discriminators win everywhere: their task is the easier one to begin.

Chosen: later than MEMORY, so that the means hold little of the very first steps.
"""

UNFOOLED = 7.0
"""The generator's loss, -E ln D(G(z)), where D takes its digits for real with e⁻⁷: one in 1,000.

Measured with conditional-dense: 0.8-1.5 in health; 8-14 with a generator 20 times too fast, up to
80 with such a discriminator, 11-27 with both and no batch normalisation.
"""

RISE = 2.0
"""The generator falls behind, too, when its loss is so many times the lowest of RISE_WITHIN steps.

conditional-dense without batch normalisation had 0.9, 2.2 and 4.1 at steps 1,500, 3,000 and 4,000,
and from 3,000 on its digits got worse.
"""

RISE_WITHIN = 1500
RISE_EVERY = 250
"""The loss is noted after so many steps, from FIRST_JUDGED on: earlier it finds its level."""

# -- divergence ----------------------------------------------------------------------------------

RUNAWAY = Limits(17.0, 50.0)
"""The size of a loss that is of size 1 in health.

1 - σ(x) rounds to 0 in single precision from about x = 17 on: there is nothing to be won beyond.
Measured with conditional-dense: 0.8-1.5 in health, 77-89 with learning rates 100 times too large.
Least squares and the discriminator's hinge loss are of size 1 as well. The generator's hinge loss,
-E D(G(z)), and both Wasserstein losses may be of any size: they are not judged by it.
"""

RUNAWAY_TIMES = Limits(3.0, 30.0)
"""A classifier's loss, which may be a sum of any size, as a multiple of its first: guessing by
chance is better than 3 times that.

Measured: healthy ones only fall; 10⁵ in an mlp whose learning rate is a million times too large.
"""

ABSURD = 1e6
"""The size of a loss that no game has in health, be it bounded or not.

Chosen, far beyond those. Measured with learning rates 1,000 to 1,000,000 times too large: 1e8-1e32
from the second or third step on, though now and then exactly 0.
"""

ABSURD_STEPS = 10
"""So many of the last LATEST steps with such a loss are told at once: there is no mean to wait for.

Chosen: one wild step, from which Adam may come back, is not among them.
"""

LATEST = 20
"""Steps by which is judged what may not wait for the MEMORY of many.

Chosen: a second or less, and a wild step or two do not decide.
"""

FIRST_STEPS = 10
"""Steps whose mean is called a classifier's first loss, since that of one batch is chance.

None counts as more than the very first: with a rate of 100 a scratch-mlp has 3.3, 387 and 3,434 in
steps 1 to 3.
"""

SANE_TIMES = 10.0
"""A checkpoint whose losses are more times those of the run's first steps is not gone back to.

Chosen, between the limits of RUNAWAY_TIMES: networks that have learnt nothing yet do better.
"""

LARGEST_LOSS = 100.0
"""A loss counts as no more, so that one wild step among MEMORY does not make a trend."""

MEMORY = 200
"""Steps over which losses and probabilities are averaged before anything is said of them.

Chosen: with batches of 64 a mean of 12,800 images, and a quarter of an epoch, so that trouble is
told within seconds.
"""

# -- gradients vanish ----------------------------------------------------------------------------

SILENT = Limits(0.9, 0.99)
"""Share of a layer's units that were 0 for every image of a batch: nothing flows back through them.

Measured: 0.03 at most in mlp, 0 in the layers of cnn and mlp-best; 0.94 at step 320 and 1
at step 420 in an mlp whose learning rate is 125 times too large.
"""

FADED = Limits(0.01, 0.001, falling=True)
"""Length of a network's gradient, as a share of its median so far: relative to the run itself, for
lengths of healthy runs lie between 0.01 and 10.

Measured: no less than 0.4 of it in healthy runs, a mean of LOOKS each.
"""

LOOKS = 10
"""Looks inside, of 20 steps each, that are taken together before anything is said of them."""

FIRST_FADED = 50
"""Looks before which there is no median to speak of."""

UNLEARNT = 0.5
"""A gradient may fade where the loss does too. This share of the first loss is much of it still."""

# -- over-fitting --------------------------------------------------------------------------------

OVERFITTING = Limits(0.10, 0.30)
"""By how much the validation loss is above its lowest: the generalisation loss of Prechelt (1998,
"Early stopping, but when?"), who stopped at 1% to 5%.

Measured: epochs of healthy runs are up to 24% above, single ones; an mlp on 1,000 images is 29%
above at its end, for good.
"""

OVERFITTED_EPOCHS = 3
"""So many in a row: Prechelt's criterion of successive rises, for one epoch says nothing."""

KNOWN_BETTER = Limits(0.5, 0.7)
"""By how much more of the digits that it was trained on a discriminator tells rightly than of
others, which are as real: it knows them by heart.

Karras et al. (2020, "Training GANs with limited data") step in where their measure of it, of the
same kind and from 0 to 1, is at 0.6. By chance two shares of 1,000 digits differ by 0.02.
Measured: 0.10 at most in five epochs of conditional-dense, 0.04 in lsgan, 0.01 in hinge.
"""

STILL_FALLING = 0.9
"""Share of the lowest training loss up to the best epoch below which it has gone on falling since.

Of the lowest, since losses that leap about may have leapt at the best epoch too. A validation loss
that was never below NOTHING_LEARNT of the first loss is none to be fitted too well. Measured: in a
scratch-mlp with a rate of 100 the lowest is 21, after a training loss of 3.3 at step 1 and 3,433
at the best epoch, and 38 later.
"""

# -- a plateau -----------------------------------------------------------------------------------

BETTER = 0.01
"""A loss, or a FID, is better by this share at least, or it has not moved.

Measured: the slowest healthy run, autograd-mlp at its end, gains 1.2% with each epoch.
"""

PATIENCE = 10
"""Epochs, or measurements of FID, without a better one; that many has PyTorch's
ReduceLROnPlateau."""

PATIENT_STEPS = 1000
"""Steps, at least, that they must have: full batches make an epoch of one step, and scratch-mlp
gains 0.2% with each."""

NOTHING_LEARNT = 0.95
"""Share of the first loss that is as good as all of it.

Measured: healthy classifiers are at 0.5 at most when FIRST_LEARNT steps are done.
"""

STEEP = 0.5
"""Share of the first gradient's length. Where the loss stands still and the slope is still so
steep, the steps are too short: "slow learning", which a plateau is not.

Measured: 1.0 in an mlp whose learning rate is a 400,000th of what it should be, 0.06 in one whose
units fell silent.
"""

STOOD_STILL = 1.5
"""Times its first up to which a loss stands still; where it rose no longer steps would help.

Measured: 1.004 in that mlp with short steps; 4 and more in classifiers whose rate was too large.
"""

REMEDY_STEPS = 500
"""Steps that a remedy is given before it is offered again.

Chosen: longer than MEMORY, the means by which troubles are judged, needs to forget.
"""

FIRST_LEARNT = 700
"""The step before which a schedule may still be warming up; chosen, scratch-mlp has 500 in all."""
