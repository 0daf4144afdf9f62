"""Texts made sequences of numbers, one for each word: Keras's Tokenizer."""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from dezero.preprocessing.pictures import check_choice

__all__ = [
    "Tokenizer",
    "hashing_trick",
    "one_hot",
    "text_to_word_sequence",
    "tokenizer_from_json",
]

FILTERS = '!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n'
MODES = ("binary", "count", "tfidf", "freq")
TABLES = ("word_counts", "word_docs", "index_docs", "index_word", "word_index")


def text_to_word_sequence(
    input_text: str, filters: str = FILTERS, lower: bool = True, split: str = " "
) -> list[str]:
    """Return the words of a text: `filters` count as `split`, empty ones are left out."""
    text = input_text.lower() if lower else input_text
    text = text.translate(str.maketrans(dict.fromkeys(filters, split)))
    return [word for word in text.split(split) if word]


def hashing_trick(  # noqa: PLR0917
    text: str,
    n: int,
    hash_function: Any = None,
    filters: str = FILTERS,
    lower: bool = True,
    split: str = " ",
    analyzer: Callable[[str], Sequence[str]] | None = None,
) -> list[int]:
    """Return a number from 1 to n - 1 for each word; several words may share one.

    Args:
        text: the text.
        n: numbers there are, 0 among them.
        hash_function: from a word to an integer; None and "md5" are the same in every run, where
            Keras's None changes with each.
        filters, lower, split: as in text_to_word_sequence.
        analyzer: cuts the text instead.
    """
    if n < 2:
        raise ValueError(f"hashing_trick: expected n >= 2, got {n}. 0 is no word's number.")
    words = analyzer(text) if analyzer else text_to_word_sequence(text, filters, lower, split)
    number: Any = hash_function if callable(hash_function) else _md5
    return [number(word) % (n - 1) + 1 for word in words]


def _md5(word: str) -> int:
    return int(hashlib.md5(word.encode(), usedforsecurity=False).hexdigest(), 16)


def one_hot(  # noqa: PLR0917
    input_text: str,
    n: int,
    filters: str = FILTERS,
    lower: bool = True,
    split: str = " ",
    analyzer: Callable[[str], Sequence[str]] | None = None,
) -> list[int]:
    """Return hashing_trick of a text: numbers, not vectors, in spite of Keras's name for it."""
    return hashing_trick(input_text, n, None, filters, lower, split, analyzer)


class Tokenizer:
    """Numbers for words, the more frequent the lower; 0 is none's.

    Args:
        num_words: only numbers below it are given out.
        filters, lower, split: as in text_to_word_sequence.
        char_level: each character is a word.
        oov_token: the word, number 1, that stands for those that were not seen or not kept.
        analyzer: cuts a text instead.
        document_count: texts seen before.
    """

    def __init__(  # noqa: PLR0917
        self,
        num_words: int | None = None,
        filters: str = FILTERS,
        lower: bool = True,
        split: str = " ",
        char_level: bool = False,
        oov_token: str | None = None,
        analyzer: Callable[[str], Sequence[str]] | None = None,
        document_count: int = 0,
    ) -> None:
        self.num_words, self.filters, self.lower, self.split = num_words, filters, lower, split
        self.char_level, self.oov_token, self.analyzer = char_level, oov_token, analyzer
        self.document_count = document_count
        self.word_counts: dict[str, int] = {}
        self.word_docs: dict[str, int] = {}
        self.index_docs: dict[int, int] = {}
        self.word_index: dict[str, int] = {}
        self.index_word: dict[int, str] = {}

    def fit_on_texts(self, texts: Iterable[Any]) -> None:
        """Count the words of texts, strings or lists of words, and number them anew."""
        if isinstance(texts, str):
            raise TypeError(
                "fit_on_texts: expected a list of texts, got a single one. Put it into a list."
            )
        counts, docs = Counter(self.word_counts), Counter(self.word_docs)
        for text in texts:
            words = self._words(text)
            counts.update(words)
            docs.update(set(words))
            self.document_count += 1
        self.word_counts, self.word_docs = dict(counts), dict(docs)
        first = [] if self.oov_token is None else [self.oov_token]
        # sorted() keeps the order in which words of equal count were met.
        rest = sorted(counts, key=lambda word: -counts[word])
        words = [*first, *(word for word in rest if word != self.oov_token)]
        self.word_index = {word: number for number, word in enumerate(words, 1)}
        self.index_word = {number: word for word, number in self.word_index.items()}
        self.index_docs = {self.word_index[word]: count for word, count in docs.items()}

    def fit_on_sequences(self, sequences: Sequence[Sequence[int]]) -> None:
        """Count in how many sequences each number occurs, for "tfidf" without texts."""
        docs = Counter(self.index_docs)
        for sequence in sequences:
            docs.update(set(sequence))
        self.document_count += len(sequences)
        self.index_docs = dict(docs)

    def texts_to_sequences(self, texts: Iterable[Any]) -> list[list[int]]:
        """Return the numbers of the words of each text; words without one are left out."""
        return list(self.texts_to_sequences_generator(texts))

    def texts_to_sequences_generator(self, texts: Iterable[Any]) -> Iterator[list[int]]:
        """Yield the numbers of the words of each text."""
        if isinstance(texts, str):
            raise TypeError(
                "texts_to_sequences: expected a list of texts, got a single one. "
                "Put it into a list."
            )
        unknown = self.word_index.get(self.oov_token) if self.oov_token is not None else None
        for text in texts:
            numbers = (self.word_index.get(word) for word in self._words(text))
            kept = (number if self._is_kept(number) else unknown for number in numbers)
            yield [number for number in kept if number is not None]

    def sequences_to_texts(self, sequences: Iterable[Iterable[int]]) -> list[str]:
        """Return the words of each sequence with blanks between; those without are left out."""
        return list(self.sequences_to_texts_generator(sequences))

    def sequences_to_texts_generator(self, sequences: Iterable[Iterable[int]]) -> Iterator[str]:
        """Yield the words of each sequence with blanks between."""
        for sequence in sequences:
            known = (self.index_word.get(n) if self._is_kept(n) else None for n in sequence)
            words = (self.oov_token if word is None else word for word in known)
            yield " ".join(word for word in words if word is not None)

    def texts_to_matrix(self, texts: Iterable[Any], mode: str = "binary") -> np.ndarray:
        """Return `sequences_to_matrix` of the numbers of texts."""
        return self.sequences_to_matrix(self.texts_to_sequences(texts), mode)

    def sequences_to_matrix(
        self, sequences: Sequence[Sequence[int]], mode: str = "binary"
    ) -> np.ndarray:
        """Return float64 (N, num_words), what each number is worth in each sequence.

        Args:
            sequences: numbers; those from num_words on are passed over.
            mode: "binary" 1 for those that occur, "count" how often, "freq" its part of the
                sequence, "tfidf" (1 + log count) * log(1 + texts / (1 + texts with it)).
        """
        check_choice("sequences_to_matrix", "mode", mode, MODES)
        if not self.num_words and not self.word_index:
            raise ValueError(
                "sequences_to_matrix: expected num_words or texts to have been seen, got none. "
                "Call fit_on_texts first."
            )
        if mode == "tfidf" and not self.document_count:
            raise ValueError(
                "sequences_to_matrix: expected texts to have been seen for tfidf, got none. "
                "Call fit_on_texts first."
            )
        size = self.num_words or len(self.word_index) + 1
        matrix = np.zeros((len(sequences), size))
        for row, sequence in zip(matrix, sequences, strict=True):
            numbers = np.asarray(sequence, np.intp)
            counts = np.bincount(numbers[numbers < size], minlength=size)
            row[:] = counts > 0 if mode == "binary" else counts
            if mode == "freq":
                row /= max(len(sequence), 1)
            if mode == "tfidf":
                there = np.flatnonzero(counts)
                texts = np.array([1 + self.index_docs.get(int(n), 0) for n in there])
                row[there] = (1 + np.log(counts[there])) * np.log1p(self.document_count / texts)
        return matrix

    def get_config(self) -> dict[str, Any]:
        """Return the options, and what was counted as JSON, as Keras has it."""
        names = ("num_words", "filters", "lower", "split", "char_level", "oov_token")
        config = {name: getattr(self, name) for name in (*names, "document_count")}
        return config | {name: json.dumps(getattr(self, name)) for name in TABLES}

    def to_json(self, **kwargs: Any) -> str:
        """Return a text that `tokenizer_from_json` reads, Keras's too."""
        return json.dumps({"class_name": "Tokenizer", "config": self.get_config()}, **kwargs)

    def _is_kept(self, number: int | None) -> bool:
        return number is not None and (not self.num_words or number < self.num_words)

    def _words(self, text: Any) -> Sequence[str]:
        if isinstance(text, list | tuple):
            return [word.lower() for word in text] if self.lower else text
        if self.char_level:
            return list(text.lower() if self.lower else text)
        if self.analyzer is not None:
            return self.analyzer(text)
        return text_to_word_sequence(text, self.filters, self.lower, self.split)


def tokenizer_from_json(json_string: str) -> Tokenizer:
    """Return the Tokenizer that `to_json`, or Keras's, wrote."""
    try:
        config = dict(json.loads(json_string)["config"])
        tables = {name: json.loads(config.pop(name)) for name in TABLES}
        tokenizer = Tokenizer(**config)
    except (TypeError, KeyError, ValueError) as error:
        raise ValueError(
            f"tokenizer_from_json: expected what to_json returned, got {type(error).__name__}: "
            f"{error}. Write it anew."
        ) from error
    for name, table in tables.items():
        # JSON has strings for keys alone.
        numbered = name.startswith("index")
        setattr(tokenizer, name, {int(k): v for k, v in table.items()} if numbered else table)
    return tokenizer
