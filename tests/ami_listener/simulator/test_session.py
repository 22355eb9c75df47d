from __future__ import annotations

import hashlib

from ami_listener.simulator.options import AmiUser
from ami_listener.simulator.session import Session
from tests.ami_listener.simulator.scripted import Lab

USERS = (AmiUser(), AmiUser("listener", "s3cret", read="call,agent", write="reporting"))


def session(lab: Lab | None = None) -> Session:
    return Session((lab or Lab()).pbx, USERS, ("127.0.0.1/5038", "127.0.0.1/40000"))


def login(one: Session, name: str = "tamas", secret: str = "tamas", *more: str) -> str:
    return one.reply(["Action: Login", "ActionID: 1", f"Username: {name}", f"Secret: {secret}", *more])


def test_login_answers_as_asterisk() -> None:
    one = session()
    text = login(one)
    assert text.startswith("Response: Success\r\nActionID: 1\r\nMessage: Authentication accepted\r\n\r\n")
    assert "Event: FullyBooted\r\nPrivilege: system,all\r\nUptime: 0\r\nLastReload: 0\r\nStatus: Fully Booted" in text
    assert one.taste is not None and not one.closing


def test_a_wrong_secret_ends_the_session_and_is_told_to_others() -> None:
    lab = Lab()
    one = session(lab)
    assert login(one, secret="no") == "Response: Error\r\nActionID: 1\r\nMessage: Authentication failed\r\n\r\n"
    assert one.closing and one.taste is None
    one.tell_security()
    assert "Event: InvalidPassword\r\n" in lab.stream.decode()


def test_md5_challenge() -> None:
    one = session()
    challenge = one.reply(["Action: Challenge", "AuthType: MD5"]).partition("Challenge: ")[2].strip()
    key = hashlib.md5((challenge + "tamas").encode()).hexdigest()
    text = one.reply(["Action: Login", "AuthType: MD5", "Username: tamas", f"Key: {key}"])
    assert "Authentication accepted" in text
    other = session()
    assert "failed" in other.reply(["Action: Login", "AuthType: MD5", "Username: tamas", f"Key: {key}"])


def test_nothing_before_login() -> None:
    assert "Permission denied" in session().reply(["Action: QueueStatus"])


def test_rights_are_those_of_the_login() -> None:
    one = session()
    assert "FullyBooted" not in login(one, "listener", "s3cret")
    assert "Permission denied" in one.reply(["Action: Originate", "Channel: PJSIP/201", "Exten: 202"])
    assert "Channels will follow" in one.reply(["Action: CoreShowChannels"])
    commands = one.reply(["Action: ListCommands"])
    assert "CoreShowChannels: " in commands and "QueueStatus: " in commands and "Originate: " not in commands
    assert one.taste is not None and one.taste.reads("call") and not one.taste.reads("dialplan")


def test_ping_tells_the_time_of_the_pbx() -> None:
    lab = Lab()
    one = session(lab)
    login(one)
    assert one.reply(["Action: Ping"]) == f"Response: Success\r\nPing: Pong\r\nTimestamp: {lab.pbx.now:.6f}\r\n\r\n"


def test_events_and_filters_change_the_taste() -> None:
    one = session()
    login(one, "tamas", "tamas", "Events: off")
    assert one.taste is not None and one.taste.possible() == frozenset()
    assert "Events: On" in one.reply(["Action: Events", "EventMask: call"])
    assert "Filter added successfully" in one.reply(
        ["Action: Filter", "Operation: Add", "MatchCriteria: action(include),name(Hangup)", "Filter:"]
    )
    assert one.taste.possible() == {"Hangup"}
    assert "Unknown operation" in one.reply(["Action: Filter", "Operation: Del", "Filter: x"])
    assert "Filter format error" in one.reply(["Action: Filter", "Operation: Add", "Filter: ("])


def test_the_rest() -> None:
    one = session()
    login(one)
    assert "Invalid/unknown command: Dance." in one.reply(["Action: Dance"])
    assert "Missing action in request" in one.reply(["ActionID: 4"])
    assert one.reply(["Action: Logoff"]) == "Response: Goodbye\r\nMessage: Thanks for all the fish.\r\n\r\n"
    assert one.closing
