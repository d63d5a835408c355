"""One line that names what goes wrong, and the key that helps."""

from __future__ import annotations

from mnist_engine.runs.state import Snapshot
from mnist_tui.monitor.standing import Standing
from mnist_tui.monitor.trouble import foremost, offered, treated_at
from mnist_tui.render.palette import Palette
from mnist_tui.render.text import Piece
from mnist_tui.terminal import RenderMode


def trouble_line(
    snapshot: Snapshot, standing: Standing, palette: Palette, mode: RenderMode
) -> list[Piece]:
    """The foremost trouble and its remedy, or that this was taken; nothing where all is well."""
    alarm = foremost(snapshot)
    if alarm is None:
        return []
    sign = "▲" if mode.unicode else "!"
    colour = palette.bad if alarm.level == "alarm" else palette.text
    pieces = [Piece(f"{sign} {alarm.name}", colour, bold=True)]
    key, help, step = standing.key("remedy"), offered(snapshot), treated_at(snapshot, alarm)
    if step is not None:
        pieces.append(Piece(f"remedy taken after step {step:,}", palette.quiet, gap=3))
    elif key and help is not None:
        pieces.append(Piece(key, palette.accent, bold=True, gap=3, click=f"screen.key({key!r})"))
        pieces.append(Piece(help[1].text, gap=1))
    text = f"at step {alarm.step:,}: {alarm.text}"  # its numbers are of then
    pieces.append(Piece(text, palette.quiet, importance=1, gap=3))
    return pieces


def way_back(snapshot: Snapshot, standing: Standing, palette: Palette) -> list[Piece]:
    """What the key does where training has diverged; nothing where nothing can be done here."""
    key = standing.key("remedy")
    if snapshot.phase != "diverged" or not (standing.way_back and key):
        return []
    return [
        Piece(key, palette.accent, bold=True, click=f"screen.key({key!r})"),
        Piece(standing.way_back, gap=1),
    ]
