"""Each way in which the users and the PBXs can disagree."""

from __future__ import annotations

import msgspec

from crm_core.users.account import User
from crm_core.users.differences import Difference, compared
from crm_core.users.directory import PbxMember, PbxQueue, PbxSeen
from tests.crm_core.users import pbxs

SEEN = PbxSeen(
    pbx="main",
    at=1.0,
    endpoints=pbxs.ENDPOINTS,
    queues=(
        PbxQueue("sales", (PbxMember("PJSIP/201", "Sara", "201", False), PbxMember("SIP/x", "Somebody", None, False))),
    ),
)
SARA = User(
    id="u1", login="sara", name="Sara", role="agent", active=True, must_change=False, demo=False, totp=False,
    extensions=("201",), queues=("sales",), created_at=0, created_by="", changed_at=0, changed_by="", version=1,
)  # fmt: skip


def found(*users: User, seen: tuple[PbxSeen, ...] = (SEEN,)) -> dict[str, list[Difference]]:
    out: dict[str, list[Difference]] = {}
    for difference in compared(seen, users):
        out.setdefault(difference.kind, []).append(difference)
    return out


def other(**changes: object) -> User:
    return msgspec.structs.replace(SARA, **{"id": "u2", "name": "Reza", **changes})


def test_nothing_is_said_before_a_pbx_was_read() -> None:
    assert compared((), (SARA, other(extensions=("999",)))) == ()


def test_extensions_that_nobody_has_and_members_who_are_no_user() -> None:
    assert found(SARA) == {
        "extension_free": [
            Difference("extension_free", "202", "main"),
            Difference("extension_free", "203", "main", names=("Ali",)),
            Difference("extension_free", "1001", "main"),
        ],
        "member_nobody": [Difference("member_nobody", "SIP/x", "main", "sales", (), ("Somebody",))],
    }


def test_what_a_user_has_and_the_pbx_has_not() -> None:
    reza = found(SARA, other(extensions=("999",), devices=("PJSIP/999",), queues=("nowhere",)))
    for kind, subject in (("extension_unknown", "999"), ("device_unknown", "PJSIP/999"), ("queue_unknown", "nowhere")):
        (difference,) = reza[kind]
        assert (difference.subject, difference.users, difference.names) == (subject, ("u2",), ("Reza",))


def test_an_extension_of_two() -> None:
    (shared,) = found(SARA, other())["extension_shared"]
    assert (shared.subject, shared.users, shared.names) == ("201", ("u1", "u2"), ("Sara", "Reza"))


def test_membership_is_compared_where_queues_are_noted() -> None:
    (missing,) = found(SARA, other(extensions=("202",)))["member_missing"]
    assert (missing.where, missing.users, missing.subject) == ("sales", ("u2",), "202")
    (unlisted,) = found(other(queues=("support",)))["member_unlisted"]
    assert (unlisted.where, unlisted.users) == ("sales", ("u2",))
    assert "member_missing" not in found(SARA, other(extensions=("202",), queues=()))
