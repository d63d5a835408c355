"""What ``mnist-tui evaluate`` has found, printed for people."""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.text import Text

from mnist_tui.export.evaluation import ClassifierResult, GanResult
from mnist_tui.export.showing import print_digits
from mnist_tui.figures import measured, measured_alike, number
from mnist_tui.render.digits import Digits
from mnist_tui.tables import Column, print_table

MATRIX_CLASSES = 12
"""With more classes the matrix is wider than a terminal; the most frequent confusions are told."""

CONFUSIONS = 10
MISTAKES_SHOWN = 10

SPREAD_OF = {"KID x 1000": "KID deviation"}
"""Measures whose deviation is another measure."""


def print_classifier(result: ClassifierResult, console: Console, ascii_only: bool = False) -> None:
    """Accuracy, loss and calibration; a line a class; who is taken for whom; the worst mistakes."""
    count = len(result.examples)
    wrong = count - round(result.accuracy * count)
    console.print(
        Text(f"test accuracy {result.accuracy:.2%} ({wrong:,} of {count:,} wrong)", "bold"),
        Text(
            f"test loss {number(result.loss)}, "
            f"calibration error {measured('calibration error', result.calibration_error)}"
        ),
        sep="\n",
    )
    console.print("\nPrecision and recall by class", style="dim")
    _print_classes(result)
    if len(result.answers.confusion) <= MATRIX_CLASSES:
        console.print("\nAnswers (columns) to each class (rows)", style="dim")
        _print_matrix(result)
    elif confusions := result.answers.confusions(CONFUSIONS):
        console.print("\nMost frequent confusions", style="dim")
        for confusion in confusions:
            console.print(f"  {confusion.label} taken for {confusion.answer}: {confusion.times}")
    worst = result.answers.mistakes[:MISTAKES_SHOWN]
    if worst:
        console.print("\nWorst mistakes: wrong, and most sure of it", style="dim")
        digits = Digits(
            result.examples.images[[mistake.index for mistake in worst]],
            columns=MISTAKES_SHOWN,
            captions=tuple(mistake.caption for mistake in worst),
            wrong=(True,) * len(worst),
        )
        print_digits(digits, console, ascii_only)


def print_generator(result: GanResult, console: Console) -> None:
    """Each measure of the generated digits, beside that of real ones."""
    judge = "" if result.judge is None else f", seen by judge {result.judge}"
    console.print(Text(f"{result.digits:,} generated digits against the test set{judge}", "bold"))
    rows = [
        (name, *_measures(name, [result.generated, result.real]))
        for name in result.generated
        if name not in SPREAD_OF.values()
    ]
    print_table(_columns("measure", "generated", "real digits"), rows, sys.stdout)
    if result.judge is None:
        console.print("The judge knows MNIST only: of other data there are only distances.")
    else:
        console.print(
            "Real digits: training images measured in the same way, the best there can be.\n"
            "FID falls as digits grow in number: compare equal numbers only.",
            style="dim",
        )


def _print_classes(result: ClassifierResult) -> None:
    precision, recall = result.answers.precision, result.answers.recall
    rows = [
        (str(number), _percent(precision[number]), _percent(recall[number]), f"{sum(row):,}")
        for number, row in enumerate(result.answers.confusion)
    ]
    print_table(_columns("class", "precision", "recall", "images"), rows, sys.stdout)


def _print_matrix(result: ClassifierResult) -> None:
    confusion = result.answers.confusion
    rows = [
        (str(label), *(f"{times:,}" if times else "·" for times in row))
        for label, row in enumerate(confusion)
    ]
    print_table(_columns("", *map(str, range(len(confusion)))), rows, sys.stdout)


def _columns(first: str, *numbers: str) -> list[Column]:
    """Names to the left, numbers to the right."""
    return [Column(first), *(Column(name, right=True) for name in numbers)]


def _measures(name: str, found: Sequence[Mapping[str, float]]) -> list[str]:
    """The measure in each of what was ``found``, with its deviation; empty where it is missing."""
    names = [name, SPREAD_OF[name]] if name in SPREAD_OF else [name]
    values = [measures.get(each, math.nan) for measures in found for each in names]
    texts = measured_alike(name, values)
    groups = [texts[begin : begin + len(names)] for begin in range(0, len(texts), len(names))]
    return [" ± ".join(filter(None, group)) for group in groups]


def _percent(value: float) -> str:
    return "" if math.isnan(value) else f"{value:.2%}"
