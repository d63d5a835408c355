"""Figures as people read them."""

from __future__ import annotations

import math

import pytest

from mnist_tui.figures import measured_alike


@pytest.mark.parametrize(
    ("name", "values", "texts"),
    [
        ("KID x 1000", [4012.34, 117.8637], ["4,012.3", "117.9"]),
        ("KID x 1000", [3490.0, 161.9875, -1.8408, 12.6379], ["3,490.0", "162.0", "-1.8", "12.6"]),
        ("FID", [72.6637, 0.7003], ["72.66", "0.70"]),
        ("FID", [0.4441, 0.1149], ["0.4441", "0.1149"]),
        ("FID", [1.234e9, 0.5], ["1.23e+09", "0.5000"]),
        ("top class", [0.998, 0.134], ["99.80%", "13.40%"]),
        ("classes", [12, 10], ["12", "10"]),
        ("novelty", [1.3486, math.nan], ["1.3486", ""]),
        ("novelty", [math.nan], [""]),
    ],
)
def test_figures_of_one_measure_have_decimals_alike(
    name: str, values: list[float], texts: list[str]
) -> None:
    assert measured_alike(name, values) == texts
