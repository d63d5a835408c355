"""mnist-tui: watch neural networks learn MNIST in the terminal."""
