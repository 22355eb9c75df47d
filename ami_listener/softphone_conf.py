"""The file that gives a PBX the SIP secrets of softphones: authentication sections for ``pjsip.conf``, nothing else.

The endpoint itself stays the user's own; it refers to the section by ``auth``. Source: res_pjsip's ``auth`` object,
https://docs.asterisk.org/Asterisk_22_Documentation/API_Documentation/Module_Configuration/res_pjsip/#auth. Neighbour:
``crm_core.softphones`` keeps the secrets.
"""

from __future__ import annotations

from collections.abc import Iterable

from cti.control.port import allow

FILE = "pjsip_tamas.conf"
HEAD = """\
; Made by Tamas: the SIP secrets of phones that are used in the browser. It is written anew whenever they change,
; so change nothing here. Once, in pjsip.conf:
;
;   #include pjsip_tamas.conf
;
; and in each endpoint below:  auth = (the section's name)   webrtc = yes   transport = (one with protocol=ws or wss)
; Afterwards, and whenever this file was written anew:  asterisk -rx "pjsip reload"
"""


def section(endpoint: str) -> str:
    """The section's name for an endpoint (``PJSIP/210`` -> ``tamas-210``)."""
    return f"tamas-{endpoint.partition('/')[2]}"


def text(accounts: Iterable[tuple[str, str, str]]) -> str:
    """The whole file for (endpoint, login, secret). InvalidError for what would be more than a value there."""
    parts = [HEAD]
    for endpoint, login, secret in accounts:
        for what, value in (("endpoint", endpoint), ("login", login), ("secret", secret)):
            allow(what, value, value.isprintable() and not set(value) & set(";[]"))
        parts.append(
            f"\n[{section(endpoint)}]\ntype = auth\nauth_type = userpass\nusername = {login}\npassword = {secret}\n"
        )
    return "".join(parts)
