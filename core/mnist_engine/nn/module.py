"""What every layer and network is: a function with parameters."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Self

import numpy as np
from numpy.typing import DTypeLike, NDArray

from mnist_engine.autograd import Tensor


class StateError(ValueError):
    """A state dict does not fit the module it is loaded into."""


class Module:
    """A differentiable function with state.

    A subclass sets attributes in its constructor and defines ``forward``. An attribute that is a
    Tensor is a parameter (trained where it has ``requires_grad``), an ndarray is a buffer (state
    that is saved but not trained), and a Module is a part; names that begin with an underscore are
    private and not looked at. Where the state has other names than the attributes, a subclass says
    so in :meth:`own_state` and :meth:`parts`.
    """

    forward: Callable[..., Tensor]

    def __init__(self) -> None:
        self.training = True

    def __call__(self, *inputs: Tensor | NDArray[Any]) -> Tensor:
        return self.forward(*inputs)

    # -- what it is made of ----------------------------------------------------------------------

    def own_state(self) -> Iterator[tuple[str, Tensor | NDArray[Any]]]:
        """Parameters and then buffers of this very module, with their names."""
        yield from self._attributes(Tensor)
        yield from self._attributes(np.ndarray)

    def parts(self) -> Iterator[tuple[str, Module]]:
        """The modules this one is made of, with their names."""
        yield from self._attributes(Module)

    def modules(self) -> Iterator[Module]:
        """This module and all modules inside it."""
        yield self
        for _, part in self.parts():
            yield from part.modules()

    def named_parameters(self, prefix: str = "") -> Iterator[tuple[str, Tensor]]:
        """Trainable tensors with PyTorch's dotted names, in PyTorch's order."""
        for name, value in self.own_state():
            if isinstance(value, Tensor) and value.requires_grad:
                yield prefix + name, value
        for name, part in self.parts():
            yield from part.named_parameters(f"{prefix}{name}.")

    def parameters(self) -> list[Tensor]:
        """Trainable tensors, in order; one that two parts share is listed once."""
        return list(dict.fromkeys(parameter for _, parameter in self.named_parameters()))

    def parameter_count(self) -> int:
        """The number of trainable numbers."""
        return sum(parameter.size for parameter in self.parameters())

    def buffers(self) -> list[NDArray[Any]]:
        """State that is saved but not trained, in order: the arrays themselves."""
        return [
            value
            for module in self.modules()
            for _, value in module.own_state()
            if isinstance(value, np.ndarray)
        ]

    # -- what it is used for ---------------------------------------------------------------------

    def train(self, training: bool = True) -> Self:
        """Switch to training mode; returns self.

        In training dropout drops and batch normalisation uses the batch's own statistics.
        """
        for module in self.modules():
            module.training = training
        return self

    def eval(self) -> Self:
        """Switch to evaluation mode; returns self."""
        return self.train(False)

    def copy(self) -> Self:
        """An independent module with the same values and no gradients."""
        twin = copy.deepcopy(self)
        for parameter in twin.parameters():
            parameter.grad = None
        return twin

    def astype(self, dtype: DTypeLike) -> Self:
        """Convert parameters and floating-point buffers in place; returns self.

        Do so before an optimizer is made: the arrays are new ones.
        """
        for module in self.modules():
            for _, value in module.own_state():
                if isinstance(value, Tensor):
                    value.data = value.data.astype(dtype, order="K")
                    value.grad = None
            for name, array in module._attributes(np.ndarray):
                if array.dtype.kind == "f":
                    setattr(module, name, array.astype(dtype))
        return self

    # -- state -----------------------------------------------------------------------------------

    def state_dict(self) -> dict[str, NDArray[Any]]:
        """Copies of all parameters and buffers under the names PyTorch gives them."""
        return {name: np.array(array, order="C") for name, array in self._state("").items()}

    def load_state_dict(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Copy values into parameters and buffers.

        Raises StateError that lists every missing and every unexpected name, and every array of
        another shape or type; then nothing was loaded.
        """
        own = self._state("")
        faults = [f"missing {name}" for name in own if name not in state]
        faults += [f"unexpected {name}" for name in state if name not in own]
        faults += [
            f"{name} has shape {np.shape(state[name])}, needs {array.shape}"
            for name, array in own.items()
            if name in state and np.shape(state[name]) != array.shape
        ]
        faults += [
            f"{name} is {given}, needs {array.dtype}"
            for name, array in own.items()
            if name in state and (given := np.asarray(state[name]).dtype) != array.dtype
        ]
        if faults:
            raise StateError(f"{type(self).__name__}: state does not fit: " + "; ".join(faults))
        for name, array in own.items():
            array[...] = state[name]  # in place: an optimizer's flat array stays what it is

    def _state(self, prefix: str) -> dict[str, NDArray[Any]]:
        """The arrays themselves: parameters first, then buffers, then those of the parts."""
        state = {
            prefix + name: value.data if isinstance(value, Tensor) else value
            for name, value in self.own_state()
        }
        for name, part in self.parts():
            state |= part._state(f"{prefix}{name}.")
        return state

    def _attributes(self, kind: type[Any]) -> list[tuple[str, Any]]:
        """This module's own public attributes of one kind, in the order in which they were set."""
        return [
            (name, value)
            for name, value in vars(self).items()
            if isinstance(value, kind) and not name.startswith("_")
        ]


class Sequential(Module):
    """Layers applied one after the other; they are named "0", "1", ... in the state dict."""

    def __init__(self, *layers: Module) -> None:
        super().__init__()
        self.layers = layers

    def parts(self) -> Iterator[tuple[str, Module]]:
        for number, layer in enumerate(self.layers):
            yield str(number), layer

    def forward(self, x: Tensor) -> Tensor:
        for layer in self.layers:
            x = layer(x)
        return x
