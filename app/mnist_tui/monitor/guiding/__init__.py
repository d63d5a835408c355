"""Cards that lie on a run's screen and point at its panels: a tour, or a lesson."""
