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


def masked_board(board: dict[str, Any]) -> dict[str, Any]:
    """A board, or a patch of one (RFC 7396: None takes away)."""
    return board | {name: _cards(board[name]) for name in _PARTS if board.get(name)}


def masked_call(told: dict[str, Any] | None, record: CallRecord | None, phone: Phone) -> dict[str, Any] | None:
    """What ``Board.call`` tells of one call; ``record`` is its record, ``phone`` writes numbers for people."""
    if told is None or record is None:
        return told
    return told | {"call": _card(told["call"]), "record": to_json(mask_record(record, phone))}


def _cards(cards: dict[str, Any]) -> dict[str, Any]:
    return {key: None if card is None else _card(card) for key, card in cards.items()}


def _card(card: dict[str, Any]) -> dict[str, Any]:
    return card | {name: _party(card[name]) for name in _PARTIES if card.get(name)}


def _party(party: dict[str, Any]) -> dict[str, Any]:
    masks = (("number", mask), ("name", mask_in))
    return party | {key: hide(party[key]) for key, hide in masks if isinstance(party.get(key), str)}
