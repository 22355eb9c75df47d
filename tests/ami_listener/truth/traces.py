"""The recorded scenarios, and rows of CEL as short lines of text."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ami_listener.truth.rows import CelRow
from cti.live.profile import Profile, read_profiles

FIXTURES = Path(__file__).parents[2] / "fixtures" / "ami"
SCENARIOS = sorted(path.parent for path in FIXTURES.glob("*/*/expect.json"))
ZERO = 1_795_311_000.0


def name_of(folder: Path) -> str:
    return f"{folder.parent.name}/{folder.name}"


def profile_of(folder: Path) -> Profile:
    """The profile of the PBX that played this scenario."""
    own = folder / "profile.toml"
    return Profile(read_profiles((own if own.exists() else FIXTURES / "profile.toml").read_text())["main"])


def expected(folder: Path) -> list[dict[str, Any]]:
    """What a call log must report about this scenario, in order of start."""
    calls: list[dict[str, Any]] = json.loads((folder / "expect.json").read_text())["calls"]
    return sorted(calls, key=lambda call: call["started_at"])


class Story:
    """CEL written by hand: ``story.row(1.5, "ANSWER", "PJSIP/201-01", "2", app="AppDial")``."""

    def __init__(self) -> None:
        self.rows: list[CelRow] = []

    def row(self, at: float, type_: str, channel: str, uid: str, linked: str | None = None, **fields: Any) -> Story:
        extra = fields.pop("extra", None)
        self.rows.append(
            CelRow(
                type=type_,
                at=ZERO + at,
                channel=channel,
                uniqueid=f"1795311000.{uid}",
                linkedid=f"1795311000.{linked or uid}",
                extra=json.dumps(extra) if extra is not None else "",
                **fields,
            )
        )
        return self

    def born(self, at: float, channel: str, uid: str, linked: str | None = None, **fields: Any) -> Story:
        return self.row(at, "CHAN_START", channel, uid, linked, **fields)

    def dialled(self, at: float, channel: str, uid: str, linked: str, app: str = "AppDial") -> Story:
        """A channel that the PBX rings."""
        self.row(at, "CHAN_START", channel, uid, linked, exten="s")
        return self.row(at, "DIALLED", channel, uid, linked, app=app, data="(Outgoing Line)")

    def up(self, at: float, channel: str, uid: str, linked: str | None = None, **fields: Any) -> Story:
        return self.row(at, "ANSWER", channel, uid, linked, **fields)

    def enter(self, at: float, bridge: str, channel: str, uid: str, linked: str | None = None, **fields: Any) -> Story:
        technology = fields.pop("technology", "simple_bridge")
        extra = {"bridge_id": bridge, "bridge_technology": technology}
        return self.row(at, "BRIDGE_ENTER", channel, uid, linked, extra=extra, **fields)

    def leave(self, at: float, bridge: str, channel: str, uid: str, linked: str | None = None, **fields: Any) -> Story:
        extra = {"bridge_id": bridge, "bridge_technology": "simple_bridge"}
        return self.row(at, "BRIDGE_EXIT", channel, uid, linked, extra=extra, **fields)

    def gone(
        self, at: float, channel: str, uid: str, linked: str | None = None, by: str = "", cause: int = 16
    ) -> Story:
        extra = {"hangupcause": cause, "hangupsource": by, "dialstatus": ""}
        self.row(at, "HANGUP", channel, uid, linked, extra=extra)
        return self.row(at, "CHAN_END", channel, uid, linked)
