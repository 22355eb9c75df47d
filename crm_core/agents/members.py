"""How somebody's phone is a member of a queue: as it is already, as its neighbours are, or as the PBX's kind has it.

Plain Asterisk has ``PJSIP/201``; FreePBX and Issabel have ``Local/201@from-queue/n`` with the state of the hint
``hint:201@ext-local``. Pure. Neighbour: ``service`` asks when somebody signs in.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from functools import lru_cache

from crm_core.users.places import Place
from cti.live.agents import Membership
from cti.live.events import QueueMember

Members = Mapping[str, QueueMember]
"""The members of one queue by their interface."""
_LOCAL = re.compile(r"Local/(?P<peer>[^@/]+)@(?P<context>[A-Za-z0-9_.-]+)(?P<stays>/n)?")
_local = lru_cache(maxsize=65536)(_LOCAL.fullmatch)
FREEPBX_CONTEXT, FREEPBX_HINTS = "from-queue", "ext-local"


def is_his(interface: str, place: Place, pbx: str) -> bool:
    """Does a member ring a phone of this place?"""
    local = _local(interface)
    if local is not None:
        return local["peer"] in place.extensions
    phones = [phone for phone in place.phones if phone.pbx == pbx]
    if phones:
        return any(phone.endpoint == interface for phone in phones)
    return interface.partition("/")[2] in place.extensions


@lru_cache(maxsize=65536)
def peer_in(interface: str) -> str:
    """The name or extension in it: whoever has another is not meant."""
    local = _local(interface)
    peer: str = interface.partition("/")[2] if local is None else local["peer"]
    return peer


def membership(place: Place, pbx: str, queue: str, queues: Mapping[str, Members], preset: str) -> Membership | None:
    """How this place is to be in ``queue``; None if no phone of it is known there. ``preset``: the PBX's kind."""
    members = queues.get(queue, {})
    mine = next((interface for interface in members if is_his(interface, place, pbx)), None)
    if mine is not None:
        return Membership(pbx, queue, mine)
    extension, endpoint = _phone(place, pbx)
    if not extension:
        return None
    form = _form(members) or _form({i: m for each in queues.values() for i, m in each.items()})
    if form is None and not _any(queues) and preset in ("freepbx", "issabel"):
        form = (FREEPBX_CONTEXT, "/n")
    if form is None:
        return Membership(pbx, queue, endpoint) if endpoint else None
    context, stays = form
    state = f"hint:{extension}@{FREEPBX_HINTS}" if context == FREEPBX_CONTEXT else endpoint
    return Membership(pbx, queue, f"Local/{extension}@{context}{stays}", state)


def _phone(place: Place, pbx: str) -> tuple[str, str]:
    """Extension and endpoint: the phone that is named as its extension, rather one that can be reached. The endpoint
    is empty where no PBX tells of one: its name is not to be guessed."""
    phones = [phone for phone in place.phones if phone.pbx == pbx]
    if not phones:
        known_elsewhere = any(phone.extension == e for phone in place.phones for e in place.extensions)
        extension = "" if known_elsewhere or not place.extensions else place.extensions[0]
        return extension, ""
    order = {extension: n for n, extension in enumerate(place.extensions)}
    best = min(
        phones,
        key=lambda p: (
            order.get(p.extension, len(order)),
            p.reachable is False,
            p.endpoint.partition("/")[2] != p.extension,
        ),
    )
    return best.extension, best.endpoint


def _any(queues: Mapping[str, Members]) -> bool:
    return any(queues.values())


def _form(members: Members) -> tuple[str, str] | None:
    """Context and ending of the Local channels that most of these members are; None if most are none."""
    forms: Counter[tuple[str, str] | None] = Counter()
    for interface in members:
        local = _local(interface)
        forms[None if local is None else (local["context"], local["stays"] or "")] += 1
    return forms.most_common(1)[0][0] if forms else None
