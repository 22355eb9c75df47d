import msgspec
import pytest

from cti.control.parts import told_plainly
from cti.control.port import PbxRefusedError, PbxRightError, PbxSilentError
from cti.kernel.errors import ConflictError, ForbiddenError, NotFoundError, RefusedError, UnavailableError
from tests.cti.control.office import CALL, REZA, SARA, Office, agent


def test_ones_own_phone_is_the_one_that_talks() -> None:
    office = Office().in_call()
    office.desk.dial("1.0", "1.5", "201", "5001")
    part = office.tell().commands.parts.of(SARA, CALL)
    assert (part.me.uniqueid, part.extension, part.name) == ("1.1", "201", "main")
    assert part.with_me().uniqueid == "1.0"
    assert {one.uniqueid for one in part.others} == {"1.0", "1.5"}


def test_nobody_and_several() -> None:
    office = Office().in_call()
    office.desk.leave("b", "1.0")
    with pytest.raises(ConflictError, match="nobody with you"):
        office.commands.parts.of(SARA, CALL).with_me()
    office = Office().in_call()
    office.desk.dial("1.0", "1.2", "202").state("1.2", "up").enter("b", "1.2")
    with pytest.raises(ConflictError, match="several"):
        office.tell().commands.parts.of(SARA, CALL).with_me()


def test_others_calls_and_calls_that_are_over() -> None:
    office = Office().in_call()
    with pytest.raises(ForbiddenError):
        office.commands.parts.of(REZA, CALL)
    with pytest.raises(ForbiddenError):
        office.commands.parts.of(agent("trunk"), CALL)
    office.desk.leave("b", "1.0", "1.1").gone("1.1", "1.0")
    with pytest.raises(NotFoundError):  # the tracker knows it before the bus has told
        office.commands.parts.of(SARA, CALL)
    with pytest.raises(UnavailableError):
        office.commands.parts.pbx("elsewhere")


def test_an_extension_counts_where_the_pbx_has_not_told_its_phones() -> None:
    office = Office().in_call()
    office.phones.clear()
    assert office.commands.parts.of(SARA, CALL).me.endpoint == "PJSIP/201"


def test_an_extension_on_another_pbx_is_not_ones_phone() -> None:
    office = Office().in_call()
    office.phones["201"] = msgspec.structs.replace(office.phones["201"], endpoint="PJSIP/201-desk")
    with pytest.raises(ForbiddenError):
        office.commands.parts.of(SARA, CALL)


async def test_errors_of_the_pbx_in_words() -> None:
    for raised, expected in (
        (PbxRightError("no"), RefusedError),
        (PbxRefusedError("No such channel"), ConflictError),
        (PbxSilentError("no answer"), PbxSilentError),
    ):
        with pytest.raises(expected):
            async with told_plainly():
                raise raised
