"""The full-screen view of a run: the only package that imports Textual's app."""
