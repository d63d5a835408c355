"""A run: its record on disk, and the state that screens show of it."""
