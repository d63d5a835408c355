"""Package data of mnist-tui: MNIST itself and the recipes, read with ``importlib.resources``."""
