"""What this process counts, as Prometheus text. Read when asked; nothing is counted twice."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

if TYPE_CHECKING:
    from cti.app.product import Product


class Metrics(Collector):
    """A registry of its own, so that two products in one process (tests) do not meet."""

    def __init__(self, product: Product) -> None:
        self._product = product
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(self)

    def text(self) -> bytes:
        """The metrics as they are now."""
        return generate_latest(self._registry)

    def describe(self) -> list[Metric]:
        """Nothing before the first scrape: the product is still being built."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Every family; called by ``generate_latest``."""
        yield from self._links()
        yield from self._calls()
        yield from self._recorder()
        yield from self._journal()
        yield from self._bus()

    def _links(self) -> Iterator[Metric]:
        up = GaugeMetricFamily("tamas_pbx_up", "1 while the link to the PBX is up", labels=["pbx"])
        depth = GaugeMetricFamily("tamas_ami_depth_bytes", "Bytes received and not read yet", labels=["pbx"])
        offset = GaugeMetricFamily("tamas_pbx_clock_offset_seconds", "How far its clock is ahead", labels=["pbx"])
        counts = {
            name: CounterMetricFamily(f"tamas_ami_{name}", text, labels=["pbx"])
            for name, text in (
                ("bytes", "Bytes received"),
                ("blocks", "AMI blocks received"),
                ("messages", "AMI messages read"),
                ("strays", "Blocks that were no message"),
                ("connections", "Connections tried"),
                ("callback_failures", "Messages on which our own code failed"),
                ("timeouts", "Actions that got no answer"),
            )
        }
        for listener in self._product.listeners:
            name, state = [listener.url.name], listener.connection.state
            up.add_metric(name, 1.0 if state.phase == "up" else 0.0)
            depth.add_metric(name, listener.connection.depth)
            offset.add_metric(name, listener.connection.pbx_clock.offset or 0.0)
            for field, family in counts.items():
                family.add_metric(name, getattr(listener.connection.counts, field))
        yield from (up, depth, offset, *counts.values())

    def _calls(self) -> Iterator[Metric]:
        live = GaugeMetricFamily("tamas_calls_live", "Calls that are up", labels=["pbx"])
        told = CounterMetricFamily("tamas_call_events", "Calls that began, changed or ended", labels=["pbx"])
        odd = CounterMetricFamily("tamas_oddities", "What a PBX said that should not be", labels=["pbx", "kind"])
        unknown = CounterMetricFamily("tamas_ami_unknown", "Events unknown to us", labels=["pbx", "event"])
        resyncs = CounterMetricFamily("tamas_resyncs", "Times the PBX was asked how things stand", labels=["pbx"])
        for listener in self._product.listeners:
            name = listener.url.name
            live.add_metric([name], sum(1 for c in listener.tracker.board.calls.values() if c.live))
            told.add_metric([name], listener.call_events)
            resyncs.add_metric([name], listener.resyncs)
            for kind, count in listener.tracker.oddities.items():
                odd.add_metric([name, kind], count)
            counted = listener.translator.unknown + listener.translator.malformed
            for event, count in counted.items():
                unknown.add_metric([name, event], count)
        yield from (live, told, odd, unknown, resyncs)

    def _recorder(self) -> Iterator[Metric]:
        status = self._product.recorder.status()
        yield GaugeMetricFamily("tamas_recorder_depth", "Calls that wait to be written", value=status.depth)
        yield GaugeMetricFamily("tamas_recorder_lag_seconds", "How long the oldest waits", value=status.lag)
        for name, text in (
            ("written", "Records written"),
            ("failures", "Writes that failed and are tried again"),
            ("refused", "Records that the database will not take"),
            ("let_go", "Records dropped for want of room"),
        ):
            yield CounterMetricFamily(f"tamas_recorder_{name}", text, value=getattr(status, name))

    def _journal(self) -> Iterator[Metric]:
        written = CounterMetricFamily("tamas_journal_bytes", "Bytes kept in the journal", labels=["pbx"])
        lost = CounterMetricFamily("tamas_journal_lost_bytes", "Bytes that its disk did not take", labels=["pbx"])
        for journal in self._product.journals:
            written.add_metric([journal.folder.name], journal.written)
            lost.add_metric([journal.folder.name], journal.lost)
        yield from (written, lost)

    def _bus(self) -> Iterator[Metric]:
        depth = GaugeMetricFamily("tamas_bus_depth", "Events that wait for a subscriber", labels=["subscriber"])
        dropped = CounterMetricFamily("tamas_bus_dropped", "Events that one missed for slowness", labels=["subscriber"])
        failed = CounterMetricFamily("tamas_bus_failed", "Events that a subscriber failed on", labels=["subscriber"])
        for subscription in self._product.bus.subscriptions:
            depth.add_metric([subscription.name], subscription.depth)
            dropped.add_metric([subscription.name], subscription.dropped)
            failed.add_metric([subscription.name], subscription.failed)
        yield from (depth, dropped, failed)
