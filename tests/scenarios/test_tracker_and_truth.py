"""Two ways to a call record that share no code: the live stream of AMI, and what the PBX itself wrote down.

On every recorded scenario they agree in all that ``call_log.reconcile`` compares, so that on a healthy product the
comparison finds nothing.
"""

from __future__ import annotations

import datetime as dt
import gzip
from pathlib import Path

import pytest

from ami_listener.replay import replay
from ami_listener.truth.calls import calls
from ami_listener.truth.csvfiles import read_folder
from ami_listener.truth.source import FROM_CEL
from call_log.compare import fields_that_differ
from cti.live.record import CallRecord
from tests.ami_listener.truth.traces import SCENARIOS, name_of, profile_of

# AMI connected when these calls were already up: the tracker saw less of their talk than there was.
SEEN_LATE = {"talk_seconds", "legs PJSIP/201 talk_seconds", "legs PJSIP/202 talk_seconds"}


def live(folder: Path) -> dict[str, CallRecord]:
    plain = folder / "ami.raw"
    data = plain.read_bytes() if plain.exists() else gzip.decompress((folder / "ami.raw.gz").read_bytes())
    return {record.id: record for record in replay([data], profile_of(folder))}


@pytest.mark.parametrize("folder", SCENARIOS, ids=name_of)
def test_they_agree(folder: Path) -> None:
    ours = live(folder)
    truth = {c.record.id: c.record for c in calls(read_folder(folder, dt.UTC, 0, 1e12), profile_of(folder), "main")}
    assert ours.keys() == truth.keys()
    for call_id, record in ours.items():
        allowed = SEEN_LATE if folder.name == "resync_snapshot" else set()
        assert set(fields_that_differ(record, truth[call_id], FROM_CEL, 0.0)) <= allowed
