from cti.control.contexts import CONTEXTS, INTO_QUEUE
from cti.live.errands import ERRANDS, errand_of


def test_our_contexts_and_no_others() -> None:
    assert {errand_of(context) for context in CONTEXTS if context != INTO_QUEUE} == ERRANDS
    assert errand_of(INTO_QUEUE) == "", "who is in a queue is there as in any dialplan"
    for context in ("", "internal", "tamas-", "tamas-holding", "from-tamas-hold"):
        assert errand_of(context) == ""
