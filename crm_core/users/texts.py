"""What people type, checked: logins and names. A refusal says what to type instead.

Logins are compared folded: Persian digits are digits, the letter case does not count.
"""

from __future__ import annotations

import re
import unicodedata

from crm_core.users.account import ITEM_LENGTH, LIST_LENGTH, LOGIN_LENGTH, NAME_LENGTH
from cti.kernel.errors import N_, InvalidError
from cti.live.numbers import latin_digits

_LOGIN = re.compile(rf"[\w.@+-]{{2,{LOGIN_LENGTH}}}")

_JOINERS = ("\u200c", "\u200d")
_UNSEEN = ("Cc", "Cf", "Cs", "Co", "Cn")


def storable(text: str) -> str:
    """``text`` without what a database cannot keep: NUL and half characters."""
    return text.replace("\0", "").encode("utf-8", "ignore").decode()


def folded_login(text: str) -> str:
    """The login as it is kept and looked up; any text is taken."""
    text = latin_digits(unicodedata.normalize("NFKC", storable(text[: 4 * LOGIN_LENGTH])))
    return text.strip().casefold()[: LOGIN_LENGTH + 1]


def login_of(text: str) -> str:
    """A login to be kept. InvalidError if it cannot be one."""
    login = folded_login(text)
    if not _LOGIN.fullmatch(login):
        raise InvalidError(N_("login: 2 to 64 letters, digits and . _ - @ +, without spaces."))
    return login


def name_of(field: str, text: str) -> str:
    """A name that people read: one line, not empty."""
    name = " ".join("".join(map(_plain, text)).split())
    if not name:
        raise InvalidError(N_("%(field)s: give a name."), field=field)
    if len(name) > NAME_LENGTH:
        raise InvalidError(N_("%(field)s: at most %(most)d letters."), field=field, most=NAME_LENGTH)
    return name


def _plain(letter: str) -> str:
    """A letter of a name: what is not seen goes, but for the ZWNJ that Persian is written with."""
    if letter in _JOINERS:
        return letter
    if letter.isspace():
        return " "
    return "" if unicodedata.category(letter) in _UNSEEN else letter


def items_of(field: str, items: tuple[str, ...]) -> tuple[str, ...]:
    """A list of extensions and the like: trimmed, each once, in the given order."""
    clean = tuple(dict.fromkeys(name_of(field, item) for item in items))
    if len(clean) > LIST_LENGTH or any(len(item) > ITEM_LENGTH for item in clean):
        raise InvalidError(N_("%(field)s: too many or too long."), field=field)
    return clean
