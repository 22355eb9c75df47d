from __future__ import annotations

from ami_listener.simulator.schedule import Schedule, Script


def test_scripts_sleep_and_wake_in_order_of_time() -> None:
    schedule, seen = Schedule(100.0), []

    def sleeper(name: str, seconds: float) -> Script:
        yield seconds
        seen.append((name, schedule.now))

    schedule.spawn(sleeper("late", 2.0))
    schedule.spawn(sleeper("early", 1.0))
    schedule.run_until(101.5)
    assert seen == [("early", 101.0)]
    assert schedule.now == 101.5 and schedule.next_at == 102.0
    schedule.run_until(110.0)
    assert seen[1:] == [("late", 102.0)]
    assert schedule.next_at is None


def test_a_message_ends_a_sleep_and_the_old_alarm_stays_silent() -> None:
    schedule, heard = Schedule(0.0), []

    def listener() -> Script:
        heard.append((yield 5.0))
        heard.append((yield 10.0))

    process = schedule.spawn(listener())
    schedule.call_in(1.0, lambda: process.post("hello"))
    schedule.run_until(6.0)
    assert heard == ["hello"]
    schedule.run_until(11.0)
    assert heard == ["hello", None] and process.done


def test_an_exception_as_message_is_raised_inside() -> None:
    schedule, caught = Schedule(0.0), []

    def script() -> Script:
        try:
            yield None
        except KeyError as error:
            caught.append(error.args[0])

    process = schedule.spawn(script())
    process.post(KeyError("gone"))
    schedule.run_until(0.0)
    assert caught == ["gone"] and process.done


def test_letters_are_read_in_order_even_when_sent_to_oneself() -> None:
    schedule = Schedule(0.0)
    heard: list[str] = []

    def script() -> Script:
        process.post("second")
        heard.append((yield None))
        heard.append((yield None))

    process = schedule.spawn(script())
    process.post("first")
    schedule.run_until(0.0)
    assert heard == ["first", "second"]


def test_a_cancelled_timer_does_nothing() -> None:
    schedule, seen = Schedule(0.0), []
    schedule.call_in(1.0, lambda: seen.append(1)).cancel()
    schedule.call_in(1.0, lambda: seen.append(2))
    schedule.run_until(2.0)
    assert seen == [2]
