"""The tables of softphones, brought up to date step by step; forward only."""

from __future__ import annotations

from pathlib import Path

VERSION_TABLE = "softphones_version"
FOLDER = Path(__file__).parent
