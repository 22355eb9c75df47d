"""What is pushed to who may not see numbers whole, beside what the others get."""

from __future__ import annotations

import json
import re
from typing import Any

import msgspec
import pytest

from cti.live.record import Caller
from screenpop.masked import masked_board, masked_call, masked_pop
from tests.scenarios import recorded
from tests.screenpop.told import played
from tests.web import sample

CARD = {"id": "c", "who": {"name": "Ali 09123456789", "number": "0912 345 6789"}, "line": "021 9100 4500"}
HIDDEN = {"id": "c", "who": {"name": "Ali 0912•••6789", "number": "0912 ••• 6789"}, "line": "021 9100 4500"}


def test_a_board_and_its_patches() -> None:
    whole: dict[str, Any] = {
        "calls": {"c": CARD, "gone": None, "d": {"state": "held"}, "e": {"who": {}}, "f": {"who": None}},
        "agents": {"main/201": {"ext": "201", "with": {"number": "88776655"}}, "main/202": {"with": None}},
        "queues": {"q": {"name": "0912345678"}},
        "today": {"calls": 5},
    }
    assert masked_board(whole) == whole | {
        "calls": whole["calls"] | {"c": HIDDEN},
        "agents": whole["agents"] | {"main/201": {"ext": "201", "with": {"number": "88••••55"}}},
    }
    assert whole["calls"]["c"] == CARD
    assert masked_board({}) == {}


def test_a_call() -> None:
    record = msgspec.structs.replace(
        sample.live_calls()[0].record,
        direction="inbound", caller=Caller("+989123456789", "09123456789", "Ali"),
    )  # fmt: skip
    told = masked_call({"call": CARD, "record": {"caller": {"raw": "09123456789"}}}, record, lambda n, _raw: n or "")
    assert told is not None and told["call"] == HIDDEN
    assert told["record"]["caller"] == {"number": None, "raw": "+9891••••6789"[:5] + "••••6789", "name": "Ali"}
    assert masked_call({"merged_into": "d"}, None, str) == {"merged_into": "d"}  # type: ignore[arg-type]
    assert masked_call(None, None, str) is None  # type: ignore[arg-type]


def test_a_card_of_ones_own() -> None:
    number = {"number": "0912 345 6789", "raw": "09123456789"}
    pop: dict[str, Any] = {
        "pop": "c:u", "direction": "inbound", "line": "021 9100 4500", "open": "https://crm/?n=09123456789",
        "other": {"name": "09123456789", "key": "+989123456789", "contact": "p1", **number},
        "caller": {"number": "+989123456789", "raw": "09123456789"},
        "dialled": {"number": "+982191004500", "raw": "02191004500"},
        "matches": [{"id": "p1", "name": "Ali 09123456789", "company": "", "label": ""}],
        "legs": [{"uniqueid": "1.1", "ext": "201"}, {"uniqueid": "1.2", "number": "0912 345 6789", "outside": True}],
        "consult": {"to": "0912 345 6789"}, "digits": "09123456789",
    }  # fmt: skip
    told = masked_pop(pop)
    assert not {"09123456789", "+989123456789", "0912 345 6789"} & set(str(told).replace("'", '"').split('"'))
    assert told["other"] == {
        "name": "0912••••6789"[:4] + "•••6789", "contact": "p1", "number": "0912 ••• 6789", "raw": "0912•••6789",
    }  # fmt: skip
    assert told["dialled"] == {"raw": "02191004500"}, "the line is ours"
    assert told["legs"][0] == {"uniqueid": "1.1", "ext": "201"}
    assert "open" not in told and told["line"] == pop["line"]
    assert pop["caller"]["number"] == "+989123456789", "what the others get is as it was"
    out = masked_pop(pop | {"direction": "outbound", "dialled": {"number": "+989123456789", "raw": "09123456789"}})
    assert out["dialled"] == {"raw": "0912•••6789"}


@pytest.mark.parametrize("scenario", [name for name in recorded.SCENARIOS if not name.startswith("asterisk-16")])
def test_no_card_of_a_recorded_call_shows_a_number(scenario: str) -> None:
    told = played(recorded.raw(scenario), recorded.profile(scenario))
    for card in (card for cards in told.cards.values() for card in cards):
        subscribers = set(re.findall(r"9\d{9}", json.dumps([card["caller"], card["other"]])))
        if card["direction"] == "outbound":
            subscribers |= set(re.findall(r"9\d{9}", json.dumps(card["dialled"])))
        hidden = json.dumps(masked_pop(card))
        assert not [number for number in subscribers if number in hidden]
