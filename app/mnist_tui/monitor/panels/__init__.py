"""The panels of a run's screen, one a file; ``kinds`` is the table of them all."""
