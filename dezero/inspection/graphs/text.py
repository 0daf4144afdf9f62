"""Text in drawings: what may be written, and how wide it will be without asking a font."""

import re
import unicodedata

FONTS = "DejaVu Sans, Verdana, Geneva, sans-serif"
# Advance widths of DejaVu Sans in thousandths of its size; Verdana's are the same or less.
_WIDTHS = {
    275: "'", 278: "ijl", 295: "IJ", 318: " ,.", 337: "/:;\\|", 352: "f", 361: "-", 390: "()[]",
    392: "t", 401: "!", 411: "r", 460: '"', 500: "*_`", 521: "s", 525: "z", 531: "?", 550: "c",
    557: "L", 575: "F", 579: "k", 592: "vxy", 603: "P", 611: "TY", 612: "o", 613: "a", 615: "e",
    632: "E", 635: "hnuSbdgpq", 636: "$0123456789{}", 656: "K", 684: "AV", 685: "XZ", 686: "B",
    695: "R", 698: "C", 732: "U", 748: "N", 752: "H", 770: "D", 775: "G", 780: "&", 787: "OQ",
    818: "w", 838: "#+<=>^~", 863: "M", 950: "%", 974: "m", 989: "W", 1000: "@",
}  # fmt: skip
_ADVANCE = {letter: width / 1000 for width, letters in _WIDTHS.items() for letter in letters}
_OTHER, _WIDE = 0.75, 1.0
_UNPRINTABLE = re.compile("[^\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def width(text: str, size: float) -> float:
    """Return how wide `text` is in a sans-serif font of `size`; a wide character takes a square."""
    return size * sum(map(_advance, text))


def _advance(letter: str) -> float:
    known = _ADVANCE.get(letter)
    if known is None:
        if unicodedata.east_asian_width(letter) in "WF":
            known = _WIDE
        elif unicodedata.combining(letter) or unicodedata.category(letter) in ("Cf", "Mn", "Me"):
            known = 0.0
        else:
            # An accented letter is as wide as the letter.
            known = _ADVANCE.get(unicodedata.normalize("NFD", letter)[0], _OTHER)
    return known


def clean(text: str) -> str:
    """Return `text` on one line, without characters that XML and DOT cannot carry."""
    return _UNPRINTABLE.sub("\ufffd", " ".join(text.split()))


def clipped(text: str, room: float, size: float) -> str:
    """Return `text`, or its beginning and an ellipsis where it is wider than `room`."""
    if width(text, size) <= room:
        return text
    room -= size
    for end in range(len(text), 0, -1):
        if width(text[:end], size) <= room:
            return text[:end].rstrip() + "…"
    return "…"
