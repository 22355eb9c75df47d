"""The table of who did what, brought up to date step by step; forward only."""

from __future__ import annotations

from pathlib import Path

VERSION_TABLE = "audit_version"
FOLDER = Path(__file__).parent
