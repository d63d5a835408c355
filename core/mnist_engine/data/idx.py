"""IDX, the file format of MNIST and of its family.

Two zero bytes, a type byte (0x08: unsigned bytes), the number of dimensions, each dimension as a
big-endian 32-bit number, and then the values, last dimension fastest. Format: Yann LeCun, "The
MNIST database of handwritten digits".
"""

from __future__ import annotations

import gzip
import math
import struct
import zlib
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np
from numpy.typing import NDArray

from mnist_engine.errors import BadInput

UNSIGNED_BYTE = 0x08
GZIP_MAGIC = b"\x1f\x8b"
CHUNK_BYTES = 1 << 20  # decompressing in such pieces is twice as fast as in one


def read_idx(path: Path | Traversable, dimensions: int) -> NDArray[np.uint8]:
    """Read an IDX file of unsigned bytes with exactly ``dimensions`` dimensions.

    The file may be gzipped; its first bytes tell, not its name. The array is read-only, since
    everything that trains shares it. Memory grows with what the file really holds, never with what
    its header promises.

    Raises :class:`BadInput` if the file cannot be read, is not such a file, or has a byte too few
    or too many.
    """
    try:
        with path.open("rb") as file:
            magic = file.read(len(GZIP_MAGIC))
            file.seek(0)
            if magic == GZIP_MAGIC:
                with gzip.open(file) as stream:
                    return _parse(path, cast(BinaryIO, stream), dimensions)
            return _parse(path, cast(BinaryIO, file), dimensions)
    except FileNotFoundError:
        raise BadInput(f"{path}: there is no such file; an IDX file is needed here") from None
    except IsADirectoryError:
        raise BadInput(f"{path}: is a directory; an IDX file is needed here") from None
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise BadInput(
            f"{path}: damaged gzip data ({_one_line(error)}); fetch the file again"
        ) from error
    except OSError as error:
        reason = error.strerror or _one_line(error)
        raise BadInput(f"{path}: cannot be read ({reason}); an IDX file is needed here") from error


def _parse(path: Path | Traversable, stream: BinaryIO, dimensions: int) -> NDArray[np.uint8]:
    shape = _read_shape(path, stream, dimensions)
    expected = math.prod(shape)
    body = bytearray()
    # One byte more than expected, so that trailing bytes show and gzip gets to check its sum.
    while chunk := stream.read(min(CHUNK_BYTES, expected + 1 - len(body))):
        body += chunk
    if len(body) != expected:
        found = f"{len(body)} bytes" if len(body) < expected else "more"
        raise BadInput(
            f"{path}: its header promises {by(shape)} = {expected} bytes of values, "
            f"but it holds {found}; the two must agree"
        )
    values = np.frombuffer(body, np.uint8).reshape(shape)
    values.flags.writeable = False
    return values


def _read_shape(path: Path | Traversable, stream: BinaryIO, dimensions: int) -> tuple[int, ...]:
    """Check the header and return the dimensions that it names, all above 0."""
    wanted = bytes([0, 0, UNSIGNED_BYTE, dimensions])
    magic = stream.read(4)
    if not magic:
        raise BadInput(f"{path}: is empty; an IDX file starts with the bytes {wanted.hex(' ')}")
    if magic != wanted:
        raise BadInput(
            f"{path}: {_magic_fault(magic, dimensions)}; "
            f"it must start with the bytes {wanted.hex(' ')}, not {magic.hex(' ')}"
        )
    sizes = stream.read(4 * dimensions)
    if len(sizes) < 4 * dimensions:
        raise BadInput(
            f"{path}: ends inside its header, after {4 + len(sizes)} bytes; "
            f"the header of {dimensions} dimensions takes {4 + 4 * dimensions}"
        )
    shape = struct.unpack(f">{dimensions}I", sizes)
    if 0 in shape:
        raise BadInput(
            f"{path}: its header promises {by(shape)} values, that is none; "
            f"every dimension must be above 0"
        )
    return shape


def _magic_fault(magic: bytes, dimensions: int) -> str:
    if len(magic) < 4 or magic[:2] != b"\0\0":
        return "is not an IDX file"
    if magic[2] != UNSIGNED_BYTE:
        return f"has values of type 0x{magic[2]:02x}, not unsigned bytes (0x{UNSIGNED_BYTE:02x})"
    return f"has {magic[3]} dimensions, not {dimensions}"


def by(shape: tuple[int, ...]) -> str:
    """A shape in words: 28 x 28."""
    return " x ".join(map(str, shape))


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())
