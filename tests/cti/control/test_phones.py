from __future__ import annotations

from cti.control.phones import PhoneAt


def test_what_the_pbx_does_not_tell_is_not_known() -> None:
    phone = PhoneAt("main", "PJSIP/201", "201")
    assert phone.reachable is None and phone == PhoneAt("main", "PJSIP/201", "201", None)
