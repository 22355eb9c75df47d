from typing import get_args

from cti.control import contexts
from cti.live.errands import Errand


def test_the_tracker_knows_every_context_by_its_errand() -> None:
    """What ``ami_listener.fields`` makes of a context's name."""
    assert {name.removeprefix("tamas-") for name in contexts.CONTEXTS} == set(get_args(Errand)) - {""}
