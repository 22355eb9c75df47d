"""Every route, form, API operation, push topic and service, asked by every role, by who may nothing, and by nobody.

What is expected comes from what each declares and from the role's permissions, so that who adds a page, an operation
or a service is held to it without writing a test.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, fields
from typing import Any

import msgspec
import pytest

from crm_core.users.roles import BUILT_IN
from cti.kernel.actor import NOBODY, PERMISSIONS, Actor
from cti.kernel.errors import ForbiddenError, UnauthenticatedError
from screenpop.feed import SCOPED, TOPICS, allowed
from tests.web.conftest import Stage
from web.api import OPERATIONS
from web.page import ANYBODY, SIGNED_IN, opens
from web.pages import PAGES

NOTHING = "nothing"
WHO = (*BUILT_IN, NOTHING, "nobody")


@dataclass(frozen=True)
class Door:
    method: str
    path: str
    permission: str

    @property
    def api(self) -> bool:
        return self.path.startswith("/api/")

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def doors() -> Iterator[Door]:
    for page in PAGES:
        yield Door("GET", page.path, page.permission)
        for form in page.forms:
            yield Door("POST", form.path, form.permission)
    for operation in OPERATIONS:
        yield Door(operation.method, operation.path, operation.permission)


DOORS = tuple(dict.fromkeys(doors()))
ELSEWHERE = {
    "GET /push",  # test_push
    "GET /sip",  # test_sip
    "GET /listen/{id}",  # test_listening
    "GET /healthz", "GET /readyz", "GET /metrics", "GET /static/dist/{name}",  # test_server, below
    "GET /manifest.webmanifest", "GET /worker.js",  # an application that can be installed; they say nothing of anybody
    "GET /api/v1/openapi.json",  # the description of the API is no secret
}  # fmt: skip
SIGNING_OUT = "POST /sign-out"


def test_every_route_is_a_page_a_form_an_operation_or_named_here(on_stage: Stage) -> None:
    from web.server import create_app

    app = create_app(on_stage.services)
    known = {str(door) for door in DOORS} | ELSEWHERE
    served = {f"{route.method} {route.resource.canonical}" for route in app.router.routes() if route.resource}
    assert {name for name in served if not name.startswith("HEAD ")} - known == set()


def test_every_declared_permission_is_one() -> None:
    for door in DOORS:
        for name in door.permission.split("|"):
            assert name in (*PERMISSIONS, ANYBODY, SIGNED_IN), door


@pytest.mark.parametrize("who", WHO)
async def test_every_door_opens_to_who_may_and_to_nobody_else(on_stage: Stage, who: str) -> None:
    asked = await somebody(on_stage, who)
    wrong = []
    for door in DOORS:
        if str(door) == SIGNING_OUT and asked.actor.known:
            continue  # it works: nobody would be left to ask for the rest
        seen = await knock(asked, door)
        expected = "in" if opens(door.permission, asked.actor) else "forbidden" if asked.actor.known else "sign in"
        if seen != expected:
            wrong.append(f"{door} ({door.permission}): {seen}, not {expected}")
    assert not wrong, "\n".join(wrong)


GOES_WITH = {
    "calls.export": ("calls.view",),
    "contacts.delete": ("contacts.view",),
    "contacts.edit": ("contacts.view",),
    "contacts.export": ("contacts.view",),
    "contacts.import": ("contacts.view", "contacts.edit", "contacts.delete"),
    "contacts.merge": ("contacts.view", "contacts.edit"),
    "numbers.view": ("contacts.view",),
    "tasks.use": ("contacts.view",),
}
"""Permissions that are of little use without another: what is changed is shown, too."""


@pytest.mark.parametrize("permission", sorted({name for door in DOORS for name in door.permission.split("|")}))
async def test_the_declared_permission_is_what_the_services_ask_for(on_stage: Stage, permission: str) -> None:
    """Who has just this one comes in: no service behind the door asks for more than the door says."""
    if permission in (ANYBODY, SIGNED_IN):
        return
    just = (permission, *GOES_WITH.get(permission, ()))
    role = await on_stage.services.crm.roles.create(on_stage.actor, permission, just)
    asked = await on_stage.as_role(role.id)
    mine = [door for door in DOORS if permission in door.permission.split("|")]
    wrong = [f"{door}: {seen}" for door in mine if (seen := await knock(asked, door)) != "in"]
    assert not wrong, "\n".join(wrong)


async def knock(asked: Stage, door: Door) -> str:
    """What comes of it: in (also if there is no such record, or the form lacks everything), forbidden, sign in."""
    path = re.sub(r"{[^}]+}", "none", door.path)
    data = {} if door.method == "POST" and not door.api else None
    json = {} if door.api and door.method != "GET" else None
    request = asked.http.request(door.method, asked.url + path, data=data, json=json, allow_redirects=False)
    async with request as response:
        await response.read()
        status, location = response.status, response.headers.get("Location", "")
    if status >= 500:
        return f"broken: {status}"
    if (status == 401 and door.path != "/sign-in") or location.startswith("/sign-in"):
        return "sign in" if door.path != "/sign-in/code" else "in"
    return "forbidden" if status == 403 else "in"


async def somebody(on_stage: Stage, who: str) -> Stage:
    if who == "nobody":
        return await on_stage.as_nobody()
    if who == NOTHING:
        who = (await on_stage.services.crm.roles.create(on_stage.actor, NOTHING, ())).id
    return await on_stage.as_role(who)


@pytest.mark.parametrize("who", WHO)
async def test_every_topic_is_for_who_may(on_stage: Stage, who: str) -> None:
    actor = (await somebody(on_stage, who)).actor
    for name, permission in TOPICS:
        topic = f"{name}x" if name.endswith(":") else name
        if name.partition(":")[0] in SCOPED:
            assert allowed(actor, topic) == (actor.may(permission) and actor.may("calls.view_all")), topic
            mate = msgspec.structs.replace(actor, teams=frozenset({"x"}))
            assert allowed(mate, topic) == (allowed(actor, topic) or (topic != name and mate.may(permission))), topic
            assert not allowed(mate, f"{topic}:y") and not (name.endswith(":") and allowed(mate, name))
        elif permission in (SIGNED_IN, ""):
            assert allowed(actor, topic) == actor.known
        else:
            assert allowed(actor, topic) == any(map(actor.may, permission.split("|"))), topic


async def test_probes_need_no_token_on_this_machine_only(on_stage: Stage) -> None:
    nobody = await on_stage.as_nobody()
    for path in ("/readyz", "/metrics"):
        assert (await nobody.go(path))[0] == 200
        assert (await nobody.go(path, **{"X-Forwarded-For": "198.51.100.7"}))[0] == 401
    assert (await nobody.go("/healthz", **{"X-Forwarded-For": "198.51.100.7"}))[0] == 200


# --- services

NOT_ASKED = {
    "audit.saw",  # never fails, never waits: it only notes
    "audit.did",  # notes what another service has judged
    "desks.asks",  # tells the shell whether to ask him: nothing, to who has nothing to choose
    "replies.once",  # asked by operations, which have asked for their permission
    "contacts.drafted", "contacts.redrafted",  # pure: nothing is read or written
    # Says how far he reaches, to whoever asked for the permission that is needed there.
    "reach.users", "reach.queues", "reach.teams", "reach.may_user", "reach.may_team", "reach.may_queue",
    "reach.may_call", "reach.require_user", "reach.require_call",
}  # fmt: skip
"""Methods that take an actor and ask nothing of him, and why."""


def services(stage: Stage) -> Iterator[tuple[str, Any]]:
    for field in fields(stage.services.crm):
        if field.name != "database":
            yield field.name, getattr(stage.services.crm, field.name)
    yield "calls", stage.services.calls
    yield "truth", stage.services.truth
    yield "figures", stage.services.figures


def methods(service: Any) -> Iterator[tuple[str, Callable[..., Any]]]:
    for name, method in inspect.getmembers(service, callable):
        if not name.startswith("_") and not inspect.isclass(method):
            yield name, method


def takes_actor(method: Callable[..., Any]) -> bool:
    parameters = list(inspect.signature(method).parameters)
    return bool(parameters) and parameters[0] == "actor"


async def ask(method: Callable[..., Any], actor: Actor) -> object:
    """Call it with ``actor`` and nonsense: he is judged before anything else is looked at."""
    _, *rest = inspect.signature(method).parameters.values()
    needed = [p for p in rest if p.default is p.empty and p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]
    positional = [None for p in needed if p.kind is not p.KEYWORD_ONLY]
    answer = method(actor, *positional, **{p.name: None for p in needed if p.kind is p.KEYWORD_ONLY})
    if isinstance(answer, AsyncIterator):
        return await anext(answer)
    return await answer if isinstance(answer, Awaitable) else answer


async def test_every_service_asks_who_it_is(on_stage: Stage) -> None:
    """With nobody, each public method that takes an actor says: sign in first."""
    wrong, found = [], 0
    for service_name, service in services(on_stage):
        for name, method in methods(service):
            if not takes_actor(method) or f"{service_name}.{name}" in NOT_ASKED:
                continue
            found += 1
            try:
                await ask(method, NOBODY)
                wrong.append(f"{service_name}.{name}: let nobody in")
            except UnauthenticatedError:
                pass
            except Exception as error:
                wrong.append(f"{service_name}.{name}: {error!r} before asking who it is")
    assert not wrong, "\n".join(wrong)
    assert found > 60


FOR_EVERYBODY: dict[str, set[str]] = {  # what anybody who is signed in may know, or do with what is his own
    "users": {"directory", "get", "prefer", "change_password", "choose_password"},
    "roles": {"all", "get"},
    "teams": {"all", "get"},
    "sessions": {"all", "revoke", "revoke_all", "sign_out", "work_at"},
    "tokens": {"revoke"},
    "desks": {"lost", "read", "seat", "stand"},
    "dispositions": {"offered"},  # words to choose from
    "truth": {"differences_of"},  # answers nothing to who may not
    "second_step": {"offer", "confirm", "renew_codes", "drop", "codes_left"},
}


async def test_every_service_asks_for_a_permission(on_stage: Stage) -> None:
    """Who is signed in and may nothing gets no further, but to what is everybody's by the list above."""
    nothing = (await somebody(on_stage, NOTHING)).actor
    wrong = []
    for service_name, service in services(on_stage):
        everybody = FOR_EVERYBODY.get(service_name, set())
        for name, method in methods(service):
            if not takes_actor(method) or name in everybody or f"{service_name}.{name}" in NOT_ASKED:
                continue
            try:
                await ask(method, nothing)
                wrong.append(f"{service_name}.{name}: let in who may nothing")
            except ForbiddenError:
                pass
            except Exception as error:
                wrong.append(f"{service_name}.{name}: {error!r} before asking for a permission")
    assert not wrong, "\n".join(wrong)
