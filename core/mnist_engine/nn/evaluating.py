"""Networks as they are when nobody trains them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from mnist_engine.nn.module import Module


@contextmanager
def evaluating(*networks: Module) -> Iterator[tuple[Module, ...]]:
    """While entered, dropout lets everything pass and batch statistics stay; gives ``networks``."""
    were_training = [network.training for network in networks]
    for network in networks:
        network.eval()
    try:
        yield networks
    finally:
        for network, training in zip(networks, were_training, strict=True):
            network.train(training)
