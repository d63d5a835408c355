"""Pure functions from data to text cells. Nothing here holds state or knows of an app."""
