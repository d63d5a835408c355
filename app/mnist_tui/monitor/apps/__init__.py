"""The apps: each is a way to look at runs, and to leave them."""
