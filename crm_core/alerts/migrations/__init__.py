"""The tables of alerts, brought up to date step by step; forward only."""

from __future__ import annotations

from pathlib import Path

VERSION_TABLE = "alerts_version"
FOLDER = Path(__file__).parent
