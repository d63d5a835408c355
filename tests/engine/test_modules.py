"""Modules: their names, their state, their copies."""

from __future__ import annotations

import numpy as np
import pytest

from mnist_engine import nn
from mnist_engine.autograd import GradientTape, Tensor
from mnist_engine.nn.losses import squared_error
from mnist_engine.optim import SGD, Adam


def network(seed: int = 0) -> nn.Sequential:
    rng = np.random.default_rng(seed)
    return nn.Sequential(
        nn.Linear(4, 3, rng),
        nn.BatchNorm1d(3),
        nn.ReLU(),
        nn.Dropout(0.5, rng),
        nn.Linear(3, 2, rng),
    )


class Twice(nn.Module):
    """One layer under two names, and things that are no state."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(2, 2, np.random.default_rng(0))
        self.second = self.first
        self.scale = Tensor([2.0])
        self._private = nn.Linear(2, 2, np.random.default_rng(0))
        self._cache = np.zeros(3)
        self.note = "nothing"

    def forward(self, x: Tensor) -> Tensor:
        return self.second(self.first(x)) * self.scale


def test_parameters_have_the_names_and_the_order_of_pytorch() -> None:
    assert [name for name, _ in network().named_parameters()] == [
        "0.weight",
        "0.bias",
        "1.weight",
        "1.bias",
        "4.weight",
        "4.bias",
    ]


def test_the_state_has_the_names_layouts_and_types_of_pytorch() -> None:
    state = network().state_dict()
    assert {name: (array.shape, str(array.dtype)) for name, array in state.items()} == {
        "0.weight": ((3, 4), "float32"),
        "0.bias": ((3,), "float32"),
        "1.weight": ((3,), "float32"),
        "1.bias": ((3,), "float32"),
        "1.running_mean": ((3,), "float32"),
        "1.running_var": ((3,), "float32"),
        "1.num_batches_tracked": ((), "int64"),
        "4.weight": ((2, 3), "float32"),
        "4.bias": ((2,), "float32"),
    }
    assert list(state)[2:7] == [name for name in state if name.startswith("1.")]
    assert all(array.flags.c_contiguous for array in state.values())


def test_a_shared_layer_is_in_the_state_twice_and_trained_once() -> None:
    module = Twice()
    assert list(module.state_dict()) == [
        "scale",
        "first.weight",
        "first.bias",
        "second.weight",
        "second.bias",
    ]
    assert len(module.parameters()) == 2
    assert len(list(module.modules())) == 2
    assert module.parameter_count() == 2 * 2 + 2
    optimizer = SGD([*module.parameters(), *module.parameters()], 1.0)
    before = module.state_dict()["first.weight"]
    with GradientTape():
        loss = module(Tensor(np.ones((1, 2), np.float32))).sum()
    optimizer.minimise(loss)
    assert len(optimizer.flat) == 6
    np.testing.assert_array_equal(
        module.state_dict()["second.weight"], before - module.first.weight.grad
    )


def test_state_goes_from_one_network_to_its_equal() -> None:
    giver, taker = network(1), network(2)
    giver(Tensor(np.random.default_rng(0).standard_normal((8, 4), dtype=np.float32)))
    taker.load_state_dict(giver.state_dict())
    x = Tensor(np.ones((3, 4), np.float32))
    np.testing.assert_array_equal(giver.eval()(x).data, taker.eval()(x).data)
    for name, array in giver.state_dict().items():
        np.testing.assert_array_equal(array, taker.state_dict()[name])


def test_the_state_is_a_copy() -> None:
    module = network()
    module.state_dict()["0.weight"].fill(9)
    assert not (module.state_dict()["0.weight"] == 9).any()


def test_what_does_not_fit_is_listed_and_nothing_is_loaded() -> None:
    module = network()
    before = module.state_dict()
    state = {name: array + 1 for name, array in before.items()}
    del state["0.bias"], state["1.running_var"]
    state["4.weight"] = np.zeros((3, 2), np.float32)
    for name in ("7.weight", "5.weight", "6.weight"):
        state[name] = np.zeros(1, np.float32)
    with pytest.raises(nn.StateError) as refused:
        module.load_state_dict(state)
    assert str(refused.value) == (
        "Sequential: state does not fit: missing 0.bias; missing 1.running_var; "
        "unexpected 5.weight; unexpected 6.weight; unexpected 7.weight; "
        "4.weight has shape (3, 2), needs (2, 3)"
    )
    for name, array in module.state_dict().items():
        np.testing.assert_array_equal(array, before[name])


def train(module: nn.Module, optimizer: SGD | Adam, steps: int = 3) -> None:
    rng = np.random.default_rng(9)
    tape = GradientTape()
    for _ in range(steps):
        x = Tensor(rng.standard_normal((8, 4), dtype=np.float32))
        with tape:
            loss = squared_error(module(x), np.ones((8, 2), np.float32))
        optimizer.minimise(loss)


def test_state_loaded_after_an_optimizer_was_made_is_what_it_trains_on() -> None:
    late, early = network(1), network(2)
    early.load_state_dict(late.state_dict())
    optimizer = SGD(late.parameters(), 0.1)
    late.load_state_dict(network(3).state_dict())
    np.testing.assert_array_equal(late.parameters()[1].data, network(3).parameters()[1].data)
    late.load_state_dict(early.state_dict())
    train(late.eval(), optimizer)
    train(early.eval(), SGD(early.parameters(), 0.1))
    for name, array in late.state_dict().items():
        np.testing.assert_array_equal(array, early.state_dict()[name])


def test_a_copy_is_independent_also_of_the_optimizer_of_the_original() -> None:
    original = network()
    optimizer = Adam(original.parameters(), 0.1)
    train(original, optimizer)
    twin = original.copy()
    for name, array in original.state_dict().items():
        np.testing.assert_array_equal(array, twin.state_dict()[name])
    assert all(parameter.grad is None for parameter in twin.parameters())
    assert [p.data.strides for p in twin.parameters()] == [
        p.data.strides for p in original.parameters()
    ]
    kept = twin.state_dict()
    train(original, optimizer)
    for name, array in twin.state_dict().items():
        np.testing.assert_array_equal(array, kept[name])
    train(twin, SGD(twin.parameters(), 0.1))
    assert (twin.state_dict()["0.weight"] != kept["0.weight"]).any()


def test_training_mode_reaches_every_part() -> None:
    module = network()
    assert all(part.training for part in module.modules())
    assert module.eval() is module
    assert not any(part.training for part in module.modules())
    module.train()
    assert all(part.training for part in module.modules())


def test_a_network_can_be_made_float64() -> None:
    module = network().astype(np.float64)
    kinds = {str(array.dtype) for array in module.state_dict().values()}
    assert kinds == {"float64", "int64"}
    x = Tensor(np.ones((4, 4)))
    assert module(x).dtype == module.eval()(x).dtype == np.float64


# -- what a reader of a network meets ------------------------------------------------------------


def test_a_network_is_printed_as_a_tree() -> None:
    rng = np.random.default_rng(0)
    inner = nn.Sequential(nn.SpectralNorm(nn.Linear(8, 2, rng), rng), nn.LeakyReLU(0.2))
    layers = (nn.Conv2d(1, 2, 3, rng, stride=(1, 2)), nn.MaxPool2d(2), nn.Flatten(), inner)
    assert repr(nn.Sequential(*layers)) == (
        "Sequential(\n"
        "  (0): Conv2d(1, 2, (3, 3), stride=(1, 2), padding=(0, 0))\n"
        "  (1): MaxPool2d((2, 2), stride=(2, 2))\n"
        "  (2): Flatten()\n"
        "  (3): Sequential(\n"
        "    (0): SpectralNorm(Linear(8, 2))\n"
        "    (1): LeakyReLU(0.2)\n"
        "  )\n"
        ")"
    )
    assert repr(nn.Sequential()) == "Sequential()"


def test_every_other_layer_is_printed_with_its_settings() -> None:
    rng = np.random.default_rng(0)
    layers = {
        nn.ConvTranspose2d(2, 3, 4, rng, stride=2, padding=1): (
            "ConvTranspose2d(2, 3, (4, 4), stride=(2, 2), padding=(1, 1))"
        ),
        nn.Embedding(10, 4, rng): "Embedding(10, 4)",
        nn.ClassPlane(28, 20, 10, rng): "ClassPlane(28, 20, 10)",
        nn.BatchNorm2d(5, momentum=0.2): "BatchNorm2d(5, momentum=0.2, epsilon=1e-05)",
        nn.Dropout(0.3, rng): "Dropout(0.3)",
        nn.Unflatten(1, 28, 28): "Unflatten(1, 28, 28)",
        nn.AvgPool2d(3, 2): "AvgPool2d((3, 3), stride=(2, 2))",
        nn.Tanh(): "Tanh()",
    }
    assert [repr(layer) for layer in layers] == list(layers.values())


def test_a_sequential_is_a_sequence_of_its_layers() -> None:
    module = network()
    assert len(module) == 5
    assert list(module) == list(module.layers)
    assert (module[1], module[-1]) == (module.layers[1], module.layers[4])
    head = module[:2]
    assert isinstance(head, nn.Sequential)
    assert list(head) == list(module.layers[:2])
    with pytest.raises(IndexError):
        module[5]


def test_a_sequential_takes_modules_one_by_one() -> None:
    with pytest.raises(TypeError, match=r"layer 0 is a list; .* Sequential\(\*layers\) for a list"):
        nn.Sequential([nn.ReLU(), nn.Tanh()])
    with pytest.raises(TypeError, match="layer 1 is a function"):
        nn.Sequential(nn.ReLU(), lambda x: x)


def test_keyword_arguments_reach_forward() -> None:
    class Scaled(nn.Module):
        def forward(self, x: Tensor, by: float = 1.0) -> Tensor:
            return x * by

    assert Scaled()(Tensor([2.0]), by=3.0).data.tolist() == [6]


class Holder(nn.Module):
    """Something in an attribute of its own."""

    def __init__(self, held: object) -> None:
        super().__init__()
        self.held = held


@pytest.mark.parametrize(
    ("held", "message"),
    [
        ([1, nn.ReLU()], "Holder: held is a list that holds a ReLU, which would not be trained"),
        ((nn.Linear(2, 2, np.random.default_rng(0)),), "held is a tuple that holds a Linear"),
        ({"a": Tensor([1.0], requires_grad=True)}, "held is a dict that holds a Tensor"),
    ],
)
def test_what_would_quietly_not_be_trained_is_refused(held: object, message: str) -> None:
    for module in (Holder(held), nn.Sequential(Holder(held))):
        with pytest.raises(TypeError, match=message):
            module.parameters()


@pytest.mark.parametrize("held", [[1, 2], ("a",), {"a": np.ones(2)}, []])
def test_collections_of_other_things_are_left_alone(held: object) -> None:
    assert Holder(held).parameters() == []


def test_a_forgotten_constructor_is_named() -> None:
    class Forgetful(nn.Module):
        def __init__(self) -> None:
            self.layer = nn.ReLU()

        def forward(self, x: Tensor) -> Tensor:
            return self.layer(x) if self.training else x

    with pytest.raises(AttributeError, match=r"Forgetful: call super\(\).__init__\(\) first"):
        Forgetful()(Tensor([1.0]))
    with pytest.raises(AttributeError, match="'ReLU' object has no attribute 'slope'"):
        nn.ReLU().slope  # noqa: B018


def test_losses_and_initialisers_are_at_hand() -> None:
    assert nn.losses.squared_error is squared_error
    assert nn.initialisers.zeros(np.random.default_rng(0), (1,), (1, 1)).tolist() == [0]
