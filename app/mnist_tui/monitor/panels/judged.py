"""The discriminator's verdicts as frames and words below digits."""

from __future__ import annotations

from mnist_engine.inspection.generated import Verdicts
from mnist_tui.render.digits import Frame

PROBABLE = 0.5
"""The boundary where scores are probabilities."""


def judged(verdicts: Verdicts) -> tuple[tuple[str, ...], tuple[Frame, ...]]:
    """A caption and a frame for each digit: whether it is taken for real, and how surely.

    A critic calls none real: its scores are told from their mean.
    """
    scores, boundary = verdicts
    if boundary is None:
        differences = scores - scores.mean()
        return (
            tuple(f"{one:+.2f}" for one in differences.tolist()),
            tuple("good" if one > 0 else "bad" for one in differences.tolist()),
        )
    captions: list[str] = []
    frames: list[Frame] = []
    for score in scores.tolist():
        real = score > boundary
        spelled = f"{score:.0%}" if _are_probabilities(verdicts) else f"{score:+.1f}"
        captions.append(f"{'✓' if real else '✗'} {spelled}")
        frames.append("good" if real else "bad")
    return tuple(captions), tuple(frames)


def judgement(verdicts: Verdicts) -> str:
    """All of them in a few words."""
    scores, boundary = verdicts
    if boundary is None:
        return f"scores from their mean, {scores.mean():.2f}"
    return f"D takes {int((scores > boundary).sum())} of {len(scores)} for real"


def _are_probabilities(verdicts: Verdicts) -> bool:
    scores = verdicts.scores
    return verdicts.boundary == PROBABLE and float(scores.min()) >= 0 and float(scores.max()) <= 1
