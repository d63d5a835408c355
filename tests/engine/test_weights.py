"""Weights on disk: what is written comes back, and what does not fit is refused in one line."""

from __future__ import annotations

import json
import os
import struct
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy

from mnist_engine import nn
from mnist_engine.errors import BadInput


def network(seed: int = 0) -> nn.Sequential:
    rng = np.random.default_rng(seed)
    return nn.Sequential(
        nn.Linear(4, 3, rng),
        nn.BatchNorm1d(3),
        nn.SpectralNorm(nn.Linear(3, 2, rng), rng),
        nn.Linear(2, 2, rng, bias=False),
    )


def assert_equal(one: nn.Module, other: nn.Module) -> None:
    mine, theirs = one.state_dict(), other.state_dict()
    assert list(mine) == list(theirs)
    for name, array in mine.items():
        np.testing.assert_array_equal(array, theirs[name])
        assert array.dtype == theirs[name].dtype


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_weights_come_back_as_they_were(tmp_path: Path, dtype: type) -> None:
    giver, taker = network(1).astype(dtype), network(2).astype(dtype)
    for tensor in giver.parameters():
        tensor.data += np.random.default_rng(3).standard_normal(tensor.shape)
    nn.save_weights(giver, tmp_path / "net.safetensors")
    nn.load_weights(taker, tmp_path / "net.safetensors")
    assert_equal(giver, taker)


def test_equal_weights_are_equal_files(tmp_path: Path) -> None:
    for name in ("one", "two"):
        nn.save_weights(network(), tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    assert sorted(file.name for file in tmp_path.iterdir()) == ["one", "two"]


def test_a_file_is_as_pytorch_writes_it(tmp_path: Path) -> None:
    nn.save_weights(network(), tmp_path / "net.safetensors")
    with safetensors.safe_open(tmp_path / "net.safetensors", "numpy") as file:
        assert file.metadata() == {"format": "pt"}
        assert set(file.keys()) == set(network().state_dict())
        assert file.get_tensor("0.weight").tolist() == network().state_dict()["0.weight"].tolist()


def test_a_file_is_replaced_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "net.safetensors"
    nn.save_weights(network(1), path)
    before = path.read_bytes()

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left on device"):
        nn.save_weights(network(2), path)
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["net.safetensors"]


def test_a_path_may_be_text(tmp_path: Path) -> None:
    giver, taker = network(1), network(2)
    nn.save_weights(giver, str(tmp_path / "net.safetensors"))
    nn.load_weights(taker, str(tmp_path / "net.safetensors"))
    assert_equal(giver, taker)


# -- files that cannot be used -------------------------------------------------------------------


def refused(path: Path) -> str:
    """The line with which a file is refused, without its name; nothing of it was loaded."""
    module, untouched = network(), network()
    with pytest.raises(BadInput) as fault:
        nn.load_weights(module, path)
    assert_equal(module, untouched)
    message = str(fault.value)
    assert message.startswith(f"{path}: ")
    assert message.isprintable()
    return message.removeprefix(f"{path}: ")


def test_everything_that_does_not_fit_is_listed(tmp_path: Path) -> None:
    state = {name: array + 1 for name, array in network().state_dict().items()}
    del state["0.bias"]
    state["9.weight"] = np.zeros(2, np.float32)
    state["0.weight"] = state["0.weight"].T.copy()
    state["1.running_mean"] = state["1.running_mean"].astype(np.float64)
    state["1.num_batches_tracked"] = np.array(3, np.float32)
    safetensors.numpy.save_file(state, tmp_path / "net.safetensors")
    assert refused(tmp_path / "net.safetensors") == (
        "Sequential: state does not fit: missing 0.bias; unexpected 9.weight; "
        "0.weight has shape (4, 3), needs (3, 4); 1.running_mean is float64, needs float32; "
        "1.num_batches_tracked is float32, needs int64"
    )


@pytest.mark.parametrize("content", [b"", b"PK\3\4" * 30, b"\xff" * 100])
def test_a_file_of_another_kind_is_no_riddle(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "net.pt").write_bytes(content)
    assert refused(tmp_path / "net.pt").startswith("is no safetensors file (")


def test_a_file_that_was_cut_off_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "net.safetensors"
    nn.save_weights(network(1), path)
    path.write_bytes(path.read_bytes()[:-1])
    assert refused(path).startswith("is no safetensors file (")


def test_a_type_that_numpy_does_not_know_is_named(tmp_path: Path) -> None:
    header = json.dumps({"a": {"dtype": "BF16", "shape": [2], "data_offsets": [0, 4]}}).encode()
    path = tmp_path / "net.safetensors"
    path.write_bytes(struct.pack("<Q", len(header)) + header + b"1234")
    assert refused(path) == (
        "has numbers of type BF16, which NumPy does not know; write them as F32 or F64"
    )


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    assert refused(tmp_path / "none") == (
        "cannot be read (No such file or directory); give a safetensors file"
    )
    assert refused(tmp_path).startswith("cannot be read (Is a directory); ")
