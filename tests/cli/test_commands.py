"""The commands beside training, and what a slip on the command line leads to."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from mnist_engine.recipes import load_recipe, shipped_recipes
from mnist_tui.cli import main

AT_ONCE = 8
"""Times as long as importing Typer takes: half a second where this was written."""


def called(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> tuple[int, str, str]:
    """Call the program in this process: its status, output and errors."""
    monkeypatch.setattr(sys, "argv", ["mnist-tui", *arguments])
    with pytest.raises(SystemExit) as left:
        main()
    captured = capsys.readouterr()
    code = left.value.code
    assert code is None or isinstance(code, int)
    return code or 0, captured.out, captured.err


@pytest.fixture
def call(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Any:
    monkeypatch.chdir(tmp_path)
    return lambda *arguments: called(list(arguments), monkeypatch, capsys)


def test_recipes_lists_every_recipe_in_a_line(call: Any) -> None:
    status, output, errors = call("recipes")
    assert (status, errors) == (0, "")
    lines = output.splitlines()
    assert [line.split()[1] for line in lines] == shipped_recipes()
    for line in lines:
        task, name, *_ = line.split()
        recipe = load_recipe(name)
        assert line.endswith(recipe.summary)
        assert (task == "gan") == hasattr(recipe, "generator")
        assert len(line) <= 100


@pytest.mark.parametrize("name", shipped_recipes())
def test_a_printed_recipe_is_a_recipe(name: str, call: Any, tmp_path: Path) -> None:
    status, output, errors = call("recipes", name)
    assert (status, errors) == (0, "")
    tomllib.loads(output)
    (tmp_path / f"{name}.toml").write_text(output, encoding="utf-8")
    assert load_recipe(str(tmp_path / f"{name}.toml")) == load_recipe(name)


def test_version_is_the_installed_one(call: Any) -> None:
    assert call("--version") == (0, f"mnist-tui {version('mnist-tui')}\n", "")


@pytest.mark.parametrize("command", ["gan", "classify", "runs", "compare", "recipes", "autograd"])
def test_every_command_explains_itself(command: str, call: Any) -> None:
    status, overview, _ = call("--help")
    assert status == 0
    assert command in overview
    status, text, _ = call(command, "--help")
    assert status == 0
    assert "--debug" in text
    assert call(command, "-h")[1] == text


def test_no_command_shows_the_help(call: Any) -> None:
    status, output, errors = call()
    assert status == 2
    assert "classify" in output + errors


def processor_seconds(code: str, *arguments: str) -> float:
    """What a new Python takes for ``code``, while it waits for nobody: no other program counts."""
    before = os.times()
    subprocess.run([sys.executable, "-c", code, *arguments], check=True, capture_output=True)
    after = os.times()
    return (after[2] + after[3]) - (before[2] + before[3])  # of children: user and system


@pytest.mark.skipif(os.name != "posix", reason="children's processor time is POSIX's")
@pytest.mark.parametrize("arguments", [["--help"], ["gan", "--help"], ["--version"]])
def test_help_answers_at_once(arguments: list[str]) -> None:
    """Hardly later than Typer is there, on any machine; once in five times: some are busy."""
    code = "from mnist_tui.cli import main; main()"
    assert any(
        processor_seconds(code, *arguments) < AT_ONCE * processor_seconds("import typer")
        for _ in range(5)
    )


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
@pytest.mark.parametrize("arguments", [["--help"], ["gan", "--help"], ["--version"]])
def test_help_that_cannot_be_written_is_a_line(arguments: list[str], run: Any) -> None:
    with Path("/dev/full").open("w") as full:
        done = run(*arguments, capture_output=False, stdout=full, stderr=subprocess.PIPE)
    assert done.returncode == 1
    assert done.stderr == (
        "mnist-tui: standard output: cannot be written (No space left on device)\n"
    )


# --- bad input ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--recipe", "mpl"], "there is no recipe 'mpl'; did you mean mlp? shipped are "),
        (["--recipe", ""], "cannot be read ("),
        (["--recipe", "none.toml"], "none.toml: cannot be read (No such file or directory); "),
        (["--recipe", "."], "cannot be read (Is a directory); give a TOML file"),
        (["--recipe", "dense-adam"], "recipe dense-adam is for another task; run it with `mnist"),
        (["--epochs", "0"], "command line: epochs: is 0; it must be a whole number from 1"),
        (["--epochs", "-1"], "command line: epochs: is -1; it must be a whole number from 1"),
        (["--batch-size", "half"], "command line: data.batch_size: is 'half'; allowed: full, a"),
        (
            ["--batch-size", "70000"],
            "a batch needs at least that many images to train on, there are 55000",
        ),
        (["--lr", "fast"], "--lr: 'fast' is no learning rate; give one number"),
        (["--lr", "nan"], "command line: classifier.optimizer.learning_rate: is nan; it must be"),
        (["--lr", "-1"], "command line: classifier.optimizer.learning_rate: is -1.0; it must be"),
        (["--lr", "1,2"], "--lr: '1,2' is no learning rate; give one number"),
        (["--seed", "-1"], "command line: seed: is -1; it must be a whole number from 0"),
        (["--seed", str(2**64)], "command line: seed: is beyond 9e+18; it must be a whole"),
        (["--threads", "0"], "command line: threads: is 0; it must be a whole number from 1"),
        (["--limit", "0"], "command line: data.limit: is 0; it must be a whole number from 1"),
        (["--limit", "10"], "there are 10: lower it (--batch-size) or raise data.limit (--limit)"),
        (["--set", "data.limit=10"], "command line: data.batch_size: is 256; a batch needs"),
        (["--set", "held_out=10"], "held_out lies in no table; did you mean data.held_out?"),
        (["--set", "data.held_out"], "--set 'data.held_out': is not TOML: "),
        (["--data", "none"], "none: there is no such directory; a dataset is a directory with"),
        (["--run-dir", "taken"], "taken: is not an empty directory; give a new directory with"),
        (["--run-dir", "taken/file"], "taken/file: is not an empty directory; give a new"),
        (["--run-dir", "taken/file/x"], "taken/file/x: a run cannot be kept here (Not a dir"),
    ],
)
def test_bad_input_is_status_2_and_one_line(
    arguments: list[str], message: str, call: Any, tmp_path: Path
) -> None:
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "file").touch()
    status, output, errors = call("classify", "--no-ui", *arguments)
    assert (status, output) == (2, "")
    assert errors.startswith("mnist-tui: ")
    assert message in errors
    assert errors.count("\n") == 1
    assert not (tmp_path / "runs").exists(), "nothing was begun"


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["--epochs", "many"], "--epochs"),
        (["--seed", "1.5"], "--seed"),
        (["--limit"], "--limit"),
        (["--no-such-flag"], "--no-such-flag"),
        (["surplus"], "surplus"),
    ],
)
def test_a_slip_of_the_flags_is_status_2_and_named(
    arguments: list[str], word: str, call: Any
) -> None:
    status, output, errors = call("classify", "--no-ui", *arguments)
    assert (status, output) == (2, "")
    assert word in errors
    assert "Traceback" not in errors


def test_an_unknown_command_is_status_2_and_named(call: Any) -> None:
    status, _, errors = call("trian")
    assert status == 2
    assert "trian" in errors


def test_an_unknown_theme_is_named_with_those_that_exist(
    call: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mnist_tui.full_screen.why_no_ui", lambda *_: None)
    status, _, errors = call("classify", "--theme", "pink")
    assert status == 2
    assert errors.startswith("mnist-tui: --theme: there is no theme 'pink'; allowed: mnist-dark")
    assert errors.count("\n") == 1


def test_a_printed_recipe_whose_reader_left_is_no_traceback(run: Any) -> None:
    code = (
        "import os, sys\n"
        "reader, writer = os.pipe(); os.close(reader); os.dup2(writer, 1)\n"
        "from mnist_tui.cli import main; main()"
    )
    done = run("recipes", "dense-tanh", code=code)
    assert (done.returncode, done.stderr) == (1, "")
