"""Threads that fold the events of a run, each from another source, and show how far they are."""
