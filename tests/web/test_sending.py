"""Where a form without script leads back to: a page of ours, never elsewhere."""

from __future__ import annotations

import pytest
from aiohttp.test_utils import make_mocked_request

from cti.kernel.errors import InvalidError, UnavailableError
from web.sending import back, in_background


@pytest.mark.parametrize(
    ("referer", "path"),
    [
        ("http://tamas.test/contacts/1?kind=note", "/contacts/1?kind=note"),
        ("http://elsewhere.test/contacts", "/"),
        ("http://tamas.test//elsewhere.test/", "/"),
        ("http://tamas.test/\\elsewhere.test/", "/"),
        ("", "/"),
    ],
)
def test_back(referer: str, path: str) -> None:
    request = make_mocked_request("POST", "/notes", headers={"Host": "tamas.test", "Referer": referer})
    assert back(request) == path


def test_in_background() -> None:
    assert in_background(make_mocked_request("POST", "/", headers={"X-Tamas-Script": "1"}))
    assert in_background(make_mocked_request("POST", "/", headers={"HX-Request": "true"}))
    assert not in_background(make_mocked_request("POST", "/"))


def test_errors_have_words() -> None:
    assert InvalidError("a %(b)s", b=1).text == "a %(b)s"
    assert str(UnavailableError("down")) == "down"
