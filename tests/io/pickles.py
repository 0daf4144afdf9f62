"""Writes what torch.save writes, and what it never would, without torch and without pickle."""

import struct
import zipfile

import numpy as np

MAGIC, PROTOCOL = 0x1950A86A20F9469CFC6C, 1001
STORAGES = {
    "float64": "Double", "float32": "Float", "float16": "Half", "int64": "Long", "int32": "Int",
    "int16": "Short", "int8": "Char", "uint8": "Byte", "bool": "Bool", "complex64": "ComplexFloat",
}  # fmt: skip


class Named:
    """A class or function by its name, as `torch FloatStorage`."""

    def __init__(self, module, name):
        self.line = f"c{module}\n{name}\n".encode()


class Call:
    """A Named with arguments, and perhaps attributes that the result is given."""

    def __init__(self, function, *arguments, state=None):
        self.function, self.arguments, self.state = function, arguments, state


class Persistent:
    """What torch writes for a storage."""

    def __init__(self, *saved):
        self.saved = saved


ORDERED = Named("collections", "OrderedDict")
REBUILD = Named("torch._utils", "_rebuild_tensor_v2")


def storage(key, dtype="float32", count=1, *window):
    """The reference to a storage; of the older layout with a sixth entry."""
    return Persistent(
        "storage", Named("torch", f"{STORAGES[dtype]}Storage"), key, "cpu", count, *window
    )


def tensor(key, array, *window):
    """A contiguous tensor that is the whole of the storage `key`."""
    strides = tuple(step // array.itemsize for step in np.asarray(array, order="C").strides)
    held = storage(key, array.dtype.name, array.size, *window)
    return Call(REBUILD, held, 0, array.shape, strides, False, Call(ORDERED))


def dumps(value):
    """A pickle of protocol 2."""
    return b"\x80\x02" + body(value) + b"."


def body(value):
    """The instructions that leave `value` on the stack."""
    if value is None or isinstance(value, bool):
        return {None: b"N", True: b"\x88", False: b"\x89"}[value]
    if isinstance(value, int):
        count = value.bit_length() // 8 + 1
        return b"\x8a" + bytes([count]) + value.to_bytes(count, "little", signed=True)
    if isinstance(value, float):
        return b"G" + struct.pack(">d", value)
    if isinstance(value, str):
        return b"X" + struct.pack("<I", len(value.encode())) + value.encode()
    if isinstance(value, Named):
        return value.line
    if isinstance(value, Persistent):
        return body(value.saved) + b"Q"
    if isinstance(value, Call):
        made = body(value.function) + body(value.arguments) + b"R"
        return made if value.state is None else made + body(value.state) + b"b"
    if isinstance(value, tuple):
        return b"(" + b"".join(map(body, value)) + b"t"
    if isinstance(value, list):
        return b"](" + b"".join(map(body, value)) + b"e"
    return b"}(" + b"".join(body(k) + body(v) for k, v in value.items()) + b"u"


def state_dict(arrays, *window):
    """The content of a file and its storages, of {name: array}."""
    content = {name: tensor(str(i), a, *window) for i, (name, a) in enumerate(arrays.items())}
    return content, {str(i): np.asarray(a).tobytes() for i, a in enumerate(arrays.values())}


def write_zip(path, content, storages, *, root="archive/", method=zipfile.ZIP_STORED, more=None):
    """A file in the layout of torch 1.6 and later; `content` may be a pickle already."""
    with zipfile.ZipFile(path, "w", method) as target:
        pickled = content if isinstance(content, bytes) else dumps(content)
        target.writestr(f"{root}data.pkl", pickled)
        for name, data in {"version": b"3\n", **(more or {})}.items():
            target.writestr(f"{root}{name}", data)
        for key, data in storages.items():
            target.writestr(f"{root}data/{key}", data)


def write_legacy(path, content, storages, *, sizes=None, system=None):
    """A file in the layout before it; `sizes` are the elements that each storage declares."""
    system = {"protocol_version": PROTOCOL, "little_endian": True} if system is None else system
    parts = [dumps(MAGIC), dumps(PROTOCOL), dumps(system)]
    parts += [content if isinstance(content, bytes) else dumps(content), dumps(list(storages))]
    for key, data in storages.items():
        count = len(data) // 4 if sizes is None else sizes[key]
        parts += [struct.pack("<q", count), data]
    path.write_bytes(b"".join(parts))
