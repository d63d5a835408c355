"""What the panels of a classifier show, in words."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

import numpy as np

from mnist_engine.runs.state import Snapshot
from mnist_engine.training.answers import Answers
from mnist_engine.training.events import SamplesDrawn
from mnist_tui.describing.course import epoch_measure
from mnist_tui.figures import a_digit, counted

PAIRS = 5
MISTAKES = 5
"""As many are told, the worst first; ``evaluate`` has all."""


def classification(now: Snapshot) -> Iterator[str]:
    """How often the classifier is right, on which classes, and what it takes for what."""
    if told := epoch_measure(now, "validation accuracy"):
        yield f"validation accuracy: {told}."
    finished = now.finished
    if finished is not None and finished.test_accuracy is not None:
        yield f"test accuracy: {finished.test_accuracy:.2%}."
    of_test = finished.answers if finished else None
    answers = of_test or now.answers
    if answers is not None:
        where = "on the test set" if of_test else "on the validation images"
        yield _confusions(answers, where)
        yield _by_class(answers, where)
        yield _worst(answers, where)


def shown_digits(samples: SamplesDrawn) -> Iterator[str]:
    """The validation digits that are shown, and which of them are mistaken."""
    if not samples.captions:
        return
    wrong = [
        _spoken(caption)
        for caption, is_wrong in zip(samples.captions, samples.wrong, strict=False)
        if is_wrong
    ]
    told = [
        f"{of}{f', {count} times' if count > 1 else ''}"
        for of, count in ((of, len(list(group))) for of, group in groupby(sorted(wrong)))
    ]
    of_all = f"{len(wrong)} of {samples.count} validation digits are mistaken"
    yield f"digits: {': '.join([of_all, *(['; '.join(told)] if told else [])])}."


def _spoken(caption: str) -> str:
    label, _, answer = caption.partition("→")
    return _taken_for(label, answer)


def _taken_for(label: object, answer: object) -> str:
    return f"{a_digit(label)} taken for {a_digit(answer)}"


def _confusions(answers: Answers, where: str) -> str:
    pairs = [
        f"{one.label} taken for {one.answer} {counted(one.times, 'time')}, "
        f"{one.times / max(sum(answers.confusion[one.label]), 1):.1%} of them"
        for one in answers.confusions(PAIRS)
    ]
    total = sum(map(sum, answers.confusion))
    right = sum(row[label] for label, row in enumerate(answers.confusion))
    told = "; ".join(pairs)
    return f"confusions {where}: {total - right:,} of {total:,} wrong{f'; {told}' if told else ''}."


def _by_class(answers: Answers, where: str) -> str:
    recall = answers.recall
    known = np.flatnonzero(np.isfinite(recall))
    if not len(known):
        return f"classes {where}: none."
    order = known[np.argsort(recall[known], kind="stable")]
    told = ", ".join(f"{label} {recall[label]:.1%}" for label in order.tolist())
    return f"right by class {where}, the worst first: {told}."


def _worst(answers: Answers, where: str) -> str:
    told = [
        f"{_taken_for(one.label, one.answer)} with {one.probability:.2%}, image {one.index:,}"
        for one in answers.mistakes[:MISTAKES]
    ]
    return f"worst mistakes {where}: {'; '.join(told) or 'none'}."
