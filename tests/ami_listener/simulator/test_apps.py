from __future__ import annotations

from ami_listener.simulator.apps import APPS
from ami_listener.simulator.life import hang
from tests.ami_listener.simulator.recorded import sequences
from tests.ami_listener.simulator.scenarios import called, lab
from tests.ami_listener.simulator.scripted import Lab, Scripted


def test_a_menu_hears_the_digit() -> None:
    one = lab(pressed=("3", 1.5))
    caller = one.call_in("5004")
    one.run(2.0)
    assert (caller.variables["DIGITS"], caller.variables["READSTATUS"]) == ("3", "OK")
    assert caller.exten == "5000" and caller.call is not None and caller.call.digits == "3"


def test_a_menu_goes_on_without_a_digit() -> None:
    one = lab(pressed=None)
    caller = one.call_in("5004")
    one.run(4.9)
    assert caller.app == "Read"
    one.run(0.5)
    assert caller.variables["READSTATUS"] == "TIMEOUT" and caller.app == "Queue"


def test_a_caller_who_leaves_the_menu_is_heard() -> None:
    one = called(lab(pressed=None), "5004", gives_up=2.0)
    events = sequences(one.stream)["PJSIP/trunk 1"]
    assert events.index("HangupRequest") < events.index("SoftHangupRequest") < events.index("Hangup")
    assert [(call.outcome, call.hung_up_by) for call in one.truth] == [("abandoned", "caller")]


def test_inherited_variables_reach_the_phones() -> None:
    one = lab()
    one.call_in("5000")
    one.run(0.5)
    assert one.live("201").inherited == {"__CTI_DID": "5000"}
    assert one.live("trunk").variables["CTI_DID"] == "5000"


def test_a_recording_is_named_and_remembered() -> None:
    one = called(lab(), "5000", gives_up=1.0)
    (call,) = one.truth
    assert call.recordings == [f"{call.linkedid}.wav"]
    assert f"MIXMONITOR_FILENAME\r\nValue: /var/spool/asterisk/monitor/{call.linkedid}.wav" in one.stream.decode()


def test_a_conference_opens_with_the_first_and_closes_with_the_last() -> None:
    one = Lab(Scripted(stays={"PJSIP/trunk": 3.0, "PJSIP/201": 5.0}))
    one.call_in("5005")
    one.call_from("201", "6001")
    one.run(4.0)
    assert list(one.pbx.conferences) == ["room1"] and len(one.truth) == 1
    one.run(4.0)
    assert not one.pbx.conferences and not one.pbx.bridges
    text = one.stream.decode()
    assert text.count("Event: ConfbridgeStart") == text.count("Event: ConfbridgeEnd") == 1
    assert [call.conference for call in one.truth] == ["room1", "room1"]
    assert 2.9 < one.truth[1].talk["PJSIP/201"] < 3.1


def test_voicemail_is_waiting_not_talk() -> None:
    one = Lab(Scripted(stays={"PJSIP/trunk": 4.0}))
    one.pbx.devices.pop("PJSIP/201")
    called(one, "5010")
    assert [(call.outcome, call.answered_at) for call in one.truth] == [("voicemail", None)]


def test_hanging_up_by_command_ends_voicemail_too() -> None:
    one = Lab(Scripted(stays={"PJSIP/trunk": 400.0}))
    one.pbx.devices.pop("PJSIP/201")
    caller = one.call_in("5010")
    one.run(5.0)
    hang(one.pbx, caller, "command")
    one.run(1.0)
    assert one.truth[0].hung_up_by == "system" and one.truth[0].outcome == "voicemail"


def test_the_table_has_every_application_of_the_demo() -> None:
    assert {"Answer", "Dial", "Queue", "Read", "Goto", "VoiceMail", "ConfBridge", "ParkedCall", "ChanSpy"} <= set(APPS)
