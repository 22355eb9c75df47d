"""The whole way of a new installation, in a real Chromium over HTTPS under a name of the network, beside Asterisk:
first start, sign in, the PBX connected, a dirty file imported, two duplicates merged, a real call on the timeline,
the other language.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import os
import re
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from openpyxl import Workbook
from playwright.async_api import Page, async_playwright, expect

from tests.live import until
from tests.pbx import flows
from tests.pbx.asterisk import Asterisk
from tests.pbx.flows.people import MOBILE
from tests.pbx.lab import write_settings
from tests.pbx.play import play

pytestmark = [pytest.mark.pbx, pytest.mark.timeout(300)]
FLOWS = {flow.name: flow for flow in flows.FLOWS}
NAME = "tamas.test"
PASSWORD = "گنجشک-و-نارنج-۱۴۰۵"


class Installation:
    """`cti` in a folder of its own, as whoever installs it meets it: files, commands, and what they print."""

    def __init__(self, folder: Path, asterisk: Asterisk) -> None:
        self.folder = folder
        config = write_settings(asterisk)
        self._environment = {**os.environ, "CTI_CONFIG": str(config), "CTI_DATA": str(folder / "data")}
        self._environment["CTI_HTTP"] = "127.0.0.1:0"
        self.output = folder / "run.log"

    def cti(self, *arguments: str) -> str:
        command = [sys.executable, "-m", "cti", *arguments]
        done = subprocess.run(command, env=self._environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    @property
    def authority(self) -> x509.Certificate:
        return x509.load_pem_x509_certificate(next((self.folder / "data" / "tls").glob("ca*.crt")).read_bytes())

    def printed(self, pattern: str) -> str:
        found = re.search(pattern, self.output.read_text("utf-8", "replace"))
        return found[1] if found else ""

    @asynccontextmanager
    async def running(self) -> AsyncIterator[str]:
        """The product runs; the port that it listens on."""
        process = self._start()
        try:
            port = await until(lambda: self.printed(r"Tamas is running: +https://\S+:(\d+)/"), 30, self._said)
            yield port
            process.send_signal(signal.SIGINT)
            assert await asyncio.to_thread(process.wait, 30) == 0
        finally:
            process.kill()

    def _start(self) -> subprocess.Popen[bytes]:
        with self.output.open("wb") as output:
            command = [sys.executable, "-m", "cti", "run"]
            return subprocess.Popen(command, env=self._environment, stdout=output, stderr=output)

    def _said(self) -> str:
        return self.output.read_text("utf-8", "replace")


@asynccontextmanager
async def browser_page(authority: x509.Certificate) -> AsyncIterator[Page]:
    """A page of a browser that trusts this authority, to which the network's name leads here."""
    key = authority.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    trusted = base64.b64encode(hashlib.sha256(key).digest()).decode()
    arguments = ["--no-sandbox", f"--host-resolver-rules=MAP {NAME} 127.0.0.1"]
    arguments.append(f"--ignore-certificate-errors-spki-list={trusted}")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=arguments)
        context = await browser.new_context(locale="fa-IR", viewport={"width": 1440, "height": 900})
        page = await context.new_page()
        page.set_default_timeout(20_000)
        yield page
        await browser.close()


def dirty_file(folder: Path) -> Path:
    """A phone book as offices keep it: titles in the first rows, numbers in every shape, one row that cannot be read,
    and the same man twice, by two numbers."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (
        ["نام", "نام خانوادگی", "موبایل", "شرکت", "یادداشت"],
        ["علي\u200cرضا", "نيکزاد", int(MOBILE), "بازرگانی نیک", "=1+1"],
        ["سارا", "کریمی", "۰۲۱-۸۸۶۶ ۴۵۲۳", None, "<script>alert(1)</script>"],
        ["بی", "شماره", "زنگ نزنید", "", ""],
        ["علیرضا", "نیک‌زاد", "00989121000199", "بازرگاني نيک", ""],
    ):
        sheet.append(row)
    path = folder / "دفتر تلفن.xlsx"
    book.save(path)
    return path


async def sign_in(page: Page, installation: Installation, base: str) -> None:
    await page.goto(f"{base}/sign-in?lang=fa")
    assert await page.evaluate("isSecureContext")
    await page.fill("[name=login]", installation.printed(r"\n +user name +(\S+)"))
    await page.fill("[name=password]", installation.printed(r"\n +password +(\S+)"))
    await page.click("button[type=submit]")
    await page.fill("[name=new]", PASSWORD)
    await page.fill("[name=again]", PASSWORD)
    await page.locator("form:has([name=new]) button").click()
    await expect(page.locator(".rail")).to_be_visible()


async def bring_in(page: Page, base: str, file: Path) -> None:
    await page.goto(f"{base}/import")
    await page.set_input_files("input[type=file]", file)
    await page.locator("button[value=check]").click()
    await page.locator("form[action$='/start'] button").click()
    await expect(page.locator("form[action$='/revert'] button")).to_be_visible()


async def merge_twins(page: Page, base: str) -> None:
    async def suggested() -> bool:
        await page.goto(f"{base}/contacts/duplicates")
        return await page.locator("form.dup").count() == 1

    await until(suggested, 20, "the two are not suggested")
    await page.locator("form.dup button.p").click()
    await expect(page.locator(".dup form[action$='/undo']")).to_be_visible()


async def test_from_the_first_start_to_a_call_on_the_timeline(asterisk: Asterisk, tmp_path: Path) -> None:
    installation = Installation(tmp_path, asterisk)
    assert NAME in installation.cti("tls", "--name", NAME)
    async with installation.running() as port, browser_page(installation.authority) as page:
        base = f"https://{NAME}:{port}"
        await sign_in(page, installation, base)

        await page.goto(f"{base}/connect")
        await expect(page.locator(".s-ready").first).to_be_visible()

        await bring_in(page, base, dirty_file(tmp_path))
        await page.goto(f"{base}/contacts")
        await expect(page.locator("#main")).to_contain_text("کریمی")
        await merge_twins(page, base)
        await page.locator(".dup a.l").click()
        await expect(page.locator("h1")).to_contain_text("رضا")

        calls = page.locator("#main a[href*='/calls/main-']")
        await expect(calls).to_have_count(0)
        await play(asterisk, FLOWS["queue_member_busy_then_other"])
        await expect(calls.first).to_be_visible()  # by itself, on the page that stood open
        await calls.first.click()
        await expect(page.locator("#main a[href^='/contacts/']").first).to_be_visible()

        await page.locator(".account summary").click()
        await page.locator("#other-language").click()
        await expect(page.locator("html")).to_have_attribute("lang", "en")
        await expect(page.locator(".rail")).to_contain_text("People")
