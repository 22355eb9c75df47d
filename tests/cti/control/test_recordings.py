import pytest

from cti.control.recordings import AGAIN_SECONDS
from cti.kernel.errors import ConflictError
from tests.cti.control.office import CALL, SARA, SARAS, TRUNK, Office
from tests.live import until


def muted(office: Office) -> list[tuple[str, bool]]:
    return [(c.arguments["channel"], c.arguments["muted"]) for c in office.pbx.commands if c.name == "mute_recording"]


async def test_a_pause_resumes_by_itself_and_is_told() -> None:
    office = Office().in_call()
    until_ = await office.commands.pause_recording(SARA, CALL, seconds=90)
    assert until_ == office.clock.now() + 90
    assert (muted(office), office.recordings.state(CALL)) == ([(SARAS, True), (TRUNK, True)], "paused")
    await until(lambda: office.clock.sleepers)
    office.clock.advance(90)
    await until(lambda: len(office.pauses) == 2)
    assert muted(office)[2:] == [(SARAS, False), (TRUNK, False)]
    first, last = office.pauses
    assert (first.user, last.user, first.over, last.over) == ("u201", "u201", False, True)
    assert (last.since, last.until - last.since) == (first.since, 90)
    assert office.recordings.state(CALL) == ""


async def test_sound_again_before_its_time() -> None:
    office = Office().in_call()
    await office.commands.pause_recording(SARA, CALL)
    assert await office.commands.pause_recording(SARA, CALL, on=False) is None
    assert [pause.over for pause in office.pauses] == [False, True]
    await office.commands.pause_recording(SARA, CALL, on=False)
    assert len(office.pauses) == 2


async def test_paused_again_it_lasts_longer_and_is_one_gap() -> None:
    office = Office().in_call()
    await office.commands.pause_recording(SARA, CALL, seconds=60)
    office.clock.advance(30)
    await office.commands.pause_recording(SARA, CALL, seconds=60)
    assert office.pauses[1].since == office.pauses[0].since
    assert office.pauses[1].until == office.pauses[0].until + 30


async def test_a_call_that_ends_or_a_product_that_stops_leaves_nothing_paused() -> None:
    office = Office().in_call()
    await office.commands.pause_recording(SARA, CALL)
    office.recordings.ended(CALL)
    assert office.pauses[-1].over
    office = Office().in_call()
    await office.commands.pause_recording(SARA, CALL)
    await office.recordings.stop_all()
    assert muted(office)[-1] == (TRUNK, False)


async def test_recording_from_the_screen_is_ended_from_there_too() -> None:
    office = Office().in_call()
    with pytest.raises(ConflictError, match="not being recorded"):
        await office.commands.record(SARA, CALL, False)
    await office.commands.record(SARA, CALL)
    assert office.recordings.state(CALL) == "on"
    with pytest.raises(ConflictError, match="already"):
        await office.commands.record(SARA, CALL)
    await office.commands.record(SARA, CALL, False)
    assert office.last("record")["channel"] == office.last("stop_recording")["channel"] == SARAS


async def test_what_is_not_recorded_cannot_be_paused() -> None:
    office = Office().in_call()
    office.pbx.channels.clear()
    with pytest.raises(ConflictError, match="not being recorded"):
        await office.commands.pause_recording(SARA, CALL)


async def test_a_pbx_that_is_away_when_it_is_to_resume_is_asked_again() -> None:
    office = Office().in_call()
    await office.commands.pause_recording(SARA, CALL, seconds=60)
    await until(lambda: office.clock.sleepers)
    office.pbx.reachable = False
    office.clock.advance(60)
    await until(lambda: office.clock.sleepers)
    assert office.recordings.state(CALL) == "paused" and len(office.pauses) == 1
    office.pbx.reachable = True
    office.clock.advance(AGAIN_SECONDS)
    await until(lambda: len(office.pauses) == 2)
    assert muted(office)[-2:] == [(SARAS, False), (TRUNK, False)] and office.recordings.state(CALL) == ""
