"""The training thread publishes what is worth seeing, when it is."""

from __future__ import annotations

import threading

from mnist_engine.training.events import EpochDone, Finished, Intervened, Started, StepDone
from mnist_tui.monitor.sessions.session import Session, TrainingSession

STARTED = Started(
    step=0,
    task="gan",
    recipe="r",
    summary="s",
    epochs=1,
    steps_per_epoch=1000,
    seed=1,
    threads=1,
    parameters={},
    image_shape=(28, 28),
)


def step(number: int) -> StepDone:
    return StepDone(step=number, epoch=1, losses={"generator": 1.0}, learning_rates={})


def run(events) -> tuple[Session, list[int]]:
    """Run to the end; the versions that each wake-up found."""
    woken: list[int] = []
    session = TrainingSession(lambda: events(session), lambda: woken.append(session.latest.version))
    session.start()
    session.join(10)
    assert session.ended
    return session, woken


def test_plain_steps_do_not_wake_the_screen():
    _, woken = run(lambda _: iter([STARTED, *(step(n) for n in range(1, 500))]))
    assert woken == [1, 500]  # the start and the end


def test_a_step_is_seen_however_long_the_next_one_takes():
    found = []

    def events(session):
        for number in range(1, 50):
            yield step(number)
            found.append(session.latest.step)

    run(events)
    assert found == list(range(1, 50))


def test_a_snapshot_is_taken_only_when_somebody_looks_and_something_happened():
    session, _ = run(lambda _: iter([step(1), step(2)]))
    assert session.latest is session.latest
    assert session.latest.version == 2


def test_interventions_wake_the_screen_at_once_and_epochs_do_not():
    found = []

    def events(session):
        for event in (
            STARTED,
            step(1),
            Intervened(step=1, what="learning rate", source="key"),
            EpochDone(step=2, epoch=1, measures={}),
            Finished(step=2, epoch=1, ending="completed"),
        ):
            yield event
            found.append(list(woken))

    woken: list[int] = []
    session = TrainingSession(lambda: events(session), lambda: woken.append(session.latest.version))
    session.start()
    session.join(10)
    assert found == [[1], [1], [1, 3], [1, 3], [1, 3, 5]]


def test_a_single_step_wakes_the_screen():
    _, woken = run(
        lambda _: iter(
            [
                Intervened(step=0, what="pause", source="key"),
                Intervened(step=0, what="step", source="key"),
                step(1),
            ]
        )
    )
    assert woken == [1, 2, 3, 3]


def test_the_last_events_are_never_lost():
    session, _ = run(
        lambda _: iter([step(1), step(2), Finished(step=2, epoch=1, ending="completed")])
    )
    assert session.latest.step == 2
    assert session.latest.phase == "finished"


def test_a_failure_is_kept_with_what_was_seen_before():
    error = RuntimeError("broken")

    def events(_):
        yield step(1)
        yield step(2)
        raise error

    session, woken = run(events)
    assert session.failure is error
    assert session.latest.step == 2
    assert woken == [2]


def test_failing_to_open_is_a_failure_too():
    def events(_):
        raise OSError("no data")

    session, _ = run(events)
    assert isinstance(session.failure, OSError)


def test_events_are_opened_and_iterated_in_one_other_thread():
    threads = []

    def events(_):
        threads.append(threading.current_thread())
        yield step(1)
        threads.append(threading.current_thread())

    run(events)
    assert threads[0] is threads[1] is not threading.current_thread()


def test_waiting_for_a_session_that_never_began_returns():
    TrainingSession(lambda: iter([]), lambda: None).join()
