"""In which settings the recipes of the compared runs differ, over the charts."""

from __future__ import annotations

from collections.abc import Sequence
from string import ascii_uppercase
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from mnist_engine.recipes import AnyRecipe
from mnist_engine.recipes.differences import recipe_differences
from mnist_tui.compare.colours import run_colours
from mnist_tui.compare.settings import setting
from mnist_tui.monitor.screens.dialog import Dialog
from mnist_tui.monitor.themes import palette_of
from mnist_tui.terminal import RenderMode


class DifferencesDialog(Dialog[None]):
    """A key of the recipes, then each run's value in a line of its own. Any of its keys closes."""

    CSS_PATH = "differences.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,d,q,enter,space", "dismiss", "Close", show=False)
    ]

    def __init__(self, recipes: Sequence[AnyRecipe], mode: RenderMode) -> None:
        super().__init__(mode)
        self._recipes = recipes

    def compose(self) -> ComposeResult:
        """One scrolling text."""
        with VerticalScroll(classes="dialog") as dialog:
            dialog.border_title = "The recipes differ in"
            dialog.border_subtitle = "esc closes"
            yield Static(self._text())

    def _text(self) -> Content:
        palette = palette_of(self.app.theme_variables, self.app.current_theme.dark)
        colours = run_colours(self.app.current_theme.dark)
        differences = recipe_differences(self._recipes)
        if not differences:
            return Content.assemble(("nothing: they are the same", palette.text))
        parts: list[tuple[str, str]] = []
        for key, values in differences.items():
            parts.append((f"{key}\n", palette.quiet))
            for letter, colour, value in zip(ascii_uppercase, colours, values, strict=False):
                parts.append((f"  {letter} ", f"bold {colour}"))
                parts.append((f"{setting(value)}\n", palette.text))
        parts[-1] = (parts[-1][0].rstrip("\n"), parts[-1][1])
        return Content.assemble(*parts)
