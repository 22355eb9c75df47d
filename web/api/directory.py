"""``/api/v1/directory``: what the PBXs have, compared with the users; and the phone that I sit at today."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from crm_core.users.desks import Desk
from cti.live.record import rfc3339
from web.api.operation import Asked, Operation
from web.api.schema import TIMES, Directory, Seated, ref, whole_list

SEES = "pbx.manage|users.manage"
CHOOSES = "desk.choose"


class Sitting(msgspec.Struct, forbid_unknown_fields=True):
    """``take``: also from somebody who works there now; he is told."""

    extension: Annotated[str, Meta(min_length=1, max_length=32)]
    take: bool = False


async def _directory(asked: Asked) -> Any:
    directory = asked.services.crm.directory
    found = Directory(await directory.seen(asked.actor), await directory.differences(asked.actor))
    return _with_times(msgspec.to_builtins(found))


def _with_times(value: Any) -> Any:
    """Moments as RFC 3339 text, however deep they are."""
    if isinstance(value, dict):
        return {k: rfc3339(v) if k in TIMES else _with_times(v) for k, v in value.items()}
    return [_with_times(item) for item in value] if isinstance(value, list | tuple) else value


async def _desks(asked: Asked) -> dict[str, Any]:
    return {"items": await asked.services.crm.desks.phones(asked.actor), "next": None}


async def _seat(asked: Asked) -> Seated:
    return Seated(await asked.services.crm.desks.seat(asked.actor))


async def _sit(asked: Asked) -> Seated:
    body = asked.body(Sitting)
    return Seated(body.extension, await asked.services.crm.desks.sit(asked.actor, body.extension, take=body.take))


async def _stand(asked: Asked) -> None:
    await asked.services.crm.desks.stand(asked.actor)


MINE = "/api/v1/users/me/desk"
DIRECTORY: tuple[Operation, ...] = (
    Operation("GET", "/api/v1/directory", "getDirectory", "What the PBXs have, and where the users differ from it",
              ref(Directory), _directory, permission=SEES),
    Operation("GET", "/api/v1/desks", "listDesks", "The phones that one can sit at, and who does",
              whole_list(ref(Desk)), _desks, permission=CHOOSES),
    Operation("GET", MINE, "getMyDesk", "The phone that I sit at today", ref(Seated), _seat),
    Operation("PUT", MINE, "sitDown", "Sit down at a phone until I sign out", ref(Seated), _sit, body=Sitting,
              permission=CHOOSES, problems=(400, 404, 409)),
    Operation("DELETE", MINE, "standUp", "Leave the phone that I chose", None, _stand),
)  # fmt: skip
