"""``/api/v1/wallboards``: boards for a screen on a wall, and their links."""

from __future__ import annotations

from typing import Any

from crm_core.wallboards.model import Issued, Shown, Wallboard
from crm_core.wallboards.service import MANAGE
from web.api.operation import Asked, Operation
from web.api.schema import WallboardIssued, as_json, ref, whole_list


async def _all(asked: Asked) -> dict[str, Any]:
    boards = await asked.services.crm.wallboards.all(asked.actor)
    return {"items": [as_json(board) for board in boards], "next": None}


async def _create(asked: Asked) -> dict[str, Any]:
    return _issued(await asked.services.crm.wallboards.create(asked.actor, asked.body(Shown)))


async def _get(asked: Asked) -> dict[str, Any]:
    return as_json(await asked.services.crm.wallboards.get(asked.actor, asked.place("id")))


async def _change(asked: Asked) -> dict[str, Any]:
    return as_json(await asked.services.crm.wallboards.change(asked.actor, asked.place("id"), asked.body(Shown)))


async def _delete(asked: Asked) -> None:
    await asked.services.crm.wallboards.delete(asked.actor, asked.place("id"))


async def _issue(asked: Asked) -> dict[str, Any]:
    return _issued(await asked.services.crm.wallboards.issue(asked.actor, asked.place("id")))


async def _revoke(asked: Asked) -> None:
    await asked.services.crm.wallboards.revoke(asked.actor, asked.place("id"))


def _issued(issued: Issued) -> dict[str, Any]:
    return {"board": as_json(issued.board), "path": f"/wall/{issued.secret}"}


BOARDS = "/api/v1/wallboards"
ONE, LINK = f"{BOARDS}/{{id}}", f"{BOARDS}/{{id}}/link"
ID = (("id", "The board's id"),)
WALLBOARDS: tuple[Operation, ...] = (
    Operation("GET", BOARDS, "listWallboards", "The boards whose queues one reaches", whole_list(ref(Wallboard)), _all,
              permission=MANAGE),
    Operation("POST", BOARDS, "createWallboard", "Make a board; its link is told this once", ref(WallboardIssued),
              _create, body=Shown, permission=MANAGE, problems=(400, 409), status=201),
    Operation("GET", ONE, "getWallboard", "One board", ref(Wallboard), _get, permission=MANAGE, places=ID,
              problems=(400, 404)),
    Operation("PUT", ONE, "changeWallboard", "What a board shows from now on, by the same link", ref(Wallboard),
              _change, body=Shown, permission=MANAGE, places=ID, problems=(400, 404)),
    Operation("DELETE", ONE, "deleteWallboard", "Delete a board; its link opens nothing any more", None, _delete,
              permission=MANAGE, places=ID, problems=(400, 404)),
    Operation("POST", LINK, "issueWallboardLink", "A new link; the one before opens nothing any more",
              ref(WallboardIssued), _issue, permission=MANAGE, places=ID, problems=(400, 404), status=201),
    Operation("DELETE", LINK, "revokeWallboardLink", "Take the link back; screens that show it go dark", None, _revoke,
              permission=MANAGE, places=ID, problems=(400, 404)),
)  # fmt: skip
