"""Training from the command line: what comes out, and the status that a shell sees."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ..small_images import write_data

SMALL = ("--data", "../small-images", "--set", "data.held_out=40", "--set", "data.batch_size=40")
QUICK = (*SMALL, "--epochs", "2", "--threads", "1", "--no-ui")
DEADLINE = 60.0


@pytest.fixture(scope="session", autouse=True)
def small_images(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Beside the directories in which the program is called: two epochs of them have 8 steps."""
    write_data(tmp_path_factory.getbasetemp() / "small-images")


def test_a_classifier_trains_and_its_last_event_has_the_test_accuracy(
    run: Any, tmp_path: Path
) -> None:
    flags = ("--limit", "600", "--epochs", "2", "--threads", "1", "--no-ui", "--json")
    done = run("classify", *flags)
    assert (done.returncode, done.stderr) == (0, "")
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert [events[0]["event"], events[-2]["event"]] == ["started", "checkpoint"]
    assert events[-1]["event"] == "finished"
    assert 0.3 < events[-1]["test_accuracy"] < 1
    (directory,) = (tmp_path / "runs").iterdir()
    assert directory.name.endswith("-mlp")
    assert (directory / "weights" / "classifier.safetensors").is_file()


def test_a_gan_trains_in_the_directory_that_it_is_given(
    trained_gan: tuple[subprocess.CompletedProcess[str], Path], run: Any
) -> None:
    done, folder = trained_gan
    assert (done.returncode, done.stderr) == (0, "")
    first, *_, last = done.stdout.splitlines()
    assert first.startswith("training GAN conditional-dense: ")
    assert last.startswith("finished at step 12 after ")
    assert last.endswith("weights saved in mine/weights")
    assert not (folder / "runs").exists()
    saved = sorted(path.name for path in (folder / "mine" / "weights").iterdir())
    assert saved == [
        "discriminator.safetensors",
        "generator-average.safetensors",
        "generator.safetensors",
    ]
    kept = (folder / "mine" / "recipe.toml").read_text(encoding="utf-8")
    assert "batch_size = 100" in kept
    assert "threads = 1" in kept
    assert "held_out = 100" in kept
    assert 'noise = "uniform"' in kept
    again = run("gan", *QUICK, "--run-dir", "mine", cwd=folder)
    assert again.returncode == 2
    assert again.stderr == (
        "mnist-tui: mine: holds a run already; give a new directory with --run-dir\n"
    )


def test_the_recipe_that_a_run_keeps_gives_the_same_run_again(run: Any, tmp_path: Path) -> None:
    assert run("classify", *QUICK, "--seed", "5", "--run-dir", "one").returncode == 0
    again = run("classify", "--recipe", "one/recipe.toml", "--no-ui", "--run-dir", "two")
    assert again.returncode == 0
    weights = [tmp_path / name / "weights" / "classifier.safetensors" for name in ("one", "two")]
    assert weights[0].read_bytes() == weights[1].read_bytes()


def test_without_a_terminal_the_ui_command_says_so_and_trains(run: Any) -> None:
    done = run("classify", *[flag for flag in QUICK if flag != "--no-ui"])
    assert done.returncode == 0
    assert done.stderr == (
        "mnist-tui: no screen: standard input is not a terminal; training as with --no-ui\n"
    )
    assert done.stdout.splitlines()[-1].startswith("finished at step 8 ")


def test_divergence_is_status_1_and_one_line(run: Any, tmp_path: Path) -> None:
    recipe = tmp_path / "wild.toml"
    recipe.write_text(
        'task = "classify"\nepochs = 50\nloss = "sum-squared-error"\n[classifier]\n'
        'layers = ["linear 50", "relu", "linear classes"]\n'
        'optimizer = { kind = "sgd", learning_rate = 1e3 }\n'
    )
    done = run("classify", "-r", "wild.toml", *SMALL, "--no-ui", "--run-dir", "wild")
    assert done.returncode == 1
    assert done.stderr.splitlines() == [done.stderr.rstrip("\n")], "no warnings of NumPy"
    assert "a number of the classifier became " in done.stderr
    assert "lower the learning rate (--lr)" in done.stderr
    assert (tmp_path / "wild" / "weights" / "classifier.safetensors").is_file()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="nothing here that is always full")
def test_a_full_disk_is_status_1_and_one_line(run: Any, tmp_path: Path) -> None:
    filled = (
        "from pathlib import Path\n"
        "from mnist_engine.runs import directory\n"
        "create = directory.create_run\n"
        "def filled(recipe, path):\n"
        "    run = create(recipe, path)\n"
        "    run.events.symlink_to('/dev/full')\n"
        "    return run\n"
        "directory.create_run = filled\n"
        "from mnist_tui.cli import main; main()"
    )
    done = run("classify", *QUICK, "--run-dir", "here", code=filled)
    assert done.returncode == 1
    assert done.stderr == (
        "mnist-tui: here/events.jsonl: cannot be written (No space left on device); "
        "training has ended; once it can be, `mnist-tui resume here` goes on\n"
    )


@pytest.mark.parametrize(
    ("option", "value", "told"),
    [
        ("--theme", "nosuch", "--theme: there is no theme 'nosuch'; allowed: mnist-dark"),
        ("--keys", "nosuch.toml", "--keys: nosuch.toml: No such file or directory"),
    ],
)
def test_what_only_a_screen_needs_is_checked_without_one_too(
    option: str, value: str, told: str, run: Any, tmp_path: Path
) -> None:
    done = run("classify", "--no-ui", option, value)
    assert done.returncode == 2
    assert done.stderr.startswith(f"mnist-tui: {told}")
    assert done.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_an_unforeseen_fault_is_one_line_and_a_traceback_for_the_curious(run: Any) -> None:
    broken = (
        "from mnist_engine import training\n"
        "def make_trainer(*_): raise RuntimeError('two\\nlines')\n"
        "training.make_trainer = make_trainer\n"
        "from mnist_tui.cli import main; main()"
    )
    done = run("classify", *QUICK, code=broken)
    assert done.returncode == 1
    assert done.stderr == "mnist-tui: RuntimeError: two lines (--debug shows where)\n"
    done = run("classify", *QUICK, "--debug", code=broken)
    assert done.returncode == 1
    assert "Traceback (most recent call last)" in done.stderr


# --- signals ------------------------------------------------------------------------------------


def stopped_by(number: int, arguments: list[str], folder: Path, when: str) -> tuple[int, str, str]:
    """Start the program, send a signal once it has printed ``when``; status, output, errors."""
    code = "from mnist_tui.cli import main; main()"
    with subprocess.Popen(
        [sys.executable, "-u", "-c", code, *arguments],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as program:
        assert program.stdout
        seen = ""
        while when not in seen:
            line = program.stdout.readline()
            assert line, "it ended too early"
            seen += line
        program.send_signal(number)
        rest, errors = program.communicate(timeout=DEADLINE)
        return program.returncode, seen + rest, errors


SIGNALS = [signal.SIGINT, signal.SIGTERM]
if hasattr(signal, "SIGHUP"):
    SIGNALS.append(signal.SIGHUP)


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_saves_the_weights_and_shows_in_the_status(
    number: signal.Signals, tmp_path: Path
) -> None:
    arguments = ["classify", "--no-ui", *SMALL, "--epochs", "100000", "--threads", "1"]
    status, output, errors = stopped_by(
        number, [*arguments, "--run-dir", "run"], tmp_path, "epoch      2/"
    )
    assert status == 128 + number
    assert output.splitlines()[-1].startswith("stopped at step ")
    assert len(errors.splitlines()) == 1
    assert (tmp_path / "run" / "weights" / "classifier.safetensors").is_file()


EARLY = """
import os, signal, sys
module, number = sys.argv[1], int(sys.argv[2])
sys.argv = ["mnist-tui", *sys.argv[3:]]
class Sender:
    sent = False
    def find_spec(self, name, path=None, target=None):
        if name == module and not Sender.sent:
            Sender.sent = True
            os.kill(os.getpid(), number)
sys.meta_path.insert(0, Sender())
from mnist_tui.cli import main
main()
"""


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
@pytest.mark.parametrize("number", SIGNALS)
@pytest.mark.parametrize(
    "module",
    ["typer", "mnist_tui.command_line", "numpy", "mnist_engine.recipes", "mnist_tui.launch"],
)
def test_a_signal_while_modules_are_imported_ends_it_at_once(
    module: str, number: signal.Signals, run: Any, tmp_path: Path
) -> None:
    done = run(module, str(int(number)), "classify", *QUICK, code=EARLY)
    assert done.returncode == 128 + number
    assert (done.stdout, done.stderr) == ("", "")
    assert list(tmp_path.iterdir()) == [], "no trace of a run"


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_a_signal_while_data_are_read_ends_in_order(run: Any, tmp_path: Path) -> None:
    """Training handles signals by then: the run begins, and ends before its first step."""
    while_reading = (
        "import os\n"
        "from mnist_engine.data import dataset\n"
        "load = dataset.load_dataset\n"
        "dataset.load_dataset = lambda *path: (os.kill(os.getpid(), 15), load(*path))[1]\n"
        "from mnist_tui.cli import main; main()"
    )
    done = run("classify", *QUICK, code=while_reading)
    assert done.returncode == 143
    assert "stopped at step 0" in done.stdout
    assert "weights saved in" in done.stdout
    assert len(done.stderr.splitlines()) <= 1


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_under_nohup_a_hangup_stays_ignored(run: Any) -> None:
    ignoring = "import signal; signal.signal(signal.SIGHUP, signal.SIG_IGN)\n" + EARLY
    done = run("mnist_tui.launch", "1", "classify", *QUICK, code=ignoring)
    assert done.returncode == 0
    assert "finished at step 8" in done.stdout


# --- streams ------------------------------------------------------------------------------------


@pytest.mark.skipif(os.name != "posix", reason="needs a shell")
@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_streams_are_no_obstacle(closed: str, tmp_path: Path) -> None:
    code = "from mnist_tui.cli import main; main()"
    arguments = " ".join(flag for flag in QUICK if flag != "--no-ui")
    command = f"'{sys.executable}' -c '{code}' classify {arguments} --run-dir run {closed}"
    done = subprocess.run(
        ["/bin/sh", "-c", command],
        cwd=tmp_path,
        timeout=DEADLINE,
        capture_output=True,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "run" / "weights" / "classifier.safetensors").is_file()
