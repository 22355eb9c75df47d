"""The tables of wallboards, brought up to date step by step; forward only."""

from __future__ import annotations

from pathlib import Path

VERSION_TABLE = "wallboard_version"
FOLDER = Path(__file__).parent
