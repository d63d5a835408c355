"""What every layer and network is: a function with parameters."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from types import UnionType
from typing import TYPE_CHECKING, Any, NoReturn, Self, overload

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
    so in :meth:`own_state` and :meth:`parts`; and so it does where it keeps tensors or modules in
    a list, tuple or dict, which is refused otherwise, for they would quietly not be trained.
    """

    forward: Callable[..., Tensor]

    statistics: tuple[str, ...] = ()
    """Names of those own buffers that may be averaged over time; others mean nothing so mixed."""

    def __init__(self) -> None:
        self.training = True

    def __call__(self, *inputs: Tensor | NDArray[Any], **options: Any) -> Tensor:
        return self.forward(*inputs, **options)

    if not TYPE_CHECKING:  # a type checker shall go on to find names that are not there

        def __getattr__(self, name: str) -> NoReturn:
            kind = type(self).__name__
            if "training" in vars(self):
                message = f"{kind!r} object has no attribute {name!r}"
            else:
                message = f"{kind}: call super().__init__() first in its constructor"
            raise AttributeError(message, name=name, obj=self)

    def __repr__(self) -> str:
        """The settings of a layer, or a tree of the parts of a network."""
        kind = type(self).__name__
        parts = [f"({name}): {part!r}" for name, part in self.parts()]
        if not parts:
            return f"{kind}({self.settings()})"
        lines = "\n".join([self.settings(), *parts]).strip().replace("\n", "\n  ")
        return f"{kind}(\n  {lines}\n)"

    def settings(self) -> str:
        """What stands between the parentheses when the module is printed."""
        return ""

    # -- what it is made of ----------------------------------------------------------------------

    def own_state(self) -> Iterator[tuple[str, Tensor | NDArray[Any]]]:
        """Parameters and then buffers of this very module, with their names.

        TypeError where a list, tuple or dict holds tensors.
        """
        self._refuse_collections(Tensor)
        yield from self._attributes(Tensor)
        yield from self._attributes(np.ndarray)

    def parts(self) -> Iterator[tuple[str, Module]]:
        """The modules this one is made of, with their names.

        TypeError where a list, tuple or dict holds modules.
        """
        self._refuse_collections(Module)
        yield from self._attributes(Module)

    def modules(self) -> Iterator[Module]:
        """This module and all modules inside it; one under two names comes once."""
        found: dict[Module, None] = {self: None}
        for _, part in self.parts():
            found |= dict.fromkeys(part.modules())
        yield from found

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
        faults += [f"unexpected {name}" for name in sorted(state) if name not in own]
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
        for parameter in self.parameters():
            parameter.version += 1

    def _state(self, prefix: str) -> dict[str, NDArray[Any]]:
        """The arrays themselves: parameters first, then buffers, then those of the parts."""
        state = {
            prefix + name: value.data if isinstance(value, Tensor) else value
            for name, value in self.own_state()
        }
        for name, part in self.parts():
            state |= part._state(f"{prefix}{name}.")
        return state

    def _attributes(self, kind: type[Any] | UnionType) -> list[tuple[str, Any]]:
        """This module's own public attributes of one kind, in the order in which they were set."""
        return [
            (name, value)
            for name, value in vars(self).items()
            if isinstance(value, kind) and not name.startswith("_")
        ]

    def _refuse_collections(self, kind: type[Any]) -> None:
        """TypeError where a public attribute is a collection that holds a ``kind``."""
        for name, value in self._attributes(list | tuple | dict):
            for held in value.values() if isinstance(value, dict) else value:
                if isinstance(held, kind):
                    raise TypeError(
                        f"{type(self).__name__}: {name} is a {type(value).__name__} that holds a "
                        f"{type(held).__name__}, which would not be trained; make each an "
                        "attribute of its own, use nn.Sequential, or name them in parts()"
                    )


class Sequential(Module):
    """Layers applied one after the other; they are named "0", "1", ... in the state dict.

    It has a length, and its layers can be gone through or taken by number; a slice is a Sequential
    of the same layers. TypeError for what is no Module.
    """

    def __init__(self, *layers: Module) -> None:
        super().__init__()
        for number, layer in enumerate(layers):
            if not isinstance(layer, Module):
                raise TypeError(
                    f"Sequential: layer {number} is a {type(layer).__name__}; give modules one by "
                    "one: Sequential(a, b), or Sequential(*layers) for a list"
                )
        self.layers = layers

    def __len__(self) -> int:
        return len(self.layers)

    def __iter__(self) -> Iterator[Module]:
        return iter(self.layers)

    @overload
    def __getitem__(self, number: int) -> Module: ...
    @overload
    def __getitem__(self, number: slice) -> Sequential: ...
    def __getitem__(self, number: int | slice) -> Module:
        if isinstance(number, slice):
            return Sequential(*self.layers[number])
        return self.layers[number]

    def parts(self) -> Iterator[tuple[str, Module]]:
        for number, layer in enumerate(self.layers):
            yield str(number), layer

    def forward(self, x: Tensor) -> Tensor:
        for layer in self.layers:
            x = layer(x)
        return x
