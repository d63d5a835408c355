"""What OpenBLAS, the library behind NumPy's products of matrices, is told before it is loaded.

It reads these settings once, when NumPy is imported; so whoever imports NumPy before this package
has OpenBLAS as it is: slower here and there, and no less right. What the user has set stays.
"""

from __future__ import annotations

import os
from pathlib import Path

THREAD_TIMEOUT = "19"
"""Idle threads go round in a loop for so long, 2¹⁹ ticks or some 200 µs, before they sleep.

That bridges the gaps in a training step. OpenBLAS's own 25 ms would take a core from whatever else
there is to do: from the second thread of this engine, from the screen.
"""

ZEN_4 = {"vendor_id": "AuthenticAMD", "cpu family": "25"}
"""AMD's processors of 2020 to 2023, the later half of which is Zen 4."""


def prepare() -> None:
    """Set the environment of this process."""
    os.environ.setdefault("OPENBLAS_THREAD_TIMEOUT", THREAD_TIMEOUT)
    if is_zen_4(_processor()):
        # It has 512-bit instructions, and halves of 256 bits to do them with. OpenBLAS sees the
        # former; but its routines for 256 bits ("Haswell") are a quarter faster there.
        os.environ.setdefault("OPENBLAS_CORETYPE", "Haswell")


def is_zen_4(cpuinfo: str) -> bool:
    """Whether ``cpuinfo``, the text of Linux's /proc/cpuinfo, describes a Zen 4."""
    lines = [line.partition(":") for line in cpuinfo.splitlines()]
    facts = {key.strip(): value.strip() for key, _, value in lines}
    return "avx512f" in facts.get("flags", "").split() and ZEN_4.items() <= facts.items()


def _processor() -> str:
    """The text of /proc/cpuinfo, nothing where there is none."""
    try:
        return Path("/proc/cpuinfo").read_text(encoding="ascii", errors="replace")
    except OSError:
        return ""
