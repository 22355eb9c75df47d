"""Commands wired into the product, beside the simulated PBX; with a real one: ``tests/pbx/test_control.py``."""

from __future__ import annotations

from pathlib import Path

import pytest

from ami_listener import dialplan
from ami_listener.simulator import listings
from crm_core.audit.service import AuditFilter
from cti.app.control import dialling_of, dialplan_text, write_dialplan
from cti.control.devices import BY_NAME
from cti.kernel.errors import ConfigurationError
from cti.kernel.settings import Settings
from cti.live.events import DialStep, RecordingPaused
from tests.crm_core.users import people
from tests.live import TESTER, running_product, until

FREEPBX = {"main": {"preset": "freepbx"}}


def test_the_include_is_that_of_the_profile() -> None:
    assert dialplan_text(Settings(), "main") == dialplan.text("plain")
    assert dialplan_text(Settings(pbx=FREEPBX), "main") == dialplan.text("freepbx")
    own = {"main": {"preset": "plain", "dial_context": "phones"}}
    assert dialplan_text(Settings(pbx=own), "main") == dialplan.text(context="phones")
    assert dialplan_text(Settings(pbx=own), "main", "others") == dialplan.text(context="others")


def test_it_is_written_whole_and_says_what_to_add(tmp_path: Path) -> None:
    file = tmp_path / dialplan.FILE
    said = write_dialplan(Settings(pbx=FREEPBX), "main", file)
    assert file.read_text("utf-8") == dialplan.text("freepbx")
    assert "#include extensions_tamas.conf" in said
    assert "extensions_custom.conf" in said
    assert [path.name for path in tmp_path.iterdir()] == [dialplan.FILE]
    with pytest.raises(OSError, match="No such file"):
        write_dialplan(Settings(), "main", tmp_path / "nowhere" / "x.conf")


@pytest.mark.parametrize(
    "table",
    [
        {"role": {}}, {"per_minute": "many"}, {"roles": {"agent": ["abroad"]}}, {"phones": {"(": "snom"}},
        {"phones": {"x": "nokia"}},
    ],
)  # fmt: skip
def test_dial_rules_that_cannot_be(table: dict[str, object]) -> None:
    with pytest.raises(ConfigurationError, match="dialling"):
        dialling_of(Settings(dialling=table))


async def test_a_click_in_the_demo_goes_all_the_way(tmp_path: Path) -> None:
    """The simulated PBX has the contexts of a click, knows what stands at its phones, and its people answer."""
    async with running_product(tmp_path, demo_calls_per_second=0.01) as running:
        await running.connected()
        product = running.product
        user = await people.make(product.crm, "sara", extensions=("202",))
        sara = (await people.sign_in(product.crm, user))[0]
        await product.crm.desks.tell()
        await until(lambda: (place := product.places.of(sara.id)) and place.phones, 15)
        steps: list[DialStep] = []
        product.bus.subscribe("test", DialStep, steps.append)
        dialled = await product.control.commands.dial(sara, "09121112233")
        await until(lambda: len(steps) >= 2, 60, lambda: str(steps))
        assert steps[0].step == "my_phone"
        assert steps[1].call == dialled.call
        await product.control.phonebook.ask()
        endpoint = product.places.of(sara.id).phones[0].endpoint  # type: ignore[union-attr]
        assert product.control.phonebook.make("demo", endpoint) is BY_NAME["yealink"]


@pytest.mark.parametrize(("version", "reorders"), [("16.28.0", False), ("22.10.1", True), ("", False)])
async def test_the_pbx_says_by_its_version_whether_it_moves_who_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str, reorders: bool
) -> None:
    monkeypatch.setattr(listings, "VERSION", version)
    async with running_product(tmp_path, demo_calls_per_second=0.01) as running:
        await running.connected()
        assert running.product.control.steering.reorders("demo") is reorders
        assert not running.product.control.steering.reorders("another")


async def test_a_gap_in_a_recording_is_written_down(tmp_path: Path) -> None:
    async with running_product(tmp_path, demo_calls_per_second=0.01) as running:
        publish = running.product.bus.publish
        publish(RecordingPaused("demo", 1795.0, "demo-1.0", "u1", 1_795_000_000.0, 1_795_000_120.0))
        publish(RecordingPaused("demo", 1796.0, "demo-1.0", "u1", 1_795_000_000.0, 1_795_000_060.0, over=True))
        await running.product.bus.drain()
        page = await running.product.crm.audit.page(TESTER, AuditFilter(kind="call"))
        (entry,) = page.items
        assert (entry.action, entry.actor) == ("paused", "u1")
        assert entry.detail == {"since": "2026-11-18T11:06:40.000Z", "until": "2026-11-18T11:07:40.000Z"}
