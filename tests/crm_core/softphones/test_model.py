from __future__ import annotations

import msgspec
import pytest

from crm_core.softphones.model import Heard


@pytest.mark.parametrize("wrong", [{"jitter": -1}, {"loss": 101}, {"call": ""}, {"seconds": -1}, {"more": 1}])
def test_figures_that_cannot_be(wrong: dict[str, object]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"call": "c", "seconds": 1, "jitter": 1, "loss": 0, **wrong}, Heard)
