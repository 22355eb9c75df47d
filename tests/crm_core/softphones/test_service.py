"""A secret goes to who works at the phone, and to nobody else; nobody reads it where it is kept."""

from __future__ import annotations

import pytest

from crm_core.softphones.model import Heard
from cti.kernel.actor import Actor, system
from cti.kernel.db import Database
from cti.kernel.errors import ForbiddenError, InvalidError, NotFoundError
from tests.crm_core.users import people
from web.services import Crm

BOSS = system("test")
SECRET = "phone-secret"


async def agent(crm: Crm, login: str, *extensions: str) -> Actor:
    actor, _ = await people.sign_in(crm, await people.make(crm, login, extensions=extensions))
    return actor


async def test_who_works_at_the_phone_gets_its_account(crm: Crm, database: Database) -> None:
    await crm.softphones.put(BOSS, "main", "PJSIP/210", "210", secret=SECRET)
    sara, reza = await agent(crm, "sara", "210"), await agent(crm, "reza", "211", "2100")
    (account,) = await crm.softphones.mine(sara)
    assert (account.login, account.secret, account.ours) == ("210", SECRET, False)
    assert await crm.softphones.mine(reza) == ()
    async with database.read() as reader:
        row = await reader.one("SELECT secret FROM softphone")
    assert row is not None and SECRET not in row[0]


async def test_no_token_and_nobody_without_the_right_gets_one(crm: Crm) -> None:
    await crm.softphones.put(BOSS, "main", "PJSIP/210", "210", secret=SECRET)
    sara = await agent(crm, "sara", "210")
    token = await crm.tokens.create(sara, "program")
    signed = await crm.access.of_token(token.secret)
    assert signed is not None
    with pytest.raises(ForbiddenError):
        await crm.softphones.mine(signed.actor)
    for ask in (crm.softphones.all(sara), crm.softphones.ours(sara, "main"), crm.softphones.rotate(sara, "main")):
        with pytest.raises(ForbiddenError):
            await ask


async def test_secrets_that_are_made_here_can_be_made_anew(crm: Crm) -> None:
    await crm.softphones.put(BOSS, "main", "PJSIP/210", "210")
    await crm.softphones.put(BOSS, "main", "PJSIP/211", "211", login="web211", secret=SECRET)
    (before,) = await crm.softphones.ours(BOSS, "main")
    assert await crm.softphones.rotate(BOSS, "main") == 1
    (after,) = await crm.softphones.ours(BOSS, "main")
    assert after.secret != before.secret and len(after.secret) >= 32
    typed = await crm.softphones.mine(await agent(crm, "negar", "211"))
    assert [(one.login, one.secret) for one in typed] == [("web211", SECRET)]


async def test_what_is_a_softphone_is_known_at_once(crm: Crm) -> None:
    assert not crm.softphones.is_one("main", "PJSIP/210")
    await crm.softphones.put(BOSS, "main", "PJSIP/210", "210")
    assert crm.softphones.is_one("main", "PJSIP/210") and not crm.softphones.is_one("other", "PJSIP/210")
    await crm.softphones.remove(BOSS, "main", "PJSIP/210")
    assert not crm.softphones.is_one("main", "PJSIP/210") and await crm.softphones.all(BOSS) == ()
    with pytest.raises(NotFoundError):
        await crm.softphones.remove(BOSS, "main", "PJSIP/210")


@pytest.mark.parametrize(
    "wrong",
    [
        {"endpoint": "Local/210@x"}, {"endpoint": "PJSIP/2\n10"}, {"extension": "2 10"}, {"login": "a b"},
        {"secret": ""}, {"secret": "a\nb"}, {"secret": "a;b"}, {"secret": "رمز"}, {"pbx": ""}, {"pbx": "x\0"},
    ],
)  # fmt: skip
async def test_what_cannot_be_is_refused_and_no_secret_is_said(crm: Crm, wrong: dict[str, str]) -> None:
    values = {"pbx": "main", "endpoint": "PJSIP/210", "extension": "210", "secret": SECRET} | wrong
    with pytest.raises(InvalidError) as refused:
        await crm.softphones.put(BOSS, **values)
    assert values["secret"] == "" or values["secret"] not in str(refused.value)


async def test_how_a_call_was_heard(crm: Crm) -> None:
    sara = await agent(crm, "sara", "210")
    short, long = Heard("c1", 5, 40, 3, 200), Heard("c1", 60, 5, 0.5, 40)
    await crm.softphones.heard(sara, short)
    best = await crm.softphones.heard(sara, long)
    await crm.softphones.heard(sara, short)  # a second tab, or a late one
    assert await crm.softphones.of_calls(["c1", "c2", "x\0"]) == (best,)
    assert best.user == sara.id and 4.2 < best.mos < 4.4
    assert await crm.softphones.of_calls([]) == ()
