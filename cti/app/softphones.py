"""``cti softphone-conf``: the file that gives a PBX the SIP secrets of softphones, and what the page says of it.

Neighbours: ``crm_core.softphones`` keeps them, ``ami_listener.softphone_conf`` writes the text.
"""

from __future__ import annotations

from pathlib import Path

from ami_listener import softphone_conf
from crm_core.softphones.service import Softphones
from cti.app.crm import open_crm
from cti.app.storage import open_database
from cti.kernel.actor import Actor, system
from cti.kernel.clock import SystemClock
from cti.kernel.replacing import replace_file
from cti.kernel.settings import Settings


async def command_for(softphones: Softphones, actor: Actor, pbx: str) -> str:
    """The command that writes the file; empty where no secret is made here."""
    if not await softphones.ours(actor, pbx):
        return ""
    return f'cti softphone-conf --pbx {pbx} --write /etc/asterisk/{softphone_conf.FILE} && asterisk -rx "pjsip reload"'


async def conf_text(softphones: Softphones, pbx: str, *, rotate: bool = False) -> str:
    """The file as it is to be written; with new secrets if asked."""
    actor = system("softphone-conf")
    if rotate:
        await softphones.rotate(actor, pbx)
    accounts = await softphones.ours(actor, pbx)
    return softphone_conf.text((one.endpoint, one.login, one.secret) for one in accounts)


async def make_conf(settings: Settings, pbx: str, file: Path | None, *, rotate: bool = False) -> str:
    """``cti softphone-conf``: the text to print. Into ``file`` it is written whole or not at all, for its owner and
    group alone. OSError if it cannot be."""
    database = await open_database(settings)
    try:
        text = await conf_text(open_crm(settings, database, SystemClock()).softphones, pbx, rotate=rotate)
    finally:
        await database.close()
    if file is None:
        return text.rstrip("\n")
    replace_file(file, text.encode(), 0o640)
    return f'{file} is written; now: asterisk -rx "pjsip reload"'
