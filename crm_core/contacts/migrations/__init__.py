"""The tables of people and companies, brought up to date step by step; forward only."""

from __future__ import annotations

from pathlib import Path

VERSION_TABLE = "contacts_version"
FOLDER = Path(__file__).parent
