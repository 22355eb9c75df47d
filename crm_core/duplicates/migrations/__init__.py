"""The tables of suggestions and of merges, brought up to date step by step; forward only."""

from __future__ import annotations

from pathlib import Path

VERSION_TABLE = "duplicates_version"
FOLDER = Path(__file__).parent
