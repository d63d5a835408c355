"""Networks: modules, layers, initialisers and losses, with PyTorch's names and weight layouts."""

from mnist_engine.nn.activations import LeakyReLU, ReLU, Sigmoid, Softmax, Tanh
from mnist_engine.nn.dropout import Dropout
from mnist_engine.nn.linear import Linear
from mnist_engine.nn.module import Module, Sequential, StateError
from mnist_engine.nn.normalisation import BatchNorm1d

__all__ = [
    "BatchNorm1d",
    "Dropout",
    "LeakyReLU",
    "Linear",
    "Module",
    "ReLU",
    "Sequential",
    "Sigmoid",
    "Softmax",
    "StateError",
    "Tanh",
]
