"""Pages to be read in a terminal: they run the code that they show, and check its derivatives."""
