"""The games: what a discriminator and a generator each make small.

In the formulas D(x) is the discriminator's output for a real image and D(G(z)) that for a generated
one, numbers of any size; E is the mean over a batch. Here they come as ``real`` and ``fake``, each
(n, 1).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np

from mnist_engine.autograd import Array, GradientTape, Tensor
from mnist_engine.autograd.activations import sigmoid
from mnist_engine.nn.losses import binary_cross_entropy_with_logits


class Game:
    """Two losses, and how the discriminator's outputs are to be read."""

    boundary: float | None = 0.0
    """Outputs above it say "real"; None where only differences between outputs mean anything."""

    bounded_losses: tuple[str, ...] = ("discriminator", "generator")
    """Whose losses are of size 1 in health, so that a large one has run away."""

    scores_are_probabilities: bool = False
    """Whether :meth:`scores` are probabilities of "real"."""

    def discriminator_loss(self, real: Tensor, fake: Tensor, smoothing: float = 0.0) -> Tensor:
        """What the discriminator makes small, one number.

        The label of real images, 1, is lowered by ``smoothing`` where there is one, that of
        generated ones is not (one-sided label smoothing; Salimans et al., 2016).
        """
        raise NotImplementedError

    def generator_loss(self, fake: Tensor) -> Tensor:
        """What the generator makes small, one number."""
        raise NotImplementedError

    def verdicts(self, real: Array, fake: Array) -> dict[str, float]:
        """The outputs' means, under a name that does not take them for probabilities."""
        return {"critic(real)": float(real.mean()), "critic(fake)": float(fake.mean())}

    def scores(self, outputs: Array) -> Array:
        """What is shown of the discriminator's ``outputs``: they themselves, or probabilities."""
        return outputs

    @property
    def score_boundary(self) -> float | None:
        """The :meth:`scores` above it say "real"; None where there is no boundary."""
        if self.boundary is None:
            return None
        return float(self.scores(np.array([self.boundary], np.float32))[0])

    def accuracies(self, real: Array, fake: Array) -> dict[str, float]:
        """The fractions of both kinds that are told rightly; none without a boundary."""
        if self.boundary is None:
            return {}
        return {
            "accuracy real": float((real > self.boundary).mean()),
            "accuracy generated": float((fake <= self.boundary).mean()),
        }


class NonSaturating(Game):
    """σ(D(x)) is the probability that x is real (Goodfellow et al., 2014).

    L_D = -E ln σ(D(x)) - E ln(1 - σ(D(G(z)))) and L_G = -E ln σ(D(G(z))), which keeps its slope
    where the discriminator is sure; E ln(1 - σ(D(G(z)))) would not.
    """

    scores_are_probabilities = True

    def discriminator_loss(self, real: Tensor, fake: Tensor, smoothing: float = 0.0) -> Tensor:
        on_real = binary_cross_entropy_with_logits(real, 1.0 - smoothing)
        return on_real + binary_cross_entropy_with_logits(fake, 0.0)

    def generator_loss(self, fake: Tensor) -> Tensor:
        return binary_cross_entropy_with_logits(fake, 1.0)

    def verdicts(self, real: Array, fake: Array) -> dict[str, float]:
        """The mean probabilities of "real"."""
        return {"D(real)": float(sigmoid(real).mean()), "D(fake)": float(sigmoid(fake).mean())}

    def scores(self, outputs: Array) -> Array:
        return sigmoid(outputs)


class Wasserstein(Game):
    """The discriminator is a critic: E D(x) - E D(G(z)) estimates a distance between both kinds.

    L_D = E D(G(z)) - E D(x) and L_G = -E D(G(z)) (Arjovsky et al., 2017). The estimate holds for
    critics of slope 1 at most, which :func:`gradient_penalty` asks for; nothing else bounds L_D.
    """

    boundary = None
    bounded_losses = ()

    def discriminator_loss(self, real: Tensor, fake: Tensor, smoothing: float = 0.0) -> Tensor:
        return fake.mean() - real.mean()

    def generator_loss(self, fake: Tensor) -> Tensor:
        return -fake.mean()


class LeastSquares(Game):
    """D(x) is drawn to 1 and D(G(z)) to 0 (Mao et al., 2017, with a = 0 and b = c = 1).

    L_D = ½ E (D(x) - 1)² + ½ E D(G(z))² and L_G = ½ E (D(G(z)) - 1)².
    """

    boundary = 0.5

    def discriminator_loss(self, real: Tensor, fake: Tensor, smoothing: float = 0.0) -> Tensor:
        return 0.5 * ((real - (1.0 - smoothing)) ** 2).mean() + 0.5 * (fake**2).mean()

    def generator_loss(self, fake: Tensor) -> Tensor:
        return 0.5 * ((fake - 1.0) ** 2).mean()


class Hinge(Game):
    """The discriminator cares only for images that it does not tell with a margin of 1.

    L_D = E max(0, 1 - D(x)) + E max(0, 1 + D(G(z))) and L_G = -E D(G(z)) (Lim & Ye, 2017).
    Nothing bounds L_G: it has the sign of D's answers, and their size.
    """

    bounded_losses = ("discriminator",)

    def discriminator_loss(self, real: Tensor, fake: Tensor, smoothing: float = 0.0) -> Tensor:
        return (1.0 - real).relu().mean() + (1.0 + fake).relu().mean()

    def generator_loss(self, fake: Tensor) -> Tensor:
        return -fake.mean()


GAMES: Mapping[str, Game] = MappingProxyType(
    {
        "non-saturating": NonSaturating(),
        "wasserstein": Wasserstein(),
        "least-squares": LeastSquares(),
        "hinge": Hinge(),
    }
)
"""By the word that a recipe has for it."""

SMALLEST_SQUARE = 1e-20
"""Added under the root of a norm, whose derivative at 0 would be infinite."""


def gradient_penalty(
    tape: GradientTape,
    critic: Callable[[Tensor], Tensor],
    real: Tensor,
    fake: Tensor,
    shares: Tensor,
) -> Tensor:
    """E (‖∇D(x̂)‖₂ - 1)² at the mixtures x̂ = ε x + (1 - ε) G(z) (Gulrajani et al., 2017).

    ``real`` and ``fake`` are (n, pixels) constants, ``shares`` (n, 1) are the ε between 0 and 1,
    and ``critic`` maps (n, pixels) to (n, 1), each output from its own row alone. To be called
    while ``tape`` records, so that the penalty itself, one number, can be differentiated.
    """
    mixtures = fake + shares * (real - fake)
    mixtures.requires_grad = True  # only from here on there is something to record
    (gradients,) = tape.gradient(critic(mixtures), [mixtures], create_graph=True)
    norms = ((gradients**2).sum(axis=1) + SMALLEST_SQUARE).sqrt()
    return ((norms - 1.0) ** 2).mean()
