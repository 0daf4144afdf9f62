"""The interpreter: plain data comes back, everything else is an error, and nothing is called."""

import pytest

from dezero.io.opcodes import Interpreter, Name, kind_of
from tests.io.memory import peak_of
from tests.io.pickles import Call, Named, Persistent, body, dumps

KNOWN = Name("torch", "Size")
PLAIN = {
    "a": [1, -5, 2**70, 1.5, None, True, False, "größe", ""],
    "b": {"c": (), "d": (1,), "e": (1, (2, 3), [4]), 7: "seven"},
}


class Refused(Exception):
    pass


def refuse(reason):
    raise Refused(reason)


def interpreter(data):
    return Interpreter(
        data,
        names={KNOWN},
        call=lambda name, arguments: ("called", name, arguments),
        persistent=lambda saved: ("persistent", saved),
        refuse=refuse,
    )


def load(data):
    return interpreter(data).load()


def test_plain_data():
    assert load(dumps(PLAIN)) == PLAIN


@pytest.mark.parametrize(
    ("code", "value"),
    [
        (b"K\xff.", 255),
        (b"M\x01\x02.", 513),
        (b"J\xff\xff\xff\xff.", -1),
        (b"\x8b\x02\x00\x00\x00\xff\x7f.", 32767),
        (b"U\x03abc.", "abc"),
        (b"T\x03\x00\x00\x00abc.", "abc"),
        (b"\x8c\x03abc.", "abc"),
        (b"\x8d\x03\x00\x00\x00\x00\x00\x00\x00abc.", "abc"),
        (b"K\x01K\x02\x86.", (1, 2)),
        (b"K\x01\x85.", (1,)),
        (b"K\x01K\x02K\x03\x87.", (1, 2, 3)),
        (b"(K\x01K\x02l.", [1, 2]),
        (b"(U\x01aK\x02d.", {"a": 2}),
        (b"]K\x01a.", [1]),
        (b"}U\x01aK\x01s.", {"a": 1}),
        (b"K\x01K\x020.", 1),
        (b"K\x01(K\x02K\x031.", 1),
        (b"K\x012\x86.", (1, 1)),
        (b"]q\x00h\x00\x86.", ([], [])),
        (b"]r\x00\x01\x00\x00j\x00\x01\x00\x00\x86.", ([], [])),
        (b"\x80\x04\x95\x00\x00\x00\x00\x00\x00\x00\x00]\x94h\x00\x86.", ([], [])),
        (b"ctorch\nSize\n.", KNOWN),
        (b"\x8c\x05torch\x8c\x04Size\x93.", KNOWN),
        (b"}K\x01b.", {}),
    ],
)
def test_each_instruction(code, value):
    assert load(code) == value


def test_names_are_handed_to_the_caller():
    called = load(dumps(Call(Named("torch", "Size"), (1, 2))))
    assert called == ("called", KNOWN, ((1, 2),))
    assert load(dumps(Persistent("storage", 3))) == ("persistent", ("storage", 3))


def test_one_pickle_after_another():
    reader = interpreter(dumps([1]) + dumps("x") + b"rest")
    assert reader.load() == [1] and reader.load() == "x"
    assert reader.data[reader.place :] == b"rest"


@pytest.mark.parametrize(
    ("code", "match"),
    [
        (b"cos\nsystem\n(U\x02lstR.", "got 'os.system' in it, which only the program"),
        (b"cposix\nsystem\n.", "'posix.system'"),
        (b"c__builtin__\neval\n.", "'__builtin__.eval'"),
        (b"ctorch\nSize.__init__.__globals__\n.", "'torch.Size.__init__.__globals__'"),
        (b"\x8c\x02os\x8c\x06system\x93.", "'os.system'"),
        (b"(ios\nsystem\n.", "instruction b'i' at byte 1, which they do not need"),
        (b"(cos\no.", "'os.\\(cut\\)'|damaged"),
        (b"\x82\x01.", r"instruction b'\\x82'"),
        (b"ctorch\nSize\n)\x81.", r"instruction b'\\x81'"),
        (b"P1\n.", "instruction b'P'"),
        (b"\x8f.", r"instruction b'\\x8f'"),
        (b"K\x01)R.", "expected a name to stand for an object, got 1"),
        (b"ctorch\nSize\n]R.", "expected a name to stand for an object, got torch.Size"),
        (b"ctorch\nSize\nctorch\nSize\nR.", "expected a name to stand for an object"),
        (b"ctorch\nSize\n}b.", "expected attributes of a dict or a tensor, got some of torch.Size"),
        (b"K\x01}b.", "got some of 1"),
        (b"]K\x01\x93.", "a name that is no string"),
        (b"K\x01K\x02a.", "expected a list to append to, got 1"),
        (b"]U\x01aK\x01s.", "expected a dict to fill, got a list"),
        (b"}]K\x01s.", "expected strings or integers as keys, got a list"),
        (b"})K\x01s.", "expected strings or integers as keys, got a tuple"),
        (b"}" + body(1.5) + b"K\x01s.", "expected strings or integers as keys, got 1.5"),
        (b"}" + body(2**61) + b"K\x01s.", "expected strings or integers as keys, got 23058"),
        (b"}(K\x01u.", "a key without a value"),
        (b"h\x00.", "it recalls what was never noted"),
        (b".", "it takes what is not there"),
        (b"K\x01(.", "it takes what is not there"),
        (b"K\x01(0.", "it takes what is not there"),
        (b"t.", "it takes what is not there"),
        (b"K\x01K\x02.", "expected one object, got a pickle that leaves more"),
        (b"K\x01", "damaged or cut off"),
        (b"X\xff\xff\xff\x7fabc.", "damaged or cut off"),
        (b"\x8d\xff\xff\xff\xff\xff\xff\xff\xffabc.", "damaged or cut off"),
        (b"ctorch\nSize", "damaged or cut off"),
        (b"c" + b"x" * 300 + b"\n.", "damaged or cut off"),
        (b"U\x02\xff\xfe.", "expected names in UTF-8"),
        (b"\x8a\xff" + b"\x01" * 255 + b".", "integers of at most 16 bytes, got one of 255"),
        (b"(" * 2000, "expected at most 1000 levels of nesting"),
    ],
)
def test_anything_else_is_refused(code, match):
    with pytest.raises(Refused, match=match) as caught:
        load(code)
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize("length", range(0, len(dumps(PLAIN)), 3))
def test_truncation(length):
    with pytest.raises(Refused, match="damaged"):
        load(dumps(PLAIN)[:length])


SIZE = 1 << 17
BOMBS = {
    "lists": b"]" * SIZE,
    "lists in a list": b"](" + b"]" * SIZE + b"e.",
    "nested lists": b"]" * 100_000 + b"a" * 99_999 + b".",
    "dicts": b"}" * SIZE,
    "notes": b"N" + b"\x94" * SIZE,
    "numbered notes": b"N" + b"".join(b"r" + i.to_bytes(4, "little") for i in range(50_000)),
    "one far note": b"Nr\xff\xff\xff\xff" * 100 + b".",
    "tuples of tuples": b")" + b"\x85" * SIZE + b".",
    "doubling": b")" + b"2\x86" * 100_000 + b".",
    "billion laughs": b")q\x00" + b"".join(b"(" + b"h\x00" * 9 + b"tq\x00" for _ in range(900)),
    "copies": b"N" + b"2" * SIZE,
}


@pytest.mark.slow
@pytest.mark.parametrize("case", BOMBS)
def test_bombs_take_a_bounded_multiple_of_their_size(case):
    def explode():
        try:
            load(BOMBS[case])
        except Refused:
            pass

    # A list takes 64 bytes, a note of an object as much in a dict: those are counted.
    assert peak_of(explode) < 16 << 20


def test_what_an_error_calls_a_value():
    assert kind_of([]) == "a list" and kind_of(KNOWN) == "torch.Size" and kind_of(None) == "None"
    assert len(kind_of(10**60)) == 40
