"""What OpenBLAS is told, in a process of its own: it listens but once."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from mnist_engine import blas

ZEN_4 = """\
processor\t: 0
vendor_id\t: AuthenticAMD
cpu family\t: 25
flags\t\t: fpu sse2 avx2 avx512f avx512dq
"""


@pytest.mark.parametrize(
    ("cpuinfo", "expected"),
    [
        (ZEN_4, True),
        (ZEN_4.replace("avx512f ", ""), False),  # Zen 3
        (ZEN_4.replace("25", "26"), False),  # Zen 5
        (ZEN_4.replace("AuthenticAMD", "GenuineIntel"), False),
        ("", False),
        ("no colon\n: nothing before one\n", False),
    ],
)
def test_a_zen_4_is_known_by_its_maker_family_and_instructions(
    cpuinfo: str, expected: bool
) -> None:
    assert blas.is_zen_4(cpuinfo) is expected


def environment_after_import(**settings: str) -> dict[str, str]:
    """OpenBLAS's settings in a process that imported the engine."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("OPENBLAS")}
    code = "import mnist_engine, os; print(*(f'{k}={v}' for k, v in os.environ.items()), sep='\\n')"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=kept | settings,
        capture_output=True,
        text=True,
        check=True,
    )
    lines = [line.partition("=") for line in done.stdout.splitlines()]
    return {key: value for key, _, value in lines if key.startswith("OPENBLAS")}


def test_idle_threads_sleep_soon() -> None:
    assert environment_after_import()["OPENBLAS_THREAD_TIMEOUT"] == blas.THREAD_TIMEOUT


def test_what_the_user_has_set_stays() -> None:
    wishes = {"OPENBLAS_THREAD_TIMEOUT": "21", "OPENBLAS_CORETYPE": "Sandybridge"}
    assert environment_after_import(**wishes) == wishes


def test_importing_the_engine_does_not_import_numpy() -> None:
    code = "import sys, mnist_engine; assert 'numpy' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
