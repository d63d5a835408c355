"""Sums, products, powers: one line for the function, one for each derivative."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mnist_engine.autograd.operation import Operation

if TYPE_CHECKING:
    from mnist_engine.autograd.tensor import Array, Tensor


class Add(Operation):
    """z = x + y"""

    def forward(self, x: Array, y: Array, out: Array | None = None) -> Array:
        return np.add(x, y, out=out)

    def d_x(self, g: Tensor, x: Tensor, y: Tensor) -> Tensor:
        return g

    def d_y(self, g: Tensor, x: Tensor, y: Tensor) -> Tensor:
        return g


class Subtract(Operation):
    """z = x - y"""

    def forward(self, x: Array, y: Array, out: Array | None = None) -> Array:
        return np.subtract(x, y, out=out)

    def d_x(self, g: Tensor, x: Tensor, y: Tensor) -> Tensor:
        return g

    def d_y(self, g: Tensor, x: Tensor, y: Tensor) -> Tensor:
        return -g


class Multiply(Operation):
    """z = x y"""

    def forward(self, x: Array, y: Array, out: Array | None = None) -> Array:
        return np.multiply(x, y, out=out)

    def d_x(self, g: Tensor, x: Tensor, y: Tensor) -> Tensor:
        return g * y

    def d_y(self, g: Tensor, x: Tensor, y: Tensor) -> Tensor:
        return g * x


class Divide(Operation):
    """z = x / y"""

    def forward(self, x: Array, y: Array, out: Array | None = None) -> Array:
        return np.divide(x, y, out=out)

    def d_x(self, g: Tensor, x: Tensor, y: Tensor) -> Tensor:
        return g / y

    def d_y(self, g: Tensor, x: Tensor, y: Tensor) -> Tensor:
        return -g * x / (y * y)


class Negate(Operation):
    """y = -x"""

    def forward(self, x: Array, out: Array | None = None) -> Array:
        return np.negative(x, out=out)

    def d_x(self, g: Tensor, x: Tensor) -> Tensor:
        return -g


class Power(Operation):
    """y = x^n for a constant n"""

    def __init__(self, exponent: float) -> None:
        self.exponent = exponent

    def forward(self, x: Array, out: Array | None = None) -> Array:
        if self.exponent == 2:
            return np.multiply(x, x, out=out)
        y: Array = np.power(x, x.dtype.type(self.exponent), out=out)
        return y

    def d_x(self, g: Tensor, x: Tensor) -> Tensor:
        n = self.exponent
        if n == 0:
            return g * 0.0  # not 0 x⁻¹, which is NaN at 0
        return g * (n * x ** (n - 1))


class Exp(Operation):
    """y = e^x"""

    def forward(self, x: Array, out: Array | None = None) -> Array:
        return np.exp(x, out=out)

    def d_x(self, g: Tensor, x: Tensor) -> Tensor:
        return g * self.output


class Log(Operation):
    """y = ln x"""

    def forward(self, x: Array, out: Array | None = None) -> Array:
        return np.log(x, out=out)

    def d_x(self, g: Tensor, x: Tensor) -> Tensor:
        return g / x


class Sqrt(Operation):
    """y = √x"""

    def forward(self, x: Array, out: Array | None = None) -> Array:
        return np.sqrt(x, out=out)

    def d_x(self, g: Tensor, x: Tensor) -> Tensor:
        return g / (2.0 * self.output)


class Abs(Operation):
    """y = |x|; the derivative at 0 is taken to be 0."""

    def forward(self, x: Array, out: Array | None = None) -> Array:
        return np.abs(x, out=out)

    def d_x(self, g: Tensor, x: Tensor) -> Tensor:
        return g * Sign()(x)


class Sign(Operation):
    """y = -1, 0 or 1; its derivative is 0 wherever it has one."""

    def forward(self, x: Array, out: Array | None = None) -> Array:
        return np.sign(x, out=out)
