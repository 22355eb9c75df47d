from __future__ import annotations

import csv
import io

from ami_listener.simulator.cdr import HEADER
from tests.ami_listener.simulator.scenarios import PLAYED


def rows(scenario: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO("\n".join([HEADER, *PLAYED[scenario]().pbx.cdr.rows]))))


def test_an_answered_call_is_billed_from_its_answer() -> None:
    (row,) = rows("did_answered")
    assert (row["src"], row["dst"], row["disposition"], row["lastapp"]) == ("09121000101", "5001", "ANSWERED", "Dial")
    assert float(row["billsec"]) == round(float(row["end"]) - float(row["answer"]), 6)
    assert 5.9 < float(row["billsec"]) < 6.1 < float(row["duration"])
    assert row["clid"] == '"09121000101" <09121000101>'


def test_each_phone_that_was_rung_has_its_record() -> None:
    made = rows("ring_group_one_answers")
    assert sorted((r["dstchannel"].rpartition("-")[0], r["disposition"]) for r in made) == [
        ("PJSIP/201", "NO ANSWER"),
        ("PJSIP/202", "ANSWERED"),
        ("PJSIP/203", "NO ANSWER"),
    ]
    assert len({r["sequence"] for r in made}) == 3


def test_parking_is_a_record_of_its_own_channel() -> None:
    made = rows("park_and_retrieve")
    assert {r["linkedid"] for r in made} == {made[0]["linkedid"]}
    peers = [r["dstchannel"].rpartition("-")[0] for r in made if "trunk" in r["channel"]]
    assert peers[0] == "PJSIP/201" and peers[-1] == "PJSIP/202"


def test_voicemail_comes_after_the_phone_that_did_not_answer() -> None:
    made = rows("did_to_voicemail")
    assert [(r["lastapp"], r["disposition"]) for r in made] == [("Dial", "NO ANSWER"), ("VoiceMail", "ANSWERED")]
