"""Networks: modules, layers, initialisers and losses, with PyTorch's names and weight layouts."""

from mnist_engine.nn.activations import LeakyReLU, ReLU, Sigmoid, Softmax, Tanh
from mnist_engine.nn.convolution import Conv2d, ConvTranspose2d
from mnist_engine.nn.dropout import Dropout
from mnist_engine.nn.embedding import Embedding
from mnist_engine.nn.linear import Linear
from mnist_engine.nn.module import Module, Sequential, StateError
from mnist_engine.nn.normalisation import BatchNorm1d, BatchNorm2d
from mnist_engine.nn.pooling import AvgPool2d, MaxPool2d
from mnist_engine.nn.shapes import Flatten, Unflatten
from mnist_engine.nn.spectral_norm import SpectralNorm
from mnist_engine.nn.weights import load_weights, save_weights

__all__ = [
    "AvgPool2d",
    "BatchNorm1d",
    "BatchNorm2d",
    "Conv2d",
    "ConvTranspose2d",
    "Dropout",
    "Embedding",
    "Flatten",
    "LeakyReLU",
    "Linear",
    "MaxPool2d",
    "Module",
    "ReLU",
    "Sequential",
    "Sigmoid",
    "Softmax",
    "SpectralNorm",
    "StateError",
    "Tanh",
    "Unflatten",
    "load_weights",
    "save_weights",
]
