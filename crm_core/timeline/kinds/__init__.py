"""The kinds of entries, one file each. ``KINDS`` is all of them, in the order in which they are offered as filters."""

from __future__ import annotations

from crm_core.timeline.kinds import call, file, note, result, system, task
from crm_core.timeline.kinds.kind import Kind

KINDS: tuple[Kind, ...] = (call.KIND, note.KIND, result.KIND, task.KIND, file.KIND, system.KIND)

BY_NAME: dict[str, Kind] = {kind.name: kind for kind in KINDS}
