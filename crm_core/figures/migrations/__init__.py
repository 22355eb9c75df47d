"""The tables of the rules of figures, brought up to date step by step; forward only."""

from __future__ import annotations

from pathlib import Path

VERSION_TABLE = "figures_version"
FOLDER = Path(__file__).parent
