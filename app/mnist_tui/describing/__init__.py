"""A run in words: what each picture of the screen shows, read aloud a line a picture.

Plain sentences, without boxes, blocks or signs that a screen reader would spell out.
"""
