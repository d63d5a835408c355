"""A question or a text that lies over the screen of a run."""

from __future__ import annotations

from textual.await_complete import AwaitComplete
from textual.screen import ModalScreen, ScreenResultType

from mnist_tui.terminal import RenderMode


class Dialog(ModalScreen[ScreenResultType]):
    """Is dismissed once, with its answer, while it lies on top. The subclass says what it shows."""

    def __init__(self, mode: RenderMode) -> None:
        super().__init__()
        self.mode = mode
        self.set_class(not mode.unicode, "-ascii")

    def dismiss(self, result: ScreenResultType | None = None) -> AwaitComplete:
        """Answer with ``result`` and go, where it lies on top.

        Textual would take the topmost screen away, whichever that is, and break at a second
        answer: both come of keys and clicks that are sent before the screen has changed.
        """
        return super().dismiss(result) if self.is_active else AwaitComplete()
