from typing import get_args

from cti.control import contexts
from cti.live.errands import Errand


def test_the_tracker_knows_every_context_by_its_errand() -> None:
    """What ``ami_listener.fields`` makes of a context's name. Who is in a queue is there as in any dialplan."""
    elsewhere = set(contexts.CONTEXTS) - {contexts.INTO_QUEUE}
    assert {name.removeprefix("tamas-") for name in elsewhere} == set(get_args(Errand)) - {""}
