"""`mnist-tui autograd`: a short tour of automatic differentiation, checked while it is told.

Each chapter runs real code of the engine, shows that very code, and puts what the tape found beside
what finite differences say.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from rich.console import Console
from rich.text import Text

from mnist_engine import nn
from mnist_engine.autograd import Array, GradientTape, Operation, Tensor
from mnist_engine.autograd.checks import numerical_gradient
from mnist_engine.nn.losses import squared_error
from mnist_engine.optim import Adam
from mnist_tui.pages.guide import STEP, Guide, tell

BAR = 30
"""Cells of the longest bar."""


def run_tour(console: Console) -> bool:
    """Print the tour on ``console``; True when every derivative agreed with its check."""
    chapters = (
        a_tensor_and_a_tape,
        one_derivative_three_ways,
        the_chain_rule,
        broadcasting_and_shared_use,
        the_slope_of_the_slope,
        a_network_learns,
    )
    return tell(
        console,
        chapters,
        """The engine is in mnist_engine/autograd: read operation, tensor, tape and reverse, then
        one file for each family of operations; every derivative stands beside its function.""",
    )


# -- 1 -------------------------------------------------------------------------------------------


def slope_of_cube(number: float) -> float:
    x = Tensor(number, dtype=np.float64, requires_grad=True)
    with GradientTape() as tape:
        y = x * x * x
    (slope,) = tape.gradient(y, [x])
    return slope.item()


def a_tensor_and_a_tape(guide: Guide) -> None:
    """What is recorded, and one derivative of it."""
    guide.chapter("A tensor and a tape")
    guide.say(
        """A tensor is an array of numbers. While a tape is active, it writes down every operation
        on tensors that asked for gradients: what went in, what came out. Walked backwards, that
        list gives derivatives, exact to the last digits."""
    )
    guide.show(slope_of_cube)
    found, by_hand = slope_of_cube(2.0), 3 * 2.0**2
    guide.table(
        "",
        "by tape",
        "3 x² by hand",
        "gap",
        rows=[
            ["slope_of_cube(2)", f"{found:.6f}", f"{by_hand:.6f}", guide.compare(found, by_hand)]
        ],
    )


# -- 2 -------------------------------------------------------------------------------------------


def bump(x: Tensor) -> Tensor:
    return x * x * (-x).exp()


def one_derivative_three_ways(guide: Guide) -> None:
    """By hand, by tape, by finite difference."""
    guide.chapter("One derivative, three ways")
    guide.say("f(x) = x² e⁻ˣ. By hand, the product rule gives f'(x) = (2 x - x²) e⁻ˣ.")
    guide.show(bump)
    guide.say(
        """The tape needs one run for any number of inputs. The finite difference,
        (f(x+h) - f(x-h)) / 2h, needs two for each and is off by a little: it is the witness."""
    )
    points = np.array([-0.5, 0.5, 1.0, 2.0, 4.0])
    by_hand = (2 * points - points**2) * np.exp(-points)
    by_tape = gradient(bump, points)
    by_difference = finite_difference(bump, points)
    guide.table(
        "x",
        "by hand",
        "by tape",
        "finite difference",
        "gap",
        rows=[
            [
                f"{x:4.1f}",
                *(f"{value:.8f}" for value in (hand, tape, difference)),
                guide.compare(tape, np.array([hand, difference])),
            ]
            for x, hand, tape, difference in zip(
                points, by_hand, by_tape, by_difference, strict=True
            )
        ],
    )


# -- 3 -------------------------------------------------------------------------------------------

PASSED_BACK = {
    "Multiply": "g y, g x",
    "Exp": "g y",
    "Add": "g, g",
    "Log": "g / x",
}
"""What each operation of :func:`softplus` does with the gradient g of its result."""


def softplus(x: Tensor, w: Tensor) -> Tensor:
    return ((x * w).exp() + 1.0).log()


def the_chain_rule(guide: Guide) -> None:
    """A recorded tape, operation by operation."""
    guide.chapter("The chain rule is a list read backwards")
    guide.say("This function leaves four operations on the tape.")
    guide.show(softplus)
    guide.say(
        """Read the gradients from the bottom up: each operation takes the gradient g of its result
        and passes on g times its own derivative, to x, or to x and y. The witness runs the list
        again with one result nudged a little."""
    )
    x = Tensor(1.5, dtype=np.float64, requires_grad=True)
    w = Tensor(-0.8, dtype=np.float64, requires_grad=True)
    with GradientTape() as tape:
        target = softplus(x, w)
    operations = list(tape.operations)
    results = [x, w, *(operation.output for operation in operations)]
    about = [["x", "", ""], ["w", "", ""]]
    for operation in operations:
        formula = (operation.__doc__ or "").splitlines()[0]
        about.append([operation.name, formula, PASSED_BACK.get(operation.name, "")])
    rows: list[list[str | Text]] = []
    for words, tensor, found in zip(about, results, tape.gradient(target, results), strict=True):
        above, below = (replay(operations, tensor, by) for by in (STEP, -STEP))
        expected = (above - below) / (2 * STEP)
        numbers = [f"{value:.5f}" for value in (tensor.item(), found.item(), expected)]
        rows.append([*words, *numbers, guide.compare(found.item(), expected)])
    columns = ("operation", "computes", "passes back", "value", "gradient", "nudged", "gap")
    guide.table(*columns, rows=rows, left=3)


def replay(operations: Sequence[Operation], nudged: Tensor, by: float) -> float:
    """The result of the last of ``operations`` if ``nudged`` were larger ``by`` so much."""
    values = {nudged: nudged.data + by}
    for operation in operations:
        if operation.output is not nudged:
            inputs = [values.get(tensor, tensor.data) for tensor in operation.inputs]
            values[operation.output] = operation.forward(*inputs)
    return float(values[operations[-1].output])


# -- 4 -------------------------------------------------------------------------------------------


def layer(w: Tensor, b: Tensor) -> Tensor:
    rows = Tensor(np.array([[1.0, 2.0], [0.5, -1.0]]))
    return (rows @ w + b).tanh()


def used_four_times(x: Tensor) -> Tensor:
    return x * x + x / (x + 2.0)


def broadcasting_and_shared_use(guide: Guide) -> None:
    """Gradients that come in by several ways are added."""
    guide.chapter("Broadcasting, and one tensor in many places")
    guide.say(
        """What is used several times gets the sum of all its gradients. That holds for a tensor
        that a formula names again, and for a bias that broadcasting adds to every row."""
    )
    guide.show(layer, used_four_times)
    rows: list[list[str | Text]] = []

    def compare(function: Callable[..., Tensor], names: str, *arrays: Array) -> None:
        for number, (name, array) in enumerate(zip(names, arrays, strict=True)):
            found = gradient(function, *arrays, of=number)
            expected = finite_difference(function, *arrays, of=number)
            for index in np.ndindex(array.shape):
                where = f"{name}[{', '.join(map(str, index))}]" if index else name
                gap = guide.compare(found[index], expected[index])
                label = f"{function.__name__}, {where}"
                rows.append([label, f"{found[index]:.8f}", f"{expected[index]:.8f}", gap])

    compare(layer, "wb", np.array([[0.3, -0.2], [0.1, 0.4]]), np.array([0.05, -0.1]))
    compare(used_four_times, "x", np.array(3.0))
    guide.table("derivative with respect to", "by tape", "finite difference", "gap", rows=rows)


# -- 5 -------------------------------------------------------------------------------------------


def curvature(number: float) -> float:
    x = Tensor(number, dtype=np.float64, requires_grad=True)
    with GradientTape() as tape:
        (slope,) = tape.gradient(x.tanh(), [x], create_graph=True)
    (second,) = tape.gradient(slope, [x])
    return second.item()


def the_slope_of_the_slope(guide: Guide) -> None:
    """Second derivatives."""
    guide.chapter("The slope of the slope")
    guide.say(
        """Derivatives are made of the same operations, so a tape can record them as well, and
        differentiate again. The witness is the difference of two first derivatives, and by hand
        the second derivative of t = tanh x is -2t(1-t²)."""
    )
    guide.show(curvature)
    rows: list[list[str | Text]] = []
    for x in (-1.0, -0.3, 0.6, 1.4):
        found = curvature(x)
        by_hand = -2 * np.tanh(x) * (1 - np.tanh(x) ** 2)
        above, below = (gradient(Tensor.tanh, np.array(x + h)).item() for h in (STEP, -STEP))
        expected = (above - below) / (2 * STEP)
        values = np.array([by_hand, expected])
        numbers = [f"{value:.8f}" for value in (by_hand, found, expected)]
        rows.append([f"{x:4.1f}", *numbers, guide.compare(found, values)])
    guide.table("x", "by hand", "by tape", "finite difference", "gap", rows=rows)


# -- 6 -------------------------------------------------------------------------------------------


def train(network: nn.Module, x: Array, y: Array) -> list[float]:
    optimizer = Adam(network.parameters(), learning_rate=0.03)
    tape = GradientTape()
    history = []
    for _ in range(301):
        with tape:
            loss = squared_error(network(Tensor(x)), y)
        optimizer.minimise(loss)
        history.append(loss.item())
    return history


def a_network_learns(guide: Guide) -> None:
    """What all this is for."""
    guide.chapter("A network learns")
    guide.say(
        """Two layers with eight tanh units between them are to follow a sine. All 25 derivatives of
        the loss, before the first step:"""
    )
    rng = np.random.default_rng(0)
    network = nn.Sequential(nn.Linear(1, 8, rng), nn.Tanh(), nn.Linear(8, 1, rng))
    network.astype(np.float64)
    x = np.linspace(-3, 3, 32).reshape(-1, 1)
    y = np.sin(x)

    def loss() -> Tensor:
        return squared_error(network(Tensor(x)), y)

    with GradientTape() as tape:
        target = loss()
    gradients = tape.gradient(target, network.parameters())
    rows: list[list[str | Text]] = []
    for (name, parameter), found in zip(network.named_parameters(), gradients, strict=True):
        expected = numerical_gradient(lambda: loss().item(), parameter.data, STEP)
        largest = f"{np.abs(found.data).max():.6f}"
        gap = guide.compare(found.data, expected)
        rows.append([name, str(parameter.shape), largest, gap])
    columns = ("parameter", "shape", "largest derivative", "largest gap")
    guide.table(*columns, rows=rows, left=2)

    guide.say("Then down the slope, a few hundred times:")
    guide.show(train)
    history = train(network, x, y)
    bars: list[list[str | Text]] = []
    for step in (0, 10, 20, 50, 100, 200, 300):
        cells = round(BAR * min(history[step] / history[0], 1.0))
        bars.append([Text("━" * max(cells, 1), "cyan"), str(step), f"{history[step]:.6f}"])
    guide.table("", "step", "loss", rows=bars)
    fell = history[-1] < history[0] / 100
    guide.put(guide.note(fell, "less than a hundredth of the loss is left"))


# -- derivatives of a function, both ways --------------------------------------------------------


def gradient(function: Callable[..., Tensor], *arrays: Array, of: int = 0) -> Array:
    """d(sum of function)/d(input number ``of``) by tape."""
    variables = [Tensor(array, requires_grad=True) for array in arrays]
    with GradientTape() as tape:
        target = function(*variables)
    return tape.gradient(target, [variables[of]])[0].data


def finite_difference(function: Callable[..., Tensor], *arrays: Array, of: int = 0) -> Array:
    """The same by central differences."""
    arrays = tuple(array.copy() for array in arrays)

    def value() -> float:
        return function(*(Tensor(array) for array in arrays)).sum().item()

    return numerical_gradient(value, arrays[of], STEP)
