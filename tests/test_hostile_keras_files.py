"""Each published way to attack whoever opens one of Keras's files, tried here.

| advisory | what the file did there | tests here |
|---|---|---|
| CVE-2024-3660, CVE-2025-1550 | names any module's function as class or function | `modules` |
| CVE-2025-8747 | names Keras's own get_file, or other gadgets of its modules | `gadgets` |
| CVE-2025-9906 | switches safe_mode off from within the configuration | `smuggled safe mode` |
| CVE-2025-9905 | Lambda in .h5, which safe_mode did not look at | `lambdas`, in both formats |
| CVE-2024-55459, keras#20766, #20980, GHSA-hqp4-2352-xf5r | members with paths | `paths` |
| keras-team/keras#21880 and later (vocabulary, assets) | reads files it names | `files` |
| keras-team/keras#22975, #23010, #23016 (CVE-2026-0897) | shapes beyond what is stored | `bombs` |
| keras-team/keras#23033, #23101, #23212, #23303, #23655 | links, depth, counts | `bombs`, `links` |
"""

import io
import json
import resource
import zipfile

import numpy as np
import pytest

from dezero import keras

h5py = pytest.importorskip("h5py", reason="Keras's files need the extra 'keras'")
L = keras.layers
load = keras.models.load_model
TENSOR = {"class_name": "__keras_tensor__", "config": {"keras_history": ["a", 0, 0]}}


def entry(name, module="keras.layers", /, **config):
    return {"module": module, "class_name": name, "config": config, "registered_name": name}


ENTRY = entry("InputLayer", batch_shape=[None, 3], name="a")


def row(*layers, **more):
    inside = {"name": "s", "layers": [ENTRY, *layers]}
    return {"module": "keras", "class_name": "Sequential", "config": inside, **more}


def graph(layer):
    layers = [
        ENTRY | {"name": "a", "inbound_nodes": []},
        layer | {"name": "x", "inbound_nodes": [{"args": [TENSOR], "kwargs": {}}]},
    ]
    ends = {"input_layers": ["a", 0, 0], "output_layers": ["x", 0, 0]}
    return entry("Functional", name="g", layers=layers, **ends)


def weights(fill=None):
    """Return the bytes of an HDF5 file with the weights of a Dense, and what `fill` adds."""
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        group = file.create_group("layers/dense/vars")
        group["0"], group["1"] = np.ones((3, 2), "f4"), np.zeros(2, "f4")
        if fill is not None:
            fill(file)
    return buffer.getvalue()


def write_keras(path, config, data=None, **members):
    members = {"config.json": json.dumps(config), "model.weights.h5": data or weights(), **members}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)


def write_h5(path, config, data=None, **attributes):
    with h5py.File(path, "w") as file:
        file.attrs["model_config"] = json.dumps(config)
        for name, value in attributes.items():
            file.attrs[name] = value
        group = file.create_group("model_weights")
        group.attrs["layer_names"] = [b"dense"]
        group.create_group("dense").attrs["weight_names"] = [b"k", b"b"]
        group["dense/k"], group["dense/b"] = np.ones((3, 2), "f4"), np.zeros(2, "f4")


LAMBDA = entry("Lambda", name="x", function=entry("__lambda__", "builtins", code="4wEAAAA="))
OLD_LAMBDA = entry("Lambda", name="x", function=["4wEAAAA=", None, None], function_type="lambda")
SYSTEM = entry("system", "os", command="true")
GADGET = entry("get_file", "keras.utils", origin="file:///etc/passwd", fname="x", cache_dir=".")
CALL = {"module": "os", "class_name": "function", "config": "system", "registered_name": "system"}
CASES = {
    "lambdas": row(LAMBDA),
    "lambdas, Keras 2": row(OLD_LAMBDA),
    "lambdas, package": row(LAMBDA | {"class_name": "keras>Lambda"}),
    "lambdas, TimeDistributed": row(entry("TimeDistributed", layer=LAMBDA, name="t")),
    "lambdas, Bidirectional": row(entry("Bidirectional", layer=LAMBDA, name="t")),
    "lambdas, RNN": row(entry("RNN", cell=LAMBDA, name="t")),
    "lambdas, inner model": row(row(LAMBDA)),
    "lambdas, functional": graph(LAMBDA),
    "lambdas, functional inside": row(graph(LAMBDA)),
    "lambdas, activation": row(entry("Dense", units=2, activation=LAMBDA)),
    "lambdas, rule": row(entry("Dense", units=2, kernel_initializer=entry("__lambda__", code=""))),
    "modules": row(SYSTEM),
    "modules, class of a module": row(entry("Popen", "subprocess", args=["true"])),
    "modules, dotted": row(entry("os.system", None, command="true")),
    "modules, function": row(entry("Dense", units=2, activation=CALL)),
    "modules, cell": row(entry("RNN", cell=SYSTEM, name="t")),
    "modules, backward layer": row(
        entry("Bidirectional", layer=entry("GRU", units=2), backward_layer=SYSTEM)
    ),
    "modules, top": SYSTEM,
    "modules, registered": row(entry("Dense", "os", units=2) | {"class_name": "os>system"}),
    "modules, activation": row(entry("Activation", activation="os.system")),
    "modules, builtins": row(entry("Dense", units=2, bias_initializer="builtins.eval")),
    "gadgets": row(entry("Dense", units=2, kernel_initializer=GADGET)),
    "gadgets, regularizer": row(entry("Dense", units=2, kernel_regularizer=GADGET)),
    "gadgets, constraint": row(entry("Dense", units=2, kernel_constraint=GADGET)),
    "gadgets, layer": row(GADGET),
    "gadgets, loader": row(entry("load_model", "keras.models", filepath="/etc/passwd")),
    "gadgets, safe mode": row(entry("enable_unsafe_deserialization", "keras.config")),
    "smuggled safe mode": row(LAMBDA, safe_mode=False),
    "smuggled safe mode, config": entry("Sequential", layers=[ENTRY, LAMBDA], safe_mode=False),
    "files": row(entry("TextVectorization", vocabulary="/etc/passwd")),
    "files, lookup": row(entry("StringLookup", vocabulary="file:///etc/passwd")),
    "files, SavedModel": row(entry("TFSMLayer", filepath="/tmp")),
    "files, Embedding": row(entry("Embedding", input_dim=3, output_dim=2, weights="/etc/passwd")),
    "bombs, units": row(entry("Dense", units=10**12)),
    "bombs, words": row(entry("Embedding", input_dim=10**12, output_dim=8)),
    "bombs, input": row(
        entry("InputLayer", batch_shape=[None, 10**9, 10**9]), entry("Dense", units=2)
    ),
    "bombs, cell": row(entry("Reshape", target_shape=[3, 1]), entry("LSTM", units=10**9)),
    "bombs, filters": row(
        entry("Reshape", target_shape=[3, 1]), entry("Conv1D", filters=10**10, kernel_size=3)
    ),
    "bombs, layers": row(*[entry("Dropout", rate=0.1)] * 120_000),
    "bombs, no number": row(entry("Dense", units="2" * 9)),
    "bombs, negative": row(entry("Dense", units=-(10**12))),
    "bombs, operation": row(
        entry("Operation", op="repeat", args=[{"tensor": 0}, 10**12], dtypes=["float32"])
    ),
    "bombs, tried": row(
        entry("RepeatVector", n=10**12),
        entry("Operation", op="abs", args=[{"tensor": 0}], dtypes=["float32"]),
    ),
    "modules, operation": row(entry("Operation", op="os.system", args=["true"])),
    "bombs, recursion": [],
}
deep = entry("Dense", units=2)
for _ in range(60):
    deep = row(deep)
CASES["bombs, recursion"] = deep


@pytest.fixture
def little_memory():
    """Fail instead of taking more than 3 GB beside what is taken."""
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    with open("/proc/self/statm") as file:
        taken = int(file.read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (taken + (3 << 30), hard))
    yield
    resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


@pytest.mark.parametrize("write", [write_keras, write_h5])
@pytest.mark.parametrize("name", CASES)
def test_configurations(tmp_path, monkeypatch, little_memory, name, write):
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "m", CASES[name])
    with pytest.raises(ValueError, match="load_model: "):
        load(tmp_path / "m")
    with pytest.raises(ValueError, match="safe_mode"):
        load(tmp_path / "m", safe_mode=False)
    assert [path.name for path in tmp_path.iterdir()] == ["m"]


def test_the_files_are_good_but_for_that(tmp_path):
    good = entry("Dense", units=2, name="dense")
    for write in (write_keras, write_h5):
        write(tmp_path / "m", row(good))
        assert load(tmp_path / "m").predict(np.ones((1, 3)), verbose=0).tolist() == [[3, 3]]
    write_keras(tmp_path / "m", row(entry("Dense", "os", units=2)))  # a module is not looked at
    assert load(tmp_path / "m").count_params() == 8


ARRAYS = {
    "bombs, shape": lambda f: f["layers/dense/vars"].create_dataset(
        "2", (1 << 50,), "f4", chunks=(1024,), compression="gzip"
    ),
    "bombs, never written": lambda f: f["layers/dense/vars"].create_dataset("2", (1 << 40,), "f4"),
    "bombs, state": lambda f: f.create_dataset("layers/dense/x/vars/0", (1 << 40,), "f4"),
    "links, external": lambda f: f.__setitem__("layers/x", h5py.ExternalLink("/etc/x", "/")),
    "links, soft": lambda f: f.__setitem__("layers/x", h5py.SoftLink("/layers/dense")),
    "links, hard": lambda f: f.__setitem__("layers/dense/vars/x", f["layers"]),
    "links, data outside": lambda f: f.create_dataset(
        "layers/dense/vars/2", (3,), "f4", external=[("/etc/passwd", 0, 12)]
    ),
}


@pytest.mark.parametrize("name", ARRAYS)
def test_arrays(tmp_path, little_memory, name):
    write_keras(tmp_path / "m", row(entry("Dense", units=2, name="dense")), weights(ARRAYS[name]))
    with pytest.raises(ValueError, match="load_model: "):
        load(tmp_path / "m")


PATHS = ("../x", "/etc/x", "a/../../x", "C:/x", "assets/../../x", "x\\..\\y")


@pytest.mark.parametrize("name", PATHS)
def test_paths(tmp_path, name):
    write_keras(tmp_path / "m", row(entry("Dense", units=2)), **{name: b"x"})
    with pytest.raises(ValueError, match="relative name"):
        load(tmp_path / "m")
    assert [path.name for path in tmp_path.iterdir()] == ["m"]


def test_members_twice(tmp_path):
    write_keras(tmp_path / "m", row(entry("Dense", units=2)))
    with zipfile.ZipFile(tmp_path / "m", "a") as archive, pytest.warns(UserWarning):
        archive.writestr("config.json", json.dumps(row(LAMBDA)))
    with pytest.raises(ValueError, match="twice"):
        load(tmp_path / "m")


@pytest.mark.slow
@pytest.mark.parametrize("member", ["model.weights.h5", "config.json", "metadata.json"])
def test_bombs_of_zeros(tmp_path, little_memory, member):
    members = {"config.json": json.dumps(row()), "model.weights.h5": weights()}
    with zipfile.ZipFile(tmp_path / "m", "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            if name != member:
                archive.writestr(name, content)
        with archive.open(member, "w", force_zip64=True) as file:
            for _ in range(300):
                file.write(bytes(1 << 20))
    with pytest.raises(ValueError, match="load_model: .*(bytes|declares)"):
        load(tmp_path / "m")


def test_state_and_training_of_the_file(tmp_path):
    training = {"optimizer_config": SYSTEM, "loss": "mse", "metrics": None}
    write_h5(tmp_path / "m", row(entry("Dense", units=2)), training_config=json.dumps(training))
    with pytest.raises(ValueError, match="system"):
        load(tmp_path / "m")
    training = {"optimizer_config": entry("SGD"), "loss": CALL}
    write_h5(tmp_path / "m", row(entry("Dense", units=2)), training_config=json.dumps(training))
    with pytest.raises(ValueError, match="system"):
        load(tmp_path / "m")


def test_counts_of_updates_without_end(tmp_path):
    def fill(file):
        group = file.create_group("optimizer/vars")
        found = [np.int64(2**62), np.float32(0.1), *[np.ones((3, 2), "f4")] * 2]
        found += [np.ones(2, "f4")] * 2 + [np.float32(0)]
        for i, value in enumerate(found):
            group[str(i)] = value

    config = row(entry("Dense", units=2, name="dense"))
    config["compile_config"] = {"optimizer": entry("Nadam", "keras.optimizers"), "loss": "mse"}
    write_keras(tmp_path / "m", config, weights(fill))
    model = load(tmp_path / "m")
    assert np.isfinite(model.train_on_batch(np.ones((1, 3)), np.ones((1, 2))))
