"""What the panels of a GAN show, in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import zip_longest

import numpy as np
from numpy.typing import NDArray

from mnist_engine.metrics.judge import shipped_judge
from mnist_engine.runs.pictures import pictures_of
from mnist_engine.runs.state import Snapshot
from mnist_engine.training.events import Inspected, SamplesDrawn
from mnist_tui.describing.course import epoch_measure
from mnist_tui.figures import a_digit, counted, number

UNSURE = 0.5
"""What the judge gives less than this is no digit that a person would name."""

SURE = 0.9


def game(now: Snapshot) -> Iterator[str]:
    """What the discriminator makes of real and of generated digits, and how good these are."""
    yield from _verdicts(now)
    yield from _held_out(now)
    yield from _classes(now)
    finished = now.finished.measures if now.finished else {}
    if told := epoch_measure(now, "FID"):
        yield f"FID: {told}."
    if "FID" in finished:
        yield f"FID at the end of the run: {number(finished['FID'])}."


def generated_digits(samples: SamplesDrawn, judge: bool, rows: bool = True) -> Iterator[str]:
    """How many of the digits that are shown are of each class, and all of them, if wanted, by rows.

    That is as the judge reads them, who knows digits only: of what looks like none it means little.
    Where there is no ``judge`` of such pictures, how much ink they have.
    """
    if not samples.images:
        return
    pictures = pictures_of(samples).reshape(samples.count, -1)
    if not judge:
        ink = pictures.mean() / 255
        yield f"digits: {counted(samples.count, 'picture')}, {ink:.0%} ink; no judge knows them."
        return
    probabilities = shipped_judge().look(pictures).probabilities
    seen, sure = probabilities.argmax(axis=1), probabilities.max(axis=1)
    yield _seen(seen, sure, samples.columns)
    if not rows:
        return
    named = [str(one) if p >= UNSURE else "unclear" for one, p in zip(seen, sure, strict=True)]
    for begin in range(0, len(named), samples.columns):
        row = named[begin : begin + samples.columns]
        yield f"digits, row {begin // samples.columns + 1}: {' '.join(row)}"


def _seen(seen: NDArray[np.intp], sure: NDArray[np.float32], columns: int) -> str:
    counts = np.bincount(seen, minlength=10)
    each = ", ".join(f"{count} of {digit}" for digit, count in enumerate(counts.tolist()) if count)
    least = int(sure.argmin())
    row, column = divmod(least, columns)
    missing = ", ".join(str(digit) for digit, count in enumerate(counts.tolist()) if not count)
    return (
        f"digits: the judge sees {each}{f'; none of {missing}' if missing else ''}. "
        f"It is sure, with {SURE:.0%} or more, of {int((sure >= SURE).sum())} of {len(sure)}; on "
        f"average it gives its answer {sure.mean():.0%}; least to row {row + 1}, column "
        f"{column + 1}, {sure[least]:.0%} for {a_digit(seen[least])}."
    )


def _verdicts(now: Snapshot) -> Iterator[str]:
    pairs = (
        ("D(real)", "D(fake)", "probability of real"),
        ("critic(real)", "critic(fake)", "score"),
    )
    for real, fake, what in pairs:
        if real in now.measures and fake in now.measures:
            yield (
                f"D's mean {what}: {now.measures[real].recent:.2f} for real digits, "
                f"{now.measures[fake].recent:.2f} for generated ones."
            )
    if (looked := now.inspected) is not None and looked.verdicts and looked.boundary is not None:
        told = [f"{_share_above(looked, kind):.0%} of the {kind} ones" for kind in looked.verdicts]
        yield f"D's verdicts on a batch: it takes for real {' and '.join(told)}."


def _share_above(looked: Inspected, kind: str) -> float:
    """The share of bins' counts above the boundary; a bin that it cuts counts by its middle."""
    counts = np.array(looked.verdicts[kind])
    low, high = looked.verdict_range
    middles = low + (np.arange(len(counts)) + 0.5) * (high - low) / len(counts)
    assert looked.boundary is not None
    return float(counts[middles > looked.boundary].sum() / max(counts.sum(), 1))


def _held_out(now: Snapshot) -> Iterator[str]:
    for name, what in (("accuracy real", "held-out real"), ("accuracy generated", "generated")):
        if told := epoch_measure(now, name):
            yield f"D's accuracy on {what} digits: {told}."


def _classes(now: Snapshot) -> Iterator[str]:
    shares = now.class_shares
    if not shares:
        return
    data: Sequence[float] = now.started.class_shares if now.started else ()
    divergence = now.measures.get("class KL")
    told = f" KL to the data {number(divergence.last)}." if divergence is not None else ""
    if (distance := now.measures.get("pairwise distance")) is not None:
        told += f" Two of them differ by {distance.last:.1f} on average; real ones by about 10."
    each = [
        f"{digit} {share:.1%}" + (f" (data {wanted:.1%})" if wanted is not None else "")
        for digit, (share, wanted) in enumerate(zip_longest(shares, data))
    ]
    yield f"classes of 1,000 generated digits: {', '.join(each)}.{told}"
