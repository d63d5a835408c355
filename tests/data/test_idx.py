"""The IDX reader: what it reads, and that whatever is wrong with a file is said in one line."""

from __future__ import annotations

import gzip
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mnist_engine.data.idx import read_idx
from mnist_engine.errors import BadInput

IMAGES = np.arange(2 * 3 * 4, dtype=np.uint8).reshape(2, 3, 4)


def idx_bytes(values: np.ndarray, type_byte: int = 0x08) -> bytes:
    header = bytes([0, 0, type_byte, values.ndim])
    return header + struct.pack(f">{values.ndim}I", *values.shape) + values.tobytes()


GOOD = idx_bytes(IMAGES)
HEADER_BYTES = 4 + 3 * 4
GOOD_GZIP = gzip.compress(GOOD, mtime=0)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "some-images"


def fault(path: Path, dimensions: int = 3) -> str:
    """The message with which the reader refuses the file."""
    with pytest.raises(BadInput) as refused:
        read_idx(path, dimensions)
    message = str(refused.value)
    assert message.startswith(f"{path}: ")
    assert "\n" not in message
    return message


@pytest.mark.parametrize("content", [GOOD, GOOD_GZIP], ids=["plain", "gzip"])
@pytest.mark.parametrize("name", ["images", "images.gz"])
def test_reads_plain_and_gzip_whatever_the_name(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    values = read_idx(tmp_path / name, 3)
    assert values.dtype == np.uint8
    np.testing.assert_array_equal(values, IMAGES)


def test_reads_a_gzip_of_several_members(file: Path) -> None:
    file.write_bytes(gzip.compress(GOOD[:20]) + gzip.compress(GOOD[20:]))
    np.testing.assert_array_equal(read_idx(file, 3), IMAGES)


def test_what_was_read_cannot_be_changed(file: Path) -> None:
    file.write_bytes(GOOD)
    with pytest.raises(ValueError, match="read-only"):
        read_idx(file, 3)[0] = 1


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "is empty"),
        (b"\0", "is not an IDX file"),
        (b"\0\0\x08", "is not an IDX file"),
        (b"\x89PNG" + GOOD[4:], "is not an IDX file; it must start with the bytes 00 00 08 03"),
        (idx_bytes(IMAGES, 0x0D), "type 0x0d, not unsigned bytes (0x08)"),
        (idx_bytes(IMAGES, 0x09), "type 0x09, not unsigned bytes (0x08)"),
        (idx_bytes(IMAGES[0]), "has 2 dimensions, not 3"),
        (GOOD[:10], "ends inside its header, after 10 bytes"),
        (GOOD[:HEADER_BYTES], "2 x 3 x 4 = 24 bytes of values, but it holds 0 bytes"),
        (GOOD[:-1], "2 x 3 x 4 = 24 bytes of values, but it holds 23 bytes"),
        (GOOD + b"\0", "2 x 3 x 4 = 24 bytes of values, but it holds more"),
        (GOOD[:4] + struct.pack(">3I", 0, 3, 4), "0 x 3 x 4 values, that is none"),
        (GOOD[:4] + b"\xff" * 12 + GOOD[16:], "but it holds 24 bytes"),
    ],
    ids=[
        "empty",
        "one byte",
        "three bytes",
        "a picture",
        "doubles",
        "signed bytes",
        "too few dimensions",
        "cut in the header",
        "cut after the header",
        "a byte missing",
        "a byte too many",
        "a dimension of 0",
        "absurd dimensions",
    ],
)
@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_says_what_is_wrong_with_the_content(file: Path, pack, content: bytes, expected) -> None:
    file.write_bytes(pack(content))
    assert expected in fault(file)


@pytest.mark.parametrize(
    "content",
    [
        GOOD_GZIP[:-1],
        GOOD_GZIP[:12],
        GOOD_GZIP[:2],
        GOOD_GZIP[:-8] + b"\0\0\0\0" + GOOD_GZIP[-4:],
        GOOD_GZIP[:15] + b"\xff\xff\xff" + GOOD_GZIP[18:],
        GOOD_GZIP + b"trailing",
        GOOD_GZIP[:2] + b"\x07" + GOOD_GZIP[3:],
    ],
    ids=["cut", "cut early", "magic only", "wrong sum", "garbage", "trailing", "unknown method"],
)
def test_says_that_gzip_data_is_damaged(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    assert "damaged gzip data" in fault(file)


def test_says_that_there_is_no_such_file(file: Path) -> None:
    assert "there is no such file" in fault(file)


def test_says_that_a_directory_is_no_file(tmp_path: Path) -> None:
    assert "is a directory" in fault(tmp_path)


def test_says_why_a_file_cannot_be_opened(file: Path) -> None:
    file.symlink_to(file)  # a loop: not even root can open it
    assert "cannot be read (" in fault(file)


def test_an_absurd_header_costs_no_memory(file: Path) -> None:
    """The header promises 16 GiB; a reader that believed it would show in the peak."""
    import tracemalloc

    file.write_bytes(gzip.compress(GOOD[:4] + struct.pack(">3I", 2**14, 2**10, 2**10)))
    tracemalloc.start()
    try:
        fault(file)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 16 * 2**20


def refused_or(path: Path, content: bytes) -> np.ndarray | None:
    """The array that the content holds, or None where it is refused; nothing else may happen."""
    path.unlink(missing_ok=True)  # anew: writing over a file waits for the disk
    path.write_bytes(content)
    try:
        return read_idx(path, 3)
    except BadInput:
        return None


reuse_directory = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


@reuse_directory
@given(content=st.sampled_from([GOOD, GOOD_GZIP]), data=st.data())
def test_a_file_cut_anywhere_is_refused(file: Path, content: bytes, data: st.DataObject) -> None:
    length = data.draw(st.integers(0, len(content) - 1))
    assert refused_or(file, content[:length]) is None


@reuse_directory
@given(position=st.integers(0, HEADER_BYTES - 1), flip=st.integers(1, 255))
def test_any_change_of_the_header_is_refused(file: Path, position: int, flip: int) -> None:
    changed = bytearray(GOOD)
    changed[position] ^= flip
    assert refused_or(file, bytes(changed)) is None


@reuse_directory
@given(position=st.integers(0, len(GOOD_GZIP) - 1), flip=st.integers(1, 255))
def test_a_changed_gzip_is_refused_or_still_the_same(file: Path, position: int, flip: int) -> None:
    """Some bytes of gzip (time, system) mean nothing to the content; all others must be noticed."""
    changed = bytearray(GOOD_GZIP)
    changed[position] ^= flip
    values = refused_or(file, bytes(changed))
    assert values is None or np.array_equal(values, IMAGES)


@reuse_directory
@given(content=st.binary(max_size=64))
def test_noise_is_refused(file: Path, content: bytes) -> None:
    assert refused_or(file, content) is None
