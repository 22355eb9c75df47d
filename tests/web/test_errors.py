"""Errors: a page in the reader's language, a problem document for programs, no traces for either."""

from __future__ import annotations

import json
import logging
from dataclasses import replace
from typing import Any

import pytest

from cti.kernel import errors as kernel
from tests.web import stage
from tests.web.conftest import Stage
from web.errors import STATUSES, TEXTS
from web.services import Services


async def test_an_unknown_address_is_a_page_for_people(on_stage: Stage) -> None:
    status, text = await on_stage.go("/nowhere?lang=fa")
    assert status == 404
    assert "چنین صفحه‌ای نیست" in text
    assert 'dir="rtl"' in text


async def test_and_a_problem_document_for_programs(on_stage: Stage) -> None:
    async with on_stage.http.get(on_stage.url + "/api/v1/nowhere") as response:
        assert response.status == 404
        assert response.content_type == "application/problem+json"
        body = await response.json(content_type=None)
    assert body["status"] == 404
    assert body["title"] == "Not Found"
    assert body["type"] == "about:blank"


async def test_a_script_of_ours_is_told_in_the_readers_language(on_stage: Stage) -> None:
    body, address = b'{"reason": "none"}', on_stage.url + "/api/v1/agents/me/pause"
    headers = {"Content-Type": "application/json"}
    async with on_stage.http.post(address, data=body, headers=headers) as response:
        plain = (await response.json())["detail"]
    async with on_stage.http.post(address, data=body, headers=headers | {"X-Tamas-Script": "1"}) as response:
        said = (await response.json())["detail"]
    assert plain.isascii() and not said.isascii()


async def test_a_wrong_method_is_told_the_right_one(on_stage: Stage) -> None:
    async with on_stage.http.delete(on_stage.url + "/api/v1/calls") as response:
        assert response.status == 405
        assert "GET" in response.headers["Allow"]


class Failing:
    """A call log that fails as it is told to."""

    error: Exception = RuntimeError("secret of ours")

    async def page(self, *_asked: Any) -> Any:
        raise self.error


class TestFailures:
    @pytest.fixture
    def services(self) -> Services:
        self.log = Failing()
        return replace(stage.services(), calls=self.log)  # type: ignore[arg-type]

    @pytest.mark.parametrize(
        ("error", "status"),
        [(kernel.NotFoundError("no"), 404), (kernel.InvalidError("cursor"), 400), (kernel.ForbiddenError("no"), 403),
         (kernel.ConflictError("no"), 409), (kernel.RefusedError("no"), 422), (kernel.UnavailableError("db"), 503)],
        ids=lambda value: type(value).__name__,
    )  # fmt: skip
    async def test_errors_have_their_status(self, on_stage: Stage, error: Exception, status: int) -> None:
        self.log.error = error
        assert (await on_stage.go("/api/v1/calls"))[0] == status
        assert (await on_stage.go("/calls"))[0] == status

    async def test_a_mistake_of_ours_is_logged_and_not_told(
        self, on_stage: Stage, caplog: pytest.LogCaptureFixture
    ) -> None:
        with caplog.at_level(logging.ERROR):
            status, text = await on_stage.go("/api/v1/calls")
        assert status == 500
        assert "secret of ours" not in text
        assert json.loads(text)["title"] == "Internal Server Error"
        assert "secret of ours" in caplog.text


def test_every_status_we_give_has_words() -> None:
    assert {status for _, status in STATUSES} - {409, 422} <= set(TEXTS)
