"""From the name of a lesson to the lesson, on the screen or on paper."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from mnist_engine.errors import BadInput
from mnist_engine.recipes.words import did_you_mean
from mnist_tui.lessons.table import LESSONS
from mnist_tui.monitor.guiding.card import Course
from mnist_tui.terminal import why_no_ui
from mnist_tui.train import Screening, begin

PAPER = {"backpropagation": "the chain rule by hand, beside what the tape finds; printed"}
"""Lessons that are read, with what they are about."""


def print_lessons() -> None:
    """List them, a line each."""
    known = summaries()
    width = max(map(len, known))
    for name, summary in known.items():
        print(f"{name:<{width}}  {summary}")


def summaries() -> dict[str, str]:
    """What each lesson is about, by name."""
    return {lesson.name: lesson.summary for lesson in LESSONS} | PAPER


def give_lesson(name: str, run_dir: Path | None, screening: Screening) -> int:
    """Give the lesson of that name; returns the exit status.

    Raises BadInput where there is none, or no screen for it.
    """
    known = summaries()
    if name not in known:
        guess = did_you_mean(name, known)
        raise BadInput(f"there is no lesson {name!r}; {guess}there are: {', '.join(known)}")
    if name in PAPER:
        from rich.console import Console

        from mnist_tui.pages.backpropagation import run_page

        return 0 if run_page(Console()) else 1
    obstacle = why_no_ui(os.environ, sys.stdin, sys.stderr)
    if obstacle is not None:
        raise BadInput(f"lesson {name} needs a screen: {obstacle}; {' and '.join(PAPER)} does not")
    lesson = next(one for one in LESSONS if one.name == name)
    return begin(
        lesson.recipe(), run_dir, screening._replace(course=Course("Lesson", lesson.cards))
    )
