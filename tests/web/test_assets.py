"""What the browser loads is built when it must be, and only then."""

from __future__ import annotations

import json
import os
import re
import shutil
import stat
from pathlib import Path

import pytest

from cti.kernel.errors import ConfigurationError
from web import assets

ROOT = Path(__file__).parent.parent.parent


def test_everything_that_a_page_names_is_built() -> None:
    for name in ("app.js", "style.css", "icons.svg", "persian.woff2", "latin.woff2", "notices.txt"):
        assert (assets.DIST / Path(assets.Assets().url(name)).name).is_file()


def test_a_fresh_build_is_left_alone() -> None:
    before = assets.MANIFEST.stat().st_mtime_ns
    assert assets.ensure_built() is False
    assert assets.MANIFEST.stat().st_mtime_ns == before


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout of its own, with a node and an npm that only write down what they were asked."""
    web = tmp_path / "web"
    (web / "src").mkdir(parents=True)
    (web / "src" / "app.ts").write_text("")
    (web / "build.mjs").write_text("")
    (tmp_path / "package-lock.json").write_text("{}")
    dist = web / "static" / "dist"
    for name, value in (("ROOT", tmp_path), ("WEB", web), ("DIST", dist), ("MANIFEST", dist / "manifest.json"),
                        ("LOCK_FILE", tmp_path / "package-lock.json")):  # fmt: skip
        monkeypatch.setattr(assets, name, value)
    tools = tmp_path / "bin"
    tools.mkdir()
    write_tool(
        tools / "npm", 'echo "npm $*" >> asked; mkdir -p node_modules; echo {} > node_modules/.package-lock.json'
    )
    write_tool(tools / "node", f'echo "node" >> asked; mkdir -p {dist}; echo {{}} > {dist}/manifest.json')
    monkeypatch.setenv("PATH", f"{tools}:{os.environ['PATH']}")
    return tmp_path


def write_tool(path: Path, script: str) -> None:
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IEXEC)


def test_a_checkout_is_built_once(checkout: Path) -> None:
    assert assets.ensure_built() is True
    assert (checkout / "asked").read_text().splitlines() == ["npm ci --ignore-scripts --no-audit --no-fund", "node"]
    assert assets.ensure_built() is False


def test_a_newer_source_is_built_without_fetching_again(checkout: Path) -> None:
    assets.ensure_built()
    later = assets.MANIFEST.stat().st_mtime + 10
    os.utime(checkout / "web" / "src" / "app.ts", (later, later))
    assert assets.ensure_built() is True
    assert (checkout / "asked").read_text().splitlines()[2:] == ["node"]


def test_what_was_shipped_without_sources_is_never_built(checkout: Path) -> None:
    assets.ensure_built()
    (checkout / "package-lock.json").unlink()
    assert assets.ensure_built() is False


def test_a_failing_build_says_what_failed(checkout: Path) -> None:
    write_tool(checkout / "bin" / "npm", "echo 'no network here' >&2; exit 1")
    with pytest.raises(ConfigurationError, match=r"npm ci(.|\n)*no network here"):
        assets.ensure_built()


def test_without_node_the_one_of_pip_is_used(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = checkout / "wheel"
    (home / "bin").mkdir(parents=True)
    (checkout / "bin" / "node").rename(home / "bin" / "node")
    write_tool(home / "bin" / "node", f'case "$1" in *npm-cli.js) echo "npm $2" >> asked; mkdir -p node_modules; '
               f"echo {{}} > node_modules/.package-lock.json;; *) echo node >> asked; mkdir -p {assets.DIST}; "
               f"echo {{}} > {assets.MANIFEST};; esac")  # fmt: skip
    monkeypatch.setattr(shutil, "which", lambda _: None)
    monkeypatch.setattr(assets, "_home_of_wheel", lambda: home)
    assert assets.ensure_built() is True
    assert (checkout / "asked").read_text().splitlines() == ["npm ci", "node"]


def test_the_lock_names_no_registry() -> None:
    lock = (ROOT / "package-lock.json").read_text()
    assert "resolved" not in lock
    assert "registry" not in lock
    assert json.loads(lock)["lockfileVersion"] == 3


def test_every_icon_that_a_page_names_is_in_the_sprite() -> None:
    sprite = (assets.DIST / Path(assets.Assets().url("icons.svg")).name).read_text()
    symbols = set(re.findall(r'<symbol id="([^"]+)"', sprite))
    code = "\n".join(
        p.read_text() for p in [*(ROOT / "web/templates").glob("*.html"), *(ROOT / "web/src").glob("*.ts")]
    )
    named = set(re.findall(r'icon\("([a-z0-9-]+)"', code))
    assert named
    assert named <= symbols
    assert len(symbols) == len(re.findall("<symbol", sprite))


def test_what_others_wrote_is_credited() -> None:
    notices = (assets.DIST / Path(assets.Assets().url("notices.txt")).name).read_text()
    for name in ("htmx.org", "lit", "lucide-static", "vazirmatn", "inter", "SIL OPEN FONT LICENSE"):
        assert name in notices


def test_nothing_is_loaded_from_elsewhere() -> None:
    for name in ("style.css", "icons.svg"):
        text = (assets.DIST / Path(assets.Assets().url(name)).name).read_text()
        assert not re.search(r"url\(['\"]?https?:", text)
