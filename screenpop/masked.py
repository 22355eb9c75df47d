"""The pushes of those who may not see numbers whole: made from what the others get, so that both always agree.

Neighbours: ``feed`` publishes them on channels of their own, ``presenter`` makes the values, ``cti.live.masking``
masks.
"""

from __future__ import annotations

from typing import Any

from cti.live.masking import mask, mask_in, mask_record
from cti.live.record import CallRecord, to_json
from screenpop.presenter import Phone

_PARTS = ("calls", "agents")
_PARTIES = ("who", "with")
_NUMBERED = frozenset(("open", "open_title", "open_by_itself"))
"""An address made for the call, which may hold the number in any form."""
_HIDING = (
    ("number", mask), ("raw", mask), ("to", mask), ("ext", mask),
    ("name", mask_in), ("company", mask_in), ("label", mask_in),
)  # fmt: skip


def masked_board(board: dict[str, Any]) -> dict[str, Any]:
    """A board, or a patch of one (RFC 7396: None takes away)."""
    return board | {name: _cards(board[name]) for name in _PARTS if board.get(name)}


def masked_call(told: dict[str, Any] | None, record: CallRecord | None, phone: Phone) -> dict[str, Any] | None:
    """What ``Board.call`` tells of one call; ``record`` is its record, ``phone`` writes numbers for people."""
    if told is None or record is None:
        return told
    return told | {"call": _card(told["call"]), "record": to_json(mask_record(record, phone))}


def masked_pop(card: dict[str, Any]) -> dict[str, Any]:
    """One user's card: E.164, keys and what holds whole numbers gone, each outside number masked."""
    found = {key: value for key, value in card.items() if key not in _NUMBERED}
    for name in ("caller", "dialled"):
        found[name] = {key: value for key, value in card[name].items() if key != "number"}
    ours = ("dialled",) if card["direction"] == "inbound" else ()
    for name in ("other", "caller", "dialled", "by", "consult", "consulted_by"):
        if name in found and name not in ours:
            found[name] = _person(found[name])
    for name in ("matches", "legs"):
        found[name] = [_person(one) for one in found[name]]
    return found | ({"digits": mask(card["digits"])} if "digits" in card else {})


def _person(who: dict[str, Any]) -> dict[str, Any]:
    kept = {key: value for key, value in who.items() if key != "key"}
    return kept | {key: hide(kept[key]) for key, hide in _HIDING if isinstance(kept.get(key), str)}


def _cards(cards: dict[str, Any]) -> dict[str, Any]:
    return {key: None if card is None else _card(card) for key, card in cards.items()}


def _card(card: dict[str, Any]) -> dict[str, Any]:
    return card | {name: _party(card[name]) for name in _PARTIES if card.get(name)}


def _party(party: dict[str, Any]) -> dict[str, Any]:
    masks = (("number", mask), ("name", mask_in))
    return party | {key: hide(party[key]) for key, hide in masks if isinstance(party.get(key), str)}
