"""The list of what the web needs is complete and the real parts fit it."""

from __future__ import annotations

import inspect

from call_log.ledger import Ledger
from call_log.search import CallSearch
from call_log.store import CallStore
from tests.web import stage
from web.services import CallLog, Services, Truth


def parameters(method: object) -> list[str]:
    return [p for p in inspect.signature(method).parameters if p != "self"]  # type: ignore[arg-type]


def test_the_call_logs_own_parts_answer_what_is_asked() -> None:
    assert parameters(CallSearch.page)[:3] == parameters(CallLog.page)
    assert parameters(CallStore.get) == parameters(CallLog.get)
    for name in ("days", "day_differences", "differences_of", "confirmed_at"):
        assert parameters(getattr(Ledger, name)) == parameters(getattr(Truth, name))


def test_the_sample_fits_too() -> None:
    for name in ("page", "totals", "get"):
        assert parameters(getattr(stage.SampleLog, name)) == parameters(getattr(CallLog, name))


def test_what_is_not_said_is_the_sites_default() -> None:
    services: Services = stage.services()
    assert (services.language, services.timezone, services.region) == ("fa", "Asia/Tehran", "IR")
    assert services.demo is False
