"""Pages of HTML in a browser: at the widths of a desk and of a phone nothing runs off the page.

These tests need Chromium; ``make test-documents`` runs them.
"""

import pytest

from derive.explain.explained import page_of
from derive.explain.explanation import explanation
from derive.explain.html import html
from derive.layer.find import load, shipped
from tests.calculus.layers import LAYERS
from tests.documents.browser import chromium, found

pytestmark = [
    pytest.mark.documents,
    pytest.mark.skipif(found() is None, reason="needs Chromium"),
]
WIDTHS = (1280, 390)
#: How wide the page is, and what is wider than its place, or reaches beyond the page.
OVERFLOW = """(() => {
  const page = document.documentElement;
  const wide = element => element.clientWidth > 0 && element.scrollWidth > element.clientWidth + 1;
  const scrolled = [...document.body.querySelectorAll("div, p, table, figure")].filter(wide);
  const outside = [...document.body.querySelectorAll("*")].filter(element => {
    const place = element.getBoundingClientRect();
    return place.width > 0 && (place.left < -1 || place.right > page.clientWidth + 1);
  });
  return {
    page: [page.clientWidth, page.scrollWidth],
    wide: [...scrolled, ...outside].map(element => element.textContent.slice(0, 80)),
  };
})()"""
#: How much text stands out from the page, as the Web Content Accessibility Guidelines count it.
CONTRAST = """(() => {
  const shade = colour => {
    const [r, g, b] = colour.match(/[0-9.]+/g).map(part => {
      const value = part / 255;
      return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const page = shade(getComputedStyle(document.body).backgroundColor);
  return [...document.querySelectorAll("main p, main h2, main .new, main .why, main td")].map(
    element => {
      const text = shade(getComputedStyle(element).color);
      return (Math.max(page, text) + 0.05) / (Math.min(page, text) + 0.05);
    });
})()"""


@pytest.fixture(scope="module")
def browser():
    with chromium() as opened:
        yield opened


def page(folder, layer, language="en"):
    path = folder / "page.html"
    path.write_text(html(page_of(explanation(layer), language, pictures=True)), encoding="utf-8")
    return path


def overflow(browser, path):
    """Return what is too wide at each width."""
    result = []
    for width in WIDTHS:
        browser.open(path, width)
        seen = browser.value(OVERFLOW)
        assert seen["page"][0] == width
        result += seen["wide"]
        if seen["page"][1] > width:
            result.append(f"the page: {seen['page'][1]} of {width}")
    return result


@pytest.mark.parametrize("name", [*sorted(shipped()), "attention", "convolution_2d", "gru_cell"])
def test_nothing_runs_off_the_page(name, browser, tmp_path):
    layer = load(name) if name in shipped() else LAYERS[name]()
    assert overflow(browser, page(tmp_path, layer)) == []


def test_nothing_runs_off_a_page_from_right_to_left(browser, tmp_path):
    assert overflow(browser, page(tmp_path, load("softmax_mlp_rows"), "he")) == []


def test_a_formula_that_is_not_broken_runs_off_its_place(browser, tmp_path):
    path = page(tmp_path, load("softmax_mlp_rows"))
    text = path.read_text(encoding="utf-8").replace("<wbr>", "")
    style = "<style>.right { white-space: nowrap; }</style></head>"
    path.write_text(text.replace("</head>", style), encoding="utf-8")
    assert overflow(browser, path)


def test_a_wide_line_makes_the_page_run_over(browser, tmp_path):
    path = page(tmp_path, load("quantizer"))
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("<main>", f"<main><pre>{'x' * 400}</pre>"), encoding="utf-8")
    assert any(line.startswith("the page") for line in overflow(browser, path))


@pytest.mark.parametrize("dark", [False, True])
def test_text_stands_out_from_the_page(dark, browser, tmp_path):
    browser.open(page(tmp_path, load("quantizer")), 1280, dark=dark)
    found = browser.value(CONTRAST)
    # https://www.w3.org/TR/WCAG21/#contrast-minimum
    assert len(found) > 50 and min(found) >= 4.5


def test_every_letter_has_a_glyph(browser, tmp_path):
    """What no font has is drawn as wide as a character that never has a glyph."""
    browser.open(page(tmp_path, load("softmax_mlp_rows")), 1280)
    missing = """(() => {
      const brush = document.createElement("canvas").getContext("2d");
      brush.font = "16px serif";
      const drawn = letter => {
        brush.clearRect(0, 0, 40, 40);
        brush.fillText(letter, 4, 24);
        return brush.getImageData(0, 0, 40, 40).data.join();
      };
      const none = drawn("\\u{10FFFE}");
      const letters = new Set(document.querySelector("main").textContent + "\\u{10FFFD}");
      return [...letters].filter(letter => letter.trim() && drawn(letter) === none);
    })()"""
    assert browser.value(missing) == ["\U0010fffd"]
