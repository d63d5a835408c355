"""``--to report``: a run on a page, in Markdown, with its curves and digits as pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from mnist_engine.files import write_whole
from mnist_engine.recipes import recipe_text
from mnist_engine.runs.best import FOREMOST, best_of
from mnist_engine.runs.directory import RunDirectory
from mnist_tui.export.curves import save_confusion, save_curves
from mnist_tui.export.destination import make_folder, writing
from mnist_tui.export.last_grid import write_last_grid
from mnist_tui.export.mistakes import write_worst_mistakes
from mnist_tui.export.story import Interruption, Story, story_of
from mnist_tui.figures import counted, deed, duration, measured
from mnist_tui.monitor.curves import (
    NETWORK_LETTERS,
    accuracy_series,
    frechet_distances,
    loss_series,
    verdict_series,
)
from mnist_tui.monitor.curves import marks as marks_of
from mnist_tui.render.palette import LIGHT, palette
from mnist_tui.render.parts import Series

PAGE = "README.md"
"""The name under which code hosts show a folder's page."""

ENDINGS = {"finished": "Finished", "stopped": "Stopped", "diverged": "Diverged"}
VERDICTS = ("D(real)", "D(fake)", "critic(real)", "critic(fake)", "gradient penalty")
"""Measures of single steps, which are curves and no results."""

PALETTE = palette(LIGHT | {"background": "#ffffff"}, dark=False)
"""The colours of the light theme on a white page."""

NAMES = {letter: network for network, letter in NETWORK_LETTERS.items()}
"""A page has room for what a screen abbreviates."""

LEGEND = "7→9 is a 7 that was taken for a 9."

CONFUSED = 5
MATRIX_CLASSES = 20
"""With more the numbers in a picture of the confusion would overlap."""


def write_report(run: RunDirectory, folder: Path) -> str:
    """Write a report on ``run`` into ``folder``; the name of its page, in words.

    BadInput where the run cannot be read, CannotRecord where the disk does not take the report.
    """
    story = story_of(run)
    make_folder(folder)
    sections = [
        _head(story),
        _results(story),
        _digits(story, folder),
        _curves(story, folder),
        _confusion(story, folder),
        _interventions(story),
        _interruptions(story),
        _alarms(story),
        _settings(story),
        _environment(story),
    ]
    with writing(folder):
        write_whole(folder / PAGE, "\n".join(filter(None, sections)).encode())
    return f"read {PAGE} there{story.left_out}"


# -- the sections --------------------------------------------------------------------------------


def _head(story: Story) -> str:
    started, end = story.started, story.end
    what = "GAN" if started.task == "gan" else "classifier"
    return (
        f"# {story.run.path.resolve().name}\n\n"
        f"A {what} on the recipe **{started.recipe}**: {started.summary or 'no summary'}.\n\n"
        f"{ENDINGS.get(end.phase, 'Not at its end:')} after {end.step:,} of "
        f"{started.total_steps:,} steps ({counted(started.epochs, 'epoch')}) "
        f"and {duration(end.seconds)} of training.\n"
    )


def _results(story: Story) -> str:
    end = story.end
    measures: dict[str, float] = {}
    if end.finished is not None:
        measures = dict(end.finished.measures)
        if end.finished.test_accuracy is not None:
            measures = {"test accuracy": end.finished.test_accuracy} | measures
    rows = [(name, measured(name, value), "the end") for name, value in measures.items()]
    for name in FOREMOST:
        if curve := end.epochs.get(name):
            value = best_of(name, curve.mean.tolist())
            epoch = int(curve.x[curve.mean.tolist().index(value)])
            if best_of(name, (value, measures.get(name, value))) == value:  # else the end is
                rows.append((f"best {name}", measured(name, value), f"epoch {epoch:,}"))
    for name, curve in end.measures.items():
        if name not in VERDICTS:
            rows.append((name, measured(name, curve.last), f"step {int(curve.x[-1]):,}"))
    return _table("Results", ("measure", "value", "at"), rows)


def _digits(story: Story, folder: Path) -> str:
    if not any(story.run.samples.glob("*.png")):
        return ""
    what = write_last_grid(story.run, folder / "digits.png")
    generated = story.started.task == "gan"
    kind = "Generated digits" if generated else "Validation digits"
    legend = "" if generated else f" {LEGEND}"
    return f"## {kind}\n\n![{kind}](digits.png)\n\nThese are {what}.{legend}\n"


def _curves(story: Story, folder: Path) -> str:
    end, marks, lines = story.end, marks_of(story.end), ["## Curves\n"]
    rates = [
        Series(name, curve, colour)
        for (name, curve), colour in zip(
            sorted(story.rates.items()), (PALETTE.first, PALETTE.second), strict=False
        )
    ]
    classifies = story.started.task == "classify"
    by_step = {
        "Loss": [
            replace(series, label=NAMES.get(series.label, series.label))
            for series in loss_series(end, PALETTE)
        ],
        "The discriminator's verdict": verdict_series(end, PALETTE),
        "Learning rate": rates,
    }
    accuracy = "Accuracy" if classifies else "The discriminator's accuracy"
    distances = frechet_distances(end)
    distances = distances._replace(x=distances.x / story.started.steps_per_epoch)
    by_epoch = {
        accuracy: accuracy_series(end, PALETTE),
        "FID": [Series("FID", distances, PALETTE.first)],
    }
    for titles, across in ((by_epoch, "epoch"), (by_step, "step")):
        for title, series in titles.items():
            if all(len(line.curve.x) < 2 for line in series):
                continue  # a point is no curve; it stands in the table of results
            file = f"{title.lower().replace(' ', '-').replace(chr(39), '')}.png"
            save_curves(
                folder / file,
                title,
                series,
                across,
                percent=title == accuracy,
                logarithmic=title == "Loss" and classifies,
                marks=marks if across == "step" else (),
            )
            lines.append(f"![{title}]({file})\n")
    return "\n".join(lines) if len(lines) > 1 else ""


def _confusion(story: Story, folder: Path) -> str:
    answers = None if story.end.finished is None else story.end.finished.answers
    if answers is None:
        return ""
    worst = [
        f"{one.label} taken for {one.answer} ({one.times} times)"
        for one in answers.confusions(CONFUSED)
    ]
    text = f"Most frequent: {', '.join(worst)}.\n" if worst else "There are no mistakes.\n"
    if len(answers.confusion) <= MATRIX_CLASSES:
        save_confusion(folder / "mistakes.png", answers.confusion)
        text = f"![Answers to each class](mistakes.png)\n\n{text}"
    if write_worst_mistakes(story.run, answers, folder / "worst-mistakes.png"):
        text += (
            "\n![The worst mistakes](worst-mistakes.png)\n\n"
            f"These are the worst: wrong, and most sure of it. {LEGEND}\n"
        )
    return f"## Mistakes on the test set\n\n{text}"


def _interventions(story: Story) -> str:
    rows = [
        (f"{mark.step:,}", duration(mark.seconds), deed(mark), mark.source)
        for mark in story.end.marks
    ]
    return _table("Interventions", ("step", "time", "what", "by"), rows)


def _interruptions(story: Story) -> str:
    rows = [
        (f"{one.step:,}", "stopped" if one.stopped else "cut off", _going_on(one))
        for one in story.interruptions
    ]
    return _table("Interruptions", ("after step", "how", "then"), rows)


def _alarms(story: Story) -> str:
    rows = [
        (f"{alarm.step:,}", alarm.level, f"{alarm.name}: {alarm.text}")
        for alarm in story.end.alarms
    ]
    return _table("Alarms", ("step", "level", "what"), rows)


def _settings(story: Story) -> str:
    return f"## Settings\n\n```toml\n{recipe_text(story.recipe).rstrip()}\n```\n"


def _environment(story: Story) -> str:
    info, started = story.info, story.started
    rows = [
        ("began", info.began),
        ("Python", info.python),
        ("NumPy", info.numpy),
        ("machine", info.machine),
        ("threads", str(info.threads)),
        ("seed", str(started.seed)),
        *(
            (f"parameters of the {name}", f"{count:,}")
            for name, count in started.parameters.items()
        ),
    ]
    if info.parent is not None:
        rows.append(("branched off from", f"{info.parent.run}, step {info.parent.step:,}"))
    return _table("Environment", ("what", "value"), rows)


# -- words ---------------------------------------------------------------------------------------


def _table(title: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A section with a Markdown table; nothing where there are no rows."""
    if not rows:
        return ""
    lines = [head, ["---"] * len(head), *rows]
    cells = [" | ".join(cell.replace("|", "\\|") for cell in line) for line in lines]
    return f"## {title}\n\n" + "".join(f"| {line} |\n" for line in cells)


def _going_on(interruption: Interruption) -> str:
    resumed = interruption.resumed
    where = f"the checkpoint at step {resumed.step:,}" if resumed.step else "the beginning"
    return "; ".join([f"training went on from {where}", *resumed.faults])
