"""Load: many calls a second to the phone that takes any number of them, directly and through a queue."""

import asyncio
import time
from dataclasses import dataclass

from tests.pbx.asterisk import Asterisk
from tests.pbx.phones import Phones
from tests.pbx.scenario import Caller, answer, bye, dial, ring, talk

# What leads to the `load` phone in each dialplan: directly, and through a queue.
NUMBERS = {"plain": ("6001", "6002"), "freepbx": ("02188880404",)}


@dataclass(frozen=True)
class LoadResult:
    """numbers: who called, each number once; whole: every SIP dialogue went through to its BYE."""

    numbers: tuple[str, ...]
    seconds: float
    whole: bool


async def load(asterisk: Asterisk, calls_per_second: float, total: int, talk_seconds: float = 3.0) -> LoadResult:
    """Makes `total` calls at that rate and returns when the last has ended; the callers hang up.

    Every caller has a number of its own, from 09120000000 on. If the PBX is killed meanwhile, its calls end with
    sipp's own timers, and `whole` is false.
    """
    numbers = tuple(f"0912{number:07d}" for number in range(total))
    began = time.monotonic()
    phones = Phones(asterisk, asterisk.folder / "sipp" / "load")
    try:
        await phones.listen("load", ring(0.2), answer(), talk())
        ways = NUMBERS[asterisk.dialplan]
        crowds = [
            phones.crowd(
                [Caller(number) for number in numbers[index :: len(ways)]],
                calls_per_second / len(ways),
                way,
                dial(20),
                talk(talk_seconds),
                bye(),
            )
            for index, way in enumerate(ways)
        ]
        codes = await asyncio.gather(*(asyncio.to_thread(one.wait) for one in crowds))
    finally:
        phones.close()
    return LoadResult(numbers, time.monotonic() - began, not any(codes))
