"""The include as text; that Asterisk takes it and what each context does is in ``tests/pbx/test_control.py``."""

import re

import pytest

from ami_listener import dialplan
from cti.control.contexts import CONTEXTS
from cti.kernel.errors import InvalidError
from cti.live.profile import Preset


@pytest.mark.parametrize("preset", ["plain", "freepbx", "issabel"])
def test_it_has_our_contexts_and_no_other(preset: Preset) -> None:
    text = dialplan.text(preset)
    assert re.findall(r"^\[(.+)\]$", text, re.MULTILINE) == list(CONTEXTS)
    assert "<" not in re.sub(r"[=<>]=", "", text)


def test_numbers_go_where_this_pbx_dials() -> None:
    assert "Goto(from-internal,${TAMAS_QUEUE},1)" in dialplan.text("freepbx")
    assert "Local/${EXTEN}@phones/n" in dialplan.text(context="phones")
    assert "#include extensions_tamas.conf" in dialplan.text()


@pytest.mark.parametrize("name", ["a b", "a,1", "a\n[b]", "${X}", ""])
def test_a_name_that_is_no_context_is_not_written(name: str) -> None:
    if not name:
        assert "@internal/n" in dialplan.text(context=name)
        return
    with pytest.raises(InvalidError):
        dialplan.text(context=name)


def test_every_number_is_checked_before_it_is_dialled() -> None:
    """CVE-2024-42365's lesson: an extension can hold anything that somebody sends."""
    for context in re.split(r"^\[", dialplan.text(), flags=re.MULTILINE)[1:]:
        if "_[0-9+*#]!" in context:
            first = context.splitlines()[1]
            assert first.startswith('exten => _[0-9+*#]!,1,GotoIf($["${FILTER(0-9+*#,${EXTEN})}" != "${EXTEN}"]')


def test_the_longest_line_is_one_that_asterisk_reads() -> None:
    assert max(map(len, dialplan.text("freepbx").splitlines())) < 256
