"""``/api/v1/softphone``: what my softphone registers with, how it heard a call, and a call to hear oneself.

The secret is in this answer alone, never in a page; nobody keeps the answer (``no-store``, as of all answers).
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import msgspec

from crm_core.softphones.model import Account, Heard
from crm_core.softphones.service import USE
from cti.control.service import Echoing
from web.api.operation import Asked, Operation
from web.api.schema import SoftphoneQuality, SoftphoneSettings, ref
from web.services import IceServer


async def _mine(asked: Asked) -> dict[str, Any]:
    services = asked.services
    accounts = await services.crm.softphones.mine(asked.actor)
    phones = [_phone(account, services.sip[account.pbx]) for account in accounts if account.pbx in services.sip]
    return {"phones": phones, "ice": [_ice(server) for server in services.ice]}


def _phone(account: Account, address: str) -> dict[str, Any]:
    domain = urlsplit(address).hostname or "pbx"
    host = f"[{domain}]" if ":" in domain else domain
    return {
        **msgspec.structs.asdict(account),
        "uri": f"sip:{account.login}@{host}",
        "line": f"/sip?pbx={account.pbx}",
    }


def _ice(server: IceServer) -> dict[str, Any]:
    return {name: value for name, value in msgspec.structs.asdict(server).items() if value}


async def _echo(asked: Asked) -> Echoing:
    return await asked.services.commands.echo(asked.actor)


async def _heard(asked: Asked) -> dict[str, Any]:
    quality = await asked.services.crm.softphones.heard(asked.actor, asked.body(Heard))
    return {"mos": round(quality.mos, 2)}


PATH = "/api/v1/softphone"
SOFTPHONE: tuple[Operation, ...] = (
    Operation("GET", PATH, "getSoftphone", "What my softphone registers with", ref(SoftphoneSettings), _mine,
              permission=USE),
    Operation("POST", f"{PATH}/echo", "testEcho", "My phone rings, and hears itself", ref(Echoing), _echo,
              permission=USE, problems=(409, 422, 503), status=202),
    Operation("POST", f"{PATH}/quality", "tellQuality", "How my softphone heard a call", ref(SoftphoneQuality), _heard,
              body=Heard, permission=USE),
)  # fmt: skip
