"""The GAN of two lessons: small and without labels; and how people slow its discriminator down."""

from __future__ import annotations

from mnist_tui.lessons.lesson import factor_of, key_card, telling, turned_down
from mnist_tui.monitor.guiding.card import Card

RECIPE = """
task = "gan"
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

DECAYS = 5
"""How often its learning rate is halved."""

RATE_OF_D = telling(**{"learning rate of D": factor_of("discriminator")})


def small_gan(name: str) -> str:
    """The recipe under the ``name`` of a lesson, as TOML."""
    return f'name = "{name}"\n{RECIPE}'


def slow_down_d(title: str, text: str) -> Card:
    """A card that asks for the keys that make D 32 times slower, and waits for that."""
    slower = turned_down("discriminator", 0.5**DECAYS)
    return key_card(title, text, ("turn", *["decay"] * DECAYS), slower, RATE_OF_D)
