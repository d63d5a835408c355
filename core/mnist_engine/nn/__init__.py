"""Networks: modules, layers, initialisers and losses, with PyTorch's names and weight layouts.

Read in this order: ``module`` (what every layer and network is), ``initialisers``, ``linear``,
``activations``, ``losses``, then the other layers: ``embedding``, ``dropout``, ``shapes``,
``convolution``, ``pooling``, ``normalisation``, ``class_plane``, ``spectral_norm``. ``evaluating``
is how nobody trains on them, ``arguments`` what layers refuse, ``weights`` networks on disk. Losses
and initialisers are functions: ``nn.losses`` and ``nn.initialisers`` hold them.

Files of the same name in ``autograd`` hold the operations, which are functions and derivatives.
A layer here puts parameters, settings and a name around one of them.
"""

from mnist_engine.nn import initialisers, losses
from mnist_engine.nn.activations import LeakyReLU, ReLU, Sigmoid, Softmax, Tanh
from mnist_engine.nn.class_plane import ClassPlane
from mnist_engine.nn.convolution import Conv2d, ConvTranspose2d
from mnist_engine.nn.dropout import Dropout
from mnist_engine.nn.embedding import Embedding
from mnist_engine.nn.evaluating import evaluating
from mnist_engine.nn.linear import Linear
from mnist_engine.nn.module import Module, Sequential, StateError
from mnist_engine.nn.normalisation import BatchNorm, BatchNorm1d, BatchNorm2d
from mnist_engine.nn.pooling import AvgPool2d, MaxPool2d, Pool2d
from mnist_engine.nn.shapes import Flatten, Unflatten
from mnist_engine.nn.spectral_norm import SpectralNorm
from mnist_engine.nn.weights import load_weights, save_weights

__all__ = [
    "AvgPool2d",
    "BatchNorm",
    "BatchNorm1d",
    "BatchNorm2d",
    "ClassPlane",
    "Conv2d",
    "ConvTranspose2d",
    "Dropout",
    "Embedding",
    "Flatten",
    "LeakyReLU",
    "Linear",
    "MaxPool2d",
    "Module",
    "Pool2d",
    "ReLU",
    "Sequential",
    "Sigmoid",
    "Softmax",
    "SpectralNorm",
    "StateError",
    "Tanh",
    "Unflatten",
    "evaluating",
    "initialisers",
    "load_weights",
    "losses",
    "save_weights",
]
