from __future__ import annotations

import stat
from pathlib import Path

from cti.app.softphones import command_for, make_conf
from cti.kernel.actor import system
from cti.kernel.settings import Settings
from tests.live import beside
from web.services import Crm

BOSS = system("test")


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


async def test_the_file_holds_what_phones_are_given(tmp_path: Path) -> None:
    settings = Settings(data=str(tmp_path / "data"))
    empty = await make_conf(settings, "main", None)
    assert "[tamas-" not in empty

    async def put(crm: Crm) -> str:
        await crm.softphones.put(BOSS, "main", "PJSIP/210", "210")
        assert "cti softphone-conf --pbx main" in await command_for(crm.softphones, BOSS, "main")
        assert await command_for(crm.softphones, BOSS, "other") == ""
        (account,) = await crm.softphones.ours(BOSS, "main")
        return account.secret

    secret = await beside(settings, put)
    file = tmp_path / "pjsip_tamas.conf"
    assert "pjsip reload" in await make_conf(settings, "main", file)
    assert f"password = {secret}" in file.read_text() and stat.S_IMODE(file.stat().st_mode) == 0o640
    await make_conf(settings, "main", file, rotate=True)
    assert secret not in file.read_text() and "[tamas-210]" in file.read_text()
    assert names(tmp_path) == ["data", "pjsip_tamas.conf"]
