from cti.control.contexts import CONTEXTS
from cti.live.errands import ERRANDS, errand_of


def test_our_contexts_and_no_others() -> None:
    assert {errand_of(context) for context in CONTEXTS} == ERRANDS
    for context in ("", "internal", "tamas-", "tamas-holding", "from-tamas-hold"):
        assert errand_of(context) == ""
