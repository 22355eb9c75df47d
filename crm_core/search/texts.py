"""Texts (notes) that hold what was asked for, the newest first. Neighbour: ``crm_core.contacts.index`` writes them."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from cti.kernel.db import Reader

MOST_SORTED = 2_000
"""Of more matches than this the newest are not looked for; some of them are."""


class Text(msgspec.Struct, frozen=True):
    """``id`` is the source's own; ``party_id`` and ``call_id`` are empty where it is about nobody known, or no call.
    ``at``: epoch seconds."""

    kind: str
    id: str
    party_id: str
    call_id: str
    at: float
    text: str


async def newest(reader: Reader, expression: str, kinds: Sequence[str], limit: int) -> list[Text]:
    """At most ``limit`` texts of these kinds that match an expression of ``finding.match``."""
    marks = ", ".join("?" * len(kinds))
    if reader.dialect == "sqlite":
        hits = "SELECT rowid AS doc FROM text_words WHERE text_words MATCH ? ORDER BY rowid DESC"
    else:
        await reader.fetch("SELECT set_config('enable_seqscan', 'off', true)")
        hits = "SELECT doc FROM text_index WHERE words @@ ?::text::tsquery"
    rows = await reader.fetch(
        f"WITH hit AS MATERIALIZED ({hits} LIMIT {MOST_SORTED})"
        " SELECT t.kind, t.id, t.party_id, t.call_id, t.at, t.text FROM hit"
        f" JOIN text_index t ON t.doc = hit.doc WHERE t.kind IN ({marks}) ORDER BY t.at DESC, t.id LIMIT {int(limit)}",
        expression,
        *kinds,
    )
    return [Text(*row) for row in rows]
