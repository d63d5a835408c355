"""All lessons on the real program; what one reads on paper is in ``pages``."""

from __future__ import annotations

from mnist_tui.lessons.collapse import COLLAPSE
from mnist_tui.lessons.learning_rate import LEARNING_RATE
from mnist_tui.lessons.losses import LOSSES
from mnist_tui.lessons.over_fitting import OVER_FITTING

LESSONS = (LEARNING_RATE, OVER_FITTING, LOSSES, COLLAPSE)
"""In a good order to take them."""
