"""Which release of Asterisk knows what. Its branches live side by side, so each has a first release of its own.

Neighbours: ``filters`` and ``media`` ask for theirs, ``cti.app.control`` whether callers in queues can be reordered.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

_VERSION = re.compile(r"(\d+)\.(\d+)")

REORDERS_SINCE: Mapping[int, int] = {18: 20, 20: 5, 21: 0}
"""QueueChangePriorityCaller with ``Immediate`` (asterisk/asterisk, pull request 203): since 15 without it there is the
action, and moves nobody who waits already."""


def known_since(version: str, first: Mapping[int, int]) -> bool | None:
    """Whether an Asterisk of this version (``22.10.1``) has what these branches have from these releases on. Branches
    after the last of them have it, others do not; None for a version that cannot be read.

    Certified releases (``certified/18.9-cert14``) are counted by the release that they stem from.
    """
    found = _VERSION.search(version)
    if found is None:
        return None
    branch, release = int(found[1]), int(found[2])
    return branch > max(first) or release >= first.get(branch, release + 1)
