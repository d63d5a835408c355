"""The losses of the games, in numbers that can be worked out on paper."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, get_args, get_type_hints

import numpy as np
import pytest
from numpy.typing import NDArray

from mnist_engine.autograd import GradientTape, Tensor
from mnist_engine.recipes.schema import GameTable
from mnist_engine.training.games import GAMES, gradient_penalty

Array = NDArray[Any]

REAL = np.array([[2.0], [0.5], [-1.0]])
FAKE = np.array([[-3.0], [0.25], [1.5]])


def softplus(x: Array) -> Array:
    return np.log(1 + np.exp(x))


def half_square(x: Array) -> Array:
    return x**2 / 2


Terms = tuple[Callable[[Array], Array], Callable[[Array], Array], Callable[[Array], Array]]
TERMS: dict[str, Terms] = {  # of D for real and fake, and of G, an image
    "non-saturating": (lambda d: softplus(-d), softplus, lambda d: softplus(-d)),
    "wasserstein": (lambda d: -d, lambda d: d, lambda d: -d),
    "least-squares": (lambda d: half_square(d - 1), half_square, lambda d: half_square(d - 1)),
    "hinge": (
        lambda d: np.where(d < 1, 1 - d, 0),
        lambda d: np.where(d > -1, 1 + d, 0),
        lambda d: -d,
    ),
}


def test_every_word_that_a_recipe_may_have_for_a_game_is_a_game() -> None:
    words = get_args(get_type_hints(GameTable)["loss"])
    assert set(words) == set(GAMES) == set(TERMS)


@pytest.mark.parametrize("name", TERMS)
def test_losses_are_means_over_the_images_of_a_kind(name: str) -> None:
    of_real, of_fake, of_generator = TERMS[name]
    game, real, fake = GAMES[name], Tensor(REAL), Tensor(FAKE)
    discriminator_loss = game.discriminator_loss(real, fake).item()
    assert discriminator_loss == pytest.approx(of_real(REAL).mean() + of_fake(FAKE).mean())
    assert game.generator_loss(fake).item() == pytest.approx(of_generator(FAKE).mean())


@pytest.mark.parametrize("name", TERMS)
def test_their_gradients_are_those_of_the_formulas(name: str) -> None:
    game = GAMES[name]
    real, fake = Tensor(REAL, requires_grad=True), Tensor(FAKE, requires_grad=True)
    with GradientTape() as tape:
        discriminator_loss = game.discriminator_loss(real, fake)
        generator_loss = game.generator_loss(fake)
    found = [
        *tape.gradient(discriminator_loss, [real, fake]),
        *tape.gradient(generator_loss, [fake]),
    ]
    for gradient, term, at in zip(found, TERMS[name], [REAL, FAKE, FAKE], strict=True):
        slope = (term(at + 1e-6) - term(at - 1e-6)) / 2e-6 / len(at)
        np.testing.assert_allclose(gradient.data, slope, rtol=1e-7, atol=1e-9)


def test_only_probabilities_are_called_so() -> None:
    probability = float(np.mean(1 / (1 + np.exp(-REAL))))
    assert GAMES["non-saturating"].verdicts(REAL, FAKE)["D(real)"] == pytest.approx(probability)
    for name in ("wasserstein", "least-squares", "hinge"):
        verdicts = GAMES[name].verdicts(REAL, FAKE)
        assert verdicts == {"critic(real)": 0.5, "critic(fake)": pytest.approx(-5 / 12)}


@pytest.mark.parametrize(
    ("name", "real", "fake"),
    [("non-saturating", 2 / 3, 1 / 3), ("hinge", 2 / 3, 1 / 3), ("least-squares", 1 / 3, 2 / 3)],
)
def test_an_output_beyond_the_boundary_says_real(name: str, real: float, fake: float) -> None:
    """For least squares half way between the targets 0 and 1; 0.5 itself is not beyond it."""
    accuracies = GAMES[name].accuracies(REAL, FAKE)
    assert accuracies == pytest.approx({"accuracy real": real, "accuracy generated": fake})


def test_a_wasserstein_critic_has_no_accuracy() -> None:
    assert GAMES["wasserstein"].accuracies(REAL, FAKE) == {}


# --- the gradient penalty -----------------------------------------------------------------------

RNG = np.random.default_rng(5)
IMAGES, FAKES = RNG.standard_normal((2, 4, 3))
SHARES = np.array([[0.0], [0.25], [0.5], [1.0]])


def penalty(critic: Callable[[Tensor], Tensor], tape: GradientTape | None = None) -> Tensor:
    with tape or GradientTape() as tape:
        return gradient_penalty(tape, critic, Tensor(IMAGES), Tensor(FAKES), Tensor(SHARES))


def test_a_linear_critic_has_the_same_slope_everywhere() -> None:
    """D(x) = x w: the penalty is (‖w‖ - 1)², its derivative 2 (‖w‖ - 1) w / ‖w‖."""
    weight = Tensor(np.array([[1.0], [2.0], [-2.0]]), requires_grad=True)
    tape = GradientTape()
    value = penalty(lambda x: x @ weight, tape)
    assert value.item() == pytest.approx((3 - 1) ** 2)
    (gradient,) = tape.gradient(value, [weight])
    np.testing.assert_allclose(gradient.data, 2 * (3 - 1) * weight.data / 3, rtol=1e-12)


def test_the_slope_is_taken_at_the_mixtures() -> None:
    """D(x) = ½ ‖x‖² has the slope ‖x‖; a share of 1 is the real image."""
    mixtures = SHARES * IMAGES + (1 - SHARES) * FAKES
    wanted = ((np.linalg.norm(mixtures, axis=1) - 1) ** 2).mean()
    value = penalty(lambda x: 0.5 * (x * x).sum(axis=1, keepdims=True))
    assert value.item() == pytest.approx(wanted)


def test_a_critic_without_a_slope_has_a_penalty_and_a_finite_gradient() -> None:
    weight = Tensor(np.zeros((3, 1)), requires_grad=True)
    tape = GradientTape()
    value = penalty(lambda x: x @ weight, tape)
    assert value.item() == pytest.approx(1)
    (gradient,) = tape.gradient(value, [weight])
    assert gradient.data.tolist() == [[0], [0], [0]]


def test_the_gradient_of_a_networks_penalty_is_its_finite_difference() -> None:
    hidden, out = RNG.standard_normal((3, 5)), RNG.standard_normal((5, 1))

    def value(weight: Tensor, tape: GradientTape | None = None) -> Tensor:
        return penalty(lambda x: (x @ weight).tanh() @ Tensor(out), tape)

    weight, tape = Tensor(hidden, requires_grad=True), GradientTape()
    (gradient,) = tape.gradient(value(weight, tape), [weight])
    direction = RNG.standard_normal(hidden.shape)
    ahead, behind = (value(Tensor(hidden + h * direction)).item() for h in (1e-5, -1e-5))
    assert (gradient.data * direction).sum() == pytest.approx((ahead - behind) / 2e-5, rel=1e-7)
