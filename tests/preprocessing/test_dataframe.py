"""flow_from_dataframe with a dict of lists; with pandas where it is installed."""

import numpy as np
import pytest

from dezero.preprocessing import ImageDataGenerator

PLAIN = ImageDataGenerator()
TINY = {"target_size": (4, 5), "shuffle": False}


@pytest.fixture
def table():
    return {
        "filename": ["cat/b.png", "dog/2.png", "cat/A.JPG", "dog/10.png"],
        "class": ["cat", "dog", "cat", "dog"],
        "many": [["x"], ["x", "y"], ["y"], ["z"]],
        "size": [1.0, 2.0, 3.0, 4.0],
        "weight": [1, 2, 3, 4],
    }


def test_labels_by_name(folder, table, capsys):
    flow = PLAIN.flow_from_dataframe(table, folder, weight_col="weight", **TINY)
    out = "Found 4 validated image filenames belonging to 2 classes.\n"
    assert capsys.readouterr().out == out
    x, t, w = next(flow)
    assert x.shape == (4, 4, 5, 3) and w.tolist() == [1, 2, 3, 4]
    np.testing.assert_array_equal(t, np.eye(2)[[0, 1, 0, 1]])
    for mode in ("binary", "sparse"):
        flow = PLAIN.flow_from_dataframe(table, folder, class_mode=mode, **TINY)
        assert flow[0][1].tolist() == [0, 1, 0, 1] and flow.class_indices == {"cat": 0, "dog": 1}


def test_several_labels_and_a_choice_of_classes(folder, table):
    flow = PLAIN.flow_from_dataframe(table, folder, y_col="many", **TINY)
    assert flow[0][1].tolist() == [[1, 0, 0], [1, 1, 0], [0, 1, 0], [0, 0, 1]]
    flow = PLAIN.flow_from_dataframe(table, folder, y_col="many", classes=["y", "x"], **TINY)
    assert flow.n == 3 and flow[0][1].tolist() == [[0, 1], [1, 1], [1, 0]]
    flow = PLAIN.flow_from_dataframe(table, folder, classes=["dog"], class_mode="sparse", **TINY)
    assert flow.filenames == ["dog/2.png", "dog/10.png"] and flow[0][1].tolist() == [0, 0]
    table["class"][1] = None
    assert PLAIN.flow_from_dataframe(table, folder, **TINY).n == 3


def test_values_as_targets(folder, table, capsys):
    flow = PLAIN.flow_from_dataframe(table, folder, y_col="size", class_mode="raw", **TINY)
    assert flow[0][1].tolist() == flow.labels.tolist() == [1, 2, 3, 4]
    assert capsys.readouterr().out == "Found 4 validated image filenames.\n"
    both = ["size", "weight"]
    flow = PLAIN.flow_from_dataframe(table, folder, y_col=both, class_mode="raw", **TINY)
    assert flow[0][1].shape == (4, 2)
    flow = PLAIN.flow_from_dataframe(table, folder, y_col=both, class_mode="multi_output", **TINY)
    assert [part.tolist() for part in flow[0][1]] == [[1, 2, 3, 4]] * 2
    flow = PLAIN.flow_from_dataframe(table, folder, y_col="size", class_mode="other", **TINY)
    assert flow.class_mode == "raw"
    for mode in ("input", None):
        assert PLAIN.flow_from_dataframe(table, folder, class_mode=mode, **TINY).n == 4


def test_names_without_a_file_are_left_out(folder, table):
    table["filename"][0] = "cat/gone.png"
    with pytest.warns(UserWarning, match="1 names in column 'filename' are no picture files"):
        flow = PLAIN.flow_from_dataframe(table, folder, **TINY)
    assert flow.filenames == table["filename"][1:] and flow[0][1].shape == (3, 2)
    paths = {**table, "filename": [str(folder / name) for name in table["filename"]]}
    flow = PLAIN.flow_from_dataframe(paths, validate_filenames=False, **TINY)
    assert flow.n == 4
    with pytest.raises(FileNotFoundError, match="gone"):
        next(flow)


def test_the_first_part_is_for_validation(folder, table):
    generator = ImageDataGenerator(validation_split=0.25)
    parts = [
        generator.flow_from_dataframe(table, folder, subset=subset, **TINY)
        for subset in ("validation", "training")
    ]
    assert sum((part.filenames for part in parts), []) == table["filename"]
    assert parts[0].n == 1 and parts[1][0][1].tolist() == [[0, 1], [1, 0], [0, 1]]


def test_pandas(folder, table):
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(table).iloc[1:]
    x, t = next(PLAIN.flow_from_dataframe(frame, folder, class_mode="binary", **TINY))
    assert t.tolist() == [1, 0, 1]


def test_refusals(folder, table):
    with pytest.raises(ValueError, match="class_mode to be one of"):
        PLAIN.flow_from_dataframe(table, folder, class_mode="odd")
    with pytest.raises(TypeError, match="expected strings in column 'size'"):
        PLAIN.flow_from_dataframe(table, folder, y_col="size")
    with pytest.raises(TypeError, match="expected strings in column 'many'"):
        PLAIN.flow_from_dataframe(table, folder, y_col="many", class_mode="sparse")
    with pytest.raises(TypeError, match="file names in column 'weight'"):
        PLAIN.flow_from_dataframe(table, folder, x_col="weight")
    with pytest.raises(TypeError, match="y_col to be a list of columns"):
        PLAIN.flow_from_dataframe(table, folder, class_mode="multi_output")
    with pytest.raises(TypeError, match=r"expected Keras's parameters, got \['shuffled'\]"):
        PLAIN.flow_from_dataframe(table, folder, shuffled=True, sort=True)
    with pytest.raises(ValueError, match="expected two classes for binary"):
        PLAIN.flow_from_dataframe(table, folder, classes=["dog"], class_mode="binary")
