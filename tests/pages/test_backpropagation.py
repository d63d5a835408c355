"""The lesson on paper: the hand-made gradients are right, and a tape that lies is found out."""

from __future__ import annotations

import io
import re

import pytest
from rich.console import Console

from mnist_engine.autograd.activations import ReLU
from mnist_tui.pages.backpropagation import run_page


def read(width: int = 80) -> tuple[bool, str]:
    output = io.StringIO()
    agreed = run_page(Console(file=output, width=width))
    return agreed, output.getvalue()


def test_hand_and_tape_agree_in_every_gradient_and_while_they_train() -> None:
    agreed, text = read()
    (count,) = re.findall(r"All (\d+) checks agree", text)
    assert agreed
    assert text.count("✓") == int(count) == 1 + 7 + 2 + 5


def test_the_code_that_is_shown_is_whole_lines() -> None:
    _, text = read()
    assert "    dz1 = dh * (z1 > 0)" in text
    assert "def step_by_hand(weights: Arrays, x: Array, y: Array) -> float:" in text
    assert max(map(len, text.splitlines())) <= 78


def test_a_tape_that_is_wrong_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ReLU, "derivatives", (lambda self, g, x: g,))
    monkeypatch.setattr(ReLU, "fast_paths", {})
    agreed, text = read()
    assert not agreed
    assert re.search(r"dW1 = dz1ᵀ x .*✗", text)
    assert re.search(r"dW2 = dz2ᵀ h .*✓", text)
