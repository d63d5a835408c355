"""Where a card lies: beside what it is about, not on it."""

from __future__ import annotations

from collections.abc import Sequence

from textual.geometry import Region, Size


def beside(sizes: Sequence[Size], targets: Sequence[Region], room: Region) -> Region:
    """A place in ``room`` for a card of one of these ``sizes`` that covers least of ``targets``.

    The first of them counts twice. Of sizes that are as good the first is taken, and of places the
    nearest to the first target.
    """
    first = targets[0] if targets else room
    choices = []
    for preference, size in enumerate(sizes):
        for place in _places(size, targets, room):
            covered = sum(place.intersection(one).area for one in targets)
            covered += place.intersection(first).area
            (x, y), (its_x, its_y) = place.center, first.center
            choices.append((covered, preference, abs(x - its_x) + abs(y - its_y), place))
    return min(choices, key=lambda choice: choice[:3])[3]


def _places(size: Size, targets: Sequence[Region], room: Region) -> list[Region]:
    """Where edges meet: a card's with those of targets, or of the room."""
    rightmost = max(room.right - size.width, room.x)
    lowest = max(room.bottom - size.height, room.y)
    xs, ys = {room.x, rightmost}, {room.y, lowest}
    for target in targets:
        xs |= {target.x, target.right, target.x - size.width}
        ys |= {target.y, target.bottom, target.y - size.height}
    return [
        Region(min(max(x, room.x), rightmost), min(max(y, room.y), lowest), *size)
        for y in sorted(ys)
        for x in sorted(xs)
    ]
