"""load_array_pickle: pickles built by hand as Python 2 built them, honest and hostile."""

import struct

import numpy as np
import pytest

from dezero.io.arraypickle import load_array_pickle

RNG = np.random.default_rng(0)


def text(value):
    value = value.encode("latin-1") if isinstance(value, str) else value
    if len(value) < 256:
        return b"U" + bytes([len(value)]) + value
    return b"T" + struct.pack("<I", len(value)) + value


def number(value):
    if 0 <= value < 256:
        return b"K" + bytes([value])
    return (
        b"M" + struct.pack("<H", value) if 0 <= value < 65536 else b"J" + struct.pack("<i", value)
    )


def dtype(code="u1"):
    state = b"(" + number(3) + text("|") + b"NNN" + number(-1) * 2 + number(0) + b"tb"
    return b"cnumpy\ndtype\n" + text(code) + number(0) + number(1) + b"\x87R" + state


def array(values, shape=None, fortran=False, module="numpy.core.multiarray", code="u1"):
    shape = values.shape if shape is None else shape
    head = b"c" + module.encode() + b"\n_reconstruct\ncnumpy\nndarray\n"
    head += number(0) + b"\x85" + text("b") + b"\x87R("
    sizes = b"(" + b"".join(map(number, shape)) + b"t"
    content = values.tobytes("F" if fortran else "C")
    flag = b"\x89" if not fortran else b"\x88"
    return head + number(1) + sizes + dtype(code) + flag + text(content) + b"tb"


def numbers(values):
    return b"](" + b"".join(map(number, values)) + b"e"


def pickled(items, protocol=b"\x80\x02"):
    inside = b"".join(text(key) + value for key, value in items.items())
    return protocol + b"}q\x01(" + inside + b"u."


DATA = RNG.integers(0, 256, (7, 300), dtype=np.uint8)
HONEST = {
    "batch_label": text("training batch 1 of 5"),
    "labels": numbers([3, 1, 4, 1, 5, 9, 2]),
    "data": array(DATA),
    "filenames": b"](" + b"".join(text(f"{i}\xe9.png") for i in range(7)) + b"e",
}


@pytest.mark.parametrize("protocol", [b"", b"\x80\x02"])
def test_a_batch_of_python_2(protocol):
    table = load_array_pickle("Toy", pickled(HONEST, protocol))
    assert list(table) == list(HONEST)
    np.testing.assert_array_equal(table["data"], DATA)
    assert table["data"].dtype == np.uint8
    assert table["labels"] == [3, 1, 4, 1, 5, 9, 2]
    assert table["batch_label"] == "training batch 1 of 5" and table["filenames"][0] == "0\xe9.png"


def test_layouts_and_sizes():
    small = DATA[:2, :3]
    items = {
        "fortran": array(DATA, fortran=True),
        "small": array(small),
        "empty": array(DATA[:0]),
        "new": array(small, module="numpy._core.multiarray"),
    }
    table = load_array_pickle("Toy", pickled(items))
    np.testing.assert_array_equal(table["fortran"], DATA)
    np.testing.assert_array_equal(table["small"], small)
    np.testing.assert_array_equal(table["new"], small)
    assert table["empty"].shape == (0, 300)


CALL = b"cos\nsystem\n" + text("touch /tmp/never") + b"\x85R"
HOSTILE = {
    "a call": ({"data": CALL}, r"got 'os\.system' in it"),
    "eval": ({"data": b"c__builtin__\neval\n" + text("1") + b"\x85R"}, r"got '__builtin__.eval'"),
    "objects": ({"data": array(DATA, code="O8")}, r"expected arrays of uint8, got numpy\.dtype"),
    "floats": ({"data": array(DATA, code="f8")}, r"expected arrays of uint8, got numpy\.dtype"),
    "too small": ({"data": array(DATA, shape=(7, 301))}, r"expected an array's shape, type and"),
    "too large": ({"data": array(DATA, shape=(7, 299))}, r"expected an array's shape, type and"),
    "negative": ({"data": array(DATA, shape=(-7, -300))}, r"expected an array's shape, type and"),
    "no shape": ({"data": array(DATA, shape=())}, r"expected an array's shape, type and"),
    "other class": (
        {"data": array(DATA).replace(b"cnumpy\nndarray\n", dtype()[:13])},
        r"expected arrays of uint8, got numpy\.core\.multiarray\._reconstruct",
    ),
    "attributes of a list": ({"data": b"]Nb"}, r"expected the content of an array, got some of a"),
    "an instance": ({"data": b"(ios\nsystem\n"}, r"got the pickle instruction b'i'"),
    "a reference": ({"data": text("x") + b"Q"}, r"expected no references to other files"),
}


@pytest.mark.parametrize(("items", "match"), HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_pickles(items, match):
    with pytest.raises(ValueError, match=f"^Toy: .*{match}"):
        load_array_pickle("Toy", pickled(items))


@pytest.mark.parametrize("data", [b"", pickled(HONEST)[:-1], pickled(HONEST)[:500], b"\x80\x02N."])
def test_damaged_pickles(data):
    with pytest.raises(ValueError, match=r"^Toy: "):
        load_array_pickle("Toy", data)


def test_what_follows_the_end():
    with pytest.raises(ValueError, match=r"expected one dict and nothing behind it, got a dict"):
        load_array_pickle("Toy", pickled(HONEST) + b"x")


@pytest.mark.parametrize("seed", range(60))
def test_any_flipped_byte_gives_a_dict_or_the_one_error(seed):
    rng = np.random.default_rng(seed)
    data = bytearray(pickled({**HONEST, "data": array(DATA[:1, :9])}))
    for place in rng.integers(0, len(data), 3):
        data[place] = rng.integers(256)
    try:
        assert isinstance(load_array_pickle("Toy", bytes(data)), dict)
    except ValueError as error:
        assert str(error).startswith("Toy: ")
