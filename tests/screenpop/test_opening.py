"""Which page a call opens: by rules, with nothing that a caller could put into the address."""

from __future__ import annotations

from typing import Any

import pytest

from cti.kernel.errors import ConfigurationError
from screenpop.opening import opening

CARD: dict[str, Any] = {
    "call": "main-1.0", "direction": "inbound", "queue": "support", "line": "021 9100 4500", "mine": {"ext": "201"},
    "other": {"name": "Maryam", "contact": "p1"}, "caller": {"number": "+989121112233", "raw": "09121112233"},
    "dialled": {"raw": "02191004500"},
}  # fmt: skip


def opened(url: str, card: dict[str, Any] = CARD, **rule: Any) -> Any:
    return opening([{"url": url, **rule}])(card).get("open")


def test_the_number_is_in_the_address() -> None:
    url = (
        "https://erp.example/c?n={number}&r={raw}&name={name}&id={contact}&call={call}&q={queue}&l={line}&e={extension}"
    )
    assert opened(url) == (
        "https://erp.example/c?n=%2B989121112233&r=09121112233&name=Maryam&id=p1&call=main-1.0&q=support"
        "&l=021%209100%204500&e=201"
    )


def test_a_caller_changes_nothing_of_it() -> None:
    hostile = CARD | {"other": {"name": "../../x?a=b#c&d=e@evil\\\n\"'<>{number}"}}
    url = opened("https://erp.example/c/{name}", hostile)
    assert url.startswith("https://erp.example/c/..%2F..%2Fx%3Fa%3Db%23c%26d%3De%40evil%5C%0A%22%27%3C%3E%7Bnumber%7D")


def test_of_an_outbound_call_it_is_whom_we_called() -> None:
    out = CARD | {"direction": "outbound", "dialled": {"number": "+982188776655", "raw": "02188776655"}}
    assert opened("https://e/{number}", out) == "https://e/%2B982188776655"


def test_the_first_rule_that_fits() -> None:
    rules = opening([
        {"url": "https://e/sales", "queue": "sales"},
        {"url": "https://e/out", "direction": "outbound"},
        {"url": "https://e/any", "title": "ERP", "by_itself": True},
    ])  # fmt: skip
    assert rules(CARD) == {"open": "https://e/any", "open_title": "ERP", "open_by_itself": True}
    assert rules(CARD | {"queue": "sales"}) == {"open": "https://e/sales", "open_by_itself": False}
    assert rules(CARD | {"direction": "outbound"})["open"] == "https://e/out"
    assert rules(CARD | {"direction": "internal"}) == {}
    assert opening([])(CARD) == {}


def test_a_call_without_a_number_opens_nothing_that_needs_one() -> None:
    withheld = CARD | {"caller": {}, "other": {}}
    assert opened("https://e/{number}", withheld) is None
    assert opened("https://e/{contact}", withheld) is None
    assert opened("https://e/{call}?n={name}", withheld) == "https://e/main-1.0?n="


def test_an_endless_name_opens_nothing() -> None:
    assert opened("https://e/{name}", CARD | {"other": {"name": "x" * 3000}}) is None


@pytest.mark.parametrize(
    "rule",
    [
        {"url": "javascript:alert({number})"},
        {"url": "file:///etc/passwd"},
        {"url": "//e/{number}"},
        {"url": "https://{name}/x"},
        {"url": "https://e{queue}.example/"},
        {"url": "https://user@e/"},
        {"url": "https://e/{password}"},
        {"url": "https://e/{number!r}"},
        {"url": "https://e/{number:>9}"},
        {"url": "https://e/{}"},
        {"url": "https://e/{number"},
        {"url": "https://e/ x"},
        {"url": "https:\\\\e/"},
        {"url": ""},
        {},
        {"url": "https://e/", "when": "ringing"},
        {"url": "https://e/", "direction": "internal"},
    ],
)
def test_a_rule_that_cannot_be(rule: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match="popups, rule 2: "):
        opening([{"url": "https://e/"}, rule])
