"""The second thread: what it does is done once, and nothing that goes wrong is left behind."""

from __future__ import annotations

import signal
import threading
import time

import numpy as np
import pytest

from mnist_engine.autograd.threads import in_halves, limit_threads, thread_count

pytestmark = pytest.mark.skipif(thread_count() < 2, reason="there is but one thread")


def thirds(part: slice) -> None:
    if part.start > 0:
        raise ArithmeticError("in the second half")


def test_both_halves_are_done_once() -> None:
    seen = np.zeros(7, int)

    def count(part: slice) -> None:
        seen[part] += 1

    for _ in range(50):
        in_halves(count, len(seen))
    assert seen.tolist() == [50] * 7


@pytest.mark.parametrize("threads", [1, 2])
def test_an_error_of_the_second_half_is_raised(threads: int) -> None:
    with limit_threads(threads):
        for _ in range(3):
            with pytest.raises(ArithmeticError, match="in the second half"):
                in_halves(thirds, 2)
        test_both_halves_are_done_once()
        assert thread_count() == threads


def test_work_is_done_under_the_callers_numpy_settings() -> None:
    def divide(part: slice) -> None:
        np.ones(2)[part] / np.zeros(2)[part]

    with np.errstate(divide="ignore"):
        in_halves(divide, 2)
    with np.errstate(divide="raise"), pytest.raises(FloatingPointError):
        in_halves(divide, 2)


def test_ctrl_c_while_the_second_half_works_leaves_nothing_behind() -> None:
    done = np.zeros(2, int)
    begun = threading.Event()

    def slow(part: slice) -> None:
        if part.start > 0:
            begun.set()
            time.sleep(0.2)
        done[part] += 1

    def press_ctrl_c() -> None:
        begun.wait()
        time.sleep(0.05)
        signal.raise_signal(signal.SIGINT)

    for number in range(1, 4):
        begun.clear()
        presser = threading.Thread(target=press_ctrl_c)
        presser.start()
        with pytest.raises(KeyboardInterrupt):
            in_halves(slow, 2)
        presser.join()
        assert done.tolist() == [number, number]  # it was waited for: these are the caller's arrays


def test_two_callers_at_once_share_no_memory() -> None:
    # Each asks for gradients of a layer of the same shape; the scratch memory is of the same key.
    from mnist_engine.autograd.windows import kernel_sums

    rng = np.random.default_rng(0)
    wrong = []

    def caller(scale: float) -> None:
        x = np.full((4, 6, 6, 2), scale)
        y = rng.standard_normal((4, 4, 4, 3))
        right = np.empty((3, 3, 2, 3))
        with limit_threads(None):
            kernel_sums(x, y, (1, 1), (0, 0), right)
        for _ in range(200):
            found = np.empty_like(right)
            kernel_sums(x, y, (1, 1), (0, 0), found)
            if not np.array_equal(found, right):
                wrong.append(scale)

    callers = [threading.Thread(target=caller, args=(scale,)) for scale in (1.0, 2.0)]
    for each in callers:
        each.start()
    for each in callers:
        each.join()
    assert not wrong
