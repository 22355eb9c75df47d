from collections.abc import Mapping

import pytest

from ami_listener.encode import Header
from ami_listener.login import LoginRefusedError, log_in, open_session
from ami_listener.protocol import Message
from ami_listener.url import PbxUrl

URL = PbxUrl.parse("ami://tamas:s3cret@h")
TLS = PbxUrl.parse("amis://tamas:s3cret@h")


class Pbx:
    """Answers by action name; remembers what was asked."""

    def __init__(self, **answers: dict[str, str]) -> None:
        self.answers = answers
        self.asked: list[tuple[str, dict[str, Header]]] = []

    async def send(self, name: str, headers: Mapping[str, Header]) -> Message:
        self.asked.append((name, dict(headers)))
        return Message("", {"Response": "Success", "ActionID": "1", **self.answers.get(name, {})}, 0, 0)


async def test_the_proof_is_the_md5_of_challenge_and_secret() -> None:
    pbx = Pbx(Challenge={"Challenge": "840415273"})
    await log_in(pbx.send, URL, ("call", "agent"))
    # printf 840415273s3cret | md5sum
    key = "d7994fd8cd10e2224514d095d0fd3f7b"
    assert pbx.asked[1] == ("Login", {"Username": "tamas", "Events": "call,agent", "AuthType": "MD5", "Key": key})


async def test_inside_tls_no_challenge_is_asked() -> None:
    pbx = Pbx()
    await log_in(pbx.send, TLS, ())
    assert [name for name, _ in pbx.asked] == ["Login"]
    assert pbx.asked[0][1] == {"Username": "tamas", "Events": "off", "Secret": "s3cret"}


@pytest.mark.parametrize("answer", [{"Response": "Error"}, {"Challenge": ""}])
async def test_without_a_challenge_the_secret_goes(answer: dict[str, str], caplog: pytest.LogCaptureFixture) -> None:
    pbx = Pbx(Challenge=answer)
    await log_in(pbx.send, URL, ())
    assert pbx.asked[1][1]["Secret"] == "s3cret"
    assert "no MD5 challenge" in caplog.text
    assert "s3cret" not in caplog.text


@pytest.mark.parametrize(
    ("said", "refusal"),
    [
        ("Authentication failed", "wrong_secret"),
        ("Permission denied", "no_permission"),
        ("Login Already In Use", "busy"),
        ("Asterisk is shutting down", "refused"),
        ("", "refused"),
    ],
)
async def test_refusals_are_sorted(said: str, refusal: str) -> None:
    pbx = Pbx(Login={"Response": "Error", "Message": said})
    with pytest.raises(LoginRefusedError) as caught:
        await log_in(pbx.send, TLS, ())
    assert caught.value.refusal == refusal
    assert "s3cret" not in str(caught.value)


async def test_a_session_knows_what_it_may() -> None:
    pbx = Pbx(
        ListCommands={"Ping": "Keepalive (Priv: <none>)", "CoreSettings": "x", "Filter": "y"},
        CoreSettings={"AsteriskVersion": "18.20.0"},
    )
    session = await open_session(pbx.send, filtered=True)
    assert session.permitted == {"Ping", "CoreSettings", "Filter"}
    assert (session.version, session.filtered) == ("18.20.0", True)
    assert {headers.get("Operation") for name, headers in pbx.asked if name == "Filter"} == {"Add"}


async def test_filters_can_be_left_out() -> None:
    pbx = Pbx(ListCommands={"Filter": "y"})
    assert not (await open_session(pbx.send, filtered=False)).filtered
    assert [name for name, _ in pbx.asked] == ["ListCommands"]


async def test_one_filter_refused_is_all_refused() -> None:
    pbx = Pbx(ListCommands={"Filter": "y"}, Filter={"Response": "Error", "Message": "did not compile"})
    with pytest.raises(LoginRefusedError, match="did not compile") as caught:
        await open_session(pbx.send, filtered=True)
    assert caught.value.refusal == "filter"
