"""News of streams, carried to whoever looks at one: the page then asks the server again.

A change under a number is news to everybody whose stream shows it: the number's owners, what they were merged into,
their companies. They are looked up only while somebody looks at a contact. Who is mentioned in a note, or has or gave
a task that changed, or an import that moves, is told by a message of his own; ``given`` marks what is new to him.

Neighbours: ``feed`` has the topics, ``crm_core.timeline`` the streams.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence

from crm_core.contacts.events import PartiesMerged, PartyChanged
from crm_core.exchange.events import ImportMoved
from crm_core.notes.events import NoteWritten
from crm_core.tasks.events import TaskChanged
from crm_core.timeline.events import TimelineChanged
from cti.live.record import rfc3339
from screenpop.feed import ABOUT, NUMBER, PARTY, Feed

News = TimelineChanged | PartyChanged | PartiesMerged | NoteWritten | TaskChanged | ImportMoved
HEARD: tuple[type[News], ...] = (TimelineChanged, PartyChanged, PartiesMerged, NoteWritten, TaskChanged, ImportMoved)
"""What ``take`` wants to hear from the bus."""

Watchers = Callable[[Iterable[str], Iterable[str]], Awaitable[set[str]]]
"""(parties, keys) -> the parties in whose streams they show (``Timeline.watchers``)."""


class Streams:
    def __init__(self, feed: Feed, watchers: Watchers) -> None:
        self._feed, self._watchers = feed, watchers

    async def take(self, events: Sequence[News]) -> None:
        """Tell whoever it concerns, each once however many events there are."""
        changed = [event for event in events if isinstance(event, TimelineChanged)]
        parties = {party for event in changed for party in event.parties}
        for event in events:
            match event:
                case PartyChanged():
                    parties.add(event.id)
                case PartiesMerged():
                    parties |= {event.gone, event.into}
                case NoteWritten() | TaskChanged():
                    self._message(event)
                case ImportMoved(actor=user) if user:
                    self._feed.message(user, {"kind": "import", "id": event.id})
                case _:
                    pass
        keys = {key for event in changed for key in event.keys}
        news = {"at": rfc3339(max((event.at for event in changed), default=0.0))}
        for topic in [NUMBER + key for key in keys] + [ABOUT + call for event in changed for call in event.calls]:
            self._feed.nudge(topic, news)
        if (parties or keys) and self._feed.hub.watching(PARTY):
            for party in await self._watchers(parties, keys):
                self._feed.nudge(PARTY + party, news)

    def _message(self, event: NoteWritten | TaskChanged) -> None:
        if isinstance(event, TaskChanged):
            for user in {event.task.owner, event.task.made_by}:
                given = event.given and user == event.task.owner
                self._feed.message(user, {"kind": "task", "id": event.task.id, "given": given})
            return
        for user in event.called:
            if user != event.note.author:
                self._feed.message(user, {"kind": "mention", "id": event.note.id, "given": True})
