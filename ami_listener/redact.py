"""What the journal must not hold is made unreadable here, before anything is written.

Passwords always. Unless the profile allows digits: the keys that a caller pressed during a call (card
numbers, PINs), wherever Asterisk repeats them: DTMF events, CEL's DTMF rows, variables that Read and
the like set, arguments of applications into which such a variable was put, AGI commands and results. Of
variables and applications only those are left that are known to hold nothing that a caller keyed.

A value is overwritten by as many X, so every offset stays true and a redacted stream replays as the
original, without digits. Not covered: what a menu built on Background makes of a key is an extension,
and ``Exten`` is what calls are told by; one digit each, and never a number that was read into a variable.

Works on whole blocks, as they can be cut anywhere by the network; ``journal`` writes what comes out.
"""

from __future__ import annotations

import re

from ami_listener.protocol import BLOCK_END, BLOCK_LIMIT
from ami_listener.wanted import APPLICATIONS, VARIABLES

# Headers of answers about accounts, and of security events (res_pjsip/config_auth.c, security_events.c).
SECRET_HEADERS = (
    "Secret", "MD5Secret", "RemoteSecret", "Password", "PasswordDigest", "Md5Cred", "OauthSecret", "RefreshToken",
    "AuthDigest", "Key", "Challenge", "ReceivedChallenge", "ReceivedHash", "ExpectedResponse",
)  # fmt: skip
DIGIT_HEADERS = ("Digit", "Digits", "Command")
# Set by Asterisk itself: names of files, channels and states, and counts of seconds.
KEPT_VARIABLES = frozenset((
    *VARIABLES, "BRIDGEPEER", "BRIDGEPVTCALLID", "DIALSTATUS", "HANGUPCAUSE", "QUEUESTATUS", "QUEUEPOSITION",
    "QUEUEWAIT", "QUEUEWAIT_MS", "DIALEDTIME", "DIALEDTIME_MS", "ANSWEREDTIME", "ANSWEREDTIME_MS",
    "DIALEDPEERNAME", "DIALEDPEERNUMBER", "MEMBERINTERFACE", "MEMBERNAME", "ATTENDEDTRANSFER", "BLINDTRANSFER",
    "TRANSFERERNAME", "FORWARDERNAME", "SIPCALLID", "SIPDOMAIN", "VMSTATUS", "PARKINGSLOT", "PARKINGLOT",
))  # fmt: skip
KEPT_APPLICATIONS = frozenset((
    *APPLICATIONS, "AppDial", "AppDial2", "AppQueue", "Answer", "Dial", "Hangup", "MixMonitor", "MusicOnHold",
    "Park", "ParkedCall", "Playback", "Ringing", "Wait",
))  # fmt: skip

# A value runs to CR LF; a lone CR is part of it.
_VALUE = r"((?:[^\r]|\r(?!\n))*)"


def _any_of(names: tuple[str, ...]) -> str:
    return f"(?:{'|'.join(names)}): {_VALUE}"


_SECRETS = re.compile(rf"\r\n{_any_of(SECRET_HEADERS)}".encode())
# Groups: 1 the value of a plain header; 2, 3 variable and value; 4, 5 application and arguments;
# 6 the extra of a CEL row; 7 the result of an AGI command. Secrets are among the plain headers.
_DIGITS = re.compile(
    (
        rf"\r\n(?:{_any_of(SECRET_HEADERS + DIGIT_HEADERS)}"
        rf"|Variable: _*([^\r]*)\r\nValue: {_VALUE}"
        rf"|(?:Last)?Application: ([^\r]*)\r\n(?:AppData|LastData|ApplicationData|Data): {_VALUE}"
        rf"|Extra: {_VALUE}"
        rf"|(?:ResultCode|CommandI[Dd]): [^\r]*\r\nResult: {_VALUE})"
    ).encode()
)
_EXTRA_DIGIT = re.compile(rb'"digit"\s*:\s*"([^"]*)"')
_CHANNEL_VARIABLE = re.compile(rf"ChanVariable(?:\([^)\r]*\))?: _*([^=\r]*)={_VALUE}".encode())
# Lines of configuration files, in the answer to GetConfig.
_CONFIG_LINE = re.compile(
    rf"\r\nLine-\d+-\d+: [^=\r]*(?:secret|password|passwd|pin|key|cred|token)[^=\r]*={_VALUE}".encode(), re.IGNORECASE
)
_CONFIG_JSON = re.compile(rf"\r\nJSON: {_VALUE}".encode())

_KEPT_VARIABLES = frozenset(name.encode() for name in KEPT_VARIABLES)
_KEPT_APPLICATIONS = frozenset(name.encode() for name in KEPT_APPLICATIONS)


class Redactor:
    """Takes the bytes of one connection, gives them back block by block. ``keep_digits`` leaves digits in."""

    def __init__(self, *, keep_digits: bool = False) -> None:
        self._keep_digits = keep_digits
        self._rest = bytearray()

    def feed(self, data: bytes) -> bytes:
        """All blocks that are now complete, redacted. A block beyond the size limit is not waited for."""
        rest = self._rest
        searched = max(0, len(rest) - 3)
        rest += data
        end = rest.rfind(BLOCK_END, searched)
        if end >= 0:
            end += len(BLOCK_END)
        elif len(rest) > BLOCK_LIMIT:
            end = len(rest)
        else:
            return b""
        whole = bytes(rest[:end])
        del rest[:end]
        return self._redact(whole)

    def finish(self) -> bytes:
        """What was left of a block that never ended, redacted as far as it goes."""
        rest, self._rest = bytes(self._rest), bytearray()
        return self._redact(rest)

    def _redact(self, data: bytes) -> bytes:
        spans = secret_spans(data) if self._keep_digits else digit_spans(data)
        if not spans:
            return data
        out = bytearray(data)
        for start, end in spans:
            out[start:end] = b"X" * (end - start)
        return bytes(out)


def secret_spans(data: bytes) -> list[tuple[int, int]]:
    """Where passwords stand."""
    return [found.span(1) for found in _SECRETS.finditer(data)] + _config_spans(data)


def digit_spans(data: bytes) -> list[tuple[int, int]]:
    """Where passwords and keyed digits stand."""
    spans: list[tuple[int, int]] = []
    for found in _DIGITS.finditer(data):
        group = found.lastindex or 1
        kept = (group == 3 and found[2] in _KEPT_VARIABLES) or (group == 5 and found[4] in _KEPT_APPLICATIONS)
        if group == 6:
            at = found.start(6)
            spans += [(at + digit.start(1), at + digit.end(1)) for digit in _EXTRA_DIGIT.finditer(found[6])]
        elif not kept:
            spans.append(found.span(group))
    if b"ChanVariable" in data:
        spans += [found.span(2) for found in _CHANNEL_VARIABLE.finditer(data) if found[1] not in _KEPT_VARIABLES]
    return spans + _config_spans(data)


def _config_spans(data: bytes) -> list[tuple[int, int]]:
    spans = []
    if b"\r\nLine-" in data:
        spans += [found.span(1) for found in _CONFIG_LINE.finditer(data)]
    if b"\r\nJSON: " in data:
        spans += [found.span(1) for found in _CONFIG_JSON.finditer(data)]
    return spans
