"""The tutorials' own code, with nothing changed but its imports and typing faults."""

import importlib.util
import re

import pytest

from tests.tutorials import pages
from tests.tutorials.harness import Stage
from tests.tutorials.mends import BEFORE, MENDS

FOLDER = pages.folder()
PATHS = sorted(FOLDER.glob("*.txt")) if FOLDER else []
# The pages, and how many statements each has at least.
COUNTS = {"000": 17, "001": 40, "002": 20, "003": 59, "004": 58}
SUMMARY = re.compile(r'^Model: ".*?^Non-trainable params: [\d,]+ *\n_+$', re.DOTALL | re.MULTILINE)
LINE = re.compile(r"^8/8 \[={30}\] - .*?s \d+\wm?s/step - loss: \d+\.\d{4} - accuracy: \d\.\d{4}")
needs_pages = pytest.mark.skipif(
    not PATHS, reason="needs the tutorials' pages: set DEZERO_SEEDS to their folder"
)


def page(number):
    (path,) = (path for path in PATHS if path.name.startswith(number))
    return path.read_text(encoding="utf-8")


def waits(statement):
    """Whether a statement needs what is not installed: Keras's files need h5py."""
    return ".save(" in statement and importlib.util.find_spec("h5py") is None


@pytest.fixture
def stage(monkeypatch, tmp_path, seeded):
    return Stage(monkeypatch, tmp_path)


def run(stage, number, names=None):
    before = [BEFORE[number]] if number in BEFORE else []
    parts = pages.in_reading_order(pages.mended(page(number)))
    return stage.run([*before, *(part for part in parts if not waits(part))], names)


INVENTED = """모델 만들기

from tensorflow import keras
net = keras.Sequential([
    # 층
    keras.layers.Dense(1),

    ])
그리고 fit() 한다.
2.1 나중
net.fit(x, y)
Epoch 1/5
net.predict(x
1.2 먼저
for x in net.layers:
  print(x)

  print(x.name)
- units=3 : 개수
"""


def test_code_is_told_from_prose_and_sections_are_sorted():
    first, made, loop, fit = pages.in_reading_order(INVENTED)
    assert first == "from dezero import keras" and made.endswith("    ])")
    assert loop == "for x in net.layers:\n  print(x)" and fit == "net.fit(x, y)"
    assert pages.left_over(INVENTED) == ["net.predict(x", "  print(x.name)"]


@needs_pages
def test_every_fault_of_the_table_is_on_a_page():
    text = "".join(page(number) for number in COUNTS).replace("\N{NO-BREAK SPACE}", " ")
    assert [wrong for wrong, _ in MENDS if wrong not in text] == []


@needs_pages
@pytest.mark.parametrize(("number", "count"), list(COUNTS.items()))
def test_no_line_of_code_is_left_out(number, count):
    text = pages.mended(page(number))
    assert pages.left_over(text) == []
    assert len(pages.statements(text)) >= count


@needs_pages
def test_no_statement_is_left_out():
    text = "".join(pages.mended(page(number)) for number in COUNTS)
    waiting = [statement for _, statement in pages.statements(text) if waits(statement)]
    if waiting:
        pytest.skip(f"left out without h5py, the extra `keras`: {waiting}")


@needs_pages
def test_clothes_by_tf_keras(stage):
    stage.play_pictures()
    names = run(stage, "000")
    assert names["classifications"].shape == (200, 10)
    assert (
        stage.printed.count("Epoch 1/2") == 2
        and "\n훈련 정확도 95% 도달로 인한 종료\n" in stage.printed
    )


@needs_pages
def test_deep_network_and_optimizers(stage):
    stage.play_pictures()
    run(stage, "001")
    summaries = SUMMARY.findall(page("001"))
    assert len(summaries) == 4 and "패션 MNIST 모델" in summaries[1]
    assert SUMMARY.findall(stage.printed) == summaries
    assert len([line for line in stage.printed.splitlines() if LINE.search(line)]) > 0


@needs_pages
def test_hidden_layers_and_early_stopping(stage):
    stage.play_pictures()
    names = run(stage, "002")
    assert list(names["model"].history.history) == ["loss", "accuracy", "val_loss", "val_accuracy"]
    assert names["model"].count_params() == 269322


@needs_pages
@pytest.mark.slow
def test_clothes_for_beginners(stage):
    stage.play_pictures(60000, 10000)
    names = run(stage, "003")
    assert re.search(r"^테스트 정확도: \d\.\d{4}$", stage.printed, re.MULTILINE)
    once = ["Training accuracy", "validation accuracy", "Epoch", "accuracy", "Accuracy over Epochs"]
    assert stage.pyplot.drawn() == [once, once] and stage.pyplot.shown == 2
    (_, (accuracies,), _), (_, (validated,), _), *_ = stage.pyplot.figures[1]
    assert accuracies == names["history"].history["accuracy"] and len(validated) == 2


@needs_pages
@pytest.mark.slow
def test_cats_and_dogs(stage):
    names = run(stage, "004", stage.draw_pets())
    assert "배치 데이터 크리: (20, 150, 150, 3)\n배치 레이블 크기: (20,)" in stage.printed
    assert names["model"].count_params() == 3453121
    curves, losses, *pets = stage.pyplot.figures[:6]
    assert [args[2] for name, args, _ in curves if name == "plot"] == ["bo", "b"]
    assert list(curves[0][1][0]) == [1, 2] and losses[-2][1] == ("Training and validation loss",)
    assert [calls[0][0] for calls in pets] == ["imshow"] * 4
    assert pets[0][0][1][0].size == (150, 150)
    assert list(names["history"].history) == ["loss", "acc", "val_loss", "val_acc"]
