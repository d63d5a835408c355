"""What can be done with the log: read what is no longer in sight."""

from __future__ import annotations

from collections.abc import Callable

from mnist_tui.monitor.commands.command import Command
from mnist_tui.monitor.commands.digits import Paneled
from mnist_tui.monitor.panels.log import LogPanel
from mnist_tui.monitor.standing import RUNS


def _scrolling(
    name: str, key: str, help: str, scroll: Callable[[LogPanel], None]
) -> Command[Paneled]:
    def do(screen: Paneled, source: str) -> None:
        panel = screen.board.panel("log")
        assert isinstance(panel, LogPanel)
        scroll(panel)

    return Command(name, (key,), "", help, do, places=RUNS, panel="log")


LOG: tuple[Command[Paneled], ...] = (
    _scrolling(
        "Log: back a line",
        "up",
        "a line back; so does the mouse's wheel",
        lambda log: log.scroll_lines(-1),
    ),
    _scrolling("Log: on a line", "down", "a line on", lambda log: log.scroll_lines(1)),
    _scrolling("Log: back a page", "pageup", "a page back", lambda log: log.scroll_lines(pages=-1)),
    _scrolling("Log: on a page", "pagedown", "a page on", lambda log: log.scroll_lines(pages=1)),
    _scrolling("Log: oldest", "home", "to the oldest line", lambda log: log.scroll_to_end(False)),
    _scrolling("Log: newest", "end", "to the newest line", lambda log: log.scroll_to_end(True)),
)
