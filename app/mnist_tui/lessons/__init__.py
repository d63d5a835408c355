"""Lessons: small runs that show a thing happen, and ask to press a key. ``table`` lists them."""
