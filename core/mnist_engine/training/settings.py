"""Numbers that a person may turn while training goes on, besides learning rates."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from mnist_engine import nn
from mnist_engine.training.events import SettingTold


@dataclass(frozen=True)
class Setting:
    """A number from ``lowest`` to ``highest``, a ``whole`` one perhaps.

    ``name`` is what people call it, "label smoothing"; ``network`` the one it belongs to, empty
    where it is the game's or the data's; ``meaning`` a phrase for whoever sees it the first time.
    """

    name: str
    network: str
    meaning: str
    read: Callable[[], float]
    write: Callable[[float], None]
    lowest: float
    highest: float
    whole: bool = False

    def check(self, value: float) -> None:
        """ValueError, one line, where ``value`` cannot be taken."""
        if not (math.isfinite(value) and self.lowest <= value <= self.highest):
            raise ValueError(
                f"{self.name} is {value:g}; it must be from {self.lowest:g} to {self.highest:g}"
            )
        if self.whole and value != int(value):
            raise ValueError(f"{self.name} is {value:g}; it must be a whole number")

    def told(self) -> SettingTold:
        """What others must know of it."""
        return SettingTold(
            name=self.name,
            network=self.network,
            meaning=self.meaning,
            value=self.read(),
            lowest=self.lowest,
            highest=self.highest,
            whole=self.whole,
        )


class Settings:
    """The settings of a trainer, by network and name.

    ``changed`` are those that people changed: a run that goes on takes them over.
    """

    def __init__(self, *settings: Setting) -> None:
        self._settings = {(each.network, each.name): each for each in settings}
        self.changed: dict[tuple[str, str], float] = {}

    def __iter__(self) -> Iterator[Setting]:
        return iter(self._settings.values())

    def find(self, network: str, name: str) -> Setting | None:
        """The setting of that name; None where the training has no such thing."""
        return self._settings.get((network, name))

    def change(self, network: str, name: str, value: float) -> None:
        """Set it. KeyError where there is no such setting, ValueError where it cannot be so."""
        setting = self._settings[network, name]
        setting.check(value)
        setting.write(value)
        self.changed[network, name] = value


LARGEST_DROPOUT = 0.95
"""Where hardly anything is kept, nothing is learnt."""


def dropout_settings(networks: dict[str, nn.Sequential]) -> Iterator[Setting]:
    """One for each network that has such layers; it sets them all to the same."""
    for name, network in networks.items():
        layers = [module for module in network.modules() if isinstance(module, nn.Dropout)]
        if layers:
            yield Setting(
                "dropout",
                name,
                "the probability with which a unit is left out of a step",
                lambda layers=layers: layers[0].probability,  # type: ignore[misc]
                lambda value, layers=layers: _set_dropout(layers, value),  # type: ignore[misc]
                0.0,
                LARGEST_DROPOUT,
            )


def _set_dropout(layers: list[nn.Dropout], probability: float) -> None:
    for layer in layers:
        layer.probability = probability
