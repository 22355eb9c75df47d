"""``/admin/pbx``: what each PBX has, and where that and the users do not agree, each with what to do about it.

Neighbours: ``crm_core.users.directory`` and ``differences`` have it, ``pages.users`` is where it is mended.
"""

from __future__ import annotations

from typing import NamedTuple

from aiohttp import web

from crm_core.users.differences import Difference, DifferenceKind
from crm_core.users.directory import PbxSeen
from cti.live.events import Endpoint
from cti.live.inventory import Listing
from web.i18n import N_
from web.page import SERVICES, Page, actor_of, render


class Kind(NamedTuple):
    """``says``: over the differences of this kind. ``mend``: what to do. ``level``: how bad it is."""

    says: str
    mend: str
    level: str


KINDS: dict[DifferenceKind, Kind] = {
    "extension_unknown": Kind(
        N_("Extensions that no PBX has"), N_("Correct the user, or make the extension on the PBX."), "bad"
    ),
    "extension_shared": Kind(
        N_("Extensions of several users"), N_("Their calls count for each of them. Give the phone to one."), "ring"
    ),
    "member_nobody": Kind(
        N_("Queues that ring nobody we know"), N_("Give the extension to a user, or take it out of the queue."), "ring"
    ),
    "member_missing": Kind(
        N_("Users whom their queue does not ring"), N_("Add them on the PBX, or take the queue from the user."), "ring"
    ),
    "member_unlisted": Kind(
        N_("Users whom another queue rings too"), N_("Note the queue with the user, or take them out of it."), "ring"
    ),
    "queue_unknown": Kind(N_("Queues that no PBX has"), N_("Correct the user, or make the queue on the PBX."), "bad"),
    "device_unknown": Kind(N_("Devices that no PBX has"), N_("Correct the user."), "bad"),
    "extension_free": Kind(
        N_("Extensions that nobody has"), N_("Give them to users, so that calls have names."), "off"
    ),
}
SILENT: dict[Listing, str] = {
    "addresses": N_("where phones are registered from"),
    "registration": N_("which phones are registered"),
    "mailboxes": N_("voicemail boxes"),
}


class Figures(NamedTuple):
    phones: int
    reachable: int
    unreachable: int
    trunks: int
    queues: int
    mailboxes: int


def figures(seen: PbxSeen) -> Figures:
    phones = [e for e in seen.endpoints if e.kind == "phone"]
    return Figures(
        phones=len(phones),
        reachable=sum(e.reachable is True for e in phones),
        unreachable=sum(e.reachable is False for e in phones),
        trunks=sum(e.kind == "trunk" for e in seen.endpoints),
        queues=len(seen.queues),
        mailboxes=len(seen.mailboxes),
    )


def grouped(differences: tuple[Difference, ...]) -> list[tuple[Kind, list[Difference]]]:
    """The worst kinds first."""
    found = [(kind, [one for one in differences if one.kind == name]) for name, kind in KINDS.items()]
    return [(kind, some) for kind, some in found if some]


def ordered(endpoints: tuple[Endpoint, ...]) -> list[Endpoint]:
    """Phones by their extension, then the rest."""
    return sorted(endpoints, key=lambda e: (e.kind != "phone", len(e.extension or ""), e.extension or "", e.name))


async def _show(request: web.Request) -> web.StreamResponse:
    crm, actor = request.app[SERVICES].crm, actor_of(request)
    refs = await crm.users.directory(actor)
    owners: dict[str, list[str]] = {}
    for one in (ref for ref in refs if ref.active):
        for extension in one.extensions:
            owners.setdefault(extension, []).append(one.name)
    return render(
        request,
        "pbx",
        "pbx.html",
        fragment="_pbx.html",
        differences=grouped(await crm.directory.differences(actor)),
        figures=figures,
        ordered=ordered,
        owners=owners,
        pbxs=await crm.directory.seen(actor),
        silent=SILENT,
    )


PAGE = Page(
    path="/admin/pbx",
    name="pbx",
    show=_show,
    label=N_("Phones and queues"),
    icon="server",
    permission="pbx.manage|users.manage",
    hint=N_("What the PBX has, and where it differs from the users."),
)
