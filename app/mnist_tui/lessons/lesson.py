"""What a lesson is, and the words in which its cards ask how a run stands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from mnist_engine.recipes import AnyRecipe, recipe_from_text
from mnist_engine.runs.history import Curve
from mnist_engine.runs.state import Snapshot
from mnist_tui.monitor.guiding.card import STATUS, Card, Condition, Tell


@dataclass(frozen=True)
class Lesson:
    """A run and the cards that go with it. ``summary`` is a line for lists."""

    name: str
    summary: str
    recipe_text: str
    cards: tuple[Card, ...]

    def recipe(self) -> AnyRecipe:
        """What is trained, small and seeded, so that it goes as the cards say."""
        return recipe_from_text(self.recipe_text, f"lesson {self.name}")


def read_card(title: str, text: str, at: tuple[str, ...], tell: Tell) -> Card:
    """A card to be read, and turned by a person; training waits."""
    return Card(title, text, at, tell=tell, holds=True)


def watch_card(title: str, text: str, at: tuple[str, ...], until: Condition, tell: Tell) -> Card:
    """A card that lies there while training goes on, until something has happened."""
    return Card(title, text, at, until=until, tell=tell, holds=False)


def key_card(title: str, text: str, press: tuple[str, ...], until: Condition, tell: Tell) -> Card:
    """A card that asks for the keys of some commands, of what the status lines show."""
    return Card(title, text, (STATUS,), until=until, press=press, tell=tell, holds=True)


def steps_more(count: int) -> Condition:
    """``count`` steps have been done since the card was turned up."""
    return lambda then, now: now.step >= then.step + count


def turned_down(network: str, factor: float) -> Condition:
    """People have multiplied the learning rate of ``network`` by ``factor`` or less."""
    return lambda then, now: now.factors.get(network, 1.0) <= factor


def turned_up(network: str, factor: float) -> Condition:
    """People have multiplied the learning rate of ``network`` by ``factor`` or more."""
    return lambda then, now: now.factors.get(network, 1.0) >= factor


def as_scheduled(network: str) -> Condition:
    """The learning rate of ``network`` is that of its schedule."""
    return lambda then, now: now.factors.get(network, 1.0) == 1.0


def measured(name: str, below: float | None = None, above: float | None = None) -> Condition:
    """What was measured of generated digits since is below, or above, a limit."""

    def holds(then: Snapshot, now: Snapshot) -> bool:
        curve = now.measures.get(name)
        if curve is None or not len(curve.x) or curve.x[-1] <= then.step:
            return False
        return (below is None or curve.last < below) and (above is None or curve.last > above)

    return holds


def or_after(steps: int, condition: Condition) -> Condition:
    """The condition holds, or so many steps have been done: nobody shall wait for ever."""
    return lambda then, now: condition(then, now) or now.step >= then.step + steps


def telling(**words: Callable[[Snapshot], str]) -> Tell:
    """How some values were and are: "class KL 0.36 → 2.03". ``_`` in a name is a blank."""

    def tell(then: Snapshot, now: Snapshot) -> str:
        lines = []
        for name, value in words.items():
            before, after = value(then), value(now)
            change = after if before in ("", after) else f"{before} → {after}"
            lines.append(f"{name.replace('_', ' ')} {change or '...'}")
        return "\n".join(lines)

    return tell


def last_measure(name: str, form: str = ".2f") -> Callable[[Snapshot], str]:
    """What was measured of generated digits last."""
    return lambda snapshot: _last(snapshot.measures.get(name), form)


def factor_of(network: str) -> Callable[[Snapshot], str]:
    """By what people have multiplied its learning rate."""
    return lambda snapshot: f"×{snapshot.factors.get(network, 1.0):g}"


def mean_loss(network: str, form: str = ".2f") -> Callable[[Snapshot], str]:
    """A network's loss, averaged over the last steps."""

    def value(snapshot: Snapshot) -> str:
        curve = snapshot.losses.get(network)
        return format(curve.recent, form) if curve is not None and len(curve.x) else ""

    return value


def epoch_measure(name: str, form: str = ".2f") -> Callable[[Snapshot], str]:
    """What was measured at the end of the last epoch."""
    return lambda snapshot: _last(snapshot.epochs.get(name), form)


def _last(curve: Curve | None, form: str) -> str:
    return format(curve.last, form) if curve is not None and len(curve.x) else ""
