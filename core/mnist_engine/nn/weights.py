"""Weights on disk: safetensors files, with the names and layouts that PyTorch reads and writes."""

from __future__ import annotations

from pathlib import Path

import safetensors.numpy
from safetensors import SafetensorError

from mnist_engine.errors import BadInput, reason_of
from mnist_engine.files import write_whole
from mnist_engine.nn.module import Module, StateError


def save_weights(module: Module, path: Path | str) -> None:
    """Write all parameters and buffers of ``module``; an older file stays until this is complete.

    Equal weights are equal files, to the byte. OSError where the disk does not take it.
    """
    # One entry of metadata: several would come in random order. PyTorch's libraries look for it.
    content = safetensors.numpy.save(module.state_dict(), {"format": "pt"})
    write_whole(Path(path), content)


def load_weights(module: Module, path: Path | str) -> None:
    """Read what :func:`save_weights` or PyTorch wrote into ``module``, its parameters and buffers.

    Raises BadInput, one line that names the file, where it cannot be read, is no safetensors file,
    or does not fit: then every missing and unexpected name and every array of another shape or type
    is listed, and nothing was loaded.
    """
    try:
        state = safetensors.numpy.load(Path(path).read_bytes())
        module.load_state_dict(state)
    except OSError as error:
        raise BadInput(
            f"{path}: cannot be read ({reason_of(error)}); give a safetensors file"
        ) from error
    except SafetensorError as error:
        raise BadInput(f"{path}: is no safetensors file ({error})") from error
    except KeyError as error:  # bfloat16, for one
        raise BadInput(
            f"{path}: has numbers of type {error.args[0]}, which NumPy does not know; "
            "write them as F32 or F64"
        ) from error
    except StateError as error:
        raise BadInput(f"{path}: {error}") from error
