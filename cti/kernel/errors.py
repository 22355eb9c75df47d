"""What goes wrong, sorted by what the caller can do about it.

::

    TamasError
    ├── RefusedError            what was asked cannot be done; asking again is useless
    │   ├── NotFoundError       there is no such thing
    │   ├── InvalidError        the request says something that cannot be
    │   ├── UnauthenticatedError  nobody is signed in
    │   ├── ForbiddenError      this actor may not
    │   ├── TooManyError        too often or too much; later, or less
    │   └── ConflictError       it was changed meanwhile; look again, then ask again
    │       └── AskedFirstError this actor may, if he says that he means it
    ├── UnavailableError        something outside is down; the same request may succeed later
    │   └── DatabaseUnavailableError
    └── ConfigurationError      an administrator has to change a setting

Every message is a sentence for people, in English. One that a user may see is marked by ``N_`` and keeps its values
apart (``InvalidError(N_("%(field)s is too long."), field="name")``), so that ``web`` can say it in his language.
"""

from __future__ import annotations


def N_(text: str) -> str:  # noqa: N802 (gettext's own name for it)
    """``text`` itself, marked for translation: whoever shows it translates it."""
    return text


class TamasError(Exception):
    """Anything that this product raises on purpose. ``text`` is what is translated, ``values`` fills its places."""

    def __init__(self, text: str = "", **values: object) -> None:
        super().__init__(text % values if values else text)
        self.text, self.values = text, values


class RefusedError(TamasError):
    """What was asked cannot be done, now or later."""


class NotFoundError(RefusedError):
    """There is no such thing (or this actor may not know of it)."""


class InvalidError(RefusedError):
    """The request says something that cannot be; the message names the field."""


class UnauthenticatedError(RefusedError):
    """Nobody is signed in, or no longer."""


class TooManyError(RefusedError):
    """Asked too often. ``retry_seconds``: when it makes sense to ask again."""

    def __init__(self, text: str, retry_seconds: float = 60.0, **values: object) -> None:
        super().__init__(text, **values)
        self.retry_seconds = retry_seconds


class ForbiddenError(RefusedError):
    """This actor may not."""


class ConflictError(RefusedError):
    """It was changed meanwhile."""


class AskedFirstError(ConflictError):
    """Not without being sure: it is done if this actor asks for it with ``anyway``."""


class UnavailableError(TamasError):
    """Something outside is down; the same request may succeed later."""


class DatabaseUnavailableError(UnavailableError):
    """The database is locked, full, restarting or unreachable."""


class ConfigurationError(TamasError):
    """An administrator has to change a setting; the message names it."""
