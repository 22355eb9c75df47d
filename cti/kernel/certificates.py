"""A small certificate authority of our own, for an installation in a LAN that no public authority certifies.

Browsers give microphone, notifications and installation to nothing but HTTPS, and a public authority signs no
``192.168.1.10``. So ``Authority`` makes a root that devices are told to trust, and with it the server's certificate.
The root can sign for the names it was made for, private names and private addresses only (RFC 5280 §4.2.1.10): a
stolen key opens no bank. Neighbours: ``cti.app.tls`` decides when, ``web.tls`` serves with it.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from cti.kernel.errors import ConfigurationError
from cti.kernel.replacing import replace_file

AUTHORITY_DAYS = 3650
SERVER_DAYS = 397
"""Apple takes no longer ones, whoever signed them (https://support.apple.com/en-us/103769)."""
RENEW_DAYS = 30
_EARLIER = dt.timedelta(hours=24)  # a phone whose clock is behind takes it too
_PRIVATE_NAMES = ("localhost", "local", "lan", "internal", "home.arpa")
_PRIVATE_NETWORKS = (
    "127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16",
    "::1/128", "fc00::/7", "fe80::/10",
)  # fmt: skip

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class Authority:
    """The files of one folder: ``authority.pem`` and ``server.pem`` (each a key with its certificate, for the owner's
    eyes only) and ``ca.crt``, which devices are given. Each file is replaced whole or not at all."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.secret, self.server, self.public = folder / "authority.pem", folder / "server.pem", folder / "ca.crt"

    @property
    def exists(self) -> bool:
        return self.server.is_file() and self.public.is_file()

    def make(self, names: Sequence[str], now: float, *, anew: bool = False) -> None:
        """Make (or make again) the server's certificate for these names and addresses; the root too, if there is none
        or ``anew``. ConfigurationError for what is no name, and for a name that the root may not sign."""
        wanted = [_general(name) for name in dict.fromkeys(names)]
        self.folder.mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o700)
        if anew or not self.secret.is_file():
            self._make_root(wanted, _moment(now))
        key, root = self._root()
        for name in wanted:
            _require_within(root, name)
        self._make_server(wanted, key, root, _moment(now))

    def renew(self, now: float) -> bool:
        """Make the server's certificate again, for the same names, if it ends within a month. True if it did."""
        certificate = read_certificate(self.server)
        if certificate.not_valid_after_utc - _moment(now) > dt.timedelta(days=RENEW_DAYS):
            return False
        self.make(names_of(certificate), now)
        return True

    def fingerprint(self) -> str:
        """SHA-256 of ``ca.crt``, as devices show it."""
        return ":".join(f"{byte:02X}" for byte in read_certificate(self.public).fingerprint(hashes.SHA256()))

    def _root(self) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
        data = self.secret.read_bytes()
        key = serialization.load_pem_private_key(data, None)
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        return key, x509.load_pem_x509_certificate(data)

    def _make_root(self, wanted: Sequence[x509.GeneralName], now: dt.datetime) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Tamas"),
            x509.NameAttribute(NameOID.COMMON_NAME, f"Tamas local authority {now:%Y-%m-%d} {os.urandom(2).hex()}"),
        ])  # fmt: skip
        builder = _builder(name, name, key, now, AUTHORITY_DAYS)
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        builder = builder.add_extension(_usage(signs=True), critical=True)
        builder = builder.add_extension(x509.NameConstraints(_permitted(wanted), None), critical=True)
        certificate = builder.sign(key, hashes.SHA256())
        replace_file(self.secret, _pem(key) + _pem(certificate), 0o600)
        replace_file(self.public, _pem(certificate), 0o644)

    def _make_server(
        self,
        wanted: Sequence[x509.GeneralName],
        key: ec.EllipticCurvePrivateKey,
        root: x509.Certificate,
        now: dt.datetime,
    ) -> None:
        own = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, str(wanted[0].value)[:64])])
        builder = _builder(name, root.subject, own, now, SERVER_DAYS)
        builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        builder = builder.add_extension(_usage(signs=False), critical=True)
        builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        builder = builder.add_extension(x509.SubjectAlternativeName(wanted), critical=False)
        issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key())
        certificate = builder.add_extension(issuer, critical=False).sign(key, hashes.SHA256())
        replace_file(self.server, _pem(own) + _pem(certificate) + _pem(root), 0o600)


def read_certificate(path: Path) -> x509.Certificate:
    """The first certificate of a PEM file. ConfigurationError saying what is wrong with it."""
    try:
        return x509.load_pem_x509_certificate(path.read_bytes())
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise ConfigurationError(f"{path} holds no certificate in PEM") from error


def names_of(certificate: x509.Certificate) -> tuple[str, ...]:
    """The names and addresses that a certificate is for."""
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return ()
    addresses = map(str, names.get_values_for_type(x509.IPAddress))
    return (*(name.lower() for name in names.get_values_for_type(x509.DNSName)), *addresses)


def signed_by(certificate: x509.Certificate, authority: Path) -> bool:
    """True if the certificate in the file ``authority`` signed this one."""
    try:
        certificate.verify_directly_issued_by(read_certificate(authority))
    except (ConfigurationError, ValueError, TypeError, InvalidSignature):
        return False
    return True


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, now: dt.datetime, days: int
) -> x509.CertificateBuilder:
    builder = x509.CertificateBuilder(subject_name=subject, issuer_name=issuer, public_key=key.public_key())
    builder = builder.serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(now - _EARLIER).not_valid_after(now - _EARLIER + dt.timedelta(days=days))
    return builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)


def _usage(signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs, content_commitment=False, key_encipherment=False, data_encipherment=False,
        key_agreement=False, key_cert_sign=signs, crl_sign=signs, encipher_only=False, decipher_only=False,
    )  # fmt: skip


def usable(name: str) -> bool:
    """True if a certificate can be made for this host name or address."""
    try:
        _general(name)
    except ConfigurationError:
        return False
    return True


def _general(name: str) -> x509.GeneralName:
    """A host name or address as certificates have it."""
    try:
        return x509.IPAddress(ipaddress.ip_address(name.strip("[]")))
    except ValueError:
        pass
    try:
        plain = name.strip().rstrip(".").lower().encode("idna").decode("ascii")
        if not plain or plain.strip("abcdefghijklmnopqrstuvwxyz0123456789-.") or ".." in plain:
            raise UnicodeError
        return x509.DNSName(plain)
    except (UnicodeError, ValueError) as error:
        raise ConfigurationError(f"{name!r} is neither a host name nor an address") from error


def _permitted(wanted: Iterable[x509.GeneralName]) -> list[x509.GeneralName]:
    found: dict[x509.GeneralName, None] = {x509.DNSName(name): None for name in _PRIVATE_NAMES}
    found |= {x509.IPAddress(ipaddress.ip_network(network)): None for network in _PRIVATE_NETWORKS}
    for name in wanted:
        if isinstance(name, x509.IPAddress):
            found[x509.IPAddress(ipaddress.ip_network(name.value))] = None
        else:
            found[name] = None
    return list(found)


def _require_within(root: x509.Certificate, name: x509.GeneralName) -> None:
    constraints = root.extensions.get_extension_for_class(x509.NameConstraints).value.permitted_subtrees or []
    if not any(_covers(permitted.value, name.value) for permitted in constraints):
        raise ConfigurationError(
            f"{name.value} is not among the names that the authority was made for; cti tls --new-authority makes "
            "another one, which every device then has to be told to trust"
        )


def _covers(permitted: object, value: object) -> bool:
    if isinstance(permitted, str):
        return isinstance(value, str) and (value == permitted or value.endswith("." + permitted))
    if not isinstance(permitted, ipaddress.IPv4Network | ipaddress.IPv6Network):
        return False
    return isinstance(value, ipaddress.IPv4Address | ipaddress.IPv6Address) and value in permitted


def _moment(now: float) -> dt.datetime:
    return dt.datetime.fromtimestamp(int(now), dt.UTC)


def _pem(what: ec.EllipticCurvePrivateKey | x509.Certificate) -> bytes:
    if isinstance(what, x509.Certificate):
        return what.public_bytes(serialization.Encoding.PEM)
    return what.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
