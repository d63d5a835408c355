"""Keys, as Textual calls them and as people write them."""

from __future__ import annotations

import string
from functools import cache

from textual.keys import KEY_ALIASES, Keys, _character_to_key

from mnist_engine.errors import BadInput
from mnist_engine.recipes.words import did_you_mean

_MODIFIERS = ("ctrl", "shift", "alt", "super", "meta", "hyper")

_SIGNS = {"left": "←", "right": "→", "up": "↑", "down": "↓"}
_SHORT = {"escape": "esc", "pageup": "pgup", "pagedown": "pgdn"}
_SPOKEN = {short: key for key, short in _SHORT.items()} | {"return": "enter", "del": "delete"}
"""Other words for keys that people may use."""


def key_name(key: str, unicode: bool) -> str:
    """How people write the key that Textual calls ``key``: "?" for "question_mark"."""
    *modifiers, last = key.split("+")
    name = _punctuation().get(last, _SHORT.get(last, last))
    if unicode:
        name = _SIGNS.get(last, name)
    if modifiers == ["ctrl"] and len(name) == 1:
        return f"^{name}"
    if modifiers == ["shift"] and name in _SIGNS.values():
        return f"⇧{name}"
    return "+".join((*modifiers, name))


def key_called(name: str) -> str:
    """Textual's word for the key that people write so; BadInput, with a guess, where none is."""
    *modifiers, last = _parts(name)
    signs = {sign: key for key, sign in _SIGNS.items()}
    if last in signs:
        last = signs[last]
    elif len(last) == 1 and last.isprintable():
        last = last.upper() if modifiers == ["shift"] else last
        modifiers = [] if modifiers == ["shift"] else modifiers
        last = _character_to_key(last)
    elif last.lower() in _SPOKEN:
        last = _SPOKEN[last.lower()]
    elif (last := last.lower()) not in _names():
        raise _no_key(name, did_you_mean(last, sorted(_names() | _SPOKEN.keys())))
    for word in modifiers:
        if word not in _MODIFIERS:
            raise _no_key(name, did_you_mean(word, _MODIFIERS))
    key = "+".join((*modifiers, last))
    return next((one for one, others in KEY_ALIASES.items() if key in others), key)


def _parts(name: str) -> list[str]:
    """The modifiers of a key and what they modify."""
    if len(name) < 2:
        return [name]
    for sign, word in (("^", "ctrl+"), ("⇧", "shift+")):
        name = word + name[1:] if name.startswith(sign) else name
    if name.endswith("++"):
        return [*name[:-2].split("+"), "+"]
    return name.split("+")


def _no_key(name: str, guess: str) -> BadInput:
    return BadInput(
        f"there is no key {name!r}; {guess}write a character, a name such as space, enter, left or "
        "f2, or ctrl+x"
    )


@cache
def _punctuation() -> dict[str, str]:
    """Characters by the names that Textual has for their keys."""
    return {_character_to_key(one): one for one in string.punctuation}


@cache
def _names() -> frozenset[str]:
    """Keys that have a name."""
    return frozenset(key.value for key in Keys if key.value.isalnum()) | _punctuation().keys()
