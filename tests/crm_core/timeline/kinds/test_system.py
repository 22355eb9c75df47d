"""Only events that have words are taken."""

from __future__ import annotations

import msgspec
import pytest

from crm_core.timeline.kinds.system import SystemFacts


def test_system() -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(b'{"event":"eaten"}', type=SystemFacts)
