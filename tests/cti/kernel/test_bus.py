import asyncio
from collections.abc import AsyncIterator

import msgspec
import pytest

from cti.kernel.bus import Bus


class Happened(msgspec.Struct, frozen=True):
    number: int


class Echoed(msgspec.Struct, frozen=True):
    number: int


class HappenedTwice(Happened, frozen=True):
    pass


@pytest.fixture
async def bus() -> AsyncIterator[Bus]:
    bus = Bus()
    yield bus
    await bus.close()


async def test_events_come_in_order_whatever_the_handler_awaits(bus: Bus) -> None:
    seen = []

    async def handler(event: Happened) -> None:
        await asyncio.sleep(0.001 * (event.number % 3))
        seen.append(event.number)

    bus.subscribe("order", Happened, handler)
    for number in range(20):
        bus.publish(Happened(number))
    await bus.drain()
    assert seen == list(range(20))


async def test_only_the_classes_subscribed_to_and_their_children_come(bus: Bus) -> None:
    ones, both = [], []
    bus.subscribe("one", Happened, ones.append)
    bus.subscribe("both", (Happened, Echoed), both.append)
    for event in (Happened(1), Echoed(2), HappenedTwice(3)):
        bus.publish(event)
    await bus.drain()
    assert ones == [Happened(1), HappenedTwice(3)]
    assert both == [Happened(1), Echoed(2), HappenedTwice(3)]


async def test_a_subscriber_that_raises_goes_on_with_the_next_event(bus: Bus, caplog: pytest.LogCaptureFixture) -> None:
    seen = []

    def handler(event: Happened) -> None:
        if event.number == 1:
            raise RuntimeError("boom")
        seen.append(event.number)

    subscription = bus.subscribe("breaks", Happened, handler)
    for number in range(3):
        bus.publish(Happened(number))
    await bus.drain()
    assert seen == [0, 2]
    assert (subscription.handled, subscription.failed) == (2, 1)
    assert "boom" in caplog.text


async def test_a_slow_subscriber_blocks_nobody_else(bus: Bus) -> None:
    gate, quick = asyncio.Event(), []

    async def slow(event: Happened) -> None:
        await gate.wait()

    slow_one = bus.subscribe("slow", Happened, slow)
    quick_one = bus.subscribe("quick", Happened, quick.append)
    for number in range(100):
        bus.publish(Happened(number))
    await quick_one.idle()
    assert len(quick) == 100
    assert slow_one.depth == 99
    gate.set()
    await bus.drain()
    assert slow_one.handled == 100


async def test_a_full_queue_drops_the_oldest_and_says_how_many(bus: Bus) -> None:
    seen: list[object] = []
    subscription = bus.subscribe("full", Happened, seen.append, limit=3, on_gap=lambda n: seen.append(f"missed {n}"))
    for number in range(10):
        bus.publish(Happened(number))
    await bus.drain()
    assert seen == ["missed 7", Happened(7), Happened(8), Happened(9)]
    assert subscription.dropped == 7


async def test_a_gap_handler_that_raises_does_not_stop_the_events(bus: Bus) -> None:
    seen: list[Happened] = []

    def on_gap(missed: int) -> None:
        raise RuntimeError("no snapshot today")

    subscription = bus.subscribe("full", Happened, seen.append, limit=1, on_gap=on_gap)
    bus.publish(Happened(1))
    bus.publish(Happened(2))
    await bus.drain()
    assert seen == [Happened(2)]
    assert subscription.failed == 1


async def test_drain_waits_for_what_handlers_publish(bus: Bus) -> None:
    echoes: list[Echoed] = []
    bus.subscribe("echo", Echoed, echoes.append)

    async def echo(event: Happened) -> None:
        await asyncio.sleep(0.001)
        bus.publish(Echoed(event.number))

    bus.subscribe("source", Happened, echo)
    bus.publish(Happened(1))
    await bus.drain()
    assert echoes == [Echoed(1)]


async def test_batches_take_what_waits_up_to_their_size(bus: Bus) -> None:
    batches: list[list[Happened]] = []
    subscription = bus.subscribe_batches("writer", Happened, batches.append, size=4)
    for number in range(10):
        bus.publish(Happened(number))
    await bus.drain()
    assert [len(batch) for batch in batches] == [4, 4, 2]
    assert [event.number for batch in batches for event in batch] == list(range(10))
    assert subscription.handled == 10


async def test_a_busy_synchronous_subscriber_leaves_the_loop_to_others(bus: Bus) -> None:
    handled_when_others_ran = []
    subscription = bus.subscribe("busy", Happened, lambda event: None)
    for number in range(1000):
        bus.publish(Happened(number))
    for _ in range(3):
        await asyncio.sleep(0)
        handled_when_others_ran.append(subscription.handled)
    assert handled_when_others_ran[-1] < 1000
    await bus.drain()


async def test_after_unsubscribing_nothing_comes(bus: Bus) -> None:
    seen: list[Happened] = []
    subscription = bus.subscribe("gone", Happened, seen.append)
    bus.publish(Happened(1))
    await bus.drain()
    await bus.unsubscribe(subscription)
    bus.publish(Happened(2))
    await bus.drain()
    assert seen == [Happened(1)]
    assert bus.subscriptions == ()
    assert bus.published == 2


async def test_a_queue_of_no_length_is_refused(bus: Bus) -> None:
    with pytest.raises(ValueError):
        bus.subscribe("none", Happened, lambda event: None, limit=0)
