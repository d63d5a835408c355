"""A step in slow motion: which of its stages are done, and what happened in the newest."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Collection
from dataclasses import dataclass

from textual.content import Content
from textual.strip import Strip

from mnist_engine.runs.state import Snapshot
from mnist_engine.training.events import Stage, Staged
from mnist_tui.monitor.curves import NETWORK_LETTERS
from mnist_tui.monitor.stages import SlowStep, figures, slow_step
from mnist_tui.monitor.widgets.panel import Panel
from mnist_tui.render.palette import Palette
from mnist_tui.render.text import Piece, line
from mnist_tui.terminal import RenderMode

COLUMNS: dict[Stage, int] = {
    "sample": 12,
    "generate": 12,
    "judge": 29,
    "loss": 8,
    "gradients": 12,
    "update": 27,
}
"""Cells that the name of a stage and its numbers below take; more where a number is long, and
others have some to spare."""

ELSEWHERE = "learning rate"
"""This number gives way to others: it stands on the status line, too."""

NAMES = 14
"""Cells of a network's name, where the numbers have room."""

SENTENCE_LINES = 2
"""Where the numbers go before the sentence; else one is enough."""


class StageStrip(Panel):
    """A row for each network's turn; it is seen only while somebody goes through a step."""

    def __init__(self, mode: RenderMode, *, id: str | None = None) -> None:
        super().__init__(mode, id=id)
        self._step: SlowStep | None = None
        self._key_of: Callable[[str], str] = str

    def show(self, snapshot: Snapshot, key_of: Callable[[str], str]) -> None:
        """Show the step that is done in slow motion; hide where none is.

        ``key_of`` says how people write the key of a command.
        """
        step = slow_step(snapshot)
        self._key_of = key_of
        if step == self._step:
            return
        self._step = step
        self.set_class(step is not None, "-shown")
        if step is not None:
            self._make_room(step)
            self.redraw()
            self.call_after_refresh(self.refresh)  # keys in the border, written while it is drawn

    def on_resize(self) -> None:
        """Numbers come or go with the width."""
        if self._step is not None:
            self._make_room(self._step)

    def draw(self, width: int, height: int) -> list[Strip]:
        """The turns, then what happened."""
        step, palette = self._step, self.palette
        if step is None:
            return [line([], width)] * height
        self._write_heading(step)
        table = _table(step, width)
        wide = table is not None
        rows: list[list[Piece]] = []
        for turn in step.turns:
            rows.append(self._names(step, turn, table, width))
            if table is not None:
                rows.append(_numbers(step, turn, table, palette))
        told = "" if wide or step.newest is None else figures(step.newest)
        rows += _sentence(told, step.sentence, width, palette)
        strips = [line(row, width, self.mode.ellipsis) for row in rows]
        return (strips + [line([], width)] * height)[:height]

    def _make_room(self, step: SlowStep) -> None:
        turns = len(step.turns)
        wide = _table(step, self.content_size.width) is not None
        self.styles.height = (2 * turns + 1 if wide else turns + SENTENCE_LINES) + 2

    def _write_heading(self, step: SlowStep) -> None:
        self.set_title((f"Slow motion, step {step.number:,}", "Slow motion"))
        hints = {"stage": "next stage", "step": "rest of the step", "pause": "goes on"}
        if step.newest is None:
            hints = {"stage": "begins the next step", "pause": "goes on"}
        key = f"bold {self.palette.accent}"
        parts: list[str | tuple[str, str]] = []
        for command, hint in hints.items():
            if name := self._key_of(command):
                parts += [("  " if parts else "", ""), (name, key), f" {hint}"]
        self.border_subtitle = Content.assemble(*parts)

    def _names(self, step: SlowStep, turn: str, table: _Table | None, width: int) -> list[Piece]:
        """The stages of a turn: done, the newest, to come."""
        palette = self.palette
        done, newest, coming = "✓▸·" if self.mode.unicode else "+>."
        colour = palette.first if turn != "generator" else palette.second
        name = turn if table else NETWORK_LETTERS.get(turn, "")
        label = NAMES if table else 2
        columns = _columns(step)
        even = max((width - label) // len(columns), 1)
        pieces = [Piece(name.ljust(label), colour, bold=True)]
        for stage in columns:
            cells = table.cells[stage] if table else even
            happened = _event(step, turn, stage)
            if stage == "sample" and turn != step.turns[0]:
                text, shade, bold = "", palette.faint, False
            elif happened is None and step.newest is not None:
                text, shade, bold = f"{coming} {stage}", palette.faint, False
            elif happened is step.newest:
                text, shade, bold = f"{newest} {stage}", palette.text, True
            else:
                text, shade, bold = f"{done} {stage}", palette.quiet, False
            pieces.append(Piece(text.ljust(cells) if text else " " * cells, shade, bold, gap=0))
        return pieces


@dataclass(frozen=True)
class _Table:
    """Cells of each stage's column, and the numbers in them by turn and stage."""

    cells: dict[Stage, int]
    texts: dict[tuple[str, Stage], str]


def _columns(step: SlowStep) -> tuple[Stage, ...]:
    return ("sample", *step.columns)


def _table(step: SlowStep, width: int) -> _Table | None:
    """Room for the numbers of all stages below their names, none of them cut; None without it."""
    columns = _columns(step)
    room = width - NAMES
    if sum(COLUMNS[stage] for stage in columns) > room:
        return None
    for without in ((), (ELSEWHERE,)):
        texts = {
            (turn, stage): _told(step, turn, stage, without)
            for turn in step.turns
            for stage in columns
        }
        needed = {
            stage: max(len(f"✓ {stage} "), *(len(texts[turn, stage]) for turn in step.turns))
            for stage in columns
        }
        cells = {stage: max(COLUMNS[stage], needed[stage]) for stage in columns}
        missing = sum(cells.values()) - room
        for stage in reversed(columns):
            given = max(min(cells[stage] - needed[stage], missing), 0)
            cells[stage] -= given
            missing -= given
        if missing <= 0:
            return _Table(cells, texts)
    return None


def _told(step: SlowStep, turn: str, stage: Stage, without: Collection[str]) -> str:
    """What can be said of a stage, if it is done."""
    happened = _event(step, turn, stage)
    return "" if happened is None else f"  {figures(happened, without)}"


def _event(step: SlowStep, turn: str, stage: Stage) -> Staged | None:
    if stage == "sample":
        return step.sample if turn == step.turns[0] else None
    return step.done.get((turn, stage))


def _numbers(step: SlowStep, turn: str, table: _Table, palette: Palette) -> list[Piece]:
    """What can be said of the stages that are done."""
    pieces = [Piece(" " * NAMES)]
    for stage in _columns(step):
        happened = _event(step, turn, stage)
        newest = happened is not None and happened is step.newest
        shade = palette.text if newest else palette.quiet
        text = table.texts[turn, stage].ljust(table.cells[stage])
        pieces.append(Piece(text, shade, newest, gap=0))
    return pieces


def _sentence(numbers: str, sentence: str, width: int, palette: Palette) -> list[list[Piece]]:
    """The sentence, behind the ``numbers`` where these have no place of their own."""
    lead = f"{numbers}  " if numbers else ""
    lines = textwrap.wrap(lead + sentence, max(width, 1), drop_whitespace=True)[:SENTENCE_LINES]
    if not lines or not numbers:
        return [[Piece(text)] for text in lines]
    return [
        [Piece(numbers, bold=True), Piece(lines[0][len(numbers) :].strip())],
        *([Piece(text)] for text in lines[1:]),
    ]
