"""An import as it is kept."""

from __future__ import annotations

import msgspec
import pytest

from crm_core.exchange.model import Import, Policy


def test_what_is_dealt_with_and_mapped() -> None:
    one = Import(
        id="1", state="running", name="a", size=1, digest="", file="1", actor="", actor_name="", origin="",
        created_at=0,
        changed_at=0, created=1, updated=2, skipped=3, faulty=4,
    )  # fmt: skip
    assert one.dealt == 10
    assert not one.mapped
    assert msgspec.structs.replace(one, mapping=("", "last_name")).mapped


@pytest.mark.parametrize(
    "given", [{"area_code": "x"}, {"on_match": "all"}, {"match_by": ["x"]}, {"other": 1}, {"tags": ["x" * 300]}]
)
def test_policies_that_cannot_be(given: dict[str, object]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(given, Policy)
