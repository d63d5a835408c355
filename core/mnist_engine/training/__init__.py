"""Trainers: iterators of events, steered through TrainControl."""
