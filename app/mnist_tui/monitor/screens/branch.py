"""The question what shall be otherwise in a run that branches off."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Static

from mnist_engine.errors import BadInput
from mnist_engine.recipes import AnyRecipe
from mnist_engine.runs.checkpoints import Details
from mnist_tui.monitor.screens.dialog import Dialog
from mnist_tui.terminal import RenderMode

Change = Callable[[list[str]], AnyRecipe]
"""The recipe with settings laid over it; raises BadInput where they do not fit."""


EXAMPLE = "data.batch_size = 128; data.shift = 2"
"""Of settings, for an empty line."""


class BranchDialog(Dialog[AnyRecipe | None]):
    """Asks for settings, and answers with the recipe of the new run; None to stay.

    ``change`` lays settings over the ``recipe`` of the run that the new one branches off from, at
    the checkpoint whose ``details`` these are. ``over`` says that this is the end of that run.
    """

    CSS_PATH = "branch.tcss"
    AUTO_FOCUS = "Input"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Stay", show=False),
    ]

    def __init__(
        self, mode: RenderMode, details: Details, recipe: AnyRecipe, over: bool, change: Change
    ) -> None:
        super().__init__(mode)
        self._progress = details.progress
        self._rates = {
            name: table.optimizer.learning_rate for name, table in recipe.networks.items()
        }
        self._epochs = recipe.epochs
        self._over = over
        self._change = change
        self._times = "×" if mode.unicode else "x"
        self._fault = Static(id="fault")

    def compose(self) -> ComposeResult:
        """What stays, and lines for what may change."""
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = "Branch off"
            dialog.border_subtitle = "enter begins, tab next line, esc stays"
            yield Static(Content(self._question()), id="question")
            for name, rate in self._rates.items():
                label = f"learning rate of the {name}{self._turned(name)}"
                yield Static(Content(label), classes="name")
                yield Input(f"{rate:g}", id=name, compact=True, select_on_focus=False)
            yield Static(Content("epochs, those before the checkpoint among them"), classes="name")
            yield Input(
                str(self._epochs * (1 + self._over)),
                id="epochs",
                compact=True,
                select_on_focus=False,
            )
            yield Static(Content("other settings, with ; between them"), classes="name")
            yield Input(placeholder=EXAMPLE, id="settings", compact=True)
            yield self._fault

    def on_mount(self) -> None:
        """At the end of a run it is epochs that it needs more of."""
        if self._over:
            self.query_one("#epochs", Input).focus()

    def _question(self) -> str:
        step = f"step {self._progress.steps:,}"
        if self._over:
            return f"From the end, {step}, a new run needs more epochs."
        return f"A new run begins at the nearest checkpoint, {step}."

    def _turned(self, network: str) -> str:
        """By what people have multiplied a network's rate: that goes on, unless it is changed."""
        factor = self._progress.factors.get(network, 1.0)
        return "" if factor == 1 else f" ({self._times} {factor:g} while it stays)"

    def on_input_submitted(self) -> None:
        """Begin, or say what does not fit."""
        try:
            recipe = self._change(self._settings())
        except BadInput as error:
            self._fault.update(Content(str(error)))
        else:
            self.dismiss(recipe)

    def _settings(self) -> list[str]:
        """What was changed, as lines of TOML; BadInput where a number is none."""
        settings = []
        for name, rate in self._rates.items():
            text = self._text_in(name)
            if text != f"{rate:g}":
                number = _number(text, float, f"learning rate of the {name}")
                settings.append(f"{name}.optimizer.learning_rate = {number!r}")
        epochs = _number(self._text_in("epochs"), int, "epochs")
        if epochs != self._epochs:
            settings.append(f"epochs = {epochs}")
        others = self._text_in("settings").split(";")
        return settings + [part.strip() for part in others if part.strip()]

    def _text_in(self, name: str) -> str:
        return self.query_one(f"#{name}", Input).value.strip()


def _number(text: str, kind: type[float], what: str) -> float:
    """The number that ``text`` is; BadInput where it is none."""
    try:
        return kind(text)
    except ValueError:
        raise BadInput(f"{what}: {text!r} is no {'whole ' * (kind is int)}number") from None
