"""What a softphone is told over the API, and what it tells."""

from __future__ import annotations

import json

from cti.kernel.actor import system
from tests.web.conftest import Stage
from web.services import IceServer

BOSS = system("test")


async def prepared(stage: Stage) -> None:
    await stage.services.crm.softphones.put(BOSS, "main", "PJSIP/210", "210", secret="phone-secret")
    stage.services.sip["main"] = "ws://192.0.2.1:8088/ws"  # type: ignore[index]


async def test_the_account_of_the_phone_where_one_works(on_stage: Stage) -> None:
    await prepared(on_stage)
    sara = await on_stage.as_role("agent", extensions=("210",))
    async with sara.http.get(sara.url + "/api/v1/softphone") as response:
        assert response.headers["Cache-Control"] == "no-store"
        (phone,) = (await response.json())["phones"]
    assert (phone["uri"], phone["secret"], phone["line"]) == ("sip:210@192.0.2.1", "phone-secret", "/sip?pbx=main")
    reza = await on_stage.as_role("agent", extensions=("211",))
    assert json.loads(await reza.page("/api/v1/softphone")) == {"phones": [], "ice": []}


async def test_without_a_line_there_is_no_phone(on_stage: Stage) -> None:
    await on_stage.services.crm.softphones.put(BOSS, "main", "PJSIP/210", "210", secret="phone-secret")
    sara = await on_stage.as_role("agent", extensions=("210",))
    assert json.loads(await sara.page("/api/v1/softphone"))["phones"] == []


async def test_no_token_gets_a_secret(on_stage: Stage) -> None:
    await prepared(on_stage)
    sara = await on_stage.as_role("agent", extensions=("210",))
    token = await sara.token()
    nobody = await on_stage.as_nobody()
    status, text = await nobody.go("/api/v1/softphone", Authorization=f"Bearer {token}")
    assert status == 403 and "phone-secret" not in text


async def test_servers_that_help_are_told_as_browsers_take_them() -> None:
    from web.api.softphone import _ice

    assert _ice(IceServer("stun:192.0.2.9")) == {"urls": "stun:192.0.2.9"}
    whole = IceServer("turn:192.0.2.9:3478", "user", "secret")
    assert _ice(whole) == {"urls": "turn:192.0.2.9:3478", "username": "user", "credential": "secret"}


async def test_how_a_call_was_heard_comes_to_one_figure(on_stage: Stage) -> None:
    sara = await on_stage.as_role("agent", extensions=("210",))
    heard = {"call": "main-1.0", "seconds": 12.5, "jitter": 4.0, "loss": 0.2, "round_trip": 30.0}
    status, text = await sara.send("POST", "/api/v1/softphone/quality", json=heard)
    assert status == 200 and 4.2 < json.loads(text)["mos"] < 4.5
    for wrong in ({**heard, "loss": 120}, {**heard, "call": ""}, {"call": "x"}):
        assert (await sara.send("POST", "/api/v1/softphone/quality", json=wrong))[0] == 400
