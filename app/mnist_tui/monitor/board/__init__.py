"""Where the panels of a run's screen lie: ``arranging`` decides by numbers, ``board`` does it."""
