"""Tables: whole on paper, as much as fits on a terminal."""

from __future__ import annotations

import io

import pytest
from rich.text import Text

from mnist_tui.tables import Column, print_table

COLUMNS = (
    Column("run"),
    Column("steps", right=True, importance=1),
    Column("kind", importance=2),
    Column("note", flexible="cut"),
)
ROWS = (("a-run", "1,000", "gan", "a long remark about this run"), ("b", "7", "classify", ""))


class Terminal(io.StringIO):
    """Says that it is one."""

    def isatty(self) -> bool:
        return True


def printed(output: io.StringIO, columns: tuple[Column, ...] = COLUMNS) -> list[str]:
    print_table(columns, ROWS, output)
    return [Text.from_ansi(line).plain.rstrip() for line in output.getvalue().splitlines()]


def on_terminal(
    width: int, monkeypatch: pytest.MonkeyPatch, columns: tuple[Column, ...] = COLUMNS
) -> list[str]:
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setenv("TERM", "xterm")
    return printed(Terminal(), columns)


def test_on_paper_every_cell_is_whole_and_in_line() -> None:
    assert printed(io.StringIO()) == [
        "run    steps  kind      note",
        "a-run  1,000  gan       a long remark about this run",
        "b          7  classify",
    ]


def test_a_terminal_with_room_shows_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    assert on_terminal(80, monkeypatch) == printed(io.StringIO())


def test_a_narrow_terminal_has_less_of_long_cells_then_fewer_columns(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert on_terminal(48, monkeypatch)[1] == "a-run  1,000  gan       a long remark about thi…"
    assert on_terminal(40, monkeypatch)[0] == "run    steps  note"
    assert on_terminal(31, monkeypatch)[1] == "a-run  a long remark about thi…"


def test_a_cell_that_wraps_goes_on_in_the_next_line(monkeypatch: pytest.MonkeyPatch) -> None:
    columns = (*COLUMNS[:3], Column("note", flexible="wrap"))
    lines = on_terminal(48, monkeypatch, columns)
    assert lines[1:3] == ["a-run  1,000  gan       a long remark about this", " " * 24 + "run"]


def test_a_column_without_anything_in_it_is_left_out() -> None:
    output = io.StringIO()
    print_table((Column("a"), Column("b")), [("1", ""), ("2", "")], output)
    assert output.getvalue().split() == ["a", "1", "2"]


def test_letters_that_a_file_cannot_hold_are_replaced() -> None:
    file = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    print_table((Column("a"),), [("×",)], file)
    file.seek(0)
    assert file.read() == "a\n?\n"
