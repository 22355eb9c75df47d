import pytest

from cti.control.fake import Command, FakePbx
from cti.control.port import PbxRefusedError, Target


async def test_what_was_accepted_is_remembered_with_its_arguments() -> None:
    fake = FakePbx({"PJSIP/201-1"})
    await fake.redirect("PJSIP/201-1", Target("5000", "internal"))
    await fake.hangup("PJSIP/201-1", 21)
    assert fake.commands == [
        Command("redirect", {"channel": "PJSIP/201-1", "target": Target("5000", "internal")}),
        Command("hangup", {"channel": "PJSIP/201-1", "cause": 21}),
    ]


async def test_a_channel_that_was_hung_up_is_gone() -> None:
    fake = FakePbx({"PJSIP/201-1"})
    await fake.hangup("PJSIP/201-1")
    with pytest.raises(PbxRefusedError):
        await fake.hangup("PJSIP/201-1")


async def test_members_come_and_go() -> None:
    fake = FakePbx(queues={"support": {"PJSIP/201"}})
    await fake.remove_member("support", "PJSIP/201")
    assert fake.queues == {"support": set()}
    with pytest.raises(PbxRefusedError, match="No such queue"):
        await fake.remove_member("sales", "PJSIP/201")
