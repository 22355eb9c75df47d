"""What goes wrong, sorted by what the caller can do about it.

::

    TamasError
    ├── RefusedError            what was asked cannot be done; asking again is useless
    │   ├── NotFoundError       there is no such thing
    │   ├── InvalidError        the request says something that cannot be
    │   ├── ForbiddenError      this actor may not
    │   └── ConflictError       it was changed meanwhile; look again, then ask again
    ├── UnavailableError        something outside is down; the same request may succeed later
    │   └── DatabaseUnavailableError
    └── ConfigurationError      an administrator has to change a setting

Every message is a sentence for people, in English; ``web`` translates the class, not the sentence.
"""

from __future__ import annotations


class TamasError(Exception):
    """Anything that this product raises on purpose."""


class RefusedError(TamasError):
    """What was asked cannot be done, now or later."""


class NotFoundError(RefusedError):
    """There is no such thing (or this actor may not know of it)."""


class InvalidError(RefusedError):
    """The request says something that cannot be; the message names the field."""


class ForbiddenError(RefusedError):
    """This actor may not."""


class ConflictError(RefusedError):
    """It was changed meanwhile."""


class UnavailableError(TamasError):
    """Something outside is down; the same request may succeed later."""


class DatabaseUnavailableError(UnavailableError):
    """The database is locked, full, restarting or unreachable."""


class ConfigurationError(TamasError):
    """An administrator has to change a setting; the message names it."""
