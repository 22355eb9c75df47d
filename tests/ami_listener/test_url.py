import ssl
from pathlib import Path

import pytest

from ami_listener.url import PbxUrl, Secret, parse_urls
from cti.kernel.errors import ConfigurationError


def test_an_address_is_read() -> None:
    url = PbxUrl.parse("ami://tamas:p%40ss%2Fword@pbx.example:5039/?name=shop-2")
    assert (url.name, url.host, url.port, url.user, url.tls) == ("shop-2", "pbx.example", 5039, "tamas", False)
    assert url.secret.reveal() == "p@ss/word"
    assert url.ssl_context() is None


@pytest.mark.parametrize(
    ("text", "port", "host"),
    [("ami://a:b@h", 5038, "h"), ("amis://a:b@h/", 5039, "h"), ("ami://a:b@[::1]:99", 99, "::1")],
)
def test_ports_by_default_and_ipv6(text: str, port: int, host: str) -> None:
    url = PbxUrl.parse(text)
    assert (url.port, url.host, url.name) == (port, host, "main")
    assert PbxUrl.parse(str(url).replace("a@", "a:b@")) == url


def test_the_secret_shows_nowhere() -> None:
    url = PbxUrl.parse("ami://tamas:hunter2@h/")
    assert "hunter2" not in f"{url} {url!r} {url.secret} {url.secret!r} {list(url.__rich_repr__())}"
    assert url.secret == Secret("hunter2") != Secret("other")
    assert len({Secret("a"), Secret("a")}) == 1


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("http://a:hunter2@h", "must begin with ami://"),
        ("ami://a:hunter2@", "no host"),
        ("ami://a:hun/ter2@h", "no user and secret"),
        ("ami://h", "no user and secret"),
        ("ami://a:hunter2@h:x", "port must be a number"),
        ("ami://a:hunter2@h:0", "port must be a number"),
        ("ami://a:hunter2@h:99999", "port must be a number"),
        ("ami://a:hunter2@[h", "cannot be read"),
        ("ami://a:hunter2@h/path", "after the port"),
        ("ami://a:hunter2@h/?nmae=x", "did you mean 'name'"),
        ("ami://a:hunter2@h/?name=Größe", "small letters"),
        ("ami://a:hunter2@h/?verify=no", "are for amis://"),
        ("amis://a:hunter2@h/?verify=maybe", "yes or no"),
    ],
)
def test_what_is_wrong_is_said_without_the_secret(text: str, problem: str) -> None:
    with pytest.raises(ConfigurationError, match=problem) as caught:
        PbxUrl.parse(text)
    assert "hunter2" not in str(caught.value)


def test_several_pbxs_need_names_of_their_own() -> None:
    urls = parse_urls("ami://a:b@one/?name=one  amis://a:b@two/?name=two")
    assert [url.name for url in urls] == ["one", "two"]
    assert parse_urls("") == ()
    with pytest.raises(ConfigurationError, match="several PBX addresses are named main"):
        parse_urls("ami://a:b@one ami://a:b@two")


def test_tls_is_verified_unless_told_otherwise(tmp_path: Path) -> None:
    context = PbxUrl.parse("amis://a:b@h").ssl_context()
    assert context is not None
    assert (context.check_hostname, context.verify_mode) == (True, ssl.CERT_REQUIRED)
    trusting = PbxUrl.parse("amis://a:b@h/?verify=no").ssl_context()
    assert trusting is not None
    assert trusting.verify_mode == ssl.CERT_NONE
    (tmp_path / "empty.pem").write_text("nothing")
    for name in ("empty.pem", "missing.pem"):
        with pytest.raises(ConfigurationError, match=name):
            PbxUrl.parse(f"amis://a:b@h/?ca={tmp_path / name}").ssl_context()
