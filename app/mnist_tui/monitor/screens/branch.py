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


class BranchDialog(ModalScreen[AnyRecipe | None]):
    """Asks for settings, and answers with the recipe of the new run; None to stay.

    ``change`` lays settings over the recipe of the run that the new one branches off from, at
    ``step``.
    """

    CSS_PATH = "branch.tcss"
    AUTO_FOCUS = "#settings"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Stay", show=False),
    ]

    def __init__(self, mode: RenderMode, step: int, recipe: AnyRecipe, change: Change) -> None:
        super().__init__()
        self._step = step
        self._recipe = recipe
        self._change = change
        self._fault = Static(id="fault")
        self.set_class(not mode.unicode, "-ascii")

    def compose(self) -> ComposeResult:
        """What stays, what may change, and a line to write it in."""
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = "Branch off"
            yield Static(
                Content(
                    f"A new run begins at the nearest checkpoint, step {self._step:,}.\n"
                    "What shall be otherwise? Keys of the recipe, with ; between them:"
                ),
                id="question",
            )
            yield Input(self._suggestion(), id="settings", compact=True)
            yield self._fault
            yield Static(Content("enter begins, escape stays"), id="keys")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Begin, or say what does not fit."""
        settings = [part.strip() for part in event.value.split(";") if part.strip()]
        try:
            recipe = self._change(settings)
        except BadInput as error:
            self._fault.update(Content(str(error)))
        else:
            self.dismiss(recipe)

    def _suggestion(self) -> str:
        """The learning rates as they are, to be changed."""
        if isinstance(self._recipe, GanRecipe):
            rates = {
                "generator": self._recipe.generator.optimizer.learning_rate,
                "discriminator": self._recipe.discriminator.optimizer.learning_rate,
            }
        else:
            rates = {"classifier": self._recipe.classifier.optimizer.learning_rate}
        return "; ".join(f"{name}.optimizer.learning_rate = {rates[name]:g}" for name in rates)
