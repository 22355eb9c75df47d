"""Bytes of an AMI connection -> messages. Sans-I/O: it neither reads a socket nor knows a clock.

``AmiReader`` frames every byte it is fed, however it was cut, and parses only what is wanted: blocks
of the event names in ``skip`` are passed over unparsed, those named in ``only`` are parsed when one
header has one of the given values. ``connection`` feeds it from the socket, replay from files and
the journal. ``translate`` makes facts of the messages.

What a stream looks like (Asterisk 13 to 23, main/manager.c): one greeting line, then blocks of
``Key: value`` lines ended by CR LF, each block ended by an empty line; the first header of a block is
``Event`` or ``Response``. There is no escaping on this level. Asterisk writes the names of callers
and the values of variables with C escapes (see ``encode.plain``), so a CR LF chosen by a caller
should not get here. Should one come through all the same:

- it can end a block and begin a forged one. No byte tells the two apart; but the rest of the broken
  block then comes without ``Event`` or ``Response`` in front. Such a *stray* is never made a message;
  it is counted, so that the listener can ask the PBX how things really stand;
- it can add a header to its own block. What Asterisk writes before any value that a caller chooses
  (``KEPT_FIRST``) keeps its first value, everything else its last; ``Message.doubled`` names it.

Errors, by what the caller can do::

    ProtocolError            .offset: where in the stream
    ├── NotAmiError          this is not an AMI port
    ├── BlockTooLargeError   give up this connection
    └── CutShortError        the stream ended inside a block (finish() only)
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

GREETING = b"Asterisk Call Manager/"
BLOCK_END = b"\r\n\r\n"
BLOCK_LIMIT = 1 << 20
GREETING_LIMIT = 200

# Headers that Asterisk repeats on purpose; DestChanVariable and its like are told by their ending.
REPEATED_ENDINGS = ("Variable", "Output")
KEPT_FIRST = frozenset(
    ("Event", "Response", "Privilege", "SystemName", "Timestamp", "ActionID", "Channel", "ChannelState")
)


class ProtocolError(Exception):
    """The bytes are not what an AMI connection sends."""

    def __init__(self, text: str, offset: int) -> None:
        super().__init__(f"{text} (at byte {offset})")
        self.offset = offset


class NotAmiError(ProtocolError):
    """The other side did not greet as Asterisk's manager does."""


class BlockTooLargeError(ProtocolError):
    """A block went on beyond the limit."""


class CutShortError(ProtocolError):
    """The stream ended inside a block."""


class Message(msgspec.Struct, frozen=True, gc=False):
    """One block. ``event`` is the name of the event, empty for a response.

    ``headers`` has each header once; all values of one that Asterisk repeats are in ``lists``.
    ``offset`` and ``end`` are the bytes of the stream that it was read from, its empty line included.
    ``doubled`` names the headers that came twice though Asterisk writes them once. ``greeted``: a greeting
    stood before it, so it is the first of a further connection.
    """

    event: str
    headers: dict[str, str]
    offset: int
    end: int
    lists: dict[str, list[str]] | None = None
    doubled: tuple[str, ...] = ()
    greeted: bool = False

    def values(self, name: str) -> list[str]:
        """Every value of a header that may be repeated, in order."""
        if self.lists is not None and name in self.lists:
            return self.lists[name]
        return [self.headers[name]] if name in self.headers else []


class AmiReader:
    """Feed it bytes, get messages. One reader per connection.

    ``skip``: names of events that nobody wants. ``only``: event name -> (header, values): the event
    is wanted when that header has one of these values. ``expect_greeting`` False is for streams that
    may begin at any block, such as a journal whose oldest files are gone. ``offset`` is where in the
    whole stream the first byte fed stands.
    """

    def __init__(
        self,
        skip: frozenset[str] = frozenset(),
        only: Mapping[str, tuple[str, frozenset[str]]] | None = None,
        *,
        expect_greeting: bool = True,
        limit: int = BLOCK_LIMIT,
        offset: int = 0,
    ) -> None:
        self.version: str | None = None
        self.framed = self.parsed = self.strays = 0
        self.error: ProtocolError | None = None
        self._skip = frozenset(name.encode() for name in skip)
        self._only = {
            name.encode(): (b"\r\n%b: " % header.encode(), frozenset(value.encode() for value in values))
            for name, (header, values) in (only or {}).items()
        }
        self._limit = limit
        self._offset = offset
        self._rest = bytearray()
        self._greeted = not expect_greeting

    @property
    def offset(self) -> int:
        """Where the block begins of which the end has not come yet."""
        return self._offset

    @property
    def pending(self) -> int:
        """Bytes held back until the rest of their block comes."""
        return len(self._rest)

    def feed(self, data: bytes) -> list[Message]:
        """The messages that these bytes complete. After damage: those before it, then ``error`` is raised."""
        if self.error is not None:
            raise self.error
        rest = self._rest
        if rest or not self._greeted:
            # Only the new bytes are searched: byte by byte through a large block must not be quadratic.
            searched = max(0, len(rest) - 3)
            rest += data
            if not self._greeted:
                searched = 0
                if not self._greet():
                    return []
            if rest.find(BLOCK_END, searched) < 0:
                self._check_size(len(rest) - 3)
                return []
            data = bytes(rest)
            rest.clear()
        return self._blocks(data)

    def finish(self) -> None:
        """Tell the reader that the stream has ended; raises ``CutShortError`` if that was inside a block."""
        if self.error is not None:
            raise self.error
        if self._rest.strip(b"\r\n"):
            raise CutShortError(f"the stream ends inside a block, after {len(self._rest)} bytes of it", self._offset)

    def _blocks(self, data: bytes) -> list[Message]:
        # The hot loop: each block costs two searches, a slice and a look-up, and nothing more if skipped.
        messages: list[Message] = []
        find, skip, only, base = data.find, self._skip, self._only, self._offset
        limit = self._limit if len(data) > self._limit else 0
        start = framed = 0
        while (end := find(BLOCK_END, start)) >= 0:
            if limit and end - start > limit:
                break
            framed += 1
            name = data[start + 7 : find(b"\r", start + 7)]
            if name not in skip and (name not in only or _chosen(data, start, end, only[name])):
                message = self._message(data, start, end, base)
                if message is not None:
                    messages.append(message)
            start = end + 4
        self.framed += framed
        self.parsed += len(messages)
        self._offset = base + start
        self._rest += data[start:]
        self._damaged((end if end >= 0 else len(data) - 3) - start, messages)
        return messages

    def _damaged(self, size: int, messages: list[Message]) -> None:
        # What came before the damage is good, and is delivered first: the next feed() raises.
        try:
            self._check_size(size)
        except BlockTooLargeError:
            if not messages:
                raise

    def _check_size(self, size: int) -> None:
        if size > self._limit:
            self.error = BlockTooLargeError(f"a block is longer than {self._limit} bytes", self._offset)
            raise self.error

    def _message(self, data: bytes, start: int, end: int, base: int) -> Message | None:
        try:
            lines = data[start:end].decode().split("\r\n")
            headers = dict([line.split(": ", 1) for line in lines])
        except ValueError:  # a line that is no header, or invalid UTF-8
            return self._odd(data, start, end, base)
        if len(headers) == len(lines):
            if data.startswith(b"Event: ", start):
                return Message(headers["Event"], headers, base + start, base + end + 4)
            if data.startswith(b"Response: ", start):
                return Message("", headers, base + start, base + end + 4)
        return self._odd(data, start, end, base)

    def _odd(self, data: bytes, start: int, end: int, base: int) -> Message | None:
        """A block with a repeated header, a line that is no header, empty lines or a greeting before it."""
        begin, (start, greeted) = start, self._past_preamble(data, start, end)
        if start >= end or (start > begin and not greeted and not self._wanted(data, start, end)):
            return None
        lines = str(data[start:end], "utf-8", "replace").split("\r\n")
        if not lines[0].startswith(("Event: ", "Response: ")):
            self.strays += 1
            return None
        headers, lists, doubled = _gather(lines)
        event = headers["Event"] if lines[0].startswith("Event: ") else ""
        return Message(event, headers, base + start, base + end + 4, lists, doubled, greeted)

    def _wanted(self, data: bytes, start: int, end: int) -> bool:
        name = data[start + 7 : data.find(b"\r", start + 7)]
        return name not in self._skip and (name not in self._only or _chosen(data, start, end, self._only[name]))

    def _past_preamble(self, data: bytes, start: int, end: int) -> tuple[int, bool]:
        """Where the block itself begins: after empty lines, and after the greeting of a further connection
        when the streams of several stand one after another in one file; and whether there was one."""
        greeted = False
        while True:
            start = end - len(data[start:end].lstrip(b"\r\n"))
            if not data.startswith(GREETING, start):
                return start, greeted
            greeted = True
            line_end = data.find(b"\n", start, end)
            line_end = end if line_end < 0 else line_end
            self._take_version(data[start:line_end].decode("utf-8", "replace"))
            start = line_end

    def _greet(self) -> bool:
        """Take the greeting off ``_rest``; False while it is not complete."""
        head = bytes(self._rest[:GREETING_LIMIT])
        end = head.find(b"\n")
        if not head.startswith(GREETING[: len(head)]) or (end < 0 and len(head) >= GREETING_LIMIT):
            got = head[:40].decode("ascii", "backslashreplace")
            self.error = NotAmiError(f"this is not an Asterisk manager port: it says {got!r}", self._offset)
            raise self.error
        if end < 0:
            return False
        self._take_version(head[:end].decode("utf-8", "replace"))
        self._greeted = True
        self._offset += end + 1
        del self._rest[: end + 1]
        return True

    def _take_version(self, greeting: str) -> None:
        self.version = greeting.rpartition("/")[2].strip()


def _chosen(data: bytes, start: int, end: int, rule: tuple[bytes, frozenset[bytes]]) -> bool:
    header, values = rule
    # From the end, where Asterisk writes what is particular to an event.
    at = data.rfind(header, start, end)
    if at < 0:
        return False
    at += len(header)
    return data[at : data.find(b"\r", at)] in values


def _gather(lines: list[str]) -> tuple[dict[str, str], dict[str, list[str]] | None, tuple[str, ...]]:
    """Headers, the lists of those that Asterisk repeats, and the names of those that it does not."""
    headers: dict[str, str] = {}
    lists: dict[str, list[str]] = {}
    doubled: dict[str, None] = {}
    for key, value in _pairs(lines):
        if key not in headers:
            headers[key] = value
        elif key.endswith(REPEATED_ENDINGS):
            lists.setdefault(key, [headers[key]]).append(value)
        else:
            doubled[key] = None
            if key not in KEPT_FIRST:
                headers[key] = value
    return headers, lists or None, tuple(doubled)


def _pairs(lines: list[str]) -> list[tuple[str, str]]:
    """Key and value of each line; a line that is no header belongs to the value before it."""
    gathered: list[tuple[str, list[str]]] = []
    for line in lines:
        name, separator, value = line.partition(": ")
        if separator:
            gathered.append((name, [value]))
        elif line.endswith(":"):
            gathered.append((line[:-1], [""]))
        else:
            gathered[-1][1].append(line)
    return [(name, "\r\n".join(parts)) for name, parts in gathered]
