"""The container descriptions name what exists, and the configuration they fill in is whole."""

import re
import shutil
import subprocess
from pathlib import Path

import yaml  # type: ignore[import-untyped]

ROOT = Path(__file__).parents[2]


def test_the_compose_file_names_what_exists() -> None:
    compose = yaml.safe_load((ROOT / "docker/compose.yaml").read_text(encoding="utf-8"))
    assert set(compose["services"]) == {"product", "asterisk"}
    for service in compose["services"].values():
        context = (ROOT / "docker" / service["build"]["context"]).resolve()
        assert (context / service["build"]["dockerfile"]).is_file()
        for source in (volume.split(":")[0] for volume in service["volumes"]):
            assert source in compose["volumes"] or (ROOT / "docker" / source).exists()


def test_everything_that_an_image_copies_is_in_the_repository() -> None:
    for path in (ROOT / "docker").glob("Dockerfile*"):
        for line in re.findall(r"(?m)^COPY (?!--from)(.+) \S+$", path.read_text(encoding="utf-8")):
            assert all((ROOT / source).exists() for source in line.split()), f"{path.name}: {line}"


def test_the_container_s_configuration_has_no_gap(tmp_path: Path) -> None:
    for folder in ("common", "plain"):
        for path in (ROOT / "tests/pbx/conf" / folder).glob("*.conf"):
            shutil.copy(path, tmp_path)
    subprocess.run(["sh", str(ROOT / "docker/asterisk.sh"), str(tmp_path)], check=True)
    for path in tmp_path.glob("*.conf"):
        assert not re.search(r"@[A-Z_]+[a-z0-9_]*@", path.read_text(encoding="utf-8")), path.name
    assert "contact = sip:201@127.0.0.1:5201" in (tmp_path / "pjsip.conf").read_text()
