"""What a PBX has, as facts: what one does not say is left open."""

from __future__ import annotations

from cti.live.inventory import DirectoryListed, ListedEndpoint, Mailbox


def test_what_is_not_told_is_not_made_up() -> None:
    endpoint = ListedEndpoint("PJSIP/201")
    assert (endpoint.state, endpoint.extension, endpoint.title, endpoint.address) == ("unknown", None, "", "")
    assert Mailbox("201").context == "default"
    assert DirectoryListed(1.0, (endpoint,)).silent == ()
