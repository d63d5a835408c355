"""How many threads the linear algebra uses."""

from __future__ import annotations

from threadpoolctl import threadpool_info


def thread_count() -> int:
    """Threads of the BLAS library that NumPy calls, 1 where it cannot be told."""
    counts = [pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"]
    return max(counts, default=1)
