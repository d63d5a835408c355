"""The guided tour: it tells the truth, fits its terminal, and notices when the engine lies."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys

import numpy as np
import pytest
from rich.console import Console

from mnist_engine.autograd import Array, Operation, Tensor
from mnist_engine.autograd.activations import Tanh
from mnist_engine.autograd.arithmetic import Exp, Multiply
from mnist_engine.autograd.linear_algebra import Linear
from mnist_tui.pages.autograd import run_tour
from mnist_tui.pages.guide import Guide


def take_tour(width: int = 80) -> tuple[bool, str]:
    output = io.StringIO()
    agreed = run_tour(Console(file=output, width=width))
    return agreed, output.getvalue()


@pytest.fixture(scope="module")
def text() -> str:
    return take_tour()[1]


def test_every_check_agrees() -> None:
    agreed, text = take_tour()
    assert agreed
    assert "✗" not in text
    (count,) = re.findall(r"All (\d+) checks agree", text)
    assert text.count("✓") == int(count) >= 25


def test_it_fits_eighty_columns_and_cuts_nothing_off(text: str) -> None:
    lines = text.splitlines()
    assert max(map(len, lines)) <= 80
    assert not any(line != line.rstrip() for line in lines)
    assert "…" not in text


def test_what_is_shown_is_the_code_that_ran(text: str) -> None:
    assert "(slope,) = tape.gradient(y, [x])" in text
    assert "return ((x * w).exp() + 1.0).log()" in text
    assert "optimizer.minimise(loss)" in text


def rows(text: str, first_words: str) -> list[list[str]]:
    """The cells of the table's rows that begin with the words."""
    lines = [line.split() for line in text.splitlines() if line.split() and "✓" in line]
    return [line for line in lines if re.fullmatch(first_words, line[0])]


def test_numbers_stand_beside_their_witnesses(text: str) -> None:
    table = rows(text, r"-?\d\.\d")
    assert len(table) == 5 + 4  # the bump and the curvature
    for _, by_hand, by_tape, by_difference, gap, mark in table:
        assert by_hand == by_tape
        assert float(by_difference) == pytest.approx(float(by_tape), abs=1e-6)
        assert float(gap) < 1e-6
        assert mark == "✓"


def test_the_tape_is_listed_in_the_order_of_execution(text: str) -> None:
    names = [row[0] for row in rows(text, "[A-Z][a-z]+|[xw]")]
    assert names == ["x", "w", "Multiply", "Exp", "Add", "Log"]


def test_the_loss_goes_down(text: str) -> None:
    losses = [float(loss) for loss in re.findall(r"━+ +\d+ +([\d.]+)", text)]
    assert len(losses) == 7
    assert losses == sorted(losses, reverse=True)


def test_numbers_come_out_the_same_every_time(text: str) -> None:
    assert take_tour()[1] == text


@pytest.mark.parametrize("operation", [Exp, Tanh, Multiply])
def test_a_planted_wrong_derivative_is_noticed(
    operation: type[Operation], monkeypatch: pytest.MonkeyPatch
) -> None:
    right = operation.derivatives[0]
    assert right is not None

    def wrong(self: Operation, g: Tensor, *inputs: Tensor) -> Tensor:
        return right(self, g, *inputs) * 1.0001

    monkeypatch.setattr(operation, "derivatives", (wrong, *operation.derivatives[1:]))
    agreed, text = take_tour()
    assert not agreed
    assert "✗" in text
    assert re.search(r"\d+ of \d+ checks disagree", text)


def test_a_planted_wrong_fast_path_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(linear: Operation, g: Array, out: Array) -> None:
        out[...] = 0

    monkeypatch.setattr(Linear, "fast_paths", {**Linear.fast_paths, 2: wrong})
    agreed, text = take_tour()
    assert not agreed
    assert re.search(r"0\.bias .*✗", text)


def test_not_a_number_agrees_with_nothing() -> None:
    guide = Guide(Console(file=io.StringIO()), "")
    guide.compare(float("nan"), 1.0)
    guide.compare(np.array([1.0, 1.0]), np.array([1.0, float("nan")]))
    assert guide.disagreements == guide.comparisons == 2


@pytest.mark.parametrize("width", [20, 40, 60, 200])
def test_any_width_will_do(width: int) -> None:
    agreed, text = take_tour(width)
    assert agreed
    assert max(map(len, text.splitlines())) <= min(width, 80)


def test_colours_are_for_terminals_that_want_them() -> None:
    def colourful(**options: object) -> bool:
        output = io.StringIO()
        run_tour(Console(file=output, width=80, **options))  # type: ignore[arg-type]
        return "\x1b[3" in output.getvalue()

    assert colourful(force_terminal=True, color_system="truecolor", no_color=False)
    assert not colourful(force_terminal=True, color_system="truecolor", no_color=True)
    assert not colourful(force_terminal=False)


def test_it_runs_in_a_pipe_of_few_characters_and_without_textual() -> None:
    program = (
        "import sys; from rich.console import Console; "
        "from mnist_tui.pages.autograd import run_tour; "
        "agreed = run_tour(Console()); assert 'textual' not in sys.modules; sys.exit(not agreed)"
    )
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "NO_COLOR": "1", "TERM": "dumb"}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True)
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"checks agree" in done.stdout
    assert b"\x1b" not in done.stdout
