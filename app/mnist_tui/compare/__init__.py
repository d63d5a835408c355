"""Several runs beside each other: their curves on one screen, or what they reached in tables."""
