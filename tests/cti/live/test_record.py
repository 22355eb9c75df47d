"""The JSON form of a call record: times with milliseconds, seconds to the millisecond, the contract's names."""

from __future__ import annotations

import json

from cti.live import pbx
from cti.live.record import rfc3339, to_json
from tests.cti.live.desk import Desk


def test_times_are_utc_with_milliseconds() -> None:
    assert rfc3339(1795308697.9324) == "2026-11-22T00:51:37.932Z"
    assert rfc3339(1795308697.9996) == "2026-11-22T00:51:38.000Z"
    assert rfc3339(None) is None


def test_a_record_is_the_object_of_the_contract() -> None:
    found = to_json(Desk().call_in(seconds=10.12345).asked("1.0").gone("1.1", "1.0").ended())
    assert json.loads(json.dumps(found)) == found
    assert found["id"] == "main-1.0"
    assert found["caller"] == {"number": "+989121112233", "raw": "09121112233", "name": None}
    assert found["started_at"] == "2027-01-15T08:00:00.000Z"
    assert found["talk_seconds"] == 10.123
    assert found["legs"][0]["rang_at"] == "2027-01-15T08:00:00.000Z"
    assert {"kind", "linkedids", "queue_waits", "hung_up_by", "transfers", "provisional", "recordings"} <= set(found)


def test_a_transfer_says_from() -> None:
    desk = Desk().call_in()
    desk.say(pbx.BlindTransferred(desk.at, "1.1", desk.channel("1.1").chan, "202"))
    found = to_json(desk.gone("1.1", "1.0").ended())
    assert [(t["kind"], t["from"], t["to"]) for t in found["transfers"]] == [("blind", "PJSIP/201", "202")]
