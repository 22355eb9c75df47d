"""The house rules that no linter knows: tests mirror the tree, modules stay small, lists are complete."""

from __future__ import annotations

import ast
import statistics
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("cti", "ami_listener", "call_log", "crm_core", "screenpop", "web")
MODULES = sorted(
    p.relative_to(ROOT) for package in PACKAGES for p in (ROOT / package).rglob("*.py") if p.name != "__init__.py"
)
# A module that is held to its promises by another test than its mirror, and by which.
HELD_ELSEWHERE = {
    "cti/__main__.py": "tests/cti/test_cli.py",
}
LONGEST_MODULE = 400


def mirror_of(module: Path) -> Path:
    return Path("tests") / module.parent / f"test_{module.name}"


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_every_module_has_its_test(module: Path) -> None:
    if "versions" in module.parts:
        return  # migrations are tested by upgrading, as one
    test = Path(HELD_ELSEWHERE.get(str(module), mirror_of(module)))
    assert (ROOT / test).exists(), f"{module} has no {test}"


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_modules_stay_small(module: Path) -> None:
    assert len((ROOT / module).read_text("utf-8").splitlines()) <= LONGEST_MODULE


def test_functions_are_short() -> None:
    lengths = []
    for module in MODULES:
        for node in ast.walk(ast.parse((ROOT / module).read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lengths.append((node.end_lineno or node.lineno) - node.lineno + 1)
    lengths.sort()
    assert statistics.median(lengths) <= 10
    assert lengths[int(len(lengths) * 0.9)] <= 30


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_every_module_says_its_job(module: Path) -> None:
    assert ast.get_docstring(ast.parse((ROOT / module).read_text("utf-8"))), f"{module} has no docstring"


def test_import_rules_hold() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([linter], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
