"""commute.html in a real browser: it complains of nothing, fits a phone, can be used by keyboard, and prints."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.loggy.pipeline.plugins.module_utils.commute.report.files import write_reports

from tests.browser import PROGRAM, Page, browser
from tests.unit.commute.report import samples
from tests.unit.commute.report.dom import at, is_what_is_shown

pytestmark = pytest.mark.skipif(PROGRAM is None, reason="chromium is not installed")

RUNS = {"good": samples.arrived(), "bad": samples.lost_at_index(), "unreachable": samples.unreachable()}
FIGURES = "[...document.querySelectorAll('data')].map(one => [one.dataset.at, one.value, one.textContent])"
# Elements beyond the right edge that do not scroll in a frame of their own.
TOO_WIDE = """[...document.body.querySelectorAll('*')]
  .filter(one => one.getBoundingClientRect().right > innerWidth + 1 && !one.closest('.scroll'))
  .map(one => `${one.tagName} ${one.className} ${one.textContent.trim().slice(0, 40)}`)"""
# Of every element that has words of its own: the contrast of its colour to the first colour behind it.
CONTRASTS = """[...document.body.querySelectorAll('*')].flatMap(one => {
  const words = [...one.childNodes].filter(node => node.nodeType === 3).map(node => node.textContent.trim()).join('')
  if (!words || !one.checkVisibility()) return []
  const solid = colour => { const parts = colour.match(/[\\d.]+/g).map(Number); return parts[3] === 0 ? null : parts }
  const light = parts => parts.slice(0, 3).map(part => part / 255)
    .map(part => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
    .reduce((sum, part, place) => sum + part * [0.2126, 0.7152, 0.0722][place], 0)
  let behind = one
  while (behind && !solid(getComputedStyle(behind).backgroundColor)) behind = behind.parentElement
  const pair = [getComputedStyle(one).color, getComputedStyle(behind).backgroundColor].map(solid).map(light)
  return [[(Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05), words.slice(0, 40)]]
})"""


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    with browser(tmp_path_factory.mktemp("browser")) as page:
        yield page


@pytest.fixture(scope="module", params=RUNS)
def shown(
    request: pytest.FixtureRequest, chromium: Page, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Page, dict[str, Any]]:
    """The page of a run, which has another one before it, and that run's result."""
    folder, result = tmp_path_factory.mktemp(request.param), RUNS[request.param]
    write_reports(folder, {**samples.arrived(5), "run": "before", "started": "2026-11-20T08:00:00.000000Z"})
    chromium.open(Path(write_reports(folder, result)["html"]))
    return chromium, result


def test_console_says_nothing_and_nothing_is_fetched(shown: tuple[Page, dict[str, Any]]) -> None:
    page, _result = shown
    assert page.complaints == []
    assert [url.split(":")[0] for url in page.requests] == ["file"]


def test_numbers_that_the_browser_shows_are_those_of_the_result(shown: tuple[Page, dict[str, Any]]) -> None:
    page, result = shown
    figures = page.ask(FIGURES)
    assert len(figures) > 30
    for place, value, text in figures:
        assert float(value) == at(result, place), place
        assert is_what_is_shown(at(result, place), text, place), (place, text)


@pytest.mark.parametrize("width", [320, 390, 768, 1280])
def test_page_is_never_wider_than_the_screen(shown: tuple[Page, dict[str, Any]], width: int) -> None:
    page, _result = shown
    page.show(width)
    assert page.ask("innerWidth") == width
    assert page.ask("document.documentElement.scrollWidth") <= width
    assert page.ask(TOO_WIDE) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_all_words_can_be_read(shown: tuple[Page, dict[str, Any]], scheme: str, width: int) -> None:
    page, _result = shown
    page.show(width, scheme=scheme)
    contrasts = page.ask(CONTRASTS)
    assert len(contrasts) > 50
    assert [found for found in contrasts if found[0] < 4.5] == []


def test_dark_is_dark(shown: tuple[Page, dict[str, Any]]) -> None:
    page, _result = shown
    colours = []
    for scheme in ("light", "dark"):
        page.show(1280, scheme=scheme)
        colours.append(page.ask("getComputedStyle(document.body).backgroundColor"))
    assert colours == ["rgb(247, 248, 250)", "rgb(17, 20, 26)"]


def test_tables_open_by_keyboard(shown: tuple[Page, dict[str, Any]]) -> None:
    page, _result = shown
    page.show(1280)
    page.ask("document.querySelectorAll('details[open]').forEach(one => one.open = false)")
    closed = "document.querySelectorAll('details:not([open])').length"
    assert page.ask(closed)
    for _ in range(40):
        page.press("Tab")
        if page.ask("document.activeElement.matches('details:not([open]) > summary')"):
            page.press("Enter")
    assert page.ask(closed) == 0


def test_pictures_and_regions_have_names(shown: tuple[Page, dict[str, Any]]) -> None:
    page, _result = shown
    nameless = """[...document.querySelectorAll('section, figure, svg:not([aria-hidden]), [role=region]')].filter(one =>
      !(one.getAttribute('aria-label') ?? document.getElementById(one.getAttribute('aria-labelledby'))?.textContent))
      .map(one => one.outerHTML.slice(0, 80))"""
    assert page.ask(nameless) == []
    assert page.ask("document.documentElement.lang") == "en"
    levels = page.ask("[...document.querySelectorAll('h1, h2, h3')].map(one => Number(one.tagName[1]))")
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_stations_stand_in_a_row_on_a_desk_and_in_a_column_on_a_phone(shown: tuple[Page, dict[str, Any]]) -> None:
    page, _result = shown
    heights = []
    for width in (1280, 390):
        page.show(width)
        heights.append(page.ask("new Set([...document.querySelectorAll('.way li')].map(one => one.offsetTop)).size"))
    assert heights == [1, 5]


def test_paper_is_white_and_shows_no_buttons(shown: tuple[Page, dict[str, Any]]) -> None:
    page, _result = shown
    page.show(794, scheme="dark", media="print")
    assert page.ask("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.ask("[...document.querySelectorAll('summary')].filter(one => one.checkVisibility()).length") == 0
    page.show(1280)
