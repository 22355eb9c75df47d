"""Settings: ``CTI_*`` in the environment over a TOML file (``CTI_CONFIG``) over the defaults.

An unknown key is an error that names the nearest known one; a bad value says which key and what was
expected. Each setting is one field here, with its explanation as ``HELP`` (the docs are printed from it).
Neighbours: ``cti.app`` reads them once; nothing else reads the environment.
"""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from cti.kernel.errors import ConfigurationError

PREFIX = "CTI_"


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What an installation can choose. Field ``pbx_url`` is ``CTI_PBX_URL`` and ``pbx_url`` in the TOML file."""

    data: str = "var"
    database_url: str = ""
    bus_url: str = ""
    pbx_url: str = ""
    pbx_actions_url: str = ""
    pbx_sip_url: str = ""
    ice_servers: str = ""
    cdr_url: str = ""
    cdr_timezone: str = ""
    media: str = ""
    tls_cert: str = ""
    tls_key: str = ""
    http: str = "127.0.0.1:8080"
    public_url: str = ""
    behind_proxy: bool = False
    region: str = "IR"
    timezone: str = "Asia/Tehran"
    language: Literal["fa", "en"] = "fa"
    reconcile_minutes: float = 5.0
    resync_minutes: float = 5.0
    journal: bool = True
    journal_days: float = 30.0
    journal_megabytes: float = 4096.0
    file_megabytes: float = 25.0
    files_megabytes: float = 0.0
    demo_calls_per_second: float = 0.2
    import_megabytes: float = 200.0
    dialling: dict[str, Any] = {}
    popups: list[dict[str, Any]] = []
    alerts: dict[str, Any] = {}
    trash_days: float = 90.0
    monitoring: dict[str, Any] = {}
    pbx: dict[str, dict[str, Any]] = {}

    @property
    def folder(self) -> Path:
        """Where everything of this installation is kept."""
        return Path(self.data)

    @property
    def database(self) -> str:
        """The database's URL; by default a SQLite file in ``data``."""
        return self.database_url or f"sqlite+aiosqlite:///{(self.folder / 'tamas.db').absolute()}"


HELP: dict[str, str] = {
    "data": "folder of the database, journals and files",
    "database_url": "sqlite+aiosqlite:///FILE or postgresql+asyncpg://USER:PASSWORD@HOST/NAME; empty: a file in data",
    "bus_url": "still to come: NATS between several processes; empty: in-process",
    "pbx_url": "ami://USER:SECRET@HOST:5038/?name=NAME (amis:// for TLS), several with spaces; empty: the demo PBX",
    "pbx_actions_url": "a second AMI login with the rights to act; empty: none",
    "pbx_sip_url": "where the PBX takes SIP over WebSocket, for the softphone: ws://HOST:8088/ws; NAME=… if several",
    "ice_servers": "STUN and TURN for the softphone, several with spaces: stun:HOST:3478 turn:USER:SECRET@HOST:3478",
    "cdr_url": "the PBX's CDR and CEL: folder of CSV, mysql+aiomysql://… or postgresql+asyncpg://…; NAME=… if several",
    "cdr_timezone": "time zone of the times in that source, where it does not tell; empty: the site's",
    "media": (
        "HOST:PORT where PBXs bring the sound of calls that are listened to without a phone, wss://HOST:PORT with TLS; "
        "empty: none do"
    ),
    "tls_cert": "PEM file of the certificate chain, for HTTPS and WSS; empty: what cti tls made, else plain HTTP",
    "tls_key": "PEM file of its private key; empty: in the same file",
    "http": "HOST:PORT of pages, API and push",
    "public_url": "the address that people use, when it differs from http",
    "behind_proxy": "plain HTTP to a proxy on this machine that ends TLS; its X-Forwarded-For and -Proto are believed",
    "region": "ISO country in which numbers without a country code are read",
    "timezone": "the site's time zone: days begin there",
    "language": "language of pages until a user chooses: fa or en",
    "reconcile_minutes": "how often the log is compared with the PBX's own CDR and CEL; 0: never by itself",
    "resync_minutes": "how often the PBX is asked what is up, as a safety net; 0: only after a lost link",
    "journal": "keep every byte that the PBX sends (without passwords and keyed digits)",
    "journal_days": "days that the journal is kept",
    "journal_megabytes": "size that the journal may reach",
    "file_megabytes": "size that a file added to a contact or a call may have",
    "files_megabytes": "size that all of these together may have; 0: as much as the disk takes",
    "demo_calls_per_second": "pace of the demo PBX",
    "import_megabytes": "size that a file of contacts to be imported may have",
    "dialling": "who may call what, which number the called see, makes of phones: [dialling] in the TOML file",
    "popups": "pages of other programs that calls open: [[popups]] tables in the TOML file (docs/watch.md)",
    "alerts": "where alerts are sent, too: [alerts] in the TOML file, webhook and secret (docs/alerts.md)",
    "trash_days": "days after which contacts in the trash are deleted for good; 0: never",
    "monitoring": "notice = true: agents are told who listens to them; [monitoring] in the TOML file",
    "pbx": "profiles: [pbx.NAME] tables in the TOML file",
}
SECURE = "wss://"
"""Before HOST:PORT of ``media``: with TLS."""
_NOT_YET = ("bus_url",)
"""Settings whose names are fixed and whose features are still to come: refused rather than ignored."""
_OTHERS = frozenset(("CTI_CONFIG", "CTI_TOKEN", "CTI_URL"))
"""Not of the product itself: where its settings are, and how ``cti watch`` reaches one."""
_FIELDS = {field.name: field for field in msgspec.structs.fields(Settings)}


def load(environment: Mapping[str, str] | None = None) -> Settings:
    """The settings of this process. Raises ``ConfigurationError`` saying what to mend."""
    env = os.environ if environment is None else environment
    values: dict[str, Any] = {}
    config = env.get("CTI_CONFIG", "")
    if config:
        values.update(_from_file(Path(config)))
    for name, text in env.items():
        if name.startswith(PREFIX) and name not in _OTHERS:
            values[_known(name.removeprefix(PREFIX).lower(), name)] = text
    try:
        settings = msgspec.convert(values, Settings, strict=False)
    except msgspec.ValidationError as error:
        raise ConfigurationError(f"a setting cannot be used: {error}") from error
    for name in _NOT_YET:
        if getattr(settings, name):
            raise ConfigurationError(
                f"{PREFIX}{name.upper()} cannot be used yet: this version runs in one process on loopback"
            )
    _check_zone("timezone", settings.timezone)
    _check_zone("cdr_timezone", settings.cdr_timezone or "UTC")
    address(settings.http)
    if settings.media:
        media_address(settings)
    return settings


def _from_file(path: Path) -> dict[str, Any]:
    try:
        table = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise ConfigurationError(f"CTI_CONFIG: {path} cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"CTI_CONFIG: {path} is not TOML: {error}") from error
    return {_known(key, f"{path.name}: {key}"): value for key, value in table.items()}


def _known(key: str, shown: str) -> str:
    if key in _FIELDS:
        return key
    near = difflib.get_close_matches(key, _FIELDS, n=1, cutoff=0.4)
    hint = f"; did you mean {near[0] if not shown.startswith(PREFIX) else PREFIX + near[0].upper()}?" if near else ""
    raise ConfigurationError(f"{shown} is not a setting{hint}")


def _check_zone(key: str, name: str) -> None:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ConfigurationError(f"{key}: {name!r} is not a time zone; for example Asia/Tehran") from error


def media_address(settings: Settings) -> tuple[str, int]:
    """Where PBXs bring sound, without or with TLS. Raises ``ConfigurationError``."""
    return address(settings.media.removeprefix(SECURE), "media")


def address(text: str, name: str = "http") -> tuple[str, int]:
    """``HOST:PORT`` of the setting ``name`` taken apart. Raises ``ConfigurationError``."""
    host, _, port = text.rpartition(":")
    if not host or not port.isdigit() or int(port) > 65535:
        raise ConfigurationError(f"{name}: {text!r} is not HOST:PORT, for example 127.0.0.1:8080")
    return host.strip("[]"), int(port)
