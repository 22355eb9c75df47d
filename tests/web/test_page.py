"""What every page has: language and direction, theme, rail, words; and what is hostile stays harmless."""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser

import msgspec
import pytest

from cti.live.record import Caller, CallRecord
from tests.web import sample, stage
from tests.web.conftest import Stage
from web.pages import PAGES
from web.services import Services

CALL = sample.transferred().id
PATHS = ("/", "/calls", f"/calls/{CALL}", "/truth", "/truth/2026-11-21", "/connect", "/nowhere")
LATIN = re.compile(r"[A-Za-z]{2,}")
HIDDEN = {"script", "style", "pre", "title"}


class Texts(HTMLParser):
    """The texts that a reader sees, but for codes (``bdi``, ``pre``) and what is marked as another language."""

    VOID = frozenset(("meta", "link", "input", "br", "use", "rect", "line"))

    def __init__(self) -> None:
        super().__init__()
        self.open: list[tuple[str, bool]] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in self.VOID:
            names = dict(attrs)
            self.open.append(
                (tag, tag in HIDDEN or tag == "bdi" or tag == "kbd" or ("lang" in names and tag != "html"))
            )
        if tag in ("bdi", "time"):  # the title of a time is its day in the other calendar
            return
        for name, value in attrs:
            if name in ("title", "aria-label", "placeholder") and value and not self.quiet:
                self.texts.append(value)

    def handle_endtag(self, tag: str) -> None:
        while tag not in self.VOID and self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if data.strip() and not self.quiet:
            self.texts.append(data.strip())

    @property
    def quiet(self) -> bool:
        return any(hidden for _, hidden in self.open)


def texts(page: str) -> list[str]:
    parser = Texts()
    parser.feed(page)
    return parser.texts


@pytest.mark.parametrize("path", PATHS)
async def test_persian_pages_are_right_to_left_and_all_persian(on_stage: Stage, path: str) -> None:
    _, page = await on_stage.go(f"{path}?lang=fa")
    assert '<html lang="fa" dir="rtl"' in page
    allowed = ("manager.conf", "CTI_CDR_URL", "CSV")  # names of things
    findings = {f.title % f.values for f in stage.FINDINGS} | {f.mend for f in stage.FINDINGS}
    for text in texts(page):
        if text not in findings and not any(name in text for name in allowed):
            assert not LATIN.search(text), text


@pytest.mark.parametrize("path", PATHS)
async def test_english_pages_are_left_to_right_and_have_no_persian_digits(on_stage: Stage, path: str) -> None:
    _, page = await on_stage.go(f"{path}?lang=en")
    assert '<html lang="en" dir="ltr"' in page
    assert not [text for text in texts(page) if re.search("[۰-۹]", text)]


@pytest.mark.parametrize("path", PATHS)
async def test_persian_pages_show_persian_digits_but_in_codes(on_stage: Stage, path: str) -> None:
    _, page = await on_stage.go(f"{path}?lang=fa")
    for text in texts(page):
        if not LATIN.search(text):
            assert not re.search("[0-9]", text), text


async def test_the_choice_of_language_is_remembered(on_stage: Stage) -> None:
    await on_stage.page("/?lang=en")
    assert '<html lang="en"' in await on_stage.page("/calls")
    assert '<html lang="fa"' in await on_stage.page("/calls?lang=fa")
    assert '<html lang="fa"' in await on_stage.page("/")


async def test_the_theme_is_the_readers(on_stage: Stage) -> None:
    assert "data-theme" not in await on_stage.page("/")
    assert 'data-theme="dark"' in await on_stage.page("/", Cookie="theme=dark")
    assert "data-theme" not in await on_stage.page("/", Cookie='theme="><script>')


async def test_the_rail_leads_everywhere_and_marks_where_one_is(on_stage: Stage) -> None:
    """What is set up once (it has a hint) is reached by way of the settings."""
    places = {page.name for page in PAGES if page.label and not page.hint}
    for entry in (page for page in PAGES if page.label):
        text = await on_stage.page(entry.path)
        rail = text[text.index('<nav class="rail"') : text.index("</nav>")]
        current = re.findall(r'<a href="([^"]+)"[^>]* aria-current="page"', rail)
        if not entry.hint:
            assert current == [entry.path]
        elif entry.name not in places:
            assert current == ["/settings"]
        assert all(f'href="{page.path}"' in rail for page in PAGES if page.label and not page.hint)
    settings = await on_stage.page("/settings")
    assert all(f'href="{page.path}"' in settings for page in PAGES if page.hint)


async def test_pages_are_not_kept_and_differ_by_reader(on_stage: Stage) -> None:
    async with on_stage.http.get(on_stage.url + "/calls") as response:
        assert response.headers["Cache-Control"] == "no-store"
        assert "Cookie" in response.headers["Vary"]
        assert "HX-Request" in response.headers["Vary"]


@pytest.mark.parametrize("path", ["/calls", f"/calls/{CALL}", "/connect"])
async def test_htmx_gets_the_fragment_that_the_page_includes(on_stage: Stage, path: str) -> None:
    whole = await on_stage.page(path)
    part = await on_stage.page(path, **{"HX-Request": "true"})
    assert "<html" not in part
    assert part.strip() in whole


# ---- hostile values --------------------------------------------------------------------------------

NAMES = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'; DROP TABLE call; --",
    "{{ 7*7 }}{% raw %}",
    "\u202eevil\u202d",
    "آ" * 8192,
    "%(count)s %s",
    "line\r\nAction: Originate",
    "</title></svg><svg onload=alert(1)>",
)


def hostile() -> list[CallRecord]:
    records = []
    for n, name in enumerate(NAMES):
        record = sample.simple(str(n), f"10:{10 + n}", (None, None), "support", "205", 5, 60)
        raw = name[:200]
        records.append(
            msgspec.structs.replace(
                record, caller=Caller(None, raw, name), queue=name, recordings=(name,), digits=raw, conference=name,
                legs=tuple(msgspec.structs.replace(leg, endpoint=name, extension=raw) for leg in record.legs),
            )
        )  # fmt: skip
    return records


class TestHostile:
    @pytest.fixture
    def services(self) -> Services:
        return stage.services(hostile())

    async def test_the_log_shows_it_and_runs_nothing(self, on_stage: Stage) -> None:
        harmless(await on_stage.page("/calls"))

    @pytest.mark.parametrize("n", range(len(NAMES)))
    async def test_a_call_shows_it_and_runs_nothing(self, on_stage: Stage, n: int) -> None:
        harmless(await on_stage.page(f"/calls/{hostile()[n].id}"))

    @pytest.mark.parametrize("name", NAMES[:5])
    async def test_a_filter_shows_it_and_runs_nothing(self, on_stage: Stage, name: str) -> None:
        async with on_stage.http.get(on_stage.url + "/calls", params={"queue": name, "number": name}) as response:
            harmless(await response.text())


def harmless(page: str) -> None:
    assert "<script>alert" not in page
    assert "<img" not in page
    assert not re.search(r"<svg[^>]* onload", page)
    assert ">49<" not in page
    assert not re.search("[\u202a-\u202e\u2066-\u2069]", html.unescape(page))
    assert "آ" * 500 not in page
