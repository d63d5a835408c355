"""Random keys and mouse events, as a terminal sends them."""

from __future__ import annotations

import random
import string
from collections.abc import Iterator

ARROWS = tuple(f"\x1b[{letter}" for letter in "ABCD")
OTHERS = (
    " ", "\r", "\t", "\x1b[Z", "\x1b", "\x7f",
    "\x1b[H", "\x1b[F", "\x1b[5~", "\x1b[6~", "\x1b[3~", "\x1b[1;2C", "\x1b[1;2D",
    "\x1bOP", "\x1b[15~",  # F1, F5
    "\x10",  # ctrl+p, the palette
    "\x1b[200~3.5\x1b[201~",  # pasted
    "\x1b[I", "\x1b[O",  # the window gains and loses the focus
)  # fmt: skip
SCREENS = tuple("aiket?T\r\t")
"""Keys that open something, which deserve to be pressed more often than others."""

LEAVING = ("q", "\x03", "\x11", "S")
"""Keys that end a session, or nearly: seldom pressed, lest all be over at once."""

LEAVING_SHARE = 0.001
LETTERS = tuple(sorted({*string.printable[:95]} - {*LEAVING}))


def events(rng: random.Random, columns: int, lines: int) -> Iterator[str]:
    """What is typed and done with the mouse, without end; each is one event or a drag's few."""
    kinds = (
        lambda: rng.choice(LETTERS),
        lambda: rng.choice(SCREENS),
        lambda: rng.choice(OTHERS),
        lambda: rng.choice(ARROWS) * rng.choice((1, 1, 1, 5)),
        lambda: "".join(mouse(rng, columns, lines)),
        lambda: "\x1b",
    )
    weights = (5, 3, 3, 4, 4, 1)
    while True:
        if rng.random() < LEAVING_SHARE:
            yield rng.choice(LEAVING)
        yield rng.choices(kinds, weights)[0]()


def mouse(rng: random.Random, columns: int, lines: int) -> Iterator[str]:
    """A click, a turn of the wheel, a movement or a drag (SGR reports, 1006)."""
    x, y = rng.randint(1, columns), rng.randint(1, lines)
    kind = rng.randrange(5)
    if kind == 0:
        yield f"\x1b[<{rng.choice((64, 65))};{x};{y}M"
    elif kind == 1:
        yield f"\x1b[<35;{x};{y}M"
    else:
        button = rng.choice((0, 0, 0, 2, 1))
        yield f"\x1b[<{button};{x};{y}M"
        for _ in range(rng.choice((0, 0, 3))):
            x = min(max(x + rng.randint(-2, 2), 1), columns)
            y = min(max(y + rng.randint(-1, 1), 1), lines)
            yield f"\x1b[<{32 + button};{x};{y}M"
        yield f"\x1b[<{button};{x};{y}m"
