"""`make lab`: a real Asterisk with phones on this machine, and life on its lines until Ctrl-C.

`python -m tests.pbx.lab [--dialplan plain|freepbx] [--calls-per-minute N]`
"""

import argparse
import asyncio
import contextlib
import random
import signal
from pathlib import Path

from tests.pbx.asterisk import Asterisk
from tests.pbx.phones import Phones
from tests.pbx.scenario import Caller, Step, answer, bye, dial, hold, reject, ring, talk

NAMES = ("علی رضایی", "مریم احمدی", "شرکت پارس", "Sara Karimi", "", "", "زهرا موسوی", "دفتر مرکزی")
# What outside callers dial, and what the phones dial.
LIFE = {
    "plain": (("5000", "5000", "5012", "5013", "5001", "5006", "5003", "5020", "5021"), ("202", "203", "09121112233")),
    "freepbx": (
        ("02188880400", "02188880401", "02188880201", "02188880204", "02188880600"),
        ("202", "203", "09121112233"),
    ),
}
PHONES: dict[str, tuple[Step, ...]] = {
    "201": (ring(2), answer(), talk(8), hold(4), talk()),
    "202": (ring(3), answer(), talk(25), bye()),
    "203": (ring(5), answer(), talk()),
    "99201": (ring(),),
    "204": (ring(4), answer(), talk(12), bye()),
    "209": (ring(),),
    "load": (ring(1), answer(), talk()),
    "trunk": (ring(3), answer(), talk(20), bye()),
    "trunk-a": (ring(3), answer(), talk(20), bye()),
    "trunk-b": (reject(503),),
}


async def live(asterisk: Asterisk, calls_per_minute: float) -> None:
    """Calls at random moments, from outside and from the phones, for ever."""
    phones = Phones(asterisk, asterisk.folder / "sipp/lab")
    try:
        for name in asterisk.phones:
            await phones.listen(name, *PHONES[name])
        while True:
            await asyncio.sleep(random.expovariate(calls_per_minute / 60))
            call_somebody(asterisk, phones)
    finally:
        phones.close()


def call_somebody(asterisk: Asterisk, phones: Phones) -> None:
    """Mostly outside callers, some of whom lose patience; now and then a phone that dials."""
    inward, outward = LIFE[asterisk.dialplan]
    caller = Caller(f"0912{random.randint(0, 9_999_999):07d}", random.choice(NAMES))
    number, patience = random.choice(inward), random.choice((2.5, 30, 30, 30))
    if random.random() < 0.25:
        caller, number = Caller("201"), random.choice(outward)
    phones.call(caller, number, dial(patience), talk(random.uniform(4, 40)), bye())


def describe(asterisk: Asterisk) -> str:
    return f"""
Asterisk 22 is running ({asterisk.dialplan} dialplan), folder {asterisk.folder}

  AMI, listening: {asterisk.ami_url("listener")}
  AMI, acting:    {asterisk.ami_url("actions")}
  AMI, all:       {asterisk.ami_url("recorder")}
  CDR and CEL:    {asterisk.truth}
  SIP:            {asterisk.sip}
  browser phone:  ws://{asterisk.ip}:{asterisk.ports["HTTP_PORT"]}/ws, user 210, password phone-secret

To run the product against it, in another terminal:

  make run CTI_CONFIG={write_settings(asterisk)}

which says:

{write_settings(asterisk).read_text(encoding="utf-8")}
Calls come and go until Ctrl-C."""


def write_settings(asterisk: Asterisk) -> Path:
    """The settings with which the product connects to this PBX, its profile included, as the file CTI_CONFIG names."""
    path = asterisk.folder / "cti.toml"
    lines = (
        f'pbx_url = "{asterisk.ami_url("listener")}"',
        f'pbx_actions_url = "{asterisk.ami_url("actions")}"',
        f'cdr_url = "{asterisk.truth}"',
        f'data = "{asterisk.folder / "product"}"',
        "",
        asterisk.profile.read_text(encoding="utf-8"),
    )
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


async def run(dialplan: str, calls_per_minute: float) -> None:
    asterisk, task = Asterisk(dialplan), asyncio.current_task()
    assert task is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    try:
        await asterisk.start()
        print(describe(asterisk), flush=True)
        await live(asterisk, calls_per_minute)
    finally:
        asterisk.remove()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dialplan", choices=tuple(LIFE), default="plain")
    parser.add_argument("--calls-per-minute", type=float, default=20)
    given = parser.parse_args()
    with contextlib.suppress(KeyboardInterrupt, asyncio.CancelledError):
        asyncio.run(run(given.dialplan, given.calls_per_minute))


if __name__ == "__main__":
    main()
