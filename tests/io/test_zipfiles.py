"""The shared reader and writer: each fault of a hostile file, and writing whole or not at all."""

import ast
import errno
import io
import os
import stat
import struct
import tracemalloc
import zipfile

import numpy as np
import pytest

from dezero.io import zipfiles
from dezero.io.npz import load_npz, save_npz
from dezero.io.zipfiles import SafeZip, npy_header, plain_dtype, replace_file


def npy(text, data=b"", version=(1, 0)):
    """A .npy member with any header text."""
    raw = text.encode("latin-1")
    width = 2 if version[0] == 1 else 4
    return b"\x93NUMPY" + bytes(version) + len(raw).to_bytes(width, "little") + raw + data


def header(descr="<f4", shape="(2,)", order="False"):
    return f"{{'descr': '{descr}', 'fortran_order': {order}, 'shape': {shape}, }}\n"


def make_zip(path, members, method=zipfile.ZIP_STORED):
    with zipfile.ZipFile(path, "w", method) as target:
        for name, data in members:
            target.writestr(zipfile.ZipInfo(name), data, method)
    return path


def patch_central(path, change):
    """Rewrite the first entry of the central directory: `change(entry: bytearray)`."""
    raw = bytearray(path.read_bytes())
    start = raw.index(b"PK\x01\x02")
    entry = raw[start:]
    change(entry)
    path.write_bytes(bytes(raw[:start]) + bytes(entry))
    return path


GOOD = npy(header(), np.array([1, 2], "<f4").tobytes())


class TestHeaders:
    @pytest.mark.parametrize(
        "text",
        [
            "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }\n",
            "{'descr': '<f4', 'fortran_order': False, 'shape': (2,)}",
            '{"shape": (2,), "descr": "<f4", "fortran_order": False}   \n',
            "{'fortran_order': False,'shape':(2L,),'descr':'<f4'}\n",
            "  {'descr' : '<f4' , 'fortran_order' : True , 'shape' : ( 2 , ) , }\n",
        ],
    )
    def test_what_numpy_and_others_write(self, tmp_path, text):
        path = make_zip(tmp_path / "a.npz", [("x.npy", npy(text, GOOD[-8:]))])
        np.testing.assert_array_equal(load_npz(path)["x"], np.array([1, 2], "f"))

    @pytest.mark.parametrize("version", [(1, 0), (2, 0), (3, 0)])
    def test_versions(self, tmp_path, version):
        path = make_zip(tmp_path / "a.npz", [("x.npy", npy(header(), GOOD[-8:], version))])
        np.testing.assert_array_equal(load_npz(path)["x"], np.array([1, 2], "f"))

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "{}",
            "[1]",
            "(" * 60000,
            "-" * 60000 + "1",
            "{" * 60000,
            header(descr="|O"),
            header(descr="O8"),
            header(descr="<U5"),
            header(descr="|S3"),
            header(descr="<M8[ns]"),
            header(descr="<f3"),
            header(descr="<f999"),
            header(descr="|V8"),
            "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2,), }",
            header(shape="2"),
            header(shape="(2)"),
            header(shape="(-2,)"),
            header(shape="(2.0,)"),
            header(shape="(" + "9" * 20 + ",)"),
            header(shape="(,)"),
            header(shape="'(2,)'"),
            header(order="0"),
            header(order="'True'"),
            header(descr="<f4', 'descr': '<f4"),
            header() + header(),
            header()[:-2],
            header().replace("}", ", 'x': 1}"),
            header().replace("descr", "Descr"),
            header().replace("'<f4'", "True"),
            "__import__('os').system('x')",
        ],
    )
    def test_anything_else_is_refused(self, tmp_path, text):
        path = make_zip(tmp_path / "a.npz", [("x.npy", npy(text, GOOD[-8:]))])
        with pytest.raises(ValueError, match="member 'x.npy': expected a header of a plain numer"):
            load_npz(path)

    def test_our_header_is_numpys(self):
        for array in (
            np.zeros((2, 3), "f"),
            np.zeros(()),
            np.zeros(5, bool),
            np.zeros((0, 2), "c8"),
        ):
            buffer = io.BytesIO()
            np.lib.format.write_array(buffer, array, version=(1, 0))
            text = npy_header(array)
            assert len(text) % 64 == 0
            np.testing.assert_array_equal(np.load(io.BytesIO(text + array.tobytes())), array)
            theirs = buffer.getvalue()[: len(buffer.getvalue()) - array.nbytes]
            assert ast.literal_eval(text[10:].decode()) == ast.literal_eval(theirs[10:].decode())

    def test_plain_dtypes(self):
        for kind in "?bBhHiIlLqQefdFD":
            assert plain_dtype(np.dtype(kind).str) == np.dtype(kind)
        for descr in ("O", "|O", "f", "float32", "<f4,<f4", "(2,)f4", "<f16 ", "M8", "U", ""):
            assert plain_dtype(descr) is None

    def test_wrong_magic(self, tmp_path):
        path = make_zip(tmp_path / "a.npz", [("x.npy", b"\x80\x04pickled!")])
        with pytest.raises(
            ValueError, match="'x.npy': expected a .npy array, got a member that beg"
        ):
            load_npz(path)
        make_zip(path, [("x.npy", npy(header(), version=(4, 0)))])
        with pytest.raises(
            ValueError, match="'x.npy': expected a .npy array, got a member that beg"
        ):
            load_npz(path)

    def test_long_header(self, tmp_path):
        path = make_zip(tmp_path / "a.npz", [("x.npy", npy(" " * 70_000, version=(2, 0)))])
        with pytest.raises(ValueError, match="expected a header of at most 65536 bytes, got 70000"):
            load_npz(path)

    @pytest.mark.parametrize("cut", [0, 5, 9, 40])
    def test_short_member(self, tmp_path, cut):
        path = make_zip(tmp_path / "a.npz", [("x.npy", GOOD[:cut])])
        with pytest.raises(ValueError, match="'x.npy': ends [0-9]+ bytes early"):
            load_npz(path)


class TestSizes:
    @pytest.mark.parametrize("shape", ["(2500000000000,)", "(1,)", "(3,)", "()", "(0,)"])
    def test_declared_is_compared_with_real_before_memory(self, tmp_path, shape):
        path = make_zip(tmp_path / "a.npz", [("x.npy", npy(header(shape=shape), GOOD[-8:]))])
        tracemalloc.start()
        with pytest.raises(ValueError, match=r"'x.npy': its header declares float32 .* but 8 foll"):
            load_npz(path)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 5_000_000

    def test_empty_array_too_large_to_shape(self, tmp_path):
        shape = f"(0, {2**62}, {2**62})"
        path = make_zip(tmp_path / "a.npz", [("x.npy", npy(header(shape=shape)))])
        with pytest.raises(ValueError, match="member 'x.npy': expected an undamaged zip"):
            load_npz(path)

    def test_too_many_dimensions(self, tmp_path):
        shape = "(" + "1, " * 100 + ")"
        path = make_zip(tmp_path / "a.npz", [("x.npy", npy(header(shape=shape), b"1234"))])
        with pytest.raises(ValueError, match="member 'x.npy': expected an undamaged zip"):
            load_npz(path)

    @pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
    def test_directory_declares_more_than_the_data_can_hold(self, tmp_path, method):
        path = make_zip(tmp_path / "a.npz", [("x.npy", GOOD)], method)
        patch_central(path, lambda e: struct.pack_into("<I", e, 24, 4_000_000_000))
        with pytest.raises(ValueError, match="declares 4000000000 bytes, but its data cannot hold"):
            load_npz(path)

    def test_directory_declares_more_than_the_file(self, tmp_path):
        path = make_zip(tmp_path / "a.npz", [("x.npy", GOOD)])
        patch_central(path, lambda e: struct.pack_into("<II", e, 20, 4_000_000_000, 4_000_000_000))
        with pytest.raises(ValueError, match="declares 4000000000 bytes, the file has"):
            load_npz(path)

    def test_bomb(self, tmp_path):
        big = npy(header(shape=f"({1 << 22},)"), bytes(1 << 24))
        path = make_zip(tmp_path / "a.npz", [("x.npy", big)], zipfile.ZIP_DEFLATED)
        assert path.stat().st_size < 1 << 15
        with pytest.raises(ValueError, match="expected at most 1000000 bytes of arrays, got 16777"):
            load_npz(path, max_bytes=1_000_000)
        assert load_npz(path, max_bytes=1 << 25)["x"].size == 1 << 22

    def test_overlapping_members(self, tmp_path):
        """One member's data listed under many names: small file, large memory."""
        path = make_zip(
            tmp_path / "a.npz", [("x.npy", npy(header(shape="(50000,)"), bytes(200000)))]
        )
        raw = path.read_bytes()
        start = raw.index(b"PK\x01\x02")
        end = raw.index(b"PK\x05\x06")
        entry = raw[start:end]
        entries = b"".join(entry.replace(b"x.npy", b"%05d" % i + b"") for i in range(9000))
        tail = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 9000, 9000, len(entries), start, 0)
        path.write_bytes(raw[:start] + entries + tail)
        with pytest.raises(
            ValueError, match="expected at most 1073741824 bytes of arrays, got 180"
        ):
            load_npz(path)

    def test_member_count(self, tmp_path, monkeypatch):
        monkeypatch.setattr(zipfiles, "MAX_MEMBERS", 2)
        path = make_zip(tmp_path / "a.npz", [(f"{i}.npy", GOOD) for i in range(3)])
        with pytest.raises(ValueError, match="expected at most 2 members, got 3"):
            load_npz(path)

    def test_read_bytes_limit(self, tmp_path):
        path = make_zip(tmp_path / "a.zip", [("m", b"12345")])
        with SafeZip("f", path) as source:
            assert source.read_bytes("m", 5) == b"12345"
            with pytest.raises(ValueError, match="f: .*a.zip', member 'm': expected at most 4 byt"):
                source.read_bytes("m", 4)

    def test_read_bytes_of_a_stream_that_ends_early(self, tmp_path):
        path = make_zip(tmp_path / "a.zip", [("m", b"12345")], zipfile.ZIP_DEFLATED)
        patch_central(path, lambda e: struct.pack_into("<I", e, 24, 9))
        with SafeZip("f", path) as source, pytest.raises(ValueError, match="ends after 5 of 9 byt"):
            source.read_bytes("m", 100)


class TestMembers:
    @pytest.mark.parametrize(
        "name",
        ["../x.npy", "/x.npy", "a/../x.npy", "a/./x.npy", "a//x.npy", "a\\x.npy", "a/", "C:/x.npy"]
        + ["\x01.npy", "x\x7f.npy", "n" * 2000],
    )
    def test_names(self, tmp_path, name):
        path = make_zip(tmp_path / "a.npz", [(name, GOOD)])
        with pytest.raises(ValueError, match="expected a relative name without '..'"):
            load_npz(path)

    def test_name_with_nul(self, tmp_path):
        path = make_zip(tmp_path / "a.npz", [("x.npyZevil", GOOD)])
        path.write_bytes(path.read_bytes().replace(b"npyZ", b"npy\0"))
        with pytest.raises(ValueError, match="expected a relative name without '..'"):
            load_npz(path)

    @pytest.mark.filterwarnings("ignore:Duplicate name")
    def test_twice(self, tmp_path):
        path = make_zip(tmp_path / "a.npz", [("x.npy", GOOD), ("x.npy", GOOD)])
        with pytest.raises(ValueError, match="member 'x.npy': expected each member once"):
            load_npz(path)

    def test_encrypted(self, tmp_path):
        path = make_zip(tmp_path / "a.npz", [("x.npy", GOOD)])
        patch_central(path, lambda e: struct.pack_into("<H", e, 8, 1))
        with pytest.raises(ValueError, match="member 'x.npy': expected no encryption"):
            load_npz(path)

    @pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA, 99])
    def test_compression(self, tmp_path, method):
        path = make_zip(tmp_path / "a.npz", [("x.npy", GOOD)])
        patch_central(path, lambda e: struct.pack_into("<H", e, 10, method))
        with pytest.raises(ValueError, match=f"stored or deflated, got method {method}"):
            load_npz(path)

    @pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
    def test_checksum(self, tmp_path, method):
        path = make_zip(tmp_path / "a.npz", [("x.npy", GOOD)], method)
        patch_central(path, lambda e: struct.pack_into("<I", e, 16, 1))
        with pytest.raises(ValueError, match="member 'x.npy': expected an undamaged zip.*CRC"):
            load_npz(path)

    @pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"not a zip", bytes(100)])
    def test_no_zip(self, tmp_path, content):
        path = tmp_path / "a.npz"
        path.write_bytes(content)
        with pytest.raises(
            ValueError, match=r"load_npz: .*a\.npz': expected an undamaged zip file"
        ):
            load_npz(path)

    def test_reading_faults_of_the_machine_stay_what_they_are(self, tmp_path):
        path = make_zip(tmp_path / "a.npz", [("x.npy", GOOD)])
        with SafeZip("f", path) as source:
            with pytest.raises(OSError, match="disk on fire"), source.explained():
                raise OSError(errno.EIO, "disk on fire")
            with pytest.raises(MemoryError), source.explained():
                raise MemoryError
            with pytest.raises(ValueError, match="f: .*Invalid argument"), source.explained("x"):
                raise OSError(errno.EINVAL, "Invalid argument")

    def test_the_file_is_closed(self, tmp_path):
        """On failure too: an open file would give a ResourceWarning, which is an error here."""
        path = make_zip(tmp_path / "a.npz", [("x.npy", GOOD)])
        with SafeZip("f", path) as source:
            handle = source._file
        assert handle.closed
        with pytest.raises(FileNotFoundError):
            SafeZip("f", tmp_path / "missing")
        with pytest.raises(IsADirectoryError):
            SafeZip("f", tmp_path)


class TestReplaceFile:
    def test_new_and_again(self, tmp_path):
        path = tmp_path / "a"
        for content in (b"one", b"two"):
            replace_file("f", path, lambda file, content=content: file.write(content))
            assert path.read_bytes() == content
        assert os.listdir(tmp_path) == ["a"]

    @pytest.mark.parametrize(
        "fault", [OSError(errno.ENOSPC, "No space left on device"), OSError("x")]
    )
    def test_failure_keeps_the_old_file(self, tmp_path, fault):
        path = tmp_path / "a"
        path.write_bytes(b"old")

        def write(file):
            file.write(b"half of the n")
            raise fault

        with pytest.raises(
            OSError, match=r"f: could not write '.*a': .*there is untouched"
        ) as info:
            replace_file("f", path, write)
        assert info.value.errno == fault.errno
        assert path.read_bytes() == b"old"
        assert os.listdir(tmp_path) == ["a"]

    def test_failure_leaves_nothing(self, tmp_path):
        with pytest.raises(FileNotFoundError, match="f: could not write .*Nothing is left"):
            replace_file("f", tmp_path / "no" / "a", lambda file: None)
        with pytest.raises(KeyboardInterrupt):
            replace_file("f", tmp_path / "a", lambda file: (_ for _ in ()).throw(KeyboardInterrupt))
        assert os.listdir(tmp_path) == []

    def test_failure_at_the_last_moment(self, tmp_path, monkeypatch):
        path = tmp_path / "a.npz"
        save_npz(path, {"x": np.arange(3)})

        def full(_):
            raise OSError(errno.ENOSPC, "No space left on device")

        monkeypatch.setattr(os, "fsync", full)
        with pytest.raises(OSError, match=r"save_npz: could not write .*No space left.*untouched"):
            save_npz(path, {"x": np.arange(4)})
        assert load_npz(path)["x"].size == 3
        assert os.listdir(tmp_path) == ["a.npz"]

    @pytest.mark.skipif(os.name != "posix", reason="resource limits of Unix")
    def test_disk_really_full(self, tmp_path):
        import resource

        path = tmp_path / "a.npz"
        save_npz(path, {"x": np.arange(3)})
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 16, hard))
        try:
            with pytest.raises(OSError, match=r"save_npz: could not write .*untouched"):
                save_npz(path, {"x": np.zeros(1 << 20)}, compress=False)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        assert load_npz(path)["x"].size == 3
        assert os.listdir(tmp_path) == ["a.npz"]

    @pytest.mark.skipif(os.name != "posix", reason="pipes and links of Unix")
    def test_what_is_no_file_stays(self, tmp_path):
        (tmp_path / "folder").mkdir()
        os.mkfifo(tmp_path / "pipe")
        (tmp_path / "loop").symlink_to(tmp_path / "loop")
        for name in ("folder", "pipe", "loop"):
            with pytest.raises(OSError, match=f"f: expected a file to write, got '.*{name}'"):
                replace_file("f", tmp_path / name, lambda file: None)
        assert (tmp_path / "pipe").is_fifo() and (tmp_path / "loop").is_symlink()
        assert sorted(os.listdir(tmp_path)) == ["folder", "loop", "pipe"]

    @pytest.mark.skipif(os.name != "posix", reason="permission bits of Unix")
    def test_mode_and_links(self, tmp_path):
        path = tmp_path / "a"
        path.write_bytes(b"old")
        path.chmod(0o640)
        link = tmp_path / "link"
        link.symlink_to(path)
        replace_file("f", link, lambda file: file.write(b"new"))
        assert link.is_symlink() and path.read_bytes() == b"new"
        assert stat.S_IMODE(path.stat().st_mode) == 0o640
        replace_file("f", os.fsencode(tmp_path / "b"), lambda file: None)
        plain = tmp_path / "c"
        plain.touch()
        assert (tmp_path / "b").stat().st_mode == plain.stat().st_mode
