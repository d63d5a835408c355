"""Lessons and keys as they are called."""

from __future__ import annotations

import tomllib


def test_lessons_are_listed(run):
    done = run("lesson")
    names = [line.split()[0] for line in done.stdout.splitlines()]
    assert done.returncode == 0
    assert {"collapse", "learning-rate", "backpropagation"} <= set(names)


def test_a_lesson_that_is_none_is_guessed_at(run):
    done = run("lesson", "colapse")
    assert done.returncode == 2
    assert "there is no lesson 'colapse'; did you mean collapse?" in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_lesson_says_that_it_needs_a_screen(run, tmp_path):
    done = run("lesson", "collapse")
    assert done.returncode == 2
    assert "lesson collapse needs a screen: standard input is not a terminal" in done.stderr
    assert not (tmp_path / "runs").exists()


def test_the_lesson_on_paper_needs_none(run):
    done = run("lesson", "backpropagation")
    assert done.returncode == 0
    assert "All 15 checks agree" in done.stdout


def test_keys_are_printed_as_a_file(run):
    done = run("keys")
    assert done.returncode == 0
    assert tomllib.loads(done.stdout)["pause"] == ["space", "p"]
