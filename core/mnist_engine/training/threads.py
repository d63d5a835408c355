"""How many threads the linear algebra uses."""

from __future__ import annotations

from contextlib import AbstractContextManager

from threadpoolctl import threadpool_info, threadpool_limits  # type: ignore[import-untyped]


def thread_count() -> int:
    """Threads of the BLAS library that NumPy calls, 1 where it cannot be told."""
    counts = [pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"]
    return max(counts, default=1)


def limit_threads(count: int | None) -> AbstractContextManager[object]:
    """While this is entered, BLAS uses ``count`` threads; as many as before where it is None."""
    limits: AbstractContextManager[object] = threadpool_limits(count, user_api="blas")
    return limits
