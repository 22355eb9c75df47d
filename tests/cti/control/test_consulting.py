import pytest

from cti.control import contexts
from cti.control.port import Target
from cti.kernel.errors import ConflictError
from tests.cti.control.office import CALL, REZAS, SARA, SARAS, TRUNK, Office

HELD, JOINED = Target("s", contexts.HOLD), Target("s", contexts.TALK)


async def test_both_are_moved_at_one_moment() -> None:
    office = Office().in_call()
    await office.commands.transfer(SARA, CALL, "202", attended=True)
    assert office.last("redirect_two") == {
        "first": SARAS, "to": Target("202", contexts.CONSULT), "second": TRUNK, "second_to": HELD,
    }  # fmt: skip
    mine, customers = office.variables(SARAS), office.variables(TRUNK)
    assert (mine[contexts.CONSULTING], mine[contexts.WAITS], mine[contexts.CALLER]) == ("1", TRUNK, "201")
    assert (customers[contexts.BY], customers[contexts.PHONE]) == (SARAS, "PJSIP/201")


async def test_who_was_dialled_is_moved_first() -> None:
    """He would be hung up when the other leaves."""
    office = Office()
    office.desk.born("1.0", "201", exten="09121112233").dial("1.0", "1.1", "trunk", "09121112233").wait(1)
    office.desk.talk("1.0", "1.1")
    office.pbx.channels |= {"PJSIP/201-1", "PJSIP/trunk-1"}
    await office.tell().commands.transfer(SARA, CALL, "202", attended=True)
    assert office.last("redirect_two")["first"] == TRUNK
    assert office.last("redirect_two")["to"] == HELD


async def test_completed() -> None:
    office = Office().consulting()
    await office.commands.complete(SARA, CALL)
    assert office.last("redirect") == {"channel": TRUNK, "target": JOINED}
    assert office.variables(TRUNK)[contexts.WITH] == REZAS
    assert office.variables(SARAS)[contexts.DONE] == "1"


async def test_completed_with_a_caller_who_is_gone_keeps_the_colleague() -> None:
    office = Office().consulting()
    office.pbx.channels.discard(TRUNK)
    with pytest.raises(ConflictError):
        await office.commands.complete(SARA, CALL)
    assert office.variables(SARAS).get(contexts.DONE, "") in ("", "1")
    assert office.said == []


async def test_completed_before_the_answer_sends_the_caller_after() -> None:
    office = Office().consulting(answered=False)
    with pytest.raises(ConflictError, match="Nobody has answered"):
        await office.commands.swap(SARA, CALL)
    with pytest.raises(ConflictError, match="Nobody has answered"):
        await office.commands.join(SARA, CALL)
    await office.commands.complete(SARA, CALL)
    assert office.said == ["hangup", "redirect"]
    assert office.last("redirect") == {"channel": TRUNK, "target": Target("202", contexts.TRANSFER)}


async def test_swapped_there_and_back() -> None:
    office = Office().consulting()
    await office.commands.swap(SARA, CALL)
    assert office.last("redirect_two") == {"first": REZAS, "to": HELD, "second": SARAS, "second_to": JOINED}
    assert office.variables(SARAS) == {contexts.WITH: TRUNK, contexts.WAITS: REZAS}
    assert office.variables(REZAS) == {contexts.BY: SARAS}
    office.desk.leave("c", "1.2", errand="hold").leave("c", "1.1", errand="talk")
    office.desk.enter("d", "1.0", errand="hold").enter("d", "1.1", errand="talk")
    await office.tell().commands.swap(SARA, CALL)
    assert office.last("redirect_two")["first"] == TRUNK
    assert office.variables(SARAS) == {contexts.WITH: REZAS, contexts.WAITS: TRUNK}
    await office.commands.cancel(SARA, CALL)  # he talks with the caller already: only the colleague is let go
    assert office.last("hangup")["channel"] == REZAS


async def test_taken_back() -> None:
    office = Office().consulting()
    await office.commands.cancel(SARA, CALL)
    assert office.said == ["redirect", "hangup"]
    assert office.last("redirect") == {"channel": SARAS, "target": JOINED}
    assert office.variables(SARAS)[contexts.WITH] == TRUNK


async def test_three_talk() -> None:
    office = Office().consulting()
    office.desk.channel("1.1").conference = "tamas-1"
    await office.commands.join(SARA, CALL)
    first, then = office.last("redirect_two"), office.last("redirect")
    assert {first["first"], first["second"]} == {SARAS, REZAS}
    assert then["channel"] == TRUNK
    assert first["to"] == first["second_to"] == then["target"]
    assert then["target"].context == contexts.CONFERENCE


async def test_only_one_is_asked_at_a_time_and_by_whoever_asks() -> None:
    office = Office().consulting()
    with pytest.raises(ConflictError, match="asking somebody already"):
        await office.commands.transfer(SARA, CALL, "203", attended=True)
    office = Office().in_call()
    for command in (office.commands.complete, office.commands.swap, office.commands.cancel, office.commands.join):
        with pytest.raises(ConflictError, match="not asking anybody"):
            await command(SARA, CALL)
