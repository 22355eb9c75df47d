"""A party for eyes that may not see numbers whole. Neighbour: ``cti.live.masking`` says how a number is masked."""

from __future__ import annotations

import msgspec

from crm_core.contacts.model import Party, PartyNumber
from cti.kernel.actor import Actor
from cti.live.masking import mask


def masked(party: Party, actor: Actor) -> Party:
    """The party as ``actor`` may see it."""
    if not party.numbers or actor.may("numbers.view"):
        return party
    return msgspec.structs.replace(party, numbers=tuple(map(_hidden, party.numbers)))


def _hidden(number: PartyNumber) -> PartyNumber:
    return msgspec.structs.replace(number, raw=mask(number.raw), e164=None, key=None)
