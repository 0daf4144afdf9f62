"""`TextVectorization`: texts as indices of their words, or as counts."""

import re
import string
from typing import Any

import numpy as np

from dezero.core import Variable
from dezero.keras.layers.lookup import Lookup

__all__ = ["TextVectorization"]

_PUNCTUATION = re.compile(f"[{re.escape(string.punctuation)}]")


class TextVectorization(Lookup):
    """Cut texts into words, and give the place of each in a vocabulary, or count them.

    Args:
        max_tokens: the most that `adapt` keeps, the special ones counted.
        standardize: "lower_and_strip_punctuation", "lower", "strip_punctuation", None, or a
            function of a text.
        split: "whitespace", "character", None, or a function from a text to a list.
        ngrams: also take so many words in a row, up to this number, or these numbers.
        output_mode: "int", "multi_hot", "count" or "tf_idf".
        output_sequence_length: pad with 0 or cut to it.
        pad_to_max_tokens, vocabulary, idf_weights: as in `Lookup`.
    Note: texts come as lists or arrays or by the `map` of a data set, not by a model's Input.
    """

    fields = (
        "max_tokens", "standardize", "split", "ngrams", "output_mode", "output_sequence_length",
        "pad_to_max_tokens",
    )  # fmt: skip

    def __init__(  # noqa: PLR0917 - the order of Keras
        self,
        max_tokens: int | None = None,
        standardize: Any = "lower_and_strip_punctuation",
        split: Any = "whitespace",
        ngrams: Any = None,
        output_mode: str = "int",
        output_sequence_length: int | None = None,
        pad_to_max_tokens: bool = False,
        vocabulary: Any = None,
        idf_weights: Any = None,
        ragged: bool = False,
        **kwargs: Any,
    ) -> None:
        self._check("standardize", standardize, (*STANDARDS, None))
        self._check("split", split, ("whitespace", "character", None))
        if ragged:
            raise ValueError(
                "TextVectorization: expected ragged=False, got True. Rows here are of one length."
            )
        self.standardize, self.split, self.ngrams = standardize, split, ngrams
        self.output_sequence_length = output_sequence_length
        super().__init__(
            max_tokens,
            mask_token="",
            oov_token="[UNK]",
            vocabulary=vocabulary,
            idf_weights=idf_weights,
            output_mode=output_mode,
            pad_to_max_tokens=pad_to_max_tokens,
            **kwargs,
        )

    @staticmethod
    def _check(name: str, value: Any, words: tuple) -> None:
        if not callable(value) and value not in words:
            raise ValueError(
                f"TextVectorization: expected {name} {', '.join(map(repr, words))} or a function, "
                f"got {value!r}. Take one of them."
            )

    def _words(self, text: Any) -> list[str]:
        text = self._token(text)
        if callable(self.standardize):
            text = str(self.standardize(text))
        elif self.standardize is not None:
            text = STANDARDS[self.standardize](text)
        if callable(self.split):
            found: Any = self.split(text)
            words = [str(word) for word in found]
        elif self.split == "whitespace":
            words = text.split()
        else:
            words = list(text) if self.split == "character" else [text]
        if self.ngrams is None:
            return words
        sizes = range(1, self.ngrams + 1) if isinstance(self.ngrams, int) else self.ngrams
        return [" ".join(words[i : i + n]) for n in sizes for i in range(len(words) - n + 1)]

    def _documents(self, data: Any) -> Any:
        """Yield the words of each text."""
        if hasattr(data, "cardinality") or hasattr(data, "__next__"):
            for batch in data:
                yield from self._documents(batch[0] if isinstance(batch, tuple) else batch)
            return
        yield from (self._words(text) for text in np.asarray(data).ravel().tolist())

    def call(self, inputs: Any) -> Any:
        """Return indices (N, T) as int64, or the counts of each text (N, tokens)."""
        texts = np.asarray(inputs)
        rows = [self._words(text) for text in texts.ravel().tolist()]
        if self.output_mode != "int":
            found = [self.counted(self.indices(_row(row)).data) for row in rows]
            counts = np.stack(found) if found else np.zeros((0, self._width()))
            return Variable.constant(counts if texts.ndim else counts[0])
        width = self.output_sequence_length
        width = max(map(len, rows), default=0) if width is None else width
        result = np.zeros((len(rows), width), np.int64)
        for number, row in enumerate(rows):
            places = self.indices(_row(row[:width])).data
            result[number, : len(places)] = places
        return Variable.constant(result if texts.ndim else result[0])

    def compute_output_shape(self, input_shape: Any) -> tuple:
        """Return (N, T), or (N, tokens)."""
        width = self.output_sequence_length if self.output_mode == "int" else self._width()
        return (input_shape[0], width)


def _row(words: list[str]) -> np.ndarray:
    return np.array(words, object)


# Texts in lower case, without punctuation, or both.
STANDARDS: dict[str, Any] = {
    "lower_and_strip_punctuation": lambda text: _PUNCTUATION.sub("", text.lower()),
    "lower": str.lower,
    "strip_punctuation": lambda text: _PUNCTUATION.sub("", text),
}
