"""Names that people take for one another: in another case or script, composed another way, or with unseen letters."""

from __future__ import annotations

import unicodedata

DRAWN_ALIKE = {
    "a": "\u0430\u0410\u03b1\u0391\u0251",
    "b": "\u0412\u0432\u0392",
    "c": "\u0441\u0421",
    "d": "\u0501",
    "e": "\u0435\u0415\u0395",
    "g": "\u0261",
    "h": "\u04bb\u041d\u043d\u0397",
    "i": "\u0456\u0406\u03b9\u0399\u0131",
    "j": "\u0458\u0408",
    "k": "\u043a\u041a\u03ba\u039a",
    "l": "\u04cf\u04c0",
    "m": "\u043c\u041c\u039c",
    "n": "\u039d\u0578",
    "o": "\u043e\u041e\u03bf\u039f\u0585",
    "p": "\u0440\u0420\u03c1\u03a1",
    "q": "\u051b",
    "s": "\u0455\u0405",
    "t": "\u0442\u0422\u03a4",
    "u": "\u03c5\u057d",
    "v": "\u0475\u03bd",
    "w": "\u051d",
    "x": "\u0445\u0425\u03c7\u03a7",
    "y": "\u0443\u0423\u03a5",
    "z": "\u0396",
}
"""Cyrillic, Greek, Armenian and phonetic letters that are drawn like a Latin one. Widths and styles are Unicode's own
(NFKC). A whole table of Unicode's would tell more, and also call 1 and l the same, which ids live by."""

LATIN = str.maketrans({other: letter for letter, others in DRAWN_ALIKE.items() for other in others})


def is_plain(name: str) -> bool:
    """Say whether a name has nothing in it that can look like something else, but for the case of its letters."""
    return name.isascii() and name.isprintable() and name == name.strip(" .")


def skeleton(name: str) -> str:
    """Return what a name looks like: two names that people take for one another have the same.

    >>> skeleton("\\u0430lice\\u200b") == skeleton("Alice.") == "alice"
    True
    """
    if not name.isascii():
        name = unicodedata.normalize("NFKC", name).translate(LATIN)
    seen = "".join(map(_seen, name)).strip(" .").replace(" ", "_").casefold()
    return seen if seen.isascii() else unicodedata.normalize("NFC", seen)


def difference(name: str, other: str) -> str:
    """Say in what a name differs from another that it looks like, as the middle of a sentence."""
    if name == other:
        return "is called like"
    if unicodedata.normalize("NFC", name) == unicodedata.normalize("NFC", other):
        return "is composed of other characters than"
    if name.casefold() == other.casefold() and name.isascii():
        return "differs in case only from"
    strange = next((one for one in name if one not in other and not (one.isascii() and one.isalnum())), "")
    return f"has {_described(strange)} in it and looks like" if strange else "looks like"


def _seen(one: str) -> str:
    """Return one character as it looks, in Latin where it can be: nothing where nothing is seen of it."""
    if " " < one <= "~":
        return one
    kind = unicodedata.category(one)
    if kind == "Nd":
        return str(unicodedata.decimal(one))
    if kind == "Pd" or one == "\u2212":  # dashes of every length, and the minus sign
        return "-"
    if kind[0] == "Z" or one in "\t\n\r\f\v":
        return " "
    return "" if kind[0] == "C" else one


def _described(one: str) -> str:
    named = unicodedata.name(one, "")
    return f"U+{ord(one):04X} {named}".rstrip()
