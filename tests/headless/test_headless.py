"""--no-ui: what each style of output shows, and what the exit status says."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import msgspec
import pyte
import pyte.modes
import pytest

from mnist_engine.training.answers import Answers
from mnist_engine.training.control import TrainControl
from mnist_engine.training.events import (
    Alarm,
    AnyEvent,
    CheckpointSaved,
    Diverged,
    EpochDone,
    Event,
    Finished,
    Intervened,
    SamplesDrawn,
    Started,
    StepDone,
)
from mnist_tui import reporting
from mnist_tui.endings import STOP_SIGNALS
from mnist_tui.headless import STOPPING, run_headless, stop_on_signals
from mnist_tui.reporting import OutputStyle, output_style

HANDLED = [signal.SIGINT, signal.SIGTERM]
if hasattr(signal, "SIGHUP"):
    HANDLED.append(signal.SIGHUP)


def step(number: int, loss: float = 0.5) -> StepDone:
    return StepDone(
        step=number,
        seconds=number / 100,
        epoch=(number + 1) // 2,
        losses={"classifier": loss},
        learning_rates={"classifier": 0.004},
    )


STARTED = Started(
    step=0,
    task="classify",
    recipe="mlp",
    summary="784-512-10, AdamW",
    epochs=2,
    steps_per_epoch=2,
    seed=7,
    threads=2,
    parameters={"classifier": 407_050},
    image_shape=(28, 28),
)
FIRST_EPOCH = EpochDone(
    step=2, seconds=0.02, epoch=1, measures={"training loss": 0.5, "validation accuracy": 0.9712}
)
SECOND_EPOCH = EpochDone(
    step=4, seconds=0.04, epoch=2, measures={"training loss": 0.4, "validation accuracy": 0.98}
)
RUN: list[Event] = [
    STARTED,
    step(1, 0.7),
    SamplesDrawn(step=1, epoch=1, count=1, image_shape=(1, 3), columns=1, images=b"\x00\x80\xff"),
    step(2, 0.6),
    FIRST_EPOCH,
    Intervened(step=2, what="learning rate", source="inbox", network="classifier", after=0.5),
    step(3, 0.5),
    step(4, 0.4),
    SECOND_EPOCH,
    Alarm(step=4, name="divergence", level="warning", text="a loss is large"),
    CheckpointSaved(step=4, file="weights"),
    Finished(step=4, seconds=0.04, epoch=2, ending="completed", test_accuracy=0.9832),
]


class Terminal(io.StringIO):
    """A stream that says it is a terminal; :meth:`screen` is what one would show."""

    def isatty(self) -> bool:
        return True

    def screen(self, width: int = 80) -> list[str]:
        screen = pyte.Screen(width, 24)
        screen.set_mode(pyte.modes.LNM)  # what a terminal driver does with line ends
        pyte.Stream(screen).feed(self.getvalue())
        return [line.rstrip() for line in screen.display if line.strip()]

    def cursor_visible(self) -> bool:
        """Whether the cursor was hidden and is back."""
        return 0 < self.getvalue().rfind("\x1b[?25l") + 1 < self.getvalue().rfind("\x1b[?25h")


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("LINES", "24")
    return Terminal()


def trained(control: TrainControl, *first: Event) -> Iterator[Event]:
    """What an endless run yields: ``first``, steps until it is asked to stop, its end."""
    yield from first
    number = 0
    while not control.stop_wanted:
        number += 1
        yield step(number)
    yield CheckpointSaved(step=number, file="weights")
    yield Finished(step=number, epoch=1, ending="stopped")


def doing(action: Callable[[], object], events: Iterator[Event], after: int = 3) -> Iterator[Event]:
    """``events``, with something that happens to the process once ``after`` of them are out."""
    for count, event in enumerate(events):
        if count == after:
            action()
        yield event


# --- JSON lines ---------------------------------------------------------------------------------


def test_json_lines_are_the_events() -> None:
    output = io.StringIO()
    assert run_headless(RUN, TrainControl(), "json", output=output) == 0
    lines = output.getvalue().splitlines()
    assert [msgspec.json.decode(line, type=AnyEvent) for line in lines] == RUN
    assert msgspec.json.decode(lines[-1])["test_accuracy"] == 0.9832


def test_what_may_not_be_meant_follows_the_first_line() -> None:
    event = msgspec.structs.replace(STARTED, remarks=("a limit is high", "D is slow"))
    output = io.StringIO()
    run_headless([event, RUN[-1]], TrainControl(), "lines", output=output)
    assert output.getvalue().splitlines()[1:3] == ["note: a limit is high", "note: D is slow"]


def test_json_is_utf8_whatever_the_locale() -> None:
    below = io.BytesIO()
    event = msgspec.structs.replace(STARTED, recipe="größer")
    output = io.TextIOWrapper(below, encoding="ascii")
    run_headless([event, RUN[-1]], TrainControl(), "json", output=output)
    assert msgspec.json.decode(below.getvalue().splitlines()[0], type=AnyEvent) == event


def test_json_steps_share_a_write_but_never_wait_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader has every event at once, except steps: those within a tenth of a second."""
    clock = SimpleNamespace(now=0.0, monotonic=lambda: clock.now)
    monkeypatch.setattr(reporting, "time", clock)
    below = io.BytesIO()
    output = io.TextIOWrapper(io.BufferedWriter(Unclosable(below), 1 << 20))
    arrived: list[int] = []

    def script() -> Iterator[Event]:
        for seconds, event in [(0, STARTED), (0.05, step(1)), (0.06, step(2)), (0.17, step(3))]:
            clock.now = seconds
            yield event
            arrived.append(below.getvalue().count(b"\n"))
        yield step(4)
        yield FIRST_EPOCH
        arrived.append(below.getvalue().count(b"\n"))

    run_headless(script(), TrainControl(), "json", output=output, errors=io.StringIO())
    assert arrived == [1, 1, 1, 4, 6]


class Unclosable(io.RawIOBase):
    """Lets a test look at what has passed a buffer, also after the buffer is gone."""

    def __init__(self, below: io.BytesIO) -> None:
        self._below = below

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]
        return self._below.write(data)


# --- plain lines --------------------------------------------------------------------------------


def test_plain_output_is_a_line_an_epoch_and_an_alarm_and_two_around_them() -> None:
    output, errors = io.StringIO(), io.StringIO()
    status = run_headless(
        RUN, TrainControl(), "lines", run_directory=Path("runs/x"), output=output, errors=errors
    )
    assert status == 0
    weights = Path("runs/x/weights")
    assert output.getvalue().splitlines() == [
        "training classifier mlp: 784-512-10, AdamW; 407,050 parameters; "
        "2 epochs of 2 steps, seed 7, 2 threads",
        "epoch 1/2  step 2  0.0 s  training loss 0.5000  validation accuracy 97.12%",
        "step 2: learning rate of the classifier: schedule × 1 → × 0.5 (by inbox)",
        "epoch 2/2  step 4  0.0 s  training loss 0.4000  validation accuracy 98.00%",
        "step 4: warning: divergence: a loss is large",
        f"finished at step 4 after 0.0 s (100 steps/s); test accuracy 98.32%; "
        f"weights saved in {weights}",
    ]
    assert errors.getvalue() == ""


def test_pictures_are_described_after_an_epoch_and_at_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    output = io.StringIO()
    assert run_headless(RUN, TrainControl(), "bar", describes=True, output=output) == 0
    lines = output.getvalue().splitlines()
    epochs = [number for number, line in enumerate(lines) if line.startswith("epoch ")]
    assert lines[epochs[0] + 1].startswith("  run: classifier mlp, training, step 2 of 4")
    assert not lines[epochs[1] + 1].startswith("  "), "one follows too soon on the other"
    assert "  validation accuracy: 98.00%, after 97.12% before." in lines
    assert lines[-1].startswith("  loss of") or lines[-1].startswith("  interventions: ")
    assert output.getvalue().replace("×", "").replace("→", "").isascii()


def test_slow_steps_have_a_speed_too() -> None:
    output = io.StringIO()
    end = msgspec.structs.replace(RUN[-1], seconds=19.0)
    run_headless([STARTED, end], TrainControl(), "lines", output=output)
    assert "finished at step 4 after 19.0 s (0.21 steps/s)" in output.getvalue()


def test_what_is_said_to_be_saved_are_the_weights_and_not_what_training_goes_on_from() -> None:
    """A run that was resumed at its end has its weights already, and one checkpoint more."""
    output = io.StringIO()
    again = CheckpointSaved(step=4, file="checkpoints/step-00000004-2.safetensors")
    run_headless([*RUN[:-1], again, RUN[-1]], TrainControl(), "lines", output=output)
    assert output.getvalue().endswith("; weights saved in weights\n")


def told_at_the_end(*confusion: tuple[int, ...]) -> str:
    """The last line but one of a run that answers the test set so."""
    output = io.StringIO()
    answers = Answers(confusion=confusion, mistakes=())
    end = Finished(step=4, epoch=2, ending="completed", test_accuracy=0.9, answers=answers)
    run_headless([STARTED, end], TrainControl(), "lines", output=output)
    return output.getvalue().splitlines()[-2]


def test_the_end_tells_which_classes_are_confused_most_often() -> None:
    assert told_at_the_end((7, 1, 0), (0, 3, 0), (4, 2, 10)) == (
        "test set: most often took 2 for 0 (4 times), 2 for 1 (2 times), 0 for 1 (1 time); "
        "was least right about 2 (62.50%)"
    )


def test_a_class_without_examples_is_not_the_one_known_worst() -> None:
    line = told_at_the_end((9, 1, 0), (0, 0, 0), (0, 0, 8))
    assert line == "test set: most often took 0 for 1 (1 time); was least right about 0 (90.00%)"


def test_the_end_tells_where_there_was_no_mistake() -> None:
    assert told_at_the_end((5, 0), (0, 5)) == "test set: no mistake"


def test_the_calibration_error_is_told_at_the_end_alone() -> None:
    output, calibration = io.StringIO(), {"calibration error": 0.0125}
    epoch = msgspec.structs.replace(FIRST_EPOCH, measures=FIRST_EPOCH.measures | calibration)
    end = Finished(step=4, epoch=2, ending="completed", measures=calibration)
    run_headless([STARTED, epoch, end], TrainControl(), "lines", output=output)
    *_, epoch_line, last_line = output.getvalue().splitlines()
    assert epoch_line.endswith("validation accuracy 97.12%")
    assert last_line.endswith("calibration error 1.25%")


def test_a_gan_names_the_parameters_of_both_networks() -> None:
    output = io.StringIO()
    gan = msgspec.structs.replace(
        STARTED, task="gan", parameters={"generator": 1000, "discriminator": 20}
    )
    run_headless([gan, RUN[-1]], TrainControl(), "lines", output=output)
    assert "training GAN mlp: " in output.getvalue()
    assert "parameters: generator 1,000, discriminator 20; " in output.getvalue()


def test_an_ascii_log_survives_a_name_that_is_not() -> None:
    below = io.BytesIO()
    event = msgspec.structs.replace(STARTED, recipe="größer")
    output = io.TextIOWrapper(below, encoding="ascii")
    assert run_headless([event, RUN[-1]], TrainControl(), "lines", output=output) == 0
    assert b"gr??er" in below.getvalue()


# --- the progress bar ---------------------------------------------------------------------------


def test_the_bar_shows_where_the_run_is(terminal: Terminal) -> None:
    screens: list[list[str]] = []

    def script() -> Iterator[Event]:
        for event in RUN:
            yield event
            if event is FIRST_EPOCH:
                screens.append(terminal.screen())

    assert run_headless(script(), TrainControl(), "bar", output=terminal) == 0
    *lines, progress, network = screens[0]
    assert lines[-1].startswith("epoch 1/2  step 2  0.0 s  training loss 0.5000")
    assert progress.startswith("epoch 1/2  ━━━")
    assert progress.endswith("2/4 steps  100 steps/s  ETA 0:00")
    assert network == "classifier  loss 0.6000  learning rate 0.004"


def test_the_bar_leaves_the_lines_and_the_cursor(terminal: Terminal) -> None:
    run_headless(RUN, TrainControl(), "bar", output=terminal)
    shown = "\n".join(terminal.screen())
    assert "━" not in shown
    assert "epoch 2/2  step 4" in shown
    assert "test accuracy 98.32%" in shown
    assert terminal.cursor_visible()


def test_the_bar_says_when_training_is_paused(terminal: Terminal) -> None:
    def script() -> Iterator[Event]:
        yield from [STARTED, step(1), Intervened(step=1, what="pause", source="inbox")]
        assert any(line.endswith("paused") for line in terminal.screen())
        yield RUN[-1]

    assert run_headless(script(), TrainControl(), "bar", output=terminal) == 0


def test_no_color_means_no_colour(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    run_headless(RUN, TrainControl(), "bar", output=terminal)
    assert "\x1b[38;5" in terminal.getvalue()
    monkeypatch.setenv("NO_COLOR", "1")
    plain = Terminal()
    run_headless(RUN, TrainControl(), "bar", output=plain)
    assert "\x1b[38;5" not in plain.getvalue()


def test_the_style_follows_the_stream(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    assert output_style(terminal) == "bar"
    assert output_style(terminal, json=True) == "json"
    assert output_style(io.StringIO()) == "lines"
    monkeypatch.setenv("TERM", "dumb")
    assert output_style(terminal) == "lines"


# --- how a run ends -----------------------------------------------------------------------------


@pytest.mark.parametrize("style", ["bar", "lines", "json"])
def test_divergence_is_one_line_and_status_1(style: OutputStyle, terminal: Terminal) -> None:
    errors = io.StringIO()
    events = [
        STARTED,
        step(1),
        Diverged(step=120, network="generator", value="nan"),
        Finished(step=120, epoch=1, ending="diverged"),
    ]
    assert run_headless(events, TrainControl(), style, output=terminal, errors=errors) == 1
    assert errors.getvalue() == (
        "step 120: a number of the generator became nan; lower the learning rate (--lr)\n"
    )


def test_a_stop_asked_for_elsewhere_is_a_success() -> None:
    output, control = io.StringIO(), TrainControl()
    events = doing(lambda: control.stop("inbox"), trained(control, STARTED))
    assert run_headless(events, control, "lines", output=output) == 0
    assert output.getvalue().splitlines()[-1].startswith("stopped at step 3")


def test_a_run_without_an_end_is_no_success() -> None:
    errors = io.StringIO()
    status = run_headless(RUN[:-1], TrainControl(), "lines", output=io.StringIO(), errors=errors)
    assert status == 1
    assert "without its last event" in errors.getvalue()


@pytest.mark.parametrize("style", ["bar", "lines", "json"])
def test_what_training_raises_is_passed_on(style: OutputStyle, terminal: Terminal) -> None:
    def script() -> Iterator[Event]:
        yield STARTED
        raise MemoryError("too wide a layer")

    with pytest.raises(MemoryError):
        run_headless(script(), TrainControl(), style, output=terminal)
    assert style != "bar" or terminal.cursor_visible()


# --- signals ------------------------------------------------------------------------------------


def kill(number: int) -> Callable[[], None]:
    return lambda: os.kill(os.getpid(), number)


@pytest.mark.parametrize("style", ["bar", "lines", "json"])
@pytest.mark.parametrize("number", HANDLED)
def test_a_signal_ends_the_run_in_order(
    number: signal.Signals, style: OutputStyle, terminal: Terminal
) -> None:
    former = [signal.getsignal(handled) for handled in HANDLED]
    control, seen = TrainControl(), []

    def watched() -> Iterator[Event]:
        for event in doing(kill(number), trained(control, STARTED)):
            seen.append(event)
            yield event

    errors = io.StringIO()
    assert run_headless(watched(), control, style, output=terminal, errors=errors) == 128 + number
    assert isinstance(seen[-1], Finished)
    assert [request.source for request in control.take()] == ["signal"]
    notices = terminal.getvalue() if style == "bar" else errors.getvalue()
    assert notices.count(STOPPING) == 1
    assert [signal.getsignal(handled) for handled in HANDLED] == former


@pytest.mark.parametrize("first", HANDLED)
def test_ctrl_c_while_stopping_quits_at_once(first: signal.Signals, terminal: Terminal) -> None:
    control, finalised = TrainControl(), []

    def stubborn() -> Iterator[Event]:
        try:
            yield STARTED
            kill(first)()
            yield step(1)
            kill(signal.SIGINT)()
            yield step(2)
        finally:
            finalised.append(True)

    with pytest.raises(SystemExit) as left:
        run_headless(stubborn(), control, "bar", output=terminal)
    assert left.value.code == 130
    assert finalised
    assert terminal.cursor_visible()


@pytest.mark.parametrize("number", STOP_SIGNALS)
def test_what_is_ignored_stays_so(number: signal.Signals) -> None:
    """A hangup under nohup, Ctrl-C in the background of a script."""
    former = signal.signal(number, signal.SIG_IGN)
    try:
        with stop_on_signals(TrainControl()) as signals:
            kill(number)()
        assert (signals.received, signals.status) == (None, 0)
    finally:
        signal.signal(number, former)


# --- output that breaks -------------------------------------------------------------------------


@pytest.mark.parametrize("style", ["lines", "json"])
def test_a_closed_pipe_ends_the_run_in_order(style: OutputStyle) -> None:
    control, errors, seen = TrainControl(), io.StringIO(), []
    reader, writer = os.pipe()

    def watched() -> Iterator[Event]:
        run = trained(control, STARTED, step(1), FIRST_EPOCH)
        for event in doing(lambda: os.close(reader), run, after=2):
            seen.append(event)
            yield event

    with open(writer, "w") as output:  # noqa: PTH123 - a descriptor, not a path
        assert run_headless(watched(), control, style, output=output, errors=errors) == 1
    assert isinstance(seen[-1], Finished)
    assert [request.source for request in control.take()] == ["closed output"]
    message = errors.getvalue()
    assert message.endswith("the output cannot be written any more (Broken pipe)\n")
    assert message.count("\n") == 1


FULL_DISK = Path("/dev/full")


@pytest.mark.skipif(not FULL_DISK.exists(), reason="nothing here that is always full")
def test_a_full_disk_is_said_even_at_the_very_end() -> None:
    errors = io.StringIO()
    with FULL_DISK.open("w") as output:
        status = run_headless([RUN[-1]], TrainControl(), "lines", output=output, errors=errors)
    assert status == 1
    assert "No space left on device" in errors.getvalue()


ENDLESS = """
import sys
from mnist_engine.training.control import TrainControl
from mnist_engine.training.events import Finished, StepDone
from mnist_tui.endings import STOP_SIGNALS
from mnist_tui.headless import run_headless

control = TrainControl()

def events():
    step = 0
    while not control.stop_wanted:
        step += 1
        yield StepDone(step=step, epoch=1, losses={}, learning_rates={})
    yield Finished(step=step, epoch=1, ending="stopped")

sys.exit(run_headless(events(), control, sys.argv[1]))
"""


def test_a_program_whose_reader_left_exits_without_a_traceback() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", ENDLESS, "json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as program:
        assert program.stdout
        assert program.stderr
        assert msgspec.json.decode(program.stdout.readline())["event"] == "step"
        program.stdout.close()
        assert program.wait(timeout=60) == 1
        (line,) = program.stderr.read().splitlines()
    assert line.endswith("the output cannot be written any more (Broken pipe)")


# --- imports ------------------------------------------------------------------------------------


def test_headless_imports_no_textual_and_rich_only_for_the_bar() -> None:
    check = (
        "import sys, io; from mnist_tui import headless as h;"
        "from mnist_engine.training.control import TrainControl as C;"
        "h.run_headless([], C(), 'lines', output=io.StringIO(), errors=io.StringIO());"
        "print(*sorted({name.partition('.')[0] for name in sys.modules} & {'textual', 'rich'}));"
        "h.run_headless([], C(), 'bar', output=io.StringIO(), errors=io.StringIO());"
        "print(*sorted({name.partition('.')[0] for name in sys.modules} & {'textual', 'rich'}))"
    )
    result = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True)
    assert result.stdout.splitlines() == ["", "rich"], result.stderr
