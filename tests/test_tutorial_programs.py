"""Programs with the tutorials' calls, for when the pages are not there."""

import json
import re

import numpy as np
import pytest

from tests.architecture import ROOT
from tests.tutorials import figures, programs_clothes, programs_pets, story
from tests.tutorials.harness import Stage
from tests.tutorials.stand_ins import train_test_split


@pytest.fixture
def stage(monkeypatch, tmp_path, seeded):
    stage = Stage(monkeypatch, tmp_path)
    stage.play_pictures()
    return stage


def test_a_network_by_tf_keras(stage):
    names = stage.run([programs_clothes.TF_KERAS])
    assert len(names["stopped"].history["loss"]) == 1 and "\nenough\n" in stage.printed
    assert re.search(r"^guessed \d is 0$", stage.printed, re.MULTILINE)
    assert names["guesses"].sum(axis=1) == pytest.approx(np.ones(200), abs=1e-5)


def test_deep_networks_and_optimizers(stage):
    names = stage.run([programs_clothes.DEEP])
    assert len(names["scores"]) == 7
    assert all(len(score) == 2 for score in names["scores"].values())
    assert names["scores"]["adam"][1] > 0.9
    assert 'Model: "옷을 가르는 모델"\n' in stage.printed
    assert stage.printed.count("Total params: 79,510\n") == 3
    assert "hidden (Dense)               (None, 100)               78500     \n" in stage.printed


def test_one_hot_classes_and_dropout(stage):
    names = stage.run([programs_clothes.ONE_HOT])
    assert re.search(r"^accuracy \d\.\d{4}$", stage.printed, re.MULTILINE)
    assert stage.pyplot.drawn() == [["seen", "unseen", "epoch", "accuracy", "What was learnt"]]
    assert stage.pyplot.figures[0][1][1] == (names["past"].history["val_accuracy"],)


def test_early_stopping_of_ten_binary_crossentropies(stage):
    names = stage.run([programs_clothes.EARLY])
    assert list(names["past"].history) == ["loss", "accuracy", "val_loss", "val_accuracy"]
    assert "Total params: 321\n" in stage.printed and "dense_2 (Dense)" in stage.printed


@pytest.mark.slow
def test_pictures_in_folders(stage):
    names = stage.run([programs_pets.PLAIN], stage.draw_pets())
    assert "Found 32 images belonging to 2 classes." in stage.printed
    assert "(20, 50, 50, 3) (20,)\n" in stage.printed
    assert stage.pyplot.drawn()[1][-1] == "loss" and len(names["past"].history["val_acc"]) == 2


@pytest.mark.slow
def test_pictures_that_are_varied(stage):
    names = stage.run([programs_pets.VARIED], stage.draw_pets())
    pictures = [np.asarray(calls[0][1][0]) for calls in stage.pyplot.figures[:4]]
    assert all(np.abs(a - pictures[0]).max() > 0 for a in pictures[1:])
    assert list(names["past"].history) == ["loss", "acc", "val_loss", "val_acc"]


def test_the_split_takes_the_rows_that_sklearn_takes():
    train, test, odd, _ = train_test_split(np.arange(10), np.arange(10) * 2, random_state=42)
    assert test.tolist() == [8, 1, 5] and train.tolist() == [0, 7, 2, 9, 4, 3, 6]
    assert odd.tolist() == [0, 14, 4, 18, 8, 6, 12]


@pytest.mark.parametrize("name", [name for name in figures.ROWS if name not in {"fifty", "pets"}])
def test_the_programs_of_the_figures_run(stage, name):
    row = figures.ROWS[name]
    trained = row.train()
    assert set(row.figures) <= set(trained) and all(value > 0 for value in trained.values())


@pytest.mark.slow
def test_the_program_of_the_story_runs(seeded):
    told = story.pets((4, 3), epochs=2, steps=1, side=48)
    assert set(figures.ROWS["pets"].figures) <= set(told)
    assert all(0 <= told[f"{name} {part}"] <= 1 for name, _ in story.WAYS for part in
               ("train", "validation"))  # fmt: skip


def test_a_story_is_told_by_the_last_epochs():
    plain = {"acc": [0.2, 0.9, 1, 1], "val_acc": [0.5, 0.9, 0.7, 0.8], "val_loss": [2, 1, 2, 3]}
    varied = {"acc": [0.5, 0.8], "val_acc": [0.9, 0.9], "val_loss": [0.4, 0.2]}
    told = story.tell({"plain": plain, "varied": varied})
    assert told == pytest.approx({
        "plain train": 1.0, "plain validation": 0.75, "plain gap": 0.25, "plain loss growth": 2.5,
        "varied train": 0.65, "varied validation": 0.9,
        "varied gap": -0.25, "varied loss growth": 1.5, "gain": 0.15,
    })  # fmt: skip


def test_the_recorded_figures_reach_their_marks():
    recorded = json.loads(figures.FILE.read_text(encoding="utf-8"))
    assert list(recorded) == list(figures.ROWS)
    assert all(len(row["runs"]) == 3 for row in recorded.values())
    lines = figures.table(recorded).splitlines()[2:]
    assert len(lines) == 25 and all(line.endswith("| yes |") for line in lines)
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert figures.table(recorded) in readme, "python -m tests.tutorials.figures --show prints it"
    recorded["five"]["runs"][0]["test"] = 0.5
    assert figures.table(recorded).splitlines()[3].endswith("| NO |")
