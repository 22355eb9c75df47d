"""Which certificate is served with, and what `cti tls` says."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest

from cti.app.tls import authority_of, keep_fresh, make_tls, open_tls, own_names
from cti.kernel.certificates import Authority, names_of, read_certificate, usable
from cti.kernel.clock import ManualClock
from cti.kernel.errors import ConfigurationError
from cti.kernel.settings import Settings

DAY = 86_400.0


def settings(folder: Path, **chosen: Any) -> Settings:
    return Settings(data=str(folder), **chosen)


def test_plain_http_where_there_is_no_certificate(tmp_path: Path) -> None:
    assert open_tls(settings(tmp_path), time.time()) is None


def test_what_cti_tls_made_is_used_by_itself(tmp_path: Path) -> None:
    text = make_tls(settings(tmp_path), ["tamas.lan", "192.168.1.10"], time.time())
    assert "https://tamas.lan:8080/" in text and "192.168.1.10" in text
    assert authority_of(settings(tmp_path)).fingerprint() in text
    tls = open_tls(settings(tmp_path), time.time())
    assert tls is not None and not tls.trusted and tls.names == {"tamas.lan", "192.168.1.10"}


def test_the_configured_one_comes_first(tmp_path: Path) -> None:
    make_tls(settings(tmp_path), ["tamas.lan"], time.time())
    real = Authority(tmp_path / "real")
    real.make(["crm.example"], time.time())
    tls = open_tls(settings(tmp_path, tls_cert=str(real.server)), time.time())
    assert tls is not None and tls.trusted and tls.names == {"crm.example"}
    with pytest.raises(ConfigurationError, match="CTI_TLS_CERT"):
        open_tls(settings(tmp_path, tls_key=str(real.server)), time.time())
    with pytest.raises(ConfigurationError, match="cannot be read"):
        open_tls(settings(tmp_path, tls_cert=str(tmp_path / "none")), time.time())


def test_the_machines_own_names(tmp_path: Path) -> None:
    names = own_names(settings(tmp_path, public_url="https://crm.example:8443/"))
    assert names[0] == "crm.example" and names[-3:] == ["localhost", "127.0.0.1", "::1"]
    assert len(set(names)) == len(names) and all(map(usable, names))
    make_tls(settings(tmp_path, public_url="https://crm.example/"), [], time.time())
    assert "crm.example" in names_of(read_certificate(authority_of(settings(tmp_path)).server))


def test_an_old_one_is_renewed_at_the_start(tmp_path: Path) -> None:
    make_tls(settings(tmp_path), ["tamas.lan"], time.time() - 380 * DAY)
    before = read_certificate(authority_of(settings(tmp_path)).server)
    assert open_tls(settings(tmp_path), time.time()) is not None
    assert read_certificate(authority_of(settings(tmp_path)).server).not_valid_after_utc > before.not_valid_after_utc


async def test_renewed_while_it_runs(tmp_path: Path) -> None:
    clock = ManualClock(time.time())
    make_tls(settings(tmp_path), ["tamas.lan"], clock.now())
    tls = open_tls(settings(tmp_path), clock.now())
    assert tls is not None
    before = read_certificate(tls.certificate).serial_number
    keeper = asyncio.create_task(keep_fresh(tls, settings(tmp_path), clock))
    async with asyncio.timeout(10):
        while read_certificate(tls.certificate).serial_number == before:
            clock.advance(DAY)
            await asyncio.sleep(0)
    assert clock.now() - time.time() > 360 * DAY
    keeper.cancel()
