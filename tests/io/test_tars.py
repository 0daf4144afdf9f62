"""read_tar: honest archives of all formats, and hostile ones, each refused in one sentence."""

import gzip
import io
import tarfile
import tracemalloc

import numpy as np
import pytest

from dezero.io.tars import read_tar

ONE, TWO = bytes(range(256)) * 5, b"second"
WANTED = {"toy/one.bin": len(ONE), "toy/two.bin": len(TWO)}


def entry(name, data=b"", kind=tarfile.REGTYPE, size=None, link=""):
    info = tarfile.TarInfo(name)
    info.size = len(data) if size is None else size
    info.type, info.linkname = kind, link
    return info, data


HONEST = [
    entry("toy", kind=tarfile.DIRTYPE),
    entry("toy/readme.html", b"<html>" * 300),
    entry("toy/one.bin", ONE),
    entry("toy/two.bin", TWO),
]


def tar(entries, form=tarfile.USTAR_FORMAT, packed=True):
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w", format=form) as archive:
        for info, data in entries:
            archive.addfile(info, io.BytesIO(data) if data else None)
    return gzip.compress(file.getvalue(), mtime=0) if packed else file.getvalue()


def write(path, data):
    (path / "toy.tar.gz").write_bytes(data)
    return path / "toy.tar.gz"


@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize(
    "form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT], ids="ugp".__getitem__
)
def test_wanted_members_come_out(tmp_path, form, packed):
    long = entry("toy/" + "very/" * 25 + "long.txt", b"x" * 1000)
    path = write(tmp_path, tar([long, *HONEST], form, packed))
    found = read_tar("Toy", path, WANTED)
    assert found == {"toy/one.bin": ONE, "toy/two.bin": TWO}
    assert read_tar("Toy", path, {"toy/two.bin": 6}) == {"toy/two.bin": TWO}


def test_names_with_a_dot_before_and_a_prefix(tmp_path):
    prefix = "a" * 60 + "/" + "b" * 60
    path = write(tmp_path, tar([entry("./toy/one.bin", ONE), entry(f"{prefix}/two.bin", TWO)]))
    found = read_tar("Toy", path, {"toy/one.bin": len(ONE), f"{prefix}/two.bin": 6})
    assert sorted(found) == sorted(["toy/one.bin", f"{prefix}/two.bin"])


def test_reading_stops_at_the_last_wanted_member(tmp_path):
    path = write(tmp_path, tar([*HONEST, entry("huge", b"x" * 100_000)], packed=False)[:-90_000])
    assert read_tar("Toy", path, WANTED, max_other=5000)["toy/two.bin"] == TWO


def changed(offset, value):
    data = bytearray(tar([entry("toy/one.bin", ONE)], packed=False))
    data[offset : offset + len(value)] = value
    return bytes(data)


HOSTILE = {
    "path traversal": (
        [entry("../../etc/one.bin", ONE), entry("/toy/one.bin", ONE), entry("toy/two.bin", TWO)],
        r"expected the members toy/one\.bin, got the end of the archive",
    ),
    "roundabout name": ([entry("toy/../toy/one.bin", ONE)], r"expected the members toy/one.bin, "),
    "symbolic link": (
        [entry("toy/one.bin", kind=tarfile.SYMTYPE, link="/etc/passwd")],
        r"expected toy/one\.bin to be a plain file, got a member of type b'2'",
    ),
    "hard link": (
        [entry("toy/one.bin", kind=tarfile.LNKTYPE, link="/etc/passwd")],
        r"expected toy/one\.bin to be a plain file, got a member of type b'1'",
    ),
    "device": (
        [entry("toy/one.bin", kind=tarfile.CHRTYPE)],
        r"expected toy/one\.bin to be a plain file, got a member of type b'3'",
    ),
    "folder": ([entry("toy/one.bin", kind=tarfile.DIRTYPE)], r"expected the members toy/one.bin,"),
    "short": (
        [entry("toy/one.bin", ONE[:-1])],
        r"expected one toy/one.bin of 1280 bytes, got 1279",
    ),
    "long": (
        [entry("toy/one.bin", ONE + b"!")],
        r"expected one toy/one.bin of 1280 bytes, got 1281",
    ),
    "twice": (
        [entry("toy/one.bin", ONE), entry("toy/one.bin", ONE)],
        r"expected one toy/one.bin of 1280 bytes, got a second one",
    ),
    "missing": ([entry("toy/two.bin", TWO)], r"expected the members toy/one.bin, got the end"),
    "empty": ([], r"expected the members toy/one.bin, toy/two.bin, got the end"),
    "bomb": (
        [entry("zeros", bytes(20 << 20)), *HONEST],
        r"expected little besides the members wanted, got more than is allowed for",
    ),
}


@pytest.mark.parametrize(("entries", "match"), HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_archives(tmp_path, entries, match):
    path = write(tmp_path, tar(entries))
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(ValueError, match=f"^Toy: .*toy.tar.gz: {match}"):
        read_tar("Toy", path, WANTED)
    assert sorted(tmp_path.rglob("*")) == before


WHOLE = tar(HONEST)
DAMAGED = {
    "truncated": (WHOLE[: len(WHOLE) // 2], r"an undamaged archive, got one that fails with"),
    "flipped": (WHOLE[:60] + b"\xff\xff\xff\xff" + WHOLE[64:], r"an undamaged archive, got one"),
    "plain and truncated": (tar(HONEST, packed=False)[:700], r"a complete archive, got one that"),
    "no tar": (b"<!DOCTYPE html>" * 100, r"a tar archive, got a block that is no header"),
    "nothing": (b"", r"a complete archive, got one that ends early"),
    "wrong sum": (changed(0, b"T"), r"a tar archive, got a block that is no header"),
    "sum of no number": (changed(148, b"zzzzzz"), r"a tar archive, got a block that is no header"),
}


@pytest.mark.parametrize(("data", "match"), DAMAGED.values(), ids=DAMAGED.keys())
def test_damaged_archives(tmp_path, data, match):
    with pytest.raises(ValueError, match=f"^Toy: .*: expected {match}"):
        read_tar("Toy", write(tmp_path, data), WANTED)


def with_size(field):
    header = bytearray(tar([entry("toy/one.bin", ONE)], packed=False)[:512])
    header[124:136] = field
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    return bytes(header)


@pytest.mark.parametrize("field", [b"\x80" + b"\xff" * 11, b"-0000000001\0", b"\0" * 12])
def test_sizes_that_are_no_octal_number(tmp_path, field):
    with pytest.raises(ValueError, match=r"expected the size of each member in octal, got b'"):
        read_tar("Toy", write(tmp_path, with_size(field)), WANTED)


@pytest.mark.parametrize("packed", [False, True])
def test_declared_sizes_cost_no_memory(tmp_path, packed):
    header = with_size(b"77777777777\0")
    path = write(tmp_path, gzip.compress(header) if packed else header)
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match=r"expected one toy/one.bin of 1280 bytes, got 8589"):
            read_tar("Toy", path, WANTED)
        with pytest.raises(ValueError, match=r"expected little besides the members wanted"):
            read_tar("Toy", path, {"other": 1})
        assert tracemalloc.get_traced_memory()[1] < 2_000_000
    finally:
        tracemalloc.stop()


def test_bomb_costs_little_memory(tmp_path):
    path = write(tmp_path, tar([entry("zeros", bytes(20 << 20))]))
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match=r"expected the members toy/one.bin"):
            read_tar("Toy", path, WANTED, max_other=1 << 30)
        assert tracemalloc.get_traced_memory()[1] < 4_000_000
    finally:
        tracemalloc.stop()


def test_content_can_be_seen_as_an_array(tmp_path):
    found = read_tar("Toy", write(tmp_path, WHOLE), WANTED)
    assert np.frombuffer(found["toy/one.bin"], np.uint8)[257] == 1


def test_sizes_not_known_exactly(tmp_path):
    path = write(tmp_path, WHOLE)
    assert read_tar("Toy", path, {"toy/two.bin": range(5, 8)})["toy/two.bin"] == TWO
    with pytest.raises(ValueError, match=r"expected one toy/two.bin of 7 to 9 bytes, got 6 bytes"):
        read_tar("Toy", path, {"toy/two.bin": range(7, 10)})
