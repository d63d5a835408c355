"""From a command line to its end: what was asked for becomes a recipe, the recipe a run."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Literal, NamedTuple

from mnist_tui.endings import say
from mnist_tui.full_screen import commands_with, has_screen, run_app, screen_mode

if TYPE_CHECKING:
    from pathlib import Path

    from mnist_engine.recipes import AnyRecipe
    from mnist_engine.runs.record import Keeping
    from mnist_engine.training.events import Event
    from mnist_tui.launch import Start
    from mnist_tui.monitor.guiding.card import Course

DEFAULT_RECIPES = {"gan": "conditional-dense", "classify": "mlp"}


def resolve(
    task: Literal["gan", "classify"],
    name: str | None,
    epochs: int | None,
    batch_size: str | None,
    learning_rates: str | None,
    seed: int | None,
    threads: int | None,
    limit: int | None,
    data: Path | None,
    settings: Sequence[str],
) -> AnyRecipe:
    """The recipe that a command line asks for; BadInput where it cannot be."""
    from mnist_engine.autograd.threads import thread_count
    from mnist_engine.errors import BadInput
    from mnist_engine.recipes import load_recipe
    from mnist_engine.recipes.overrides import override

    recipe = load_recipe(DEFAULT_RECIPES[task] if name is None else name, data)
    if recipe.task != task:
        raise BadInput(
            f"recipe {recipe.name} is for another task; run it with `mnist-tui {recipe.task}`"
        )
    if threads is None:
        threads = recipe.threads or thread_count()
    return override(
        recipe,
        epochs=epochs,
        batch_size=batch_size,
        learning_rates=learning_rates,
        seed=seed,
        threads=threads,
        limit=limit,
        settings=settings,
    )


class Screening(NamedTuple):
    """Whether and how a run is shown, with which ``keys``, and how it is kept meanwhile.

    ``describe`` asks for the pictures in words, which are for whoever has no screen.
    A ``course`` are cards that go with it; ``tour`` asks for those of the tour.

    ``on_disk_full`` None pauses on a screen, where somebody may make room, and stops without one.
    """

    no_ui: bool = False
    json: bool = False
    ascii_only: bool = False
    theme: str | None = None
    checkpoint_seconds: float = 60.0
    on_disk_full: Literal["stop", "continue", "pause"] | None = None
    keys: Path | None = None
    tour: bool = False
    course: Course | None = None
    describe: bool = False


def begin(recipe: AnyRecipe, run_dir: Path | None, screening: Screening) -> int:
    """Train something new; returns the exit status."""
    from mnist_tui.launch import Launch

    return run(lambda keeping: Launch(recipe, run_dir, keeping), screening)


def resume(name: str, screening: Screening) -> int:
    """Go on with the run of that name; returns the exit status."""
    from mnist_engine.runs.finding import find_run
    from mnist_tui.launch import Continuation

    found = find_run(name)
    return run(lambda keeping: Continuation(found, keeping), screening)


def branch(
    name: str,
    step: int | None,
    epochs: int | None,
    learning_rates: str | None,
    settings: Sequence[str],
    run_dir: Path | None,
    screening: Screening,
) -> int:
    """Begin a new run from a checkpoint of another: the one nearest to ``step``, else the newest.

    Returns the exit status.
    """
    from mnist_engine.recipes import recipe_from_text
    from mnist_engine.recipes.overrides import override
    from mnist_engine.runs.beginning import changed_rates, saved_steps
    from mnist_engine.runs.checkpoints import nearest_whole
    from mnist_engine.runs.finding import find_run
    from mnist_tui.launch import Branch

    parent = find_run(name)
    saved = nearest_whole(parent, step)
    found = saved.details.progress.steps
    old = recipe_from_text(saved.details.recipe, str(parent.recipe))
    recipe = override(
        old,
        epochs=epochs,
        learning_rates=learning_rates,
        settings=settings,
    )
    others = "" if step in (None, found) else f", the nearest to {step}; {saved_steps(parent)}"
    scheduled = changed_rates(recipe, old) if learning_rates is None else [*recipe.networks]
    turned = "".join(
        f"; the rate of the {network} is its schedule × {factor:g} there, and "
        + ("that is taken back" if network in scheduled else "stays so; --lr takes it back")
        for network, factor in saved.details.progress.factors.items()
        if factor != 1
    )
    print(
        f"mnist-tui: branching off {parent.path} at step {found}{others}{turned}", file=sys.stderr
    )
    return run(
        lambda keeping: Branch(recipe, run_dir, keeping, parent, saved, scheduled), screening
    )


def run(start: Callable[[Keeping], Start], screening: Screening) -> int:
    """Train what ``start`` makes, on the screen, or without one if not wanted or not possible.

    Returns the exit status.
    """
    from mnist_engine.errors import BadInput
    from mnist_engine.runs.record import Keeping

    wanted = not (screening.no_ui or screening.json or screening.describe)
    no_ui = not has_screen(wanted, "training")
    if no_ui and screening.on_disk_full == "pause":
        raise BadInput("--on-disk-full: pause needs a screen; allowed: stop, continue")
    if not screening.checkpoint_seconds > 0:
        raise BadInput(
            f"--checkpoint-every: {screening.checkpoint_seconds:g} is not above 0; give seconds"
        )
    on_disk_full = screening.on_disk_full or ("stop" if no_ui else "pause")
    keeping = Keeping(screening.checkpoint_seconds, on_disk_full)
    if not no_ui:
        return _monitor(start, keeping, screening)
    _check_looks(screening)
    begun = start(keeping)
    from mnist_tui.headless import run_headless
    from mnist_tui.reporting import output_style

    return run_headless(
        begun.events(),
        begun.control,
        output_style(sys.stdout, screening.json),
        history=begun.history(),
        run_directory=begun.path,
        describes=screening.describe,
    )


def _check_looks(screening: Screening) -> None:
    """Refuse a wrong theme or wrong keys where no screen needs them: a slip is a slip."""
    if screening.theme is not None:
        from mnist_tui.monitor.themes import known_theme

        known_theme(screening.theme)
    if screening.keys is not None:
        commands_with(screening.keys)


def _monitor(start_with: Callable[[Keeping], Start], keeping: Keeping, screening: Screening) -> int:
    """Train on the screen; what diverged again from where it was good, as often as is wanted."""
    from mnist_engine.runs.directory import RunDirectory
    from mnist_tui.launch import way_back
    from mnist_tui.monitor.apps.training import MonitorApp
    from mnist_tui.monitor.guiding.offered import first_time
    from mnist_tui.monitor.guiding.tour import tour
    from mnist_tui.monitor.themes import known_theme
    from mnist_tui.reporting import unsaved

    commands, theme = commands_with(screening.keys), known_theme(screening.theme)
    start = start_with(keeping)  # which takes a directory: not before all else is known to be good
    course = screening.course
    if course is None and screening.tour:
        course = tour(start.recipe.task, "live")
    while True:
        monitor = MonitorApp(
            partial(_all_events, start),
            start.control,
            start.path,
            screen_mode(screening.ascii_only),
            title=start.recipe.name,
            task=start.recipe.task,
            theme=theme,
            course=course,
            offers_tour=first_time(os.environ),
        )
        status = run_app(monitor, commands)
        if fault := unsaved(monitor.session.latest, start.path):
            say(f"mnist-tui: {fault}", sys.stderr)
            return status or 1
        if any((start.path / "weights").glob("*.safetensors")):
            say(f"run kept in {start.path}", sys.stdout)
        if monitor.going_back is None:
            return status
        start = way_back(RunDirectory(start.path), monitor.going_back.saved, keeping)
        course = None


def _all_events(start: Start) -> Iterator[Event]:
    """What happened before, and what happens; begun in the thread that trains."""
    yield from start.history()
    yield from start.events()
