"""A table of rows for labels."""

from __future__ import annotations

import numpy as np
import pytest

from mnist_engine import nn
from mnist_engine.autograd import GradientTape, Tensor
from mnist_engine.autograd.embedding import Embedding
from mnist_engine.autograd.shapes import Take

LABELS = np.array([2, 0, 2, 2, 1], np.uint8)


def layer() -> nn.Embedding:
    return nn.Embedding(4, 3, np.random.default_rng(0))


def test_each_label_gets_its_row() -> None:
    table = layer()
    assert list(table.state_dict()) == ["weight"]
    assert table.weight.shape == (4, 3)
    np.testing.assert_array_equal(table(LABELS).data, table.weight.data[LABELS])


def test_the_gradients_of_equal_labels_add_up() -> None:
    weight = Tensor(np.ones((4, 3)), requires_grad=True)
    g = np.random.default_rng(1).standard_normal((5, 3))
    with GradientTape() as tape:
        by_labels = (Embedding(LABELS)(weight) * g).sum()
        by_index = (Take(LABELS)(weight) * g).sum()
    (found,) = tape.gradient(by_labels, [weight])
    np.testing.assert_allclose(found.data, tape.gradient(by_index, [weight])[0].data, rtol=1e-12)
    np.testing.assert_allclose(found.data[2], g[0] + g[2] + g[3], rtol=1e-12)
    assert not found.data[3].any()


def test_a_tape_that_is_entered_again_sees_the_new_labels() -> None:
    table, tape = layer(), GradientTape()
    for labels in (LABELS, LABELS[::-1]):
        with tape:
            rows = table(labels)
        np.testing.assert_array_equal(rows.data, table.weight.data[labels])


@pytest.mark.parametrize("label", [4, -1])
def test_a_label_beyond_the_table_is_named(label: int) -> None:
    with pytest.raises(IndexError, match=f"label {label} must lie between 0 and 3"):
        layer()(np.array([0, label]))


@pytest.mark.parametrize("labels", [np.ones(3), np.ones((3, 1), np.int64), np.ones(3, bool)])
def test_what_is_no_row_of_whole_numbers_is_refused(labels: np.ndarray) -> None:
    with pytest.raises(TypeError, match=r"needed are whole numbers of shape \(n,\)"):
        layer()(labels)
