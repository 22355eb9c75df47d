"""What the bytes of a PBX alone cannot say: which endpoints are phones of ours, which lead outside.

From the settings (``[pbx.NAME]``), from ``--profile``, or found by itself where the PBX tells (hints,
queue members, endpoints); never from names in the code. The presets give the defaults of the
common distributions; each value can be set on its own.

Neighbours: ``cti.live.tracker`` asks it, ``ami_listener.discover`` fills in what the PBX tells.
"""

from __future__ import annotations

import re
import tomllib
from typing import Any, Literal

import msgspec

from cti.live import numbers

MOST_ENDPOINTS = 50_000
"""Endpoints remembered; a stranger's device may call under a new name each time."""
EndpointKind = Literal["phone", "trunk", "other"]
Preset = Literal["plain", "freepbx", "issabel"]
_DIALABLE = re.compile(r"\+?[0-9]*")


class TrunkRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``[[pbx.NAME.trunk_rules]]``: what a trunk does to its callers' numbers, undone before anything else is made of
    them. ``trunk``: a pattern on the endpoint's name without technology. Where ``strip`` matches the number (empty:
    always), what it matches is taken away and ``prepend`` put before the rest. The first rule that fits counts."""

    trunk: str
    strip: str = ""
    prepend: str = ""

    def __post_init__(self) -> None:
        """Raises ``ValueError`` naming the pattern that cannot be used."""
        for name in ("trunk", "strip"):
            try:
                re.compile(getattr(self, name))
            except re.error as error:
                raise ValueError(f"{name} of a trunk rule is not a regular expression: {error}") from error
        if not _DIALABLE.fullmatch(self.prepend):
            raise ValueError("prepend of a trunk rule may hold digits and a leading + only")


class ProfileSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``[pbx.NAME]`` as written. Patterns are regular expressions on the endpoint's name without technology.

    Each empty one is the preset's. ``devices`` maps an endpoint's name to the extension that it belongs to where
    the two differ: its first group is the extension. The preset's counts only where that is one by ``extensions``.
    """

    preset: Preset = "plain"
    extensions: str = ""
    trunks: str = ""
    devices: str = ""
    outside_prefix: str = ""
    area_code: str = ""
    region: str = "IR"
    dial_context: str = ""
    """The context of the dialplan in which phones dial, where it is not the preset's (``internal``, on FreePBX and
    Issabel ``from-internal``): our own include leads there."""
    keep_digits: bool = False
    """Keep the digits keyed during a call in the journal (they may be card numbers)."""
    trunk_rules: tuple[TrunkRule, ...] = ()

    def __post_init__(self) -> None:
        """Raises ``ValueError`` naming the pattern that cannot be used."""
        for name in ("extensions", "trunks", "devices"):
            try:
                pattern = re.compile(getattr(self, name))
            except re.error as error:
                raise ValueError(f"{name} is not a regular expression: {error}") from error
            if name == "devices" and pattern.pattern and not pattern.groups:
                raise ValueError("devices needs a group: what is in its first ( ) is the extension")


PRESETS: dict[Preset, ProfileSettings] = {
    "plain": ProfileSettings(extensions=r"^\d{2,6}$", trunks=r".", devices=""),
    # FreePBX and Issabel: an extension is a number; its WebRTC or second device has 99 or 98 before it. Extensions
    # of four digits that begin so are common, of five and more are not.
    "freepbx": ProfileSettings(extensions=r"^(?:9[89])?\d{2,6}$", trunks=r".", devices=r"^9[89](\d{3,6})$"),
    "issabel": ProfileSettings(extensions=r"^(?:9[89])?\d{2,6}$", trunks=r".", devices=r"^9[89](\d{3,6})$"),
}


class Profile:
    """Answers what an endpoint is; every answer is kept, so that a busy PBX pays once per endpoint."""

    def __init__(self, settings: ProfileSettings | None = None) -> None:
        self.settings = settings or ProfileSettings()
        preset = PRESETS[self.settings.preset]
        self._extensions = re.compile(self.settings.extensions or preset.extensions)
        self._trunks = re.compile(self.settings.trunks or preset.trunks)
        devices = self.settings.devices or preset.devices
        self._devices = re.compile(devices) if devices else None
        self._rules = [
            (re.compile(rule.trunk), re.compile(rule.strip), rule.prepend) for rule in self.settings.trunk_rules
        ]
        self._kinds: dict[str, EndpointKind] = {}
        self._told: dict[str, EndpointKind] = {}
        self._owners: dict[str, str] = {}
        self._extension_of: dict[str, str | None] = {}

    def kind(self, endpoint: str) -> EndpointKind:
        """Phone of ours, trunk, or neither. ``endpoint`` is technology and peer: ``PJSIP/201``."""
        known = self._kinds.get(endpoint)
        if known is None:
            if len(self._kinds) >= MOST_ENDPOINTS:
                self._kinds.clear()
                self._extension_of.clear()
            known = self._kinds[endpoint] = self._decide(endpoint)
        return known

    def _decide(self, endpoint: str) -> EndpointKind:
        peer = endpoint.partition("/")[2]
        if self._explicit(self.settings.extensions, self._extensions, peer):
            return "phone"
        if self._explicit(self.settings.trunks, self._trunks, peer):
            return "trunk"
        told = self._told.get(endpoint)
        if told is not None:
            return told
        if not self.settings.extensions and self._extensions.search(peer):
            return "phone"
        if not self.settings.trunks and self._trunks.search(peer):
            return "trunk"
        return "other"

    @staticmethod
    def _explicit(setting: str, pattern: re.Pattern[str], peer: str) -> bool:
        return bool(setting) and pattern.search(peer) is not None

    def tell(self, endpoint: str, kind: EndpointKind, extension: str | None = None) -> None:
        """Take in what the PBX says of an endpoint. A pattern in the settings outranks it."""
        self._told[endpoint] = kind
        if extension:
            self._owners[endpoint] = extension
        self._kinds.pop(endpoint, None)
        self._extension_of.pop(endpoint, None)

    def told(self) -> dict[str, tuple[EndpointKind, str | None]]:
        """What the PBX has said of its endpoints: kind and extension, by name (see ``tell``)."""
        return {endpoint: (kind, self._owners.get(endpoint)) for endpoint, kind in self._told.items()}

    def seen(self) -> dict[EndpointKind, list[str]]:
        """The endpoints asked about so far, by what they were taken for."""
        out: dict[EndpointKind, list[str]] = {"phone": [], "trunk": [], "other": []}
        for endpoint, kind in sorted(self._kinds.items()):
            out[kind].append(endpoint)
        return out

    def extension(self, endpoint: str) -> str | None:
        """The extension that a phone belongs to, or None for a trunk."""
        if endpoint not in self._extension_of:
            self._extension_of[endpoint] = self._owner(endpoint)
        return self._extension_of[endpoint]

    def _owner(self, endpoint: str) -> str | None:
        if self.kind(endpoint) != "phone":
            return None
        owner = self._owners.get(endpoint)
        if owner is not None:
            return owner
        peer = endpoint.partition("/")[2]
        match = self._devices.search(peer) if self._devices else None
        owner = match.group(1) if match is not None else None
        if not owner or not (self.settings.devices or self._extensions.search(owner)):
            return peer
        return owner

    def is_extension(self, raw: str) -> bool:
        """Whether a number as dialled is one of our phones'."""
        return self._extensions.fullmatch(raw) is not None

    def number(self, raw: str | None, trunk: str = "") -> str | None:
        """E.164 of a caller's number, or None (withheld, an extension, no number). ``trunk``: the endpoint by which
        it came in, whose rules are then applied."""
        if raw is None or numbers.withheld(raw) or self._extensions.fullmatch(raw):
            return None
        if self._rules and trunk:
            raw = self._undone(numbers.latin_digits(raw), trunk.partition("/")[2])
        return numbers.e164(raw, self.settings.region, self.settings.area_code)

    def _undone(self, raw: str, peer: str) -> str:
        for trunk, strip, prepend in self._rules:
            found = strip.search(raw) if trunk.search(peer) else None
            if found is not None:
                return prepend + raw[: found.start()] + raw[found.end() :]
        return raw

    def dialled_number(self, raw: str | None) -> str | None:
        """E.164 of a number as one of our phones dials it: the outside prefix is dropped."""
        if raw is None or self._extensions.fullmatch(raw):
            return None
        s = self.settings
        return numbers.e164(raw, s.region, s.area_code, s.outside_prefix)


def read_profiles(text: str) -> dict[str, ProfileSettings]:
    """``[pbx.NAME]`` tables of a TOML text. Raises ``ValueError`` naming what is wrong."""
    try:
        tables: dict[str, Any] = tomllib.loads(text).get("pbx", {})
        return {name: msgspec.convert(table, ProfileSettings) for name, table in tables.items()}
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise ValueError(f"the profile cannot be read: {error}") from error


def settings_from(table: dict[str, Any] | None, region: str) -> ProfileSettings:
    """One ``[pbx.NAME]`` table of the settings file. Raises ``ValueError`` naming what is wrong."""
    try:
        return msgspec.convert({"region": region, **(table or {})}, ProfileSettings)
    except msgspec.ValidationError as error:
        raise ValueError(f"the profile of a PBX cannot be used: {error}") from error
