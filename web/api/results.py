"""``/api/v1/dispositions``, ``/api/v1/calls/{id}/note`` and ``/result``: how calls came out, as people say.

``PUT /calls/{id}/note`` is called as somebody types: the same text may be sent again and again, in any order.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta

from crm_core.results.dispositions import LONGEST_LABEL, LONGEST_QUEUE, MANAGE, MOST_DAYS, DispositionDraft
from crm_core.results.model import Branch, CallNote, CallResult, Disposition, Said, Shape, Tone
from crm_core.results.notes import LONGEST_TEXT, LONGEST_WRITER, NoteDraft
from crm_core.results.part import MAY_READ, MAY_SAY
from crm_core.results.service import ResultDraft
from crm_core.tasks.model import TaskDraft
from crm_core.tasks.service import LONGEST_TITLE
from cti.kernel.errors import N_, InvalidError
from web.api.operation import Asked, Operation
from web.api.schema import as_json, ref, whole_list
from web.page import SIGNED_IN

Id = Annotated[str, Meta(max_length=64)]
Queue = Annotated[str, Meta(max_length=LONGEST_QUEUE)]
Label = Annotated[str, Meta(max_length=LONGEST_LABEL)]
Text = Annotated[str, Meta(max_length=LONGEST_TEXT)]
Days = Annotated[int, Meta(ge=0, le=MOST_DAYS)]
_DAY, _TIME = r"\d{4}-\d{2}-\d{2}", r"\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?"
Due = Annotated[
    str, Meta(pattern=rf"^{_DAY}(T{_TIME}(Z|[+-]\d{{2}}:\d{{2}}))?$", description="2026-11-22, or a moment")
]


class DispositionQuery(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    queue: Annotated[Queue, Meta(description="The queue that the call waited in; empty for direct calls")] = ""


class DispositionWriting(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What is left out is as in a new one. A name in one language at least."""

    label_fa: Label = ""
    label_en: Label = ""
    shape: Shape = "check"
    tone: Tone = "neutral"
    needs_note: bool = False
    follow_up_days: Days | None = None
    active: bool = True

    def draft(self, version: int | None = None) -> DispositionDraft:
        own = {name: getattr(self, name) for name in DispositionWriting.__struct_fields__}
        return DispositionDraft(**own, version=version)


class NewDisposition(DispositionWriting, forbid_unknown_fields=True, kw_only=True):
    """``parent``: what it is a detail of; then ``queue`` is that one's."""

    queue: Queue = ""
    parent: Id | None = None


class DispositionChange(DispositionWriting, forbid_unknown_fields=True, kw_only=True):
    """The disposition as it shall be. ``version``: refused with 409 if it has another by now."""

    version: int | None = None


class DispositionMove(msgspec.Struct, forbid_unknown_fields=True):
    to: Literal["up", "down"]


class OwnTree(msgspec.Struct, forbid_unknown_fields=True):
    queue: Annotated[str, Meta(min_length=1, max_length=LONGEST_QUEUE)]


class NoteWriting(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """The whole text. ``version``: the one that it builds on; if another page has written since, 409. ``writer`` names
    the page and ``number`` counts its saves: what comes late or twice changes nothing. Without them the text stands."""

    text: Text
    version: Annotated[int, Meta(ge=0, le=2**31 - 1)] | None = None
    writer: Annotated[str, Meta(max_length=LONGEST_WRITER)] = ""
    number: Annotated[int, Meta(ge=0, le=2**53)] = 0


class FollowUp(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """``due``: a day (2026-11-22) or a moment. ``owner``: one's own, if left out. ``party``: the contact's id."""

    title: Annotated[str, Meta(min_length=1, max_length=LONGEST_TITLE)]
    due: Due | None = None
    owner: Id | None = None
    party: Id | None = None

    def draft(self) -> TaskDraft:
        own = {name: getattr(self, name) or UNSET for name in ("owner", "party")}
        if self.due is None or "T" not in self.due:
            return TaskDraft(title=self.title, due_day=self.due or UNSET, **own)
        try:
            moment = dt.datetime.fromisoformat(self.due).timestamp()
        except ValueError as error:
            raise InvalidError(N_("That date is out of range."), at="due") from error
        return TaskDraft(title=self.title, due_at=moment, **own)


class ResultWriting(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """``note``: as it shall be; left out, as it was typed. ``task``: what follows from the call."""

    disposition: Id
    note: Text | None = None
    task: FollowUp | None = None


async def _offered(asked: Asked) -> dict[str, Any]:
    offered = await asked.services.crm.dispositions.offered(asked.actor, asked.query.queue)
    return {"items": [branch_json(branch) for branch in offered], "next": None}


def branch_json(branch: Branch) -> dict[str, Any]:
    """A disposition with its details inside."""
    children = [branch_json(child) for child in branch.children]
    return {"one": as_json(branch.one), "children": children, "key": branch.key}


async def _create(asked: Asked) -> dict[str, Any]:
    body = asked.body(NewDisposition)
    return as_json(await asked.services.crm.dispositions.create(asked.actor, body.draft(), body.queue, body.parent))


async def _change(asked: Asked) -> dict[str, Any]:
    body = asked.body(DispositionChange)
    draft = body.draft(body.version)
    return as_json(await asked.services.crm.dispositions.change(asked.actor, asked.place("id"), draft))


async def _move(asked: Asked) -> None:
    by = -1 if asked.body(DispositionMove).to == "up" else 1
    await asked.services.crm.dispositions.move(asked.actor, asked.place("id"), by)


async def _remove(asked: Asked) -> dict[str, Any]:
    return {"gone": await asked.services.crm.dispositions.remove(asked.actor, asked.place("id"))}


async def _copy(asked: Asked) -> None:
    await asked.services.crm.dispositions.copy(asked.actor, asked.body(OwnTree).queue)


async def _note(asked: Asked) -> dict[str, Any]:
    body = asked.body(NoteWriting)
    draft = NoteDraft(text=body.text, version=body.version, writer=body.writer, number=body.number)
    return as_json(await asked.services.crm.results.write_note(asked.actor, asked.place("id"), draft))


async def _notes(asked: Asked) -> dict[str, Any]:
    found = await asked.services.crm.results.notes_of(asked.actor, asked.place("id"))
    return {"items": [as_json(one) for one in found], "next": None}


async def _result(asked: Asked) -> dict[str, Any]:
    body = asked.body(ResultWriting)
    task = None if body.task is None else body.task.draft()
    draft = ResultDraft(disposition=body.disposition, note=body.note, task=task)
    return as_json(await asked.services.crm.results.save(asked.actor, asked.place("id"), draft))


async def _said(asked: Asked) -> dict[str, Any]:
    said = await asked.services.crm.results.of_call(asked.actor, asked.place("id"))
    parts = {"results": said.results, "notes": said.notes}
    return {"call": said.call} | {name: [as_json(one) for one in some] for name, some in parts.items()}


GONE = {"type": "object", "required": ["gone"], "properties": {"gone": {"type": "boolean"}}}
SAY, READ = "|".join(MAY_SAY), "|".join(MAY_READ)
CALL = (("id", "The call's id"),)
ONE = (("id", "The disposition's id"),)
TAG = "results"
DISPOSITIONS = "/api/v1/dispositions"
RESULTS: tuple[Operation, ...] = (
    Operation("GET", DISPOSITIONS, "listDispositions", "The results to choose from after a call of a queue",
              whole_list(ref(Branch)), _offered, query=DispositionQuery, permission=SIGNED_IN, tag=TAG),
    Operation("POST", DISPOSITIONS, "createDisposition", "Define a result", ref(Disposition), _create,
              body=NewDisposition, permission=MANAGE, problems=(400, 404), status=201, tag=TAG),
    Operation("PUT", f"{DISPOSITIONS}/{{id}}", "changeDisposition", "Change a result's words, shape, flags and use",
              ref(Disposition), _change, body=DispositionChange, permission=MANAGE, places=ONE,
              problems=(400, 404, 409), tag=TAG),
    Operation("POST", f"{DISPOSITIONS}/{{id}}/move", "moveDisposition", "One place up or down among its neighbours",
              None, _move, body=DispositionMove, permission=MANAGE, places=ONE, problems=(400, 404), tag=TAG),
    Operation("DELETE", f"{DISPOSITIONS}/{{id}}", "removeDisposition",
              "Delete a result with its details; one that a call has is taken out of use instead (gone: false)",
              GONE, _remove, permission=MANAGE, places=ONE, problems=(400, 404), tag=TAG),
    Operation("POST", f"{DISPOSITIONS}/copy", "copyDispositions",
              "Give a queue results of its own, to begin with those of all others",
              None, _copy, body=OwnTree, permission=MANAGE, problems=(400, 409), tag=TAG),
    Operation("PUT", "/api/v1/calls/{id}/note", "writeCallNote", "Save what I type about a call", ref(CallNote), _note,
              body=NoteWriting, permission=SAY, places=CALL, problems=(400, 404, 409), tag=TAG),
    Operation("GET", "/api/v1/calls/{id}/notes", "listCallNotes", "What everybody typed about a call",
              whole_list(ref(CallNote)), _notes, permission=READ, places=CALL, problems=(400, 404), tag=TAG),
    Operation("PUT", "/api/v1/calls/{id}/result", "saveCallResult", "Say how a call came out", ref(CallResult), _result,
              body=ResultWriting, permission=SAY, places=CALL, problems=(400, 404), tag=TAG),
    Operation("GET", "/api/v1/calls/{id}/result", "getCallResult", "What people said of a call: results and notes",
              ref(Said), _said, permission=READ, places=CALL, problems=(400, 404), tag=TAG),
)  # fmt: skip
