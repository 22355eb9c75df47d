from __future__ import annotations

from ami_listener.simulator.devices import Device
from ami_listener.simulator.queues import Entry, Member, Queue, add_member, pause_member, remove_member
from ami_listener.simulator.schedule import Process, Schedule, Script
from ami_listener.simulator.wire import Wire
from tests.ami_listener.simulator.test_channel import channel


def queue(strategy: str, phones: int = 3) -> Queue:
    made = Queue("support", strategy, 10.0)
    for index in range(phones):
        device = Device(f"PJSIP/{201 + index}", str(201 + index), f"Agent {index}")
        made.members.append(Member(made, device, device.title, 0))
        device.members.append(made.members[-1])
    return made


def entry(process: Process | None = None) -> Entry:
    return Entry(channel(), process or Process(Schedule(0.0), iter_nothing()), 0.0, 1)


def iter_nothing() -> Script:
    yield None


def names(members: list[Member]) -> list[str]:
    return [member.device.exten for member in members]


def test_rrmemory_goes_on_where_it_stopped() -> None:
    made = queue("rrmemory")
    assert [names(made.pick(0.0, entry())) for _ in range(4)] == [["201"], ["202"], ["203"], ["201"]]


def test_linear_begins_with_the_first_for_each_caller() -> None:
    made, one = queue("linear"), entry()
    assert [names(made.pick(0.0, one)) for _ in range(2)] == [["201"], ["202"]]
    assert names(made.pick(0.0, entry())) == ["201"]


def test_ringall_takes_all_that_can() -> None:
    made = queue("ringall")
    made.members[1].paused = True
    made.members[2].free_from = 5.0
    assert names(made.pick(0.0, entry())) == ["201"]
    assert names(made.pick(6.0, entry())) == ["201", "203"]


def test_a_busy_or_resting_member_is_passed_over() -> None:
    made = queue("rrmemory", 2)
    made.members[0].device.channels["x"] = channel()
    assert names(made.pick(0.0, entry())) == ["202"]
    made.members[1].free_from = 3.0
    assert made.pick(0.0, entry()) == []


def test_only_the_first_idle_caller_is_woken() -> None:
    schedule, woken = Schedule(0.0), []

    def waits(name: str) -> Script:
        woken.append((name, (yield None)))

    made = queue("rrmemory")
    for name in ("one", "two"):
        made.waiting.append(entry(schedule.spawn(waits(name))))
    schedule.run_until(0.0)
    for waiting in made.waiting:
        waiting.idle = True
    made.wake(0.0)
    schedule.run_until(0.0)
    assert woken == [("one", "member free")]


def test_pause_is_told_and_frees_on_return() -> None:
    wire, made = Wire(Schedule(0.0)), queue("rrmemory", 1)
    member = made.members[0]
    made.available, member.counted = 1, True
    pause_member(wire, member, True, "ناهار", 50.0)
    pause_member(wire, member, False, "back", 60.0)
    text = "".join(text for _, text in wire.drain())
    assert "Paused: 1\r\nPausedReason: ناهار\r\n" in text and "Paused: 0\r\nPausedReason: \r\n" in text
    assert "Device: Queue:support_avail\r\nState: INUSE\r\n" in text
    assert member.last_pause == 50 and made.available == 1


def test_members_come_and_go() -> None:
    wire, made = Wire(Schedule(0.0)), queue("rrmemory", 1)
    device = Device("PJSIP/299", "299", "New")
    add_member(wire, made, Member(made, device, "New", 9, dynamic=True))
    assert made.member("PJSIP/299") is device.members[0] and "Membership: dynamic\r\n" in device.members[0].headers()
    remove_member(wire, made, device.members[0])
    assert made.member("PJSIP/299") is None and device.members == []
    assert [kind.name for kind, _ in wire.drain() if kind.name.startswith("QueueMember")] == [
        "QueueMemberAdded",
        "QueueMemberRemoved",
    ]
