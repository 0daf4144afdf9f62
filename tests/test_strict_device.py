"""The double refuses what CuPy refuses, lacks or leaves undefined, and gives what CuPy gives."""

import copy
import importlib.util
import json
import pickle  # noqa: TID251 - models may travel to worker processes
import subprocess
import sys

import numpy as np
import pytest

from dezero import cuda
from dezero.backend.transfers import no_sync, transfers
from tests.backend.cupy import snapshot
from tests.closure import ROOT
from tests.strict.signatures import FUNCTIONS, METHODS, UFUNCS, parsed
from tests.strict_device import STRICT, StrictArray

xp = STRICT.xp


def there(*values, dtype="f4", shape=None):
    x = np.array(values, dtype)
    return StrictArray(x if shape is None else x.reshape(shape))


X, N, B = there(1, 2, 3), there(0, 1, dtype="i4"), there(1, 0, 1, dtype="?")
M = there(*range(6), shape=(2, 3))

REFUSED = {
    "a NumPy operand": (lambda: X + np.ones(3), TypeError, "one device"),
    "a NumPy operand on the left": (lambda: np.ones(3) + X, TypeError, r"xp\(x\).add"),
    "a NumPy index": (lambda: X[np.array([0])], TypeError, "one device"),
    "a NumPy value": (lambda: X.copy().__setitem__(0, np.ones(())), TypeError, "one device"),
    "a list as a value": (lambda: X.copy().__setitem__(slice(2), [1, 2]), TypeError, "a list"),
    "a list as an operand": (lambda: X + [1, 2, 3], TypeError, "got list"),
    "None as an operand": (lambda: X == None, TypeError, "got NoneType"),  # noqa: E711
    "a NumPy function": (lambda: np.sum(X), TypeError, r"xp\(x\).sum"),
    "a NumPy ufunc": (lambda: np.tanh(X), TypeError, r"xp\(x\).tanh"),
    "an implicit copy": (lambda: np.asarray(X), TypeError, "implicit copy"),
    "an implicit index": (lambda: [1, 2][N[0]], TypeError, "implicit index"),
    "in": (lambda: 1 in X, TypeError, "got `in`"),
    "hash": (lambda: {X}, TypeError, "unhashable"),
    "@=": (lambda: X.__imatmul__(X), TypeError, "@="),
    "@ a number": (lambda: X @ 2.0, TypeError, "expected arrays, got float"),
    "a function CuPy lacks": (lambda: xp.errstate, AttributeError, "CuPy has no errstate"),
    "a linalg function": (lambda: xp.linalg.multi_dot, AttributeError, "no linalg.multi_dot"),
    "vecdot": (lambda: xp.vecdot, AttributeError, "CuPy has no vecdot"),
    "geomspace": (lambda: xp.geomspace, AttributeError, "CuPy has no geomspace"),
    "% of floats": (lambda: X % 2, TypeError, "remainder: CuPy.s result is another"),
    "// of floats": (lambda: 1 // X, TypeError, "floor_divide: CuPy.s result is another"),
    "solve of unlike batches": (lambda: xp.linalg.solve(M[None], M), ValueError, "broadcast"),
    "where=": (lambda: xp.sum(X, where=B), TypeError, "where"),
    "where= of a method": (lambda: X.sum(where=B), TypeError, "where"),
    "where= of a ufunc": (lambda: xp.exp(X, where=B), TypeError, "exp has no where="),
    "initial=": (lambda: xp.max(X, initial=0), TypeError, "initial"),
    "mean= of var": (lambda: xp.var(X, mean=0.0), TypeError, "mean"),
    "mode= of take": (lambda: xp.take(X, N, mode="clip"), TypeError, "mode"),
    "out= of einsum": (lambda: xp.einsum("i->", X, out=X), TypeError, "out"),
    "stable= of sort": (lambda: xp.sort(X, stable=True), TypeError, "stable"),
    "quicksort": (lambda: xp.sort(X, kind="quicksort"), ValueError, "None or 'stable'"),
    "device= of zeros": (lambda: xp.zeros(2, device="cpu"), TypeError, "device"),
    "like= of asarray": (lambda: xp.asarray(1, like=X), TypeError, "like"),
    "keepdims of count": (lambda: xp.count_nonzero(X, keepdims=True), TypeError, "keepdims"),
    "weights= of quantile": (lambda: xp.quantile(X, 0.5, weights=X), TypeError, "weights"),
    "casting= of astype": (lambda: X.astype("i4", casting="unsafe"), TypeError, "casting"),
    "maximum.reduce": (lambda: xp.maximum.reduce(X), NotImplementedError, "no maximum.reduce"),
    "minimum.accumulate": (lambda: xp.minimum.accumulate(X), NotImplementedError, "accumulate"),
    "exp.at": (lambda: xp.exp.at(X, N), NotImplementedError, "no exp.at"),
    "reduceat": (lambda: xp.add.reduceat, AttributeError, "reduceat"),
    "add.at of int16": (lambda: xp.add.at(there(1, 2, dtype="i2"), N, 1), TypeError, "add.at"),
    "add.at of uint8": (lambda: xp.add.at(there(1, 2, dtype="u1"), N, 1), TypeError, "add.at"),
    "subtract.at of floats": (lambda: xp.subtract.at(X, N, 1), TypeError, "subtract.at"),
    "maximum.at of float16": (lambda: xp.maximum.at(there(1, dtype="e"), 0, 1), TypeError, "for f"),
    "an index out of range": (lambda: X[there(5, dtype="i4")], IndexError, "out of bounds"),
    "take out of range": (lambda: xp.take(X, there(3, dtype="i4")), IndexError, "out of bounds"),
    "an index that comes twice": (
        lambda: X.copy().__setitem__(there(1, 1, dtype="i4"), X[:2]), ValueError, "distinct"),
    "put_along_axis twice": (
        lambda: xp.put_along_axis(X.copy(), there(1, 1, dtype="i8"), X[:2], 0),
        ValueError, "distinct"),
    "a negative float to unsigned": (lambda: there(-1.0).astype("u1"), ValueError, "undefined"),
    "infinity to int": (lambda: there(np.inf).astype("i4"), ValueError, "undefined"),
    "NaN to int by assignment": (
        lambda: N.copy().__setitem__(0, there(np.nan)[0]), ValueError, "undefined"),
    "NaN to int by asarray": (lambda: xp.asarray(there(np.nan), "i4"), ValueError, "undefined"),
    "a result over its operand": (lambda: xp.add(X[1:], X[:-1], out=X[1:]), ValueError, "overlap"),
    "repeats on the device": (lambda: xp.repeat(X, N), ValueError, "repeats"),
    "keys as a tuple": (lambda: xp.lexsort((X, X)), TypeError, "lexsort"),
    "numbers without an array": (lambda: xp.exp(1.0), TypeError, "an array of the device"),
    "a list without an array": (lambda: xp.concatenate(([1], [2])), TypeError, "got none"),
    "writeable": (lambda: X.flags.writeable, AttributeError, "writeable"),
    "setflags": (lambda: X.setflags(write=False), AttributeError, "setflags"),
    "resize": (lambda: X.resize(2), AttributeError, "resize"),
    "bools subtracted": (lambda: B - B, TypeError, "boolean subtract"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_refuses(name):
    call, error, match = REFUSED[name]
    with pytest.raises(error, match=match):
        call()


def test_overlapping_assignment_is_refused():
    x = there(*range(5))
    with pytest.raises(ValueError, match="overlap"):
        x[1:] = x[:-1]
    x[...] = x
    x += x
    x[1:] += x[1:]
    assert x.get().tolist() == [0, 4, 8, 12, 16]


WAITS = {
    "float": lambda: float(X[0]),
    "int": lambda: int(X[0]),
    "bool": lambda: bool(X[0]),
    "item": lambda: X[0].item(),
    "tolist": lambda: X.tolist(),
    "get": lambda: X.get(),
    "tobytes": lambda: X.tobytes(),
    "str": lambda: str(X),
    "repr": lambda: repr(X),
    "format": lambda: f"{X}",
    "pickle": lambda: pickle.dumps(X),
    "to_host": lambda: STRICT.to_host(X),
    "asnumpy": lambda: xp.asnumpy(X),
    "x[mask]": lambda: X[B],
    "x[mask] = value": lambda: X.copy().__setitem__(B, 0),
    "nonzero": lambda: X.nonzero(),
    "where": lambda: xp.where(B),
    "unique": lambda: xp.unique(X),
    "argwhere": lambda: xp.argwhere(X),
    "bincount": lambda: xp.bincount(N),
    "compress": lambda: X.compress(B),
    "put": lambda: X.copy().put(N, X[:2], "raise"),
}


@pytest.mark.parametrize("name", WAITS)
def test_reading_is_counted_and_refused(name):
    with transfers() as counted:
        WAITS[name]()
    assert counted.to_host == 1
    words = {"where": "where", "asnumpy": "get", "pickle": "get"}
    with no_sync(), pytest.raises(RuntimeError, match="inside no_sync") as error:
        WAITS[name]()
    assert words.get(name, name).split()[0].split("[")[0] in str(error.value)


SENDS = {
    "a list as an index": lambda: X[[0, 1]],
    "a NumPy array": lambda: xp.asarray(np.ones(2)),
    "a list": lambda: xp.array([1.0, 2.0]),
    "from_host": lambda: STRICT.from_host(np.ones(2)),
}


@pytest.mark.parametrize("name", SENDS)
def test_sending_is_counted_and_refused(name):
    with transfers() as counted, no_sync():
        SENDS[name]()
    assert (counted.from_host, counted.to_host) == (1, 0)
    with no_sync(sending=False), pytest.raises(RuntimeError, match="no_sync.sending=False"):
        SENDS[name]()


def test_no_sync_lets_the_rest_go_on():
    with transfers() as counted, no_sync(sending=False):
        y = (X * 2.0 + xp.asarray(1.0)).sum()
        y = xp.where(B, X, y)[1:].mean()
        assert X.shape == (3,)
        assert len(X) == 3
        np.ones(3).sum().item()
    assert (counted.to_host, counted.from_host) == (0, 0)
    assert float(y) == 9.0


def test_reductions_and_elements_are_arrays_without_axes():
    for found in (X.sum(), xp.max(X), X[0], xp.allclose(X, X), xp.count_nonzero(X)):
        assert type(found) is StrictArray
        assert found.shape == ()


def test_an_element_is_a_view():
    x = X.copy()
    first = x[0]
    x += 1.0
    assert float(first) == 2.0


def test_scalars_of_numpy_are_strong_and_pythons_weak():
    assert (X * np.float64(2)).dtype == "f8"
    assert (np.float64(2) * X).dtype == "f8"
    assert (X * 2.0).dtype == "f4"


def test_results_are_in_c_order():
    column = M.T
    assert column.flags["F_CONTIGUOUS"]
    for made in (column + column, -column, column.sum(axis=0, keepdims=True), column[[0, 2]]):
        assert made.flags.c_contiguous
    assert xp.take_along_axis(column, column.argsort(axis=0), 0).flags.c_contiguous
    assert xp.empty_like(column).flags.f_contiguous
    assert column.astype("f8").flags.f_contiguous
    assert column.copy().flags.c_contiguous


def test_matrices_without_an_inverse_give_nan():
    singular = there(1, 1, 1, 1, dtype="f8", shape=(2, 2))
    assert np.isnan(xp.linalg.inv(singular).get()).all()
    with pytest.raises(np.linalg.LinAlgError, match="square"):
        xp.linalg.inv(M.astype("f8"))


def test_copies_stay_on_the_device():
    with no_sync(sending=False):
        for twin in (copy.copy(X), copy.deepcopy(X)):
            assert type(twin) is StrictArray
            twin += 1.0
    assert X.tolist() == [1, 2, 3]


def test_the_snapshot_is_of_this_size():
    assert len(FUNCTIONS[""]) > 250
    assert len(UFUNCS) > 90
    assert UFUNCS["add"]["methods"] == ["reduce", "accumulate", "at", "outer", "reduceat"]
    assert UFUNCS["maximum"]["methods"] == ["at", "outer"]
    assert "where" not in parsed(FUNCTIONS[""]["sum"]).parameters
    for signature in (
        *METHODS.values(),
        *(s for names in FUNCTIONS.values() for s in names.values()),
    ):
        parsed(signature)


def test_a_difference_is_told():
    old = json.loads(snapshot.PATH.read_text("utf-8"))
    new = json.loads(snapshot.PATH.read_text("utf-8"))
    assert snapshot.differences(old, new) == []
    new["functions"][""]["sum"] = "(a, axis=None, *, where=True)"
    new["names"]["fft"].append("extra")
    del new["ufuncs"]["exp"]
    found = snapshot.differences(old, new)
    assert [line.partition(":")[0] for line in found] == [
        "cupy.functions.top.sum", "cupy.names.fft", "cupy.ufuncs.exp",
    ]  # fmt: skip


def test_the_snapshot_is_that_of_the_installed_cupy():
    if importlib.util.find_spec("cupy") is None:
        pytest.skip("CuPy is not installed; .ci/run compares in an environment with it")
    command = [sys.executable, str(ROOT / "tests/backend/cupy/snapshot.py"), "--diff"]
    run = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert run.returncode == 0, run.stdout + run.stderr


def test_the_door_offers_no_sync():
    assert cuda.no_sync is no_sync
