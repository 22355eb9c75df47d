"""What a file is by its bytes, whatever it is called."""

from __future__ import annotations

import pytest

from crm_core.files.sniff import HEAD_BYTES, INLINE, UNKNOWN, media_of


@pytest.mark.parametrize(
    ("head", "media"),
    [
        (b"\x89PNG\r\n\x1a\n....", "image/png"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"GIF89a", "image/gif"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "image/webp"),
        (b"RIFF\0\0\0\0WAVEfmt ", "audio/wav"),
        (b"%PDF-1.7", "application/pdf"),
        (b"PK\x03\x04", "application/zip"),
        ("سلام".encode(), "text/plain"),
        (b"<script>alert(1)</script>", "text/plain"),
        (b"<svg onload=alert(1)>", "text/plain"),
        (b"MZ\x90\0", UNKNOWN),
        ("سلام".encode("cp1256"), UNKNOWN),
        (b"", UNKNOWN),
    ],
)
def test_by_its_bytes(head: bytes, media: str) -> None:
    assert media_of(head) == media


def test_a_letter_may_be_cut_where_the_look_ends() -> None:
    assert media_of(("x" + "س" * HEAD_BYTES).encode()[:HEAD_BYTES]) == "text/plain"


def test_nothing_that_runs_is_shown_in_a_page() -> None:
    assert all(media.startswith("image/") and "svg" not in media for media in INLINE)
