"""What a PBX tells of its endpoints by its hints and its queues."""

from __future__ import annotations

import pytest

from ami_listener.discover import hints, is_device, learn_hints, learn_members
from ami_listener.protocol import Message
from cti.live.events import QueueChanged, QueueMember
from cti.live.profile import Profile, ProfileSettings


def hint(exten: str, devices: str) -> Message:
    return Message("ExtensionStatus", {"Exten": exten, "Hint": devices}, 0, 0)


def queue(*interfaces: str) -> QueueChanged:
    return QueueChanged("main", 1.0, "q", 0, tuple(QueueMember(i, i, 1, False, None, False, False) for i in interfaces))


@pytest.mark.parametrize("interface", ["PJSIP/201", "SIP/desk-7", "DAHDI/5", "IAX2/201", "SCCP/201"])
def test_a_device(interface: str) -> None:
    assert is_device(interface)


@pytest.mark.parametrize(
    "interface",
    ["Local/201@from-queue/n", "hint:201@ext-local", "Custom:DND201", "Queue:q_pause_x", "", "PJSIP/", "201",
     "confbridge:room1", "PJSIP/201@trunk", "park:701@lot"],
)  # fmt: skip
def test_what_is_no_device(interface: str) -> None:
    assert not is_device(interface)


def test_a_hint_gives_each_of_its_devices_to_the_extension() -> None:
    profile = Profile()
    learn_hints(profile, hints([hint("201", "PJSIP/reception&PJSIP/reception-2&Custom:DND201,CustomPresence:201")]))
    assert [profile.extension(f"PJSIP/{peer}") for peer in ("reception", "reception-2")] == ["201", "201"]


@pytest.mark.parametrize("message", [hint("*45201", "PJSIP/trunk"), hint("", "PJSIP/trunk"), hint("201", "")])
def test_a_hint_of_a_feature_code_gives_nobody_a_phone(message: Message) -> None:
    profile = Profile()
    learn_hints(profile, hints([message]))
    assert profile.kind("PJSIP/trunk") == "trunk"


def test_members_of_queues_are_phones_unless_the_settings_say_otherwise() -> None:
    free, bound = Profile(), Profile(ProfileSettings(trunks="^mobile"))
    for profile in (free, bound):
        learn_members(profile, [queue("SIP/mobile", "Local/201@from-queue/n")])
    assert (free.kind("SIP/mobile"), bound.kind("SIP/mobile")) == ("phone", "trunk")
