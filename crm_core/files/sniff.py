"""What a file is, by its first bytes: what it is called and what the browser says of it is not believed. Pure.

Only what is named here is ever given back under its own type; all else is ``application/octet-stream``. Signatures:
https://mimesniff.spec.whatwg.org and the formats' own documents.
"""

from __future__ import annotations

HEAD_BYTES = 4096
"""As much of a file as is looked at."""
UNKNOWN = "application/octet-stream"
INLINE = frozenset(("image/png", "image/jpeg", "image/gif", "image/webp"))
"""What a browser may show in a page of ours: pictures that cannot run anything (SVG can)."""

_SIGNATURES: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (0, b"%PDF-", "application/pdf"),
    (0, b"PK\x03\x04", "application/zip"),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
    (0, b"Rar!\x1a\x07", "application/x-rar-compressed"),
    (0, b"\x1f\x8b\x08", "application/gzip"),
    (0, b"OggS", "application/ogg"),
    (0, b"ID3", "audio/mpeg"),
    (4, b"ftyp", "video/mp4"),
)
_RIFF = {b"WEBP": "image/webp", b"WAVE": "audio/wav", b"AVI ": "video/avi"}


def media_of(head: bytes) -> str:
    """The media type of a file that begins with ``head``."""
    if head[:4] == b"RIFF" and head[8:12] in _RIFF:
        return _RIFF[head[8:12]]
    for offset, signature, media in _SIGNATURES:
        if head.startswith(signature, offset):
            return media
    return "text/plain" if head and _is_text(head) else UNKNOWN


def _is_text(head: bytes) -> bool:
    if any(byte < 0x20 and byte not in b"\t\n\r\x0c" for byte in head):
        return False
    try:
        head[:HEAD_BYTES].decode()
    except UnicodeDecodeError as error:
        return error.reason == "unexpected end of data"  # a letter was cut by the end of what is looked at
    return True
