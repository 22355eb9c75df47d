"""Ids sort as they were made, whatever the clock does."""

from __future__ import annotations

import uuid

from crm_core.audit.ordered import Ordered, first_of, moment_of


def test_order() -> None:
    ordered = Ordered()
    moments = [5.0] * 9000 + [4.0, 5.5, 5.501, 1_795_338_000.123]
    ids = [ordered.next(at) for at in moments]
    assert ids == sorted(ids) and len(set(ids)) == len(ids)
    assert {uuid.UUID(made).version for made in ids} == {7}


def test_moments_cut_the_order() -> None:
    ordered = Ordered()
    before, at, after = (ordered.next(moment) for moment in (99.999, 100.0, 100.001))
    assert before < first_of(100.0) <= at < first_of(100.001) <= after


def test_an_id_tells_its_moment() -> None:
    assert moment_of(Ordered().next(1795338000.25)) == 1795338000.25
    assert moment_of("none of ours") is None
