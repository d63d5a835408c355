"""Where a person is on a walk through latent space, and which way it goes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mnist_engine.inspection.latent import Way

POINTS = 33
"""Pictures from one end to the other: few enough to be made between two steps, and smooth."""

POINTS_PER_SECOND = 8

TURN = 0.25
"""By so much a coordinate is turned at once; normal noise has a deviation of 1."""

FARTHEST = 4.0
"""Turned so far a coordinate has left all that the generator was trained on."""


class Journey:
    """From shown digit ``first`` to ``last`` and back, among ``count`` of them.

    ``position`` counts points from the first. ``label`` is the class that was picked, and
    ``turned`` (latent,) what was added to coordinates, both None at first. ``version`` grows
    whenever the way is another.
    """

    def __init__(self, first: int, last: int) -> None:
        self.first = first
        self.last = last
        self.position = 0
        self.playing = True
        self.label: int | None = None
        self.turned: NDArray[np.float32] | None = None
        self.version = 0
        self._direction = 1

    @property
    def way(self) -> Way:
        """What is to be asked for."""
        turned = None if self.turned is None else self.turned.copy()
        return Way(self.first, self.last, POINTS, self.label, turned)

    def walk_to(self, number: int) -> None:
        """Go on from the last digit to another one."""
        self.first, self.last = self.last, number
        self.position, self._direction = 0, 1
        self.version += 1

    def pick_class(self, label: int) -> None:
        """Make all pictures of that class; of those of the two digits where it was so before."""
        self.label = None if self.label == label else label
        self.version += 1

    def turn(self, coordinate: int, steps: int, latent: int) -> None:
        """Turn a coordinate by so many steps, everywhere on the way."""
        turned = np.zeros(latent, np.float32) if self.turned is None else self.turned
        turned[coordinate] = np.clip(turned[coordinate] + steps * TURN, -FARTHEST, FARTHEST)
        self.turned = turned if turned.any() else None
        self.version += 1

    def turn_back(self) -> None:
        """All coordinates as they were."""
        if self.turned is not None:
            self.turned = None
            self.version += 1

    def step(self, points: int) -> None:
        """Go so many points on, and stay there."""
        self.playing = False
        self.go_to(self.position + points)

    def go_to(self, position: int) -> None:
        """Go to a point, or the nearest there is."""
        self.position = min(max(position, 0), POINTS - 1)

    def advance(self) -> bool:
        """Let a moment pass, at the ends turn round; False where it does not play."""
        if self.playing:
            if not 0 <= self.position + self._direction < POINTS:
                self._direction = -self._direction
            self.position += self._direction
        return self.playing
