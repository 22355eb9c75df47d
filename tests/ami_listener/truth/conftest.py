"""Recorded CEL and CDR of a real Asterisk, and rows written by hand for what was not recorded."""

from __future__ import annotations

import pytest

from cti.live.profile import Profile
from tests.ami_listener.truth.traces import FIXTURES, profile_of


@pytest.fixture(scope="session")
def profile() -> Profile:
    """The profile of the PBX that was recorded."""
    return profile_of(FIXTURES)
