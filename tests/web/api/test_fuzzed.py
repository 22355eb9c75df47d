"""Every operation under a hail of requests made from its own description: no mistake of ours, no undocumented answer.

The description is what serves, so what is wrong in it shows here too. The requests are the same at each run.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

from tests.web.conftest import Stage
from web.api import OPERATIONS

CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"
EXAMPLES = 6
TAGS = sorted({operation.tag or operation.path.split("/")[3] for operation in OPERATIONS})
PARTS = 7
"""Several tags share a process and a server: to start them takes as long as half a tag."""


@pytest.mark.parametrize("tags", [TAGS[n::PARTS] for n in range(PARTS)], ids="+".join)
async def test_nothing_breaks(on_stage: Stage, tags: list[str], tmp_path: Path) -> None:
    program = Path(sys.executable).with_name("st")
    process = await asyncio.create_subprocess_exec(
        program, "run", on_stage.url + "/api/v1/openapi.json", "--checks", CHECKS,
        *(part for tag in tags for part in ("--include-tag", tag)),
        "--max-examples", str(EXAMPLES), "--generation-deterministic", "--no-color",
        "--phases", "examples,coverage,fuzzing",
        "--header", f"Authorization: Bearer {await on_stage.token()}", "--suppress-health-check", "all",
        "--warnings", "off", "--continue-on-failure",
        cwd=tmp_path, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    out, _ = await process.communicate()
    text = out.decode(errors="replace")
    assert process.returncode == 0, text[-6000:]
    assert "No operations" not in text
