import asyncio

import pytest

from cti.control.contexts import DIAL
from cti.control.fake import FakePbx
from cti.control.phonebook import AGAIN_SECONDS, GOOD_SECONDS, Phone, Phonebook
from cti.control.port import Device
from cti.kernel.clock import ManualClock
from cti.live.events import Endpoint, EndpointChanged


@pytest.fixture
def pbx() -> FakePbx:
    fake = FakePbx()
    fake.devices = {"PJSIP/201": Device(agent="Yealink SIP-T46U"), "PJSIP/210": Device(True)}
    return fake


async def test_asked_once_and_known_for_a_while(pbx: FakePbx) -> None:
    found: list[Phone] = []
    clock = ManualClock()
    book = Phonebook(clock, {"main": pbx}, found=found.append)
    assert book.kind("main", "PJSIP/201") == "unknown"
    await book.ask()
    assert (book.kind("main", "PJSIP/201"), book.make("main", "PJSIP/201").name) == ("desk", "yealink")
    assert found == [("main", "PJSIP/201")]
    pbx.devices["PJSIP/201"] = Device(True)
    await book.ask()
    assert book.kind("main", "PJSIP/201") == "desk"
    clock.advance(GOOD_SECONDS + 1)
    assert book.kind("main", "PJSIP/201") == "desk"  # what was known stands until the PBX has told anew
    await book.ask()
    assert book.kind("main", "PJSIP/201") == "softphone"


async def test_somebody_registers_with_another_device(pbx: FakePbx) -> None:
    book = Phonebook(ManualClock(), {"main": pbx})
    book.make("main", "PJSIP/201")
    await book.ask()
    pbx.devices["PJSIP/201"] = Device(True)
    book.take(EndpointChanged("main", 0.0, Endpoint("PJSIP/201", "phone", "201", reachable=True)))
    book.take(EndpointChanged("main", 0.0, Endpoint("PJSIP/299", "phone", "299", reachable=True)))
    await book.ask()
    assert book.kind("main", "PJSIP/201") == "softphone"


async def test_a_pbx_that_does_not_answer_or_is_none_of_ours(pbx: FakePbx) -> None:
    pbx.reachable = False
    book = Phonebook(ManualClock(), {"main": pbx})
    for name in ("main", "other"):
        book.make(name, "PJSIP/201")
        await book.ask()
        assert book.kind(name, "PJSIP/201") == "unknown"
        assert await book.include(name) is None
    assert book.included("main") is None


def test_what_an_administrator_names_stands(pbx: FakePbx) -> None:
    book = Phonebook(ManualClock(), {"main": pbx}, {r"PJSIP/2\d\d": "snom"})
    assert book.make("main", "PJSIP/201").name == "snom"
    assert book.make("main", "PJSIP/2011").name == "unknown"


def test_a_phone_of_ours_in_the_browser_is_known_without_asking() -> None:
    book = Phonebook(ManualClock(), {}, browser=lambda pbx, endpoint: (pbx, endpoint) == ("main", "PJSIP/210"))
    assert book.kind("main", "PJSIP/210") == "softphone" and book.kind("main", "PJSIP/201") == "unknown"


async def test_whether_the_include_is_there(pbx: FakePbx) -> None:
    clock = ManualClock()
    book = Phonebook(clock, {"main": pbx})
    assert await book.include("main") is False
    pbx.contexts.add(DIAL)
    assert await book.include("main") is False
    clock.advance(AGAIN_SECONDS + 1)
    assert await book.include("main") is True
    assert book.included("main") is True


async def test_it_asks_by_itself(pbx: FakePbx) -> None:
    found = asyncio.Event()
    book = Phonebook(ManualClock(), {"main": pbx}, found=lambda _phone: found.set())
    task = asyncio.create_task(book.run())
    await asyncio.sleep(0)
    book.make("main", "PJSIP/210")
    await asyncio.wait_for(found.wait(), 5)
    assert book.kind("main", "PJSIP/210") == "softphone"
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
