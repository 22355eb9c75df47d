"""What to paste where, to connect a PBX: sections of manager.conf, settings, the profile."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ami_listener import manager_conf
from ami_listener.listener import PbxListener
from cti.app.media import client_section
from cti.kernel.settings import Settings
from web.services import PbxSetup

if TYPE_CHECKING:
    from cti.app.product import Product

EXAMPLE = "ami://tamas:SECRET@192.0.2.10:5038/?name=main"


def setups_of(product: Product) -> Sequence[PbxSetup]:
    """One for each configured PBX; while only the demo runs, one for the PBX to come."""
    return [_setup(listener, product.demo is not None, product.settings) for listener in product.listeners]


def _setup(listener: PbxListener, demo: bool, settings: Settings) -> PbxSetup:
    state = listener.connection.state
    return PbxSetup(
        pbx="main" if demo else listener.url.name,
        connected=state.phase == "up" and not demo,
        listener=manager_conf.listener_section(version=state.version),
        actions=manager_conf.actions_section(),
        settings=_settings(listener, demo),
        profile=profile_text(listener, demo),
        media=client_section(settings),
    )


def _settings(listener: PbxListener, demo: bool) -> str:
    address = EXAMPLE
    if not demo:
        url = listener.url
        scheme = "amis" if url.tls else "ami"
        address = f"{scheme}://{url.user}:SECRET@{url.host}:{url.port}/?name={url.name}"
    lines = (f"CTI_PBX_URL='{address}'", "CTI_CDR_URL=/var/log/asterisk", "CTI_TIMEZONE=Asia/Tehran")
    return "\n".join(lines) + "\n"


def profile_text(listener: PbxListener, demo: bool) -> str:
    """The profile as TOML: what is set, and as comments what the PBX told by itself."""
    settings = listener.profile.settings
    name = "main" if demo else listener.url.name
    lines = [f"[pbx.{name}]", f'preset = "{settings.preset}"']
    for key in ("extensions", "trunks", "devices"):
        value = getattr(settings, key)
        lines.append(f"{key} = {_quoted(value)}" if value else f"# {key} = ''   # the preset's")
    for key in ("outside_prefix", "area_code", "region"):
        lines.append(f"{key} = {_quoted(getattr(settings, key))}")
    if settings.keep_digits:
        lines.append("keep_digits = true")
    for kind, names in listener.profile.seen().items():
        if names:
            lines.append(f"# seen as {kind}: {' '.join(names[:40])}{' …' if len(names) > 40 else ''}")
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    """As TOML: patterns as they are, in single quotes, where they hold none."""
    return f"'{text}'" if "\\" in text and "'" not in text else json.dumps(text, ensure_ascii=False)


def client_text(settings: Settings) -> str:
    """The section for websocket_client.conf, for ``cti doctor``."""
    title = "; --- what to paste into websocket_client.conf, for who listens without a phone (CTI_MEDIA) ---"
    return f"{title}\n{client_section(settings)}"


def manager_conf_text() -> str:
    """Both sections for manager.conf, and which feature needs which right, for ``cti doctor``."""
    lines = [
        "; --- what to paste into manager.conf ---",
        manager_conf.listener_section(),
        manager_conf.actions_section(),
    ]
    lines.append("; --- which feature needs which right ---")
    for feature in manager_conf.FEATURES:
        right = f"{feature.direction} = {feature.right}" if feature.right else "any login"
        optional = " (optional)" if feature.optional else ""
        lines.append(f"; {feature.login}: {feature.name}{optional}: {right}")
        if feature.caution:
            lines.append(f";     {feature.caution}")
    return "\n".join(lines)
