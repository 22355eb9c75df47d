"""Voicemail on a real Asterisk: how many messages wait is known as soon as one is left."""

from __future__ import annotations

from pathlib import Path

import pytest

from cti.kernel.actor import Actor
from tests.live import running_product, until
from tests.pbx.asterisk import Asterisk
from tests.pbx.phones import Phones
from tests.pbx.scenario import Caller, bye, dial, talk

pytestmark = [pytest.mark.pbx, pytest.mark.timeout(120)]

SARA = Actor("u1", "Sara", permissions=frozenset({"desk.use"}), extensions=frozenset({"201"}))


async def test_a_message_that_is_left_is_counted_at_once(asterisk: Asterisk, tmp_path: Path) -> None:
    phones = Phones(asterisk, tmp_path / "sipp")
    try:
        async with running_product(tmp_path / "data", asterisk.profile, pbx_url=asterisk.ami_url()) as running:
            await running.connected()
            directory = running.product.crm.directory

            async def new() -> int:
                told = await directory.messages(SARA)
                return -1 if told is None else told.new

            async def known() -> bool:
                return await new() >= 0

            await until(known, 20, "the PBX tells of no box")
            before = await new()
            phones.call(Caller("09121000555", "Maryam"), "5010", dial(), talk(12), bye())  # 201 is not there

            async def one_more() -> bool:
                return await new() == before + 1

            await until(one_more, 40, "nobody heard of the message")
    finally:
        phones.close()
