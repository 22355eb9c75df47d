"""Unpacks Debian's Asterisk 22 into a cache folder, without installing it and without being root.

debootstrap only fetches here (it resolves the dependencies and checks the signatures); the packages are then unpacked
with dpkg-deb. Nothing is configured and nothing runs in a chroot: `tests.pbx.asterisk` starts the program through the
unpacked dynamic loader with the unpacked libraries, so there is no /proc to mount and nothing to unmount.
"""

import fcntl
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

SUITE = "forky"
SCRIPT = "/usr/share/debootstrap/scripts/sid"
COMPLETE = ".complete"


class LabMissingError(RuntimeError):
    """The lab cannot be set up on this machine; the text says what is missing."""


def cache() -> Path:
    """Where the lab keeps what it downloads: TAMAS_CACHE, else `tamas` in the user's cache folder."""
    if given := os.environ.get("TAMAS_CACHE"):
        return Path(given)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "tamas"


def install() -> Path:
    """The folder of the unpacked Asterisk, made first if it is not there (about a minute, 350 MB).

    Safe to call from several processes at once. Raises LabMissingError where debootstrap or the mirror is missing.
    """
    folder = cache() / f"asterisk-{SUITE}"
    with _locked(cache() / f"asterisk-{SUITE}.lock"):
        if not (folder / COMPLETE).exists():
            _build(folder)
    return folder


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _build(folder: Path) -> None:
    """Builds beside the final place and renames, so that a killed build leaves nothing that looks complete."""
    building, archives = folder.with_suffix(".building"), folder.with_suffix(".archives")
    for leftover in (folder, building, archives):
        shutil.rmtree(leftover, ignore_errors=True)
    building.mkdir(parents=True)
    _download(archives)
    _unpack(sorted((archives / "var/cache/apt/archives").glob("*.deb")), building)
    _link_sounds(building)
    (building / COMPLETE).touch()
    building.rename(folder)
    shutil.rmtree(archives, ignore_errors=True)


def _download(target: Path) -> None:
    tool = shutil.which("debootstrap", path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
    if tool is None:
        raise LabMissingError("debootstrap is not installed (Debian, Ubuntu: apt install debootstrap)")
    command = [tool, "--download-only", "--variant=minbase", "--include=asterisk,ca-certificates"]
    # Older debootstraps have no script of forky's name; sid's serves every newer suite.
    done = subprocess.run([*command, SUITE, str(target), mirror(), SCRIPT], capture_output=True, text=True, check=False)
    if done.returncode:
        raise LabMissingError(f"debootstrap failed: {(done.stdout + done.stderr)[-2000:]}")


def mirror() -> str:
    """The Debian mirror: TAMAS_DEBIAN_MIRROR, else the one that this machine's own apt uses."""
    if given := os.environ.get("TAMAS_DEBIAN_MIRROR"):
        return given.rstrip("/")
    sources = [*Path("/etc/apt/sources.list.d").glob("*"), Path("/etc/apt/sources.list")]
    for path in sorted(path for path in sources if path.suffix in (".sources", ".list") and path.is_file()):
        text = re.sub(r"(?m)^\s*#.*$", "", path.read_text())
        if found := re.search(r"(?m)^(?:URIs:|deb(?:\s+\[[^]]*\])?)\s+(https?://\S+/debian/?)(?:\s|$)", text):
            return found[1].rstrip("/")
    raise LabMissingError("no Debian mirror in /etc/apt: name one there, or in TAMAS_DEBIAN_MIRROR")


def _unpack(packages: list[Path], target: Path) -> None:
    """base-files (the folders and the /lib links) and the C library first, the rest side by side."""
    first = [path for path in packages if path.name.startswith(("base-files_", "libc6_"))]
    for path in first:
        subprocess.run(["dpkg-deb", "-x", str(path), str(target)], check=True)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        rest = [path for path in packages if path not in first]
        list(pool.map(lambda path: subprocess.run(["dpkg-deb", "-x", str(path), str(target)], check=True), rest))


def _link_sounds(target: Path) -> None:
    """What the sound package's own installation script would do: English is the American recording."""
    english = target / "usr/share/asterisk/sounds/en"
    if not english.exists():
        english.symlink_to("en_US_f_Allison")


def program(folder: Path) -> list[str]:
    """The command that starts the unpacked Asterisk with the unpacked libraries; its options are to be added."""
    loader = next(folder.glob("usr/lib/*/ld-linux-*.so.*"))
    return [str(loader), "--library-path", str(loader.parent), str(folder / "usr/sbin/asterisk")]


def modules(folder: Path) -> Path:
    return next(folder.glob("usr/lib/*/asterisk/modules"))


if __name__ == "__main__":
    print(install())
