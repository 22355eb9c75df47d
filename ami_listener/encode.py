"""What we write to Asterisk, and how Asterisk's own escapes are undone.

AMI and AGI have no escaping: a CR or LF in a value is the end of the header, and what follows is read
as the next one, or as the next action. So no such value is ever sent; ``encode`` and ``agi_command``
are the only makers of what goes out. ``wire`` sends actions, the FastAGI routing sends commands.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from cti.kernel.errors import InvalidError

Value = str | int | float | bool
Header = Value | Iterable[Value]

# manager.c: char inbuf[1025], AST_MAX_MANHEADERS 128. Of a line longer than this, with its CR LF, Asterisk
# drops the whole action.
LINE_LIMIT = 1024
HEADER_LIMIT = 128
_KEY = re.compile(r"[A-Za-z][A-Za-z0-9_-]*").fullmatch
_FORBIDDEN = re.compile(r"[\r\n\0]")
# AGI reads a line of at most 2048 bytes (res_agi.c: AGI_BUF_LEN); quotes and backslashes are escaped.
AGI_LIMIT = 2000
_AGI_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"'})

# utils.c: ast_escape_c(), the escapes of C.
_PLAIN = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


class UnsafeValueError(InvalidError):
    """A value that would be read as more than a value, or that Asterisk would not read at all."""


def encode(headers: Iterable[tuple[str, Header]]) -> bytes:
    """An action as bytes. ``Action`` comes first; a sequence becomes one header for each of its items.

    Raises ``UnsafeValueError`` for CR, LF or NUL in any key or value and for what exceeds Asterisk's limits.
    """
    lines = [_line(key, item) for key, value in headers for item in _items(value)]
    if len(lines) > HEADER_LIMIT:
        raise UnsafeValueError(f"an action has at most {HEADER_LIMIT} headers, this one {len(lines)}")
    lines.sort(key=lambda line: not line.startswith(b"Action: "))
    return b"".join(lines) + b"\r\n"


def checked(name: str, value: str) -> str:
    """``value``, unless it holds what no value may hold."""
    if _FORBIDDEN.search(value):
        raise UnsafeValueError(f"{name} must not contain line breaks or NUL")
    return value


def agi_command(command: str, *arguments: Value) -> bytes:
    """One AGI command line; each argument is quoted. The command itself is one or more plain words."""
    quoted = (f'"{checked("an AGI argument", _text(item)).translate(_AGI_ESCAPES)}"' for item in arguments)
    line = " ".join((checked("an AGI command", command), *quoted)).encode()
    if len(line) > AGI_LIMIT:
        raise UnsafeValueError(f"an AGI command has at most {AGI_LIMIT} bytes, this one {len(line)}")
    return line + b"\n"


def plain(text: str) -> str:
    r"""A value as it was before Asterisk escaped it: ``O\"Neil`` becomes ``O"Neil``.

    Asterisk 13 and later escape the names of callers and connected lines, the values in VarSet and
    ChanVariable, and nothing else (main/manager_channels.c, main/stasis_channels.c).
    """
    if "\\" not in text:
        return text
    return _ESCAPED.sub(lambda found: _PLAIN.get(found[1], found[1]), text)


def _line(key: str, value: Value) -> bytes:
    if not _KEY(key):
        raise UnsafeValueError(f"{key!r} cannot be the name of a header")
    line = f"{key}: {checked(key, _text(value))}\r\n".encode()
    if len(line) > LINE_LIMIT:
        raise UnsafeValueError(f"{key} is too long: Asterisk reads lines of at most {LINE_LIMIT} bytes")
    return line


def _items(value: Header) -> Iterable[Value]:
    return (value,) if isinstance(value, (str, int, float, bool)) else value


def _text(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
