"""An agent as he sees himself (topic ``agent``), and as his colleagues see him (topic ``agents``): plain JSON.

What is not known is not in it. Times are RFC 3339. Neighbours: ``service`` asks, ``screenpop`` pushes it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from crm_core.agents.driver import Difference
from crm_core.agents.model import Reason
from crm_core.agents.people import Colleague
from cti.live.agents import FOREIGN, Agent, Membership, Pause
from cti.live.events import QueueMember
from cti.live.record import rfc3339

Named = Callable[[str], Reason | None]
Held = tuple[Membership, QueueMember | None]
"""A queue that he can be in, and what the PBX holds of him there."""


def unnamed(_id: str) -> None:
    """Where no reasons are known."""


def own(
    agent: Agent,
    queues: Iterable[Held],
    phone: dict[str, Any] | None,
    differs: Iterable[Difference],
    named: Named = unnamed,
) -> dict[str, Any]:
    """All that his own page shows. ``named``: the reason of an id, with its names in both languages."""
    state, since = agent.shown
    top = agent.pauses[-1] if agent.pauses else None
    return _present(
        state=state,
        since=rfc3339(since) if since else None,
        own=agent.own,
        reason=reason_of(top, named) if state == "pause" and top else None,
        pauses=[{"reason": reason_of(one, named), "since": rfc3339(one.since)} for one in agent.pauses],
        queues=[_queue(one, member) for one, member in sorted(queues, key=lambda held: held[0].key)],
        wrap=_wrap(agent),
        phone=phone,
        differs=[_differs(one) for one in differs] or None,
        missed=_present(call=agent.missed.call, at=rfc3339(agent.missed.at)) if agent.missed else None,
    )


def colleague(
    agent: Agent, who: Colleague, extension: str | None, reachable: bool | None, named: Named = unnamed
) -> dict[str, Any]:
    """As much of him as colleagues see."""
    state, since = agent.shown
    top = agent.pauses[-1] if agent.pauses else None
    return _present(
        name=who.name,
        ext=extension,
        state=state,
        since=rfc3339(since) if since else None,
        reason=reason_of(top, named) if state == "pause" and top else None,
        reachable=reachable,
    )


def reason_of(pause: Pause, named: Named) -> dict[str, str]:
    """With its names in both languages, unless it is a text of the PBX's."""
    told = {"id": pause.reason, "label": pause.label}
    found = named(pause.reason)
    if found is None or (pause.reason == FOREIGN and pause.label not in (found.fa, found.en)):
        return told
    return told | {language: name for language, name in (("fa", found.fa), ("en", found.en)) if name}


def _queue(one: Membership, member: QueueMember | None) -> dict[str, Any]:
    inside = member is not None and one.on
    return {
        "pbx": one.pbx,
        "queue": one.queue,
        "in": inside,
        "paused": member is not None and member.paused,
        "static": member is not None and not member.dynamic,
    }


def _wrap(agent: Agent) -> dict[str, Any] | None:
    wrap = agent.wrap
    if wrap is None:
        return None
    return _present(
        call=wrap.call,
        queue=wrap.queue or None,
        since=rfc3339(wrap.since),
        until=rfc3339(wrap.until),
        mandatory=wrap.rule.mandatory,
        extended=wrap.extended,
        extensions=wrap.rule.extensions if wrap.until is not None else 0,
        extend_seconds=wrap.rule.extend_seconds,
    )


def _differs(one: Difference) -> dict[str, Any]:
    plain: dict[str, Any] = msgspec.to_builtins(one)
    return {key: value for key, value in plain.items() if value}


def _present(**values: Any) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value is not None}
