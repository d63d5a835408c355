"""The question what shall be otherwise in a run that branches off."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from mnist_engine.errors import BadInput
from mnist_engine.recipes import AnyRecipe, GanRecipe
from mnist_tui.terminal import RenderMode

Change = Callable[[list[str]], AnyRecipe]
"""The recipe with settings laid over it; raises BadInput where they do not fit."""


EXAMPLE = "epochs = 40; data.batch_size = 128"
"""Of settings, for an empty line."""


class BranchDialog(ModalScreen[AnyRecipe | None]):
    """Asks for settings, and answers with the recipe of the new run; None to stay.

    ``change`` lays settings over the recipe of the run that the new one branches off from, at
    ``step``.
    """

    CSS_PATH = "branch.tcss"
    AUTO_FOCUS = "Input"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Stay", show=False),
    ]

    def __init__(self, mode: RenderMode, step: int, recipe: AnyRecipe, change: Change) -> None:
        super().__init__()
        self._step = step
        self._rates = rates_of(recipe)
        self._change = change
        self._fault = Static(id="fault")
        self.set_class(not mode.unicode, "-ascii")

    def compose(self) -> ComposeResult:
        """What stays, and lines for what may change."""
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = "Branch off"
            yield Static(
                Content(f"A new run begins at the nearest checkpoint, step {self._step:,}."),
                id="question",
            )
            for name, rate in self._rates.items():
                yield Static(Content(f"learning rate of the {name}"), classes="name")
                yield Input(f"{rate:g}", id=name, compact=True, select_on_focus=False)
            yield Static(Content("other settings, with ; between them"), classes="name")
            yield Input(placeholder=EXAMPLE, id="settings", compact=True)
            yield self._fault
            yield Static(
                Content("enter begins, tab goes on to the next line, escape stays"), id="keys"
            )

    def on_input_submitted(self) -> None:
        """Begin, or say what does not fit."""
        settings = [
            f"{name}.optimizer.learning_rate = {value}"
            for name, rate in self._rates.items()
            if (value := self.query_one(f"#{name}", Input).value.strip()) != f"{rate:g}"
        ]
        others = self.query_one("#settings", Input).value
        settings += [part.strip() for part in others.split(";") if part.strip()]
        try:
            recipe = self._change(settings)
        except BadInput as error:
            self._fault.update(Content(str(error)))
        else:
            self.dismiss(recipe)


def rates_of(recipe: AnyRecipe) -> dict[str, float]:
    """The learning rate of each network, by its name."""
    if isinstance(recipe, GanRecipe):
        tables = {"generator": recipe.generator, "discriminator": recipe.discriminator}
        return {name: table.optimizer.learning_rate for name, table in tables.items()}
    return {"classifier": recipe.classifier.optimizer.learning_rate}
