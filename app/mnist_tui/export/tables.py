"""``--to csv``: the numbers of a run as tables, a file each, as pandas and spreadsheets read them.

======================  =======================================================================
``steps.csv``           a row a step: losses, learning rates and by-products of each network
``epochs.csv``          a row an epoch: its measures
``measures.csv``        a row each time that generated digits were measured in between
``interventions.csv``   a row for all that a person did
``alarms.csv``          a row an alarm
``results.csv``         the end: how, and with what measures
======================  =======================================================================

Tables without a row are left out. A cell is empty where there was no such number.
"""

from __future__ import annotations

import csv
from contextlib import ExitStack
from pathlib import Path

from mnist_engine.runs.directory import RunDirectory
from mnist_engine.runs.log import Log
from mnist_engine.training.events import (
    Alarm,
    EpochDone,
    Event,
    Finished,
    Intervened,
    Measured,
    StepDone,
)
from mnist_tui.export.destination import make_folder, writing
from mnist_tui.export.events import left_out, log_size
from mnist_tui.export.progress import progress
from mnist_tui.figures import counted

Row = dict[str, object]


def write_tables(run: RunDirectory, folder: Path) -> str:
    """Write the tables of ``run`` into ``folder``; their names and numbers of rows.

    The log is read twice, once for the columns and once for the rows, so that it may be longer than
    memory. BadInput where it cannot be read, CannotRecord where the disk does not take the tables.
    """
    columns: dict[str, dict[str, None]] = {}
    counts: dict[str, int] = {}
    with progress("writing tables", 2 * log_size(run)) as advance, writing(folder):
        for event in Log(run.events).every(advance):
            if row := _row(event):
                table, cells = row
                columns.setdefault(table, {}).update(dict.fromkeys(cells))
        make_folder(folder)
        with ExitStack() as files:
            tables: dict[str, csv.DictWriter[str]] = {}
            for table, names in columns.items():
                path = folder / f"{table}.csv"
                file = files.enter_context(path.open("w", newline="", encoding="utf-8"))
                tables[table] = csv.DictWriter(file, list(names), lineterminator="\n")
                tables[table].writeheader()
            log = Log(run.events)
            for event in log.every(advance):
                row = _row(event)
                if row and row[0] in tables:  # a run that goes on may have come to a new table
                    table, cells = row
                    tables[table].writerow({key: cells.get(key, "") for key in columns[table]})
                    counts[table] = counts.get(table, 0) + 1
    written = (f"{table}.csv ({counted(count, 'row')})" for table, count in counts.items())
    return ", ".join(written) + left_out(log)


def _row(event: Event) -> tuple[str, Row] | None:
    """The table that an event belongs to, and its row there; None for what is no number."""
    when: Row = {"step": event.step, "seconds": event.seconds}
    match event:
        case StepDone():
            losses = {f"{name} loss": value for name, value in event.losses.items()}
            rates = {f"{name} learning rate": rate for name, rate in event.learning_rates.items()}
            return "steps", {**when, "epoch": event.epoch, **losses, **rates, **event.measures}
        case EpochDone():
            return "epochs", {"epoch": event.epoch, **when, **event.measures}
        case Measured():
            return "measures", {**when, **event.values}
        case Intervened():
            factors: Row = {"before": event.before, "after": event.after} if event.network else {}
            who: Row = {"what": event.what, "source": event.source, "network": event.network}
            return "interventions", {**when, **who, **factors}
        case Alarm():
            return "alarms", {**when, "level": event.level, "name": event.name, "text": event.text}
        case Finished():
            end: Row = {**when, "epoch": event.epoch, "ending": event.ending, **event.measures}
            if event.test_accuracy is not None:
                end["test accuracy"] = event.test_accuracy
            return "results", end
    return None
