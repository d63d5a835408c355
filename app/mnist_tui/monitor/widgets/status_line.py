"""Three lines that say where a run stands: progress, learning rates, and a bar or the summary."""

from __future__ import annotations

import textwrap

from textual.strip import Strip

from mnist_engine.runs.state import Snapshot
from mnist_tui.figures import duration, loss, speed
from mnist_tui.monitor.curves import NETWORK_LETTERS
from mnist_tui.monitor.rates import factor, next_rates, rate
from mnist_tui.monitor.standing import Standing
from mnist_tui.monitor.widgets.canvas import Canvas
from mnist_tui.monitor.widgets.trouble_line import trouble_line, way_back
from mnist_tui.render.palette import Palette
from mnist_tui.render.text import Piece, line
from mnist_tui.terminal import RenderMode


class StatusLine(Canvas):
    """Phase, step, epoch, speed and time; learning rates; a bar, and at the end a summary."""

    def __init__(self, mode: RenderMode, standing: Standing, *, id: str | None = None) -> None:
        super().__init__(mode, id=id)
        self._snapshot = Snapshot()
        self._standing = standing

    def show(self, snapshot: Snapshot, standing: Standing) -> None:
        """Say how things stand."""
        self._snapshot, self._standing = snapshot, standing
        self.redraw()

    def draw(self, width: int, height: int) -> list[Strip]:
        """The lines, as many as there is room for."""
        snapshot, standing, palette = self._snapshot, self._standing, self.palette
        if standing.failure:
            rows = failure_lines(snapshot, standing, palette, self.mode, width)
        elif standing.place == "replay":
            rows = replay_lines(snapshot, standing, palette, self.mode, width)
        elif standing.ended and not standing.asked:
            rows = summary_lines(snapshot, standing, palette, self.mode)
        else:
            rows = progress_lines(snapshot, standing, palette, self.mode, width)
        strips = [line(row, width, self.mode.ellipsis) for row in rows]
        return (strips + [line([], width)] * height)[:height]


def progress_lines(
    snapshot: Snapshot, standing: Standing, palette: Palette, mode: RenderMode, width: int
) -> list[list[Piece]]:
    """Where a run that goes on stands."""
    return [
        [_phase(snapshot, standing, palette, mode), *_counts(snapshot, palette)],
        _not_saved(snapshot, standing, palette, mode)
        or _again(snapshot, palette, mode)
        or _rates(snapshot, standing, palette, mode),
        trouble_line(snapshot, standing, palette, mode)
        or _bar(_share_done(snapshot), palette, mode, width),
    ]


def replay_lines(
    snapshot: Snapshot, standing: Standing, palette: Palette, mode: RenderMode, width: int
) -> list[list[Piece]]:
    """Where the cursor stands in a run that is over."""
    whole, quiet = standing.whole, palette.quiet
    if whole is None:
        reading = f"{'◌' if mode.unicode else '~'} reading the log{mode.ellipsis}"
        return [[Piece(reading, quiet)], _rates(snapshot, standing, palette, mode), []]
    playing, held = "▸◇" if mode.unicode else ">="
    sign = playing if standing.playing else held
    last = f"{whole.step:,}"
    first = [
        Piece(f"{sign} replay", palette.accent, bold=standing.playing),
        Piece("·" if mode.unicode else "-", quiet, gap=1),
        Piece("step", quiet, gap=1),
        Piece(f"{snapshot.step:,}".rjust(len(last)), bold=True, gap=1),
        Piece(f"of {last}", quiet, gap=1),
        *_epoch(snapshot, palette),
        Piece(duration(snapshot.seconds), importance=1, gap=3),
        Piece(f"of {duration(whole.seconds)}", quiet, importance=1, gap=1),
    ]
    second = _rates(snapshot, standing, palette, mode)
    if snapshot.step >= whole.step:
        first.append(_outcome(whole, palette, mode, gap=3))
        second += _way_on(whole, standing, palette) or _results(whole, palette)
    share = snapshot.step / max(whole.step, 1)
    return [first, second, _bar(share, palette, mode, width, knob="●" if mode.unicode else "o")]


def summary_lines(
    snapshot: Snapshot, standing: Standing, palette: Palette, mode: RenderMode
) -> list[list[Piece]]:
    """What came of a run that has ended."""
    quiet = palette.quiet
    first = [
        _outcome(snapshot, palette, mode),
        Piece("after", quiet, importance=1, gap=1),
        Piece(f"{snapshot.own_steps:,} steps", importance=1, gap=1),
        Piece("in", quiet, importance=1, gap=1),
        Piece(duration(snapshot.seconds), importance=1, gap=1),
        Piece(f"({speed(snapshot.mean_speed)} steps/s)", quiet, importance=2, gap=1),
    ]
    last = _not_saved(snapshot, standing, palette, mode) or _way_on(snapshot, standing, palette)
    last = last or [Piece("saved in", quiet), Piece(str(standing.run_directory), gap=1)]
    last += [
        Piece(standing.key("quit"), palette.accent, bold=True, importance=1, gap=3),
        Piece("leaves", quiet, importance=1, gap=1),
    ]
    back = way_back(snapshot, standing, palette)
    return [first, back or _results(snapshot, palette), last]


def failure_lines(
    snapshot: Snapshot, standing: Standing, palette: Palette, mode: RenderMode, width: int
) -> list[list[Piece]]:
    """Why training, or looking on, broke off; what does not fit into two lines is cut."""
    sign = "✗" if mode.unicode else "!"
    what = "training failed" if standing.place == "live" else "the run cannot be read"
    told = textwrap.wrap(standing.failure, width, max_lines=2, placeholder=mode.ellipsis)
    return [
        [
            Piece(f"{sign} {what}", palette.bad, bold=True),
            Piece(f"at step {snapshot.step:,}", palette.quiet, importance=1, gap=1),
            Piece(standing.key("quit"), palette.accent, bold=True, gap=3),
            Piece("leaves", palette.quiet, gap=1),
        ],
        *([Piece(text)] for text in told),
    ]


def _not_saved(
    snapshot: Snapshot, standing: Standing, palette: Palette, mode: RenderMode
) -> list[Piece]:
    """What the disk did not take, and what follows; nothing where all is saved."""
    failed = snapshot.saving_failed
    if failed is None:
        return []
    sign = "✗" if mode.unicode else "!"
    cures = {
        "paused": f"make room, then {standing.key('pause')} goes on",
        "training": "training goes on without",
    }
    return [
        Piece(f"{sign} not saved: {failed.reason}", palette.bad, bold=True),
        Piece(cures.get(snapshot.phase, ""), palette.quiet, gap=3),
        Piece(failed.file, palette.quiet, importance=1, gap=3),
    ]


def _again(snapshot: Snapshot, palette: Palette, mode: RenderMode) -> list[Piece]:
    """Which steps a resumed training does once more; nothing where all is new."""
    if snapshot.again is None:
        return []
    first, last = snapshot.again
    dash = "–" if mode.unicode else "-"
    return [Piece(f"going over steps {first:,}{dash}{last:,} again", palette.quiet)]


def _phase(snapshot: Snapshot, standing: Standing, palette: Palette, mode: RenderMode) -> Piece:
    unicode = mode.unicode
    if standing.asked:
        return Piece(f"{'◌' if unicode else '~'} {standing.asked}{mode.ellipsis}", palette.accent)
    match snapshot.phase:
        case "starting":
            return Piece(f"{'◌' if unicode else '~'} loading data{mode.ellipsis}", palette.quiet)
        case "paused":
            return Piece(f"{'‖' if unicode else '='} paused  ", palette.accent, bold=True)
        case "training":
            return Piece(f"{'●' if unicode else '>'} training", palette.good)
        case ending:
            return Piece(f"{'◌' if unicode else '~'} {ending}", palette.quiet)


def _counts(snapshot: Snapshot, palette: Palette) -> list[Piece]:
    started, quiet = snapshot.started, palette.quiet
    if started is None:
        return []
    total = f"{started.total_steps:,}"
    pieces = [
        Piece("step", quiet, gap=3),
        Piece(f"{snapshot.step:,}".rjust(len(total)), bold=True, gap=1),
        Piece(f"/{total}", quiet, gap=0),
        *_epoch(snapshot, palette),
    ]
    if snapshot.steps_per_second > 0:
        pieces += [
            Piece(speed(snapshot.steps_per_second).rjust(5), importance=2, gap=3),
            Piece("steps/s", quiet, importance=2, gap=1),
        ]
    pieces += [Piece(duration(snapshot.seconds), importance=4, gap=3)]
    pieces += [Piece("gone", quiet, importance=4, gap=1)]
    if snapshot.seconds_left is not None:
        pieces += [
            Piece(duration(snapshot.seconds_left), importance=1, gap=3),
            Piece("left", quiet, importance=1, gap=1),
        ]
    return pieces


def _epoch(snapshot: Snapshot, palette: Palette) -> list[Piece]:
    """Which of how many epochs it is; nothing while that is not known."""
    if snapshot.started is None:
        return []
    epochs = str(snapshot.started.epochs)
    return [
        Piece("epoch", palette.quiet, gap=3),
        Piece(str(snapshot.epoch).rjust(len(epochs)), bold=True, gap=1),
        Piece(f"/{epochs}", palette.quiet, gap=0),
    ]


def _rates(
    snapshot: Snapshot, standing: Standing, palette: Palette, mode: RenderMode
) -> list[Piece]:
    if not snapshot.learning_rates and standing.place == "replay":
        return [Piece("before the first step" if standing.whole else "", palette.quiet)]
    if not snapshot.learning_rates:
        return [Piece(snapshot.started.summary if snapshot.started else "", palette.quiet)]
    pieces = [Piece("learning rate", palette.quiet)]
    rates = next_rates(snapshot)
    networks = sorted(rates)
    for number, network in enumerate(networks):
        letter = NETWORK_LETTERS.get(network, "")
        if letter:
            colour = (palette.first, palette.second)[number % 2]
            pieces.append(Piece(letter, colour, bold=True, gap=2))
        pieces.append(Piece(rate(rates[network]), gap=1 if letter else 2))
        turned = factor(snapshot.factors.get(network, 1.0), mode.unicode)
        pieces.append(Piece(turned, palette.accent, bold=True, gap=1))
    if len(networks) > 1 and standing.place != "replay":
        letters = [NETWORK_LETTERS.get(network, network) for network in standing.turned]
        keys = " ".join(filter(None, map(standing.key, ("decay", "raise", "schedule"))))
        pieces += [
            Piece(keys, palette.accent, bold=True, gap=4),
            Piece("turn" if keys else "turned:", palette.quiet, gap=1 if keys else 4),
            Piece(" and ".join(letters) or "both", palette.accent, bold=True, gap=1),
        ]
    return pieces


def _outcome(snapshot: Snapshot, palette: Palette, mode: RenderMode, gap: int = 2) -> Piece:
    """How a run that nobody trains any more ended: as it said, or by a crash if it said nothing."""
    finished, stopped, broken = "✓■✗" if mode.unicode else "**!"
    if snapshot.diverged is not None:
        told = f"{broken} diverged: {snapshot.diverged.text}"
        return Piece(told, palette.bad, bold=True, gap=gap)
    if snapshot.finished is None:
        return Piece(f"{broken} crashed", palette.bad, bold=True, gap=gap)
    if snapshot.finished.ending == "completed":
        return Piece(f"{finished} finished", palette.good, bold=True, gap=gap)
    return Piece(f"{stopped} stopped", palette.accent, bold=True, gap=gap)


def _way_on(snapshot: Snapshot, standing: Standing, palette: Palette) -> list[Piece]:
    """The command by which training goes on; nothing where it has come to its end."""
    finished = snapshot.finished
    if not standing.name or (finished is not None and finished.ending != "stopped"):
        return []
    return [
        Piece(f"mnist-tui resume {standing.name}", palette.accent, bold=True, gap=3),
        Piece("goes on", palette.quiet, gap=1),
    ]


def _share_done(snapshot: Snapshot) -> float | None:
    if snapshot.started is None:
        return None
    return min(snapshot.step / max(snapshot.started.total_steps, 1), 1.0)


def _bar(
    share: float | None, palette: Palette, mode: RenderMode, width: int, knob: str = ""
) -> list[Piece]:
    if share is None:
        return []
    label = f"{share:4.0%}"
    length = max(width - len(label) - 1 - len(knob), 0)
    full = int(share * length)
    done, left = "━─" if mode.unicode else "=-"
    return [
        Piece(done * full, palette.text, gap=0),
        Piece(knob, palette.accent, gap=0),
        Piece(left * (length - full), palette.faint, gap=0),
        Piece(label, palette.quiet, gap=1),
    ]


def _results(snapshot: Snapshot, palette: Palette) -> list[Piece]:
    quiet = palette.quiet
    pieces: list[Piece] = []

    def add(name: str, value: str, importance: int) -> None:
        pieces.append(Piece(name, quiet, importance=importance, gap=3))
        pieces.append(Piece(value, bold=True, importance=importance, gap=1))

    finished = snapshot.finished
    if finished is not None and finished.test_accuracy is not None:
        add("test accuracy", f"{finished.test_accuracy:.2%}", 0)
    if finished is not None and "FID" in finished.measures:
        add("FID", f"{finished.measures['FID']:.2f}", 0)
    named = (
        ("validation accuracy", "validation accuracy", 1),
        ("accuracy real", "D right on real", 2),
        ("accuracy generated", "on generated", 2),
    )
    for network, curve in sorted(snapshot.losses.items()):
        letter = NETWORK_LETTERS.get(network, "")
        add(f"{letter} loss".strip() if letter else "batch loss", loss(curve.recent), 1)
    for key, name, importance in named:
        if key in snapshot.epochs:
            add(name, f"{snapshot.epochs[key].last:.{2 if importance == 1 else 0}%}", importance)
    return pieces
