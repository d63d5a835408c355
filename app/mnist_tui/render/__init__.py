"""Pure functions from data to text cells. Nothing here knows of an app, or holds state but
plotext, whose one figure is emptied before each use."""
