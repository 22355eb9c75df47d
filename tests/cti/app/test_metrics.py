"""The Prometheus text: every family is there from the first moment, and the figures are the product's own."""

from __future__ import annotations

from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from cti.app.metrics import Metrics
from tests.cti.app.stage import LIVELY, profile_of, silent, simulated, url_of
from tests.live import Running, running_product, until

FAMILIES = {
    "tamas_pbx_up", "tamas_ami_depth_bytes", "tamas_pbx_clock_offset_seconds", "tamas_ami_bytes", "tamas_ami_blocks",
    "tamas_ami_messages", "tamas_ami_strays", "tamas_ami_connections", "tamas_ami_callback_failures",
    "tamas_ami_timeouts", "tamas_calls_live", "tamas_call_events", "tamas_oddities", "tamas_ami_unknown",
    "tamas_resyncs",
    "tamas_recorder_depth", "tamas_recorder_lag_seconds", "tamas_recorder_written", "tamas_recorder_failures",
    "tamas_recorder_refused", "tamas_recorder_let_go", "tamas_bus_depth", "tamas_bus_dropped", "tamas_bus_failed",
    "tamas_journal_bytes", "tamas_journal_lost_bytes",
}  # fmt: skip


async def samples(running: Running) -> dict[tuple[str, str], float]:
    """(name, the value of its only label or "") -> figure, as a scraper sees them."""
    status, text = await running.get("/metrics")
    assert status == 200
    families = list(text_string_to_metric_families(text))
    assert {family.name for family in families} == FAMILIES
    assert all(family.documentation for family in families)
    found = [sample for family in families for sample in family.samples]
    return {(s.name, ",".join(s.labels.values())): s.value for s in found}


async def test_the_figures_are_those_of_the_product(tmp_path: Path) -> None:
    async with (
        simulated(calls=60, **LIVELY) as simulator,
        running_product(tmp_path, profile_of(simulator), pbx_url=url_of(simulator)) as running,
    ):
        await running.connected()
        await until(lambda: len(running.live()) > 1)
        during = await samples(running)
        assert during["tamas_pbx_up", "main"] == 1
        assert during["tamas_calls_live", "main"] >= 1
        assert during["tamas_ami_connections_total", "main"] == 1
        await until(lambda: simulator.simulation.done, 30.0)
        await running.quiet()
        after = await samples(running)
        assert after["tamas_calls_live", "main"] == 0
        assert after["tamas_recorder_depth", ""] == 0
        assert after["tamas_recorder_written_total", ""] >= len(await running.records()) > 0
        assert after["tamas_journal_lost_bytes_total", "main"] == 0
        counts = running.product.listeners[0].connection.counts
        for name in ("bytes", "blocks", "messages"):
            before, now = during[f"tamas_ami_{name}_total", "main"], after[f"tamas_ami_{name}_total", "main"]
            assert 0 < before < now <= getattr(counts, name)
        assert not any(value for (name, _), value in after.items() if "failed" in name or "failures" in name)


async def test_a_lost_link_shows(tmp_path: Path) -> None:
    async with (
        silent() as simulator,
        running_product(tmp_path, pbx_url=url_of(simulator)) as running,
    ):
        await running.connected()
        await simulator.stop()
        await until(lambda: running.product.listeners[0].connection.state.phase != "up")
        assert (await samples(running))["tamas_pbx_up", "main"] == 0


async def test_two_products_in_one_process_do_not_meet(tmp_path: Path) -> None:
    async with silent() as simulator:
        one = running_product(tmp_path / "1", pbx_url=url_of(simulator, "one"))
        two = running_product(tmp_path / "2", pbx_url=url_of(simulator, "two"))
        async with one as first, two as second:
            assert b'pbx="one"' in first.product.metrics.text()
            assert b'pbx="two"' not in first.product.metrics.text()
            assert b'pbx="two"' in Metrics(second.product).text()
