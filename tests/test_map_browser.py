"""The page of `mlsec-lint map` in a real browser: drawn, chosen, filtered, by keyboard.

Needs Chromium and its driver (Debian: chromium, chromium-driver) and selenium; without
them these tests are skipped.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from mlsec_lint.commands.map import plain_picture
from mlsec_lint.report.map import render_as

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.picture import Picture

webdriver = pytest.importorskip("selenium.webdriver")
BROWSER = next(
    (
        f
        for n in ("chromium", "chromium-browser", "google-chrome")
        if (f := shutil.which(n))
    ),
    None,
)
DRIVER = shutil.which("chromedriver")
if BROWSER is None or DRIVER is None:
    pytest.skip("no Chromium with its driver", allow_module_level=True)

PROJECT = Path(__file__).parent.parent
WIDE, NARROW = (1280, 900), (390, 844)
FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
)


@pytest.fixture(scope="module")
def lab() -> Picture:
    return plain_picture(str(PROJECT / "examples/lab"))


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory, lab: Picture) -> str:
    file = tmp_path_factory.mktemp("map") / "lab.html"
    file.write_text(render_as("html", lab), "utf-8")
    return file.as_uri()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    options = webdriver.ChromeOptions()
    options.binary_location = BROWSER
    for flag in FLAGS:
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    service = webdriver.ChromeService(DRIVER)
    driver = webdriver.Chrome(options=options, service=service)
    yield driver
    driver.quit()


def load(
    browser: Any, page: str, size: tuple[int, int] = WIDE, *, dark: bool = False
) -> None:
    width, height = size
    metrics = {
        "width": width,
        "height": height,
        "deviceScaleFactor": 1,
        "mobile": width < 500,
    }
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [scheme]})
    browser.get_log("browser")
    browser.get(page)


def all_of(browser: Any, selector: str) -> list[Any]:
    return browser.find_elements("css selector", selector)


def one(browser: Any, selector: str) -> Any:
    return browser.find_element("css selector", selector)


def press(browser: Any, *keys: str) -> None:
    actions = webdriver.ActionChains(browser)
    for key in keys:
        actions.send_keys(key)
    actions.perform()


def focused(browser: Any) -> str:
    return browser.execute_script("return document.activeElement.id")


def choose(browser: Any, select: str, value: str) -> None:
    from selenium.webdriver.support.select import Select

    Select(one(browser, f"#{select}")).select_by_value(value)


TAB, ENTER, ESCAPE = "\ue004", "\ue007", "\ue00c"
LEFT, RIGHT, DOWN = "\ue012", "\ue014", "\ue015"


@pytest.mark.parametrize("size", [WIDE, NARROW])
@pytest.mark.parametrize("dark", [False, True])
def test_the_console_is_quiet_and_nothing_scrolls_sideways(browser, page, size, dark):
    load(browser, page, size, dark=dark)

    assert browser.get_log("browser") == []
    width = browser.execute_script("return document.documentElement.scrollWidth")
    assert width <= size[0]


def test_nothing_is_asked_of_a_network(browser, page):
    load(browser, page)

    script = "return performance.getEntriesByType('resource').length"
    assert browser.execute_script(script) == 0


def test_every_step_is_drawn_and_in_sight(browser, page, lab):
    load(browser, page)
    nodes = all_of(browser, ".drawn .node")

    assert len(nodes) == len(lab.nodes)
    assert all(node.is_displayed() for node in nodes)
    links = {(edge.source, edge.target) for edge in lab.edges}
    assert len(all_of(browser, ".drawn .link[data-from]")) == len(links)
    right = [node.rect["x"] + node.rect["width"] for node in nodes]
    assert max(right) <= WIDE[0]


def test_labels_stay_within_their_boxes(browser, page):
    load(browser, page)
    script = """return [...document.querySelectorAll('.drawn .node')].filter((node) => {
      const box = node.querySelector('rect').getBoundingClientRect();
      return [...node.querySelectorAll('text')].some((text) => {
        const inner = text.getBoundingClientRect();
        return inner.right > box.right || inner.bottom > box.bottom || inner.top < box.top;
      });
    }).map((node) => node.id)"""

    assert browser.execute_script(script) == []


def test_a_chosen_step_shows_its_lines_and_what_closes_it(browser, page, lab):
    load(browser, page)
    number, edge = next(
        (edge.target, edge) for edge in lab.edges if edge.controls and edge.certain
    )
    one(browser, f"#n{number}").click()
    panel = one(browser, "#details")

    assert panel.is_displayed()
    assert lab.nodes[number].address in panel.text
    assert edge.words in panel.text
    assert edge.spot.where in panel.text
    assert edge.spot.text in panel.text
    assert edge.controls[0].rule in panel.text
    assert "chosen" in one(browser, f"#n{number}").get_attribute("class")
    assert all_of(browser, ".node.far")
    one(browser, "#details .close").click()
    assert not panel.is_displayed()
    assert all_of(browser, ".far") == []


def test_a_line_can_be_chosen_too(browser, page, lab):
    load(browser, page)
    edge = lab.edges[0]
    hit = one(
        browser, f'.link[data-from="{edge.source}"][data-to="{edge.target}"] .hit'
    )
    browser.execute_script(
        "arguments[0].dispatchEvent(new MouseEvent('click', {bubbles: true}))", hit
    )

    assert edge.words in one(browser, "#details").text


def test_filters_leave_what_is_asked_for(browser, page, lab):
    load(browser, page)
    walks = lab.walks
    store = walks[0].store
    for select, value in (
        ("store", store),
        ("sink", walks[-1].sink),
        ("state", walks[-1].state),
    ):
        load(browser, page)
        choose(browser, select, value)
        field = {"store": "store", "sink": "sink", "state": "state"}[select]
        kept = [n for n, w in enumerate(walks, 1) if getattr(w, field) == value]
        shown = [
            w.get_attribute("id") for w in all_of(browser, ".walk") if w.is_displayed()
        ]
        assert shown == [f"walk-{n}" for n in kept]
        assert one(browser, "#status").text == (
            f"Showing {len(kept)} of {len(walks)} ways out"
        )
        on = {
            node
            for n in kept
            for at in walks[n - 1].edges
            for node in (lab.edges[at].source, lab.edges[at].target)
        }
        drawn = {
            int(node.get_attribute("id")[1:])
            for node in all_of(browser, ".drawn .node")
            if node.is_displayed()
        }
        assert drawn == on


def test_filters_that_nothing_fits_leave_nothing(browser, page, lab):
    load(browser, page)
    lone = next(w for w in lab.walks if w.store != lab.walks[-1].store)
    choose(browser, "store", lone.store)
    choose(browser, "sink", lab.walks[-1].sink)

    assert not any(node.is_displayed() for node in all_of(browser, ".drawn .node"))
    assert one(browser, "#status").text.startswith("Showing 0 of")


def test_the_whole_page_can_be_walked_by_keyboard(browser, page, lab):
    load(browser, page)
    order = []
    for _ in range(6 + len(lab.nodes)):
        press(browser, TAB)
        order.append(focused(browser))

    assert order[1:5] == ["theme", "store", "sink", "state"]
    first = order[5]
    assert set(order[5 : 5 + len(lab.nodes)]) == {
        f"n{n}" for n in range(len(lab.nodes))
    }

    one(browser, f"#{first}")
    browser.execute_script("document.getElementById(arguments[0]).focus()", first)
    press(browser, ENTER)
    assert focused(browser) == "details"
    assert one(browser, "#details").is_displayed()
    press(browser, ESCAPE)
    assert not one(browser, "#details").is_displayed()
    assert focused(browser) == first
    press(browser, RIGHT)
    after = int(focused(browser)[1:])
    assert (int(first[1:]), after) in {(e.source, e.target) for e in lab.edges}
    press(browser, LEFT)
    assert focused(browser).startswith("n")
    press(browser, DOWN)
    assert focused(browser).startswith("n")


def test_the_focus_can_be_seen(browser, page):
    load(browser, page)
    press(browser, TAB, TAB)
    script = "return getComputedStyle(document.activeElement).outlineWidth"
    assert browser.execute_script(script) == "3px"
    press(browser, TAB, TAB, TAB, TAB)
    script = "return getComputedStyle(document.activeElement.querySelector('rect')).strokeWidth"
    assert browser.execute_script(script) == "3.5px"


def test_details_lead_on_from_step_to_step(browser, page, lab):
    load(browser, page)
    edge = lab.edges[0]
    one(browser, f"#n{edge.source}").click()
    for button in all_of(browser, "#details .next button"):
        if button.text == lab.nodes[edge.target].address:
            button.click()
            break
    else:
        raise AssertionError("no button leads on")

    assert edge.words in one(browser, "#details").text


def test_a_narrow_page_is_a_list_of_walks(browser, page, lab):
    load(browser, page, NARROW)

    assert not one(browser, ".drawn").is_displayed()
    walks = all_of(browser, ".walk")
    assert len(walks) == len(lab.walks)
    steps = all_of(browser, "#walk-1 .steps > li")
    assert all(step.is_displayed() for step in steps)
    tops = [step.rect["y"] for step in steps]
    assert tops == sorted(tops)
    last = walks[-1].find_element("css selector", "summary")
    last.click()
    assert walks[-1].find_element("css selector", ".steps").is_displayed()
    width = browser.execute_script("return document.documentElement.scrollWidth")
    assert width <= NARROW[0]


def ground(browser: Any) -> int:
    """How bright the page is, 0 to 255."""
    color = browser.execute_script(
        "return getComputedStyle(document.documentElement).backgroundColor"
    )
    return int(color.partition("(")[2].split(",")[0])


def test_dark_and_light(browser, page):
    load(browser, page, dark=True)
    assert ground(browser) < 60
    assert one(browser, "#theme").text == "Light mode"
    one(browser, "#theme").click()
    assert ground(browser) > 200
    assert one(browser, "#theme").text == "Dark mode"
    load(browser, page)
    assert ground(browser) > 200
    one(browser, "#theme").click()
    assert ground(browser) < 60


def luminance(color: str) -> float:
    parts = [float(c) / 255 for c in color.partition("(")[2].rstrip(")").split(",")[:3]]
    red, green, blue = (
        c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("dark", [False, True])
def test_text_has_contrast_in_both_schemes(browser, page, dark):
    """WCAG 2.2, 1.4.3: 4.5 to 1, of every colour that text has on every ground."""
    load(browser, page, dark=dark)
    script = """const style = getComputedStyle(document.documentElement);
      const probe = document.body.appendChild(document.createElement('i'));
      const color = (name) => {
        probe.style.color = style.getPropertyValue(name);
        return getComputedStyle(probe).color;
      };
      const list = (names) => names.map(color);
      return [list(['--ink', '--soft', '--open', '--possible', '--quiet', '--store']),
              list(['--page', '--card'])]"""
    texts, grounds = browser.execute_script(script)
    for text in texts:
        for behind in grounds:
            light, low = sorted((luminance(text), luminance(behind)), reverse=True)
            assert (light + 0.05) / (low + 0.05) >= 4.5, (text, behind)


def test_without_a_script_everything_can_be_read(browser, page, lab):
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        load(browser, page)
        assert not one(browser, "#filters").is_displayed()
        assert not one(browser, "#theme").is_displayed()
        assert all(node.is_displayed() for node in all_of(browser, ".drawn .node"))
        assert len(all_of(browser, ".walk")) == len(lab.walks)
        all_of(browser, ".walk summary")[0].click()
    finally:
        browser.execute_cdp_cmd(
            "Emulation.setScriptExecutionDisabled", {"value": False}
        )


def test_hostile_text_runs_nothing(browser, tmp_path):
    import sys

    sys.path.insert(0, str(PROJECT / "tests/report"))
    from map_sample import sample

    file = tmp_path / "hostile.html"
    file.write_text(render_as("html", sample()), "utf-8")
    for size in (WIDE, NARROW):
        load(browser, file.as_uri(), size)
        assert browser.get_log("browser") == []
        assert all_of(browser, "img, iframe, [onfocus]") == []
        width = browser.execute_script("return document.documentElement.scrollWidth")
        assert width <= size[0]
    load(browser, file.as_uri())
    for node in all_of(browser, ".drawn .node"):
        browser.execute_script(
            "arguments[0].dispatchEvent(new MouseEvent('click', {bubbles: true}))", node
        )
        assert all_of(browser, "#details img, #details b, #details script") == []
    assert browser.get_log("browser") == []
