"""What is kept of a merge comes back as it was."""

from __future__ import annotations

import msgspec

from crm_core.contacts.model import Party, PartyNumber
from crm_core.duplicates.model import Snapshot


def test_a_snapshot_survives_its_json() -> None:
    party = Party(
        id="x", kind="person", name="الف", numbers=(PartyNumber("0912", key="+98912"),), fields={"a": [1, "ب"]}
    )
    snapshot = Snapshot(party, (party,), party, {"c": ("p1", "p2")})
    assert msgspec.json.decode(msgspec.json.encode(snapshot), type=Snapshot) == snapshot
