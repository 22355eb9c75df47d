"""The list of what the web needs is complete."""

from __future__ import annotations

from tests.web import stage
from web.services import Services


def test_what_is_not_said_is_the_sites_default() -> None:
    services: Services = stage.services()
    assert (services.language, services.timezone, services.region) == ("fa", "Asia/Tehran", "IR")
    assert services.demo is False
