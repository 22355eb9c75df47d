"""The live page as it is served; what it does then is tested in a browser (``tests/browser``)."""

from __future__ import annotations

import json
import re

from tests.web.conftest import Stage
from web.words import TOLD, WORDS


async def test_it_has_the_live_part_and_a_placeholder_of_its_shape(on_stage: Stage) -> None:
    page = await on_stage.page("/")
    assert "<tamas-live " in page
    assert "<noscript>" in page
    assert page.count('class="skrow"') == 6


async def test_it_brings_the_words_in_the_readers_language(on_stage: Stage) -> None:
    page = await on_stage.page("/?lang=fa")
    words = json.loads(re.search(r'id="words">(.*?)</script>', page)[1])  # type: ignore[index]
    assert set(words) == {*WORDS, *TOLD}
    assert words["queue"] == "صف"
