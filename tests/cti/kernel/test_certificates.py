"""What our authority signs is trusted by who trusts it, for its names alone, and its keys are nobody else's."""

from __future__ import annotations

import datetime as dt
import socket
import ssl
import stat
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from cryptography import x509

from cti.kernel.certificates import Authority, names_of, read_certificate, signed_by, usable
from cti.kernel.errors import ConfigurationError
from tests.crm import NOW

DAY = 86_400.0
NAMES = ("tamas.example", "tamas", "192.168.1.10", "::1", "127.0.0.1")


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    made = Authority(tmp_path / "tls")
    made.make(NAMES, NOW)
    return made


@contextmanager
def served(authority: Authority) -> Iterator[int]:
    """A server that shakes hands once with whoever comes; its port."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(authority.server)
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                try:
                    context.wrap_socket(connection, server_side=True).close()
                except OSError:
                    connection.close()

        threading.Thread(target=serve, daemon=True).start()
        yield listening.getsockname()[1]


def shake(authority: Authority, name: str) -> None:
    """As a device that trusts the authority: raises if it does not take the certificate for ``name``."""
    done = subprocess.run(
        ["openssl", "verify", "-attime", str(int(NOW)), "-x509_strict", "-purpose", "sslserver", "-CAfile",
         authority.public, "-verify_ip" if ":" in name or name[0].isdigit() else "-verify_hostname", name,
         authority.server],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise ssl.SSLCertVerificationError(done.stderr)


@pytest.mark.parametrize("name", NAMES)
def test_a_device_that_trusts_it_takes_the_certificate(authority: Authority, name: str) -> None:
    shake(authority, name)


@pytest.mark.parametrize("name", ["bank.example", "other", "192.168.1.11", "8.8.8.8"])
def test_for_no_other_name(authority: Authority, name: str) -> None:
    with pytest.raises(ssl.SSLCertVerificationError):
        shake(authority, name)


def test_pythons_own_client_takes_it(tmp_path: Path) -> None:
    made = Authority(tmp_path)
    made.make(["localhost", "127.0.0.1"], time.time())
    context = ssl.create_default_context(cafile=str(made.public))
    with served(made) as port:
        plain = socket.create_connection(("127.0.0.1", port))
        with context.wrap_socket(plain, server_hostname="localhost") as wrapped:
            assert wrapped.version() in ("TLSv1.2", "TLSv1.3")


def test_keys_are_for_the_owner_alone(authority: Authority) -> None:
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in authority.folder.iterdir()}
    assert modes == {"authority.pem": 0o600, "server.pem": 0o600, "ca.crt": 0o644}
    assert stat.S_IMODE(authority.folder.stat().st_mode) == 0o700
    assert b"PRIVATE" not in authority.public.read_bytes()


def test_the_authority_signs_for_its_names_and_private_ones_only(authority: Authority) -> None:
    before = authority.public.read_bytes()
    authority.make(["10.1.2.3", "pbx.lan", "x.tamas.example"], NOW)
    shake(authority, "pbx.lan")
    for stranger in ("bank.example", "8.8.8.8", "example"):
        with pytest.raises(ConfigurationError, match="--new-authority"):
            authority.make([stranger], NOW)
    assert authority.public.read_bytes() == before
    authority.make(["crm.other.example"], NOW, anew=True)
    assert authority.public.read_bytes() != before
    shake(authority, "crm.other.example")


def test_even_with_its_key_no_other_name_can_be_signed(authority: Authority) -> None:
    key, root = authority._root()
    authority._make_server([x509.DNSName("bank.example")], key, root, dt.datetime.fromtimestamp(NOW, dt.UTC))
    with pytest.raises(ssl.SSLCertVerificationError, match="permitted subtree"):
        shake(authority, "bank.example")


def test_renewed_within_a_month_of_its_end(authority: Authority) -> None:
    before = read_certificate(authority.server)
    assert not authority.renew(NOW + 300 * DAY)
    assert authority.renew(NOW + 370 * DAY)
    after = read_certificate(authority.server)
    assert names_of(after) == names_of(before) and after.serial_number != before.serial_number
    assert signed_by(after, authority.public) and len(authority.fingerprint()) == 95


def test_other_peoples_certificates_are_not_ours(authority: Authority, tmp_path: Path) -> None:
    other = Authority(tmp_path / "other")
    other.make(["a.example"], NOW)
    assert not signed_by(read_certificate(other.server), authority.public)
    assert not signed_by(read_certificate(other.server), tmp_path / "none")


@pytest.mark.parametrize("name", ["", "a b", "ex..ample", "http://x", "x/y", "a" * 300, "\0", "تماس.example\n/"])
def test_what_is_no_name_is_refused(authority: Authority, name: str) -> None:
    assert not usable(name)
    with pytest.raises(ConfigurationError, match="neither a host name nor an address"):
        authority.make([name], NOW)


def test_persian_names_are_written_as_the_dns_has_them(authority: Authority) -> None:
    authority.make(["تماس.lan", "[fe80::1]"], NOW)
    assert names_of(read_certificate(authority.server)) == ("تماس.lan".encode("idna").decode(), "fe80::1")


def test_files_that_are_no_certificates(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read"):
        read_certificate(tmp_path / "none")
    (tmp_path / "x").write_bytes(b"nothing")
    with pytest.raises(ConfigurationError, match="no certificate"):
        read_certificate(tmp_path / "x")
