"""Where a walk through latent space leads, and what a person may change of it."""

from __future__ import annotations

import numpy as np

from mnist_tui.monitor.journey import FARTHEST, POINTS, TURN, Journey


def test_it_goes_to_and_fro():
    journey = Journey(0, 1)
    positions = []
    for _ in range(3 * POINTS):
        journey.advance()
        positions.append(journey.position)
    assert min(positions) == 0
    assert max(positions) == POINTS - 1
    assert set(np.abs(np.diff(positions))) == {1}
    assert positions[POINTS - 2 : POINTS] == [POINTS - 1, POINTS - 2]


def test_who_stands_stays():
    journey = Journey(0, 1)
    journey.step(5)
    assert not journey.advance()
    assert journey.position == 5
    journey.step(-9)
    assert journey.position == 0
    journey.step(POINTS + 3)
    assert journey.position == POINTS - 1


def test_the_end_of_one_way_is_the_beginning_of_the_next():
    journey = Journey(3, 7)
    journey.go_to(9)
    journey.walk_to(5)
    assert (journey.way.first, journey.way.last, journey.position) == (7, 5, 0)


def test_a_class_that_is_picked_twice_is_given_back():
    journey = Journey(0, 1)
    journey.pick_class(4)
    assert journey.way.label == 4
    journey.pick_class(2)
    assert journey.way.label == 2
    journey.pick_class(2)
    assert journey.way.label is None


def test_coordinates_are_turned_by_steps_up_to_a_limit_and_back():
    journey = Journey(0, 1)
    assert journey.way.turned is None
    journey.turn(1, 2, latent=3)
    journey.turn(2, -1, latent=3)
    assert journey.way.turned is not None
    assert journey.way.turned.tolist() == [0, 2 * TURN, -TURN]
    journey.turn(1, 1000, latent=3)
    assert journey.way.turned[1] == FARTHEST
    journey.turn_back()
    assert journey.way.turned is None


def test_a_way_that_was_asked_for_is_not_changed_by_what_is_turned_later():
    journey = Journey(0, 1)
    journey.turn(0, 1, latent=2)
    way, version = journey.way, journey.version
    journey.turn(0, 1, latent=2)
    assert way.turned is not None
    assert way.turned[0] == TURN
    assert journey.version == version + 1
