"""Measured results are shown as they were written, and nothing in the README is typed by hand."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path

import pytest

from mnist_engine.recipes import shipped_recipes
from mnist_engine.recipes.files import read_toml
from mnist_tui.results import RESULTS, measured_results, result_lines, results_table

README = Path(__file__).parents[2] / "README.md"

RESULT = {
    "seeds": 3,
    "threads": 2,
    "judge": "0123abcd",
    "measures": {
        "60 s": {"FID": {"mean": 1.25, "deviation": 0.125}, "steps": {"mean": 9.0, "deviation": 0}},
        "end": {
            "label agreement": {"mean": 0.99, "deviation": 0.0},
            "seconds": {"mean": 300.4, "deviation": 1.0},
        },
    },
}


@pytest.fixture
def results(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mnist_tui.results.measured_results", lambda: {"mlp": RESULT})


def test_a_table_has_a_line_for_each_moment() -> None:
    assert results_table({"mlp": RESULT})[2:] == [
        "| mlp | 60 s | 3 | FID 1.250 ± 0.125 |",
        "| mlp | 300 s | 3 | label agreement 99.00% |",
    ]


def test_the_end_of_what_was_not_timed_is_told_in_epochs() -> None:
    end = {"FID": {"mean": 5.0, "deviation": 0.0}, "epochs": {"mean": 50.0, "deviation": 0.0}}
    table = results_table({"lsgan": RESULT | {"measures": {"end": end}}})
    assert table[2:] == ["| lsgan | 50 epochs | 3 | FID 5.000 |"]


def test_novelty_is_shown_where_it_was_measured() -> None:
    end = {"FID": {"mean": 5.0, "deviation": 0.0}, "novelty": {"mean": 0.97, "deviation": 0.01}}
    table = results_table({"dense": RESULT | {"measures": {"end": end}}})
    assert table[2:] == ["| dense | end | 3 | FID 5.000, novelty 0.970 ± 0.010 |"]


@pytest.mark.usefixtures("results")
def test_a_recipe_has_its_results_as_comments() -> None:
    lines = result_lines("mlp")
    assert lines == [
        "# Measured (mean of 3 seeds, 2 threads, judge 0123abcd):",
        "#   after 60 s: FID 1.250 ± 0.125",
        "#   after 300 s: label agreement 99.00%",
    ]
    assert read_toml("\n".join(lines).encode(), "test") == {}


@pytest.mark.usefixtures("results")
def test_what_was_not_measured_says_nothing() -> None:
    assert result_lines("cnn") == []
    assert result_lines("/somewhere/mine.toml") == []


def test_the_readme_has_the_table_of_the_file() -> None:
    table = "\n".join(results_table(measured_results()))
    assert f"<!-- results -->\n{table}\n<!-- end of results -->" in README.read_text()


def test_results_are_of_recipes_that_ship_and_say_how_they_were_measured() -> None:
    results = json.loads((files("mnist_tui_assets") / RESULTS).read_text())
    assert results.keys() <= {*shipped_recipes(), "real digits"}
    for result in results.values():
        assert result.keys() >= {"seeds", "threads", "judge", "machine", "numpy", "measures"}
