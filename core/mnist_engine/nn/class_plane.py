"""The class of an image as a second channel, for networks that begin with a convolution."""

from __future__ import annotations

import numpy as np

from mnist_engine.autograd import Tensor
from mnist_engine.autograd.tensor import concatenate
from mnist_engine.nn.arguments import check_generator, whole
from mnist_engine.nn.initialisers import Fans, Initialiser, standard_normal
from mnist_engine.nn.module import Module


class ClassPlane(Module):
    """Images of two channels: the pixels, and a picture of their class, which is learned.

    (n, height width + classes) -> (n, 2, height, width): each row holds the pixels of an image and
    then its class as a one-hot vector. Row k of ``weight`` (classes, height width) is the picture
    of class k, as in an embedding. So a class enters the convolutions of a conditional
    discriminator (after Mirza & Osindero, 2014, who put it beside the pixels of dense networks).

    TypeError or ValueError, in one line that names it, for an argument of the wrong kind or size;
    ValueError for an input of another form.
    """

    def __init__(
        self,
        height: int,
        width: int,
        classes: int,
        rng: np.random.Generator,
        *,
        weights: Initialiser = standard_normal,
    ) -> None:
        super().__init__()
        name = type(self).__name__
        check_generator(name, rng)
        self.height = whole(f"{name}: height", height)
        self.width = whole(f"{name}: width", width)
        shape = (whole(f"{name}: classes", classes), self.height * self.width)
        # The picture is the product of one-hot and weight: each of its pixels has classes inputs.
        self.weight = Tensor(weights(rng, shape, Fans(*shape)), requires_grad=True)

    def forward(self, rows: Tensor) -> Tensor:
        classes, size = self.weight.shape
        if rows.ndim != 2 or rows.shape[1] != size + classes:
            raise ValueError(
                f"{type(self).__name__}: got {rows.shape}, needed is (n, {size + classes}): "
                f"{size} pixels, then the class as a one-hot of {classes}"
            )
        pixels, one_hot = rows[:, :size], rows[:, size:]
        form = (len(rows), self.height, self.width, 1)
        channels = [pixels.reshape(form), (one_hot @ self.weight).reshape(form)]
        # Both channels of a pixel side by side: what convolutions read fastest, see autograd.layout
        return concatenate(channels, axis=3).transpose(0, 3, 1, 2)

    def settings(self) -> str:
        return f"{self.height}, {self.width}, {self.weight.shape[0]}"
