"""Taking a run away: its files for other programs, digits out of it, how good it is."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal, Optional

import typer

from mnist_tui.command_line.options import Ascii, Debug, Run
from mnist_tui.endings import readable_errors

Out = Annotated[
    Optional[Path],  # noqa: UP045  (Typer reads it at run time)
    typer.Option("--out", metavar="PATH", help="Where to, else here under the run's name."),
]
Force = Annotated[bool, typer.Option("--force", help="Write over what is there.")]
Best = Annotated[bool, typer.Option("--best", help="The best checkpoint, not the last one.")]
MOST_DIGITS = 10_000
"""As many as there are test images to compare them with."""


class Form(StrEnum):
    """What a run can be taken away as."""

    SAFETENSORS = "safetensors"
    CSV = "csv"
    PNG = "png"
    GIF = "gif"
    REPORT = "report"
    TENSORBOARD = "tensorboard"


def register(app: typer.Typer) -> None:
    """Add these commands to ``app``."""
    for command in (export, sample, evaluate):
        app.command()(command)


def export(
    run: Run,
    to: Annotated[
        Form, typer.Option("--to", metavar="FORM", help=f"{', '.join(Form)}.", show_default=False)
    ],
    out: Out = None,
    best: Best = False,
    force: Force = False,
    debug: Debug = False,
) -> None:
    """Write a run's weights, numbers or pictures for other programs."""
    with readable_errors(debug):
        from mnist_engine.runs.finding import find_run
        from mnist_tui.export.forms import export_run

        print(export_run(find_run(run), to.value, out, force, _which(best)))


def sample(
    run: Run,
    count: Annotated[
        int, typer.Option("-n", metavar="N", min=1, max=MOST_DIGITS, help="How many digits.")
    ] = 64,
    seed: Annotated[
        int, typer.Option("--seed", metavar="N", min=0, help="The same seed, the same digits.")
    ] = 0,
    label: Annotated[
        Optional[int],  # noqa: UP045
        typer.Option("--label", metavar="CLASS", help="This class alone, else all in turn."),
    ] = None,
    out: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option("--out", metavar="FILE", help="Write a PNG instead of showing them here."),
    ] = None,
    best: Best = False,
    force: Force = False,
    ascii: Ascii = False,
    debug: Debug = False,
) -> None:
    """Draw digits with the generator of a run."""
    with readable_errors(debug):
        from rich.console import Console

        from mnist_engine.runs.finding import find_run
        from mnist_tui.export.destination import check_file
        from mnist_tui.export.pictures import save_picture
        from mnist_tui.export.sampling import sample_of
        from mnist_tui.export.showing import print_digits
        from mnist_tui.render.digits import Digits

        found = find_run(run)
        if out is not None:
            check_file(out, force, ".png")
        drawn = sample_of(found, count, seed, label, _which(best))
        if out is None:
            print_digits(Digits(drawn.images, drawn.columns), Console(), ascii)
        else:
            save_picture(drawn.grid(), out)
            print(f"{out}: {count:,} digits of {found.path}, seed {seed}")


def evaluate(
    run: Run,
    digits: Annotated[
        int,
        typer.Option(
            "-n", metavar="N", min=100, max=MOST_DIGITS, help="How many digits a GAN is to draw."
        ),
    ] = MOST_DIGITS,
    seed: Annotated[
        int, typer.Option("--seed", metavar="N", min=0, help="Decides which digits it draws.")
    ] = 0,
    best: Best = False,
    json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
    ascii: Ascii = False,
    debug: Debug = False,
) -> None:
    """Measure a run on the test set: a classifier's answers, a generator's digits."""
    with readable_errors(debug):
        from json import dumps

        from rich.console import Console

        from mnist_engine.runs.finding import find_run
        from mnist_tui.export import evaluation
        from mnist_tui.export.verdict import print_classifier, print_generator

        result = evaluation.evaluate(find_run(run), digits, seed, _which(best))
        console = Console(highlight=False)
        if json:
            print(dumps(result.as_json()))
        elif isinstance(result, evaluation.ClassifierResult):
            print_classifier(result, console, ascii)
        else:
            print_generator(result, console)


def _which(best: bool) -> Literal["last", "best"]:
    return "best" if best else "last"
