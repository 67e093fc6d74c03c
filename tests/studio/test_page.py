"""The page in Chromium: what it shows is what the files hold, what is drawn is what is saved."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from studio_browser import SHAPE, Browser, grey_of
from studio_page import open_page, place_of, wait_for, wait_until_saved

from keramos.annotation.drawing.stroke import cover_stroke
from keramos.core.errors import StorageError

pytestmark = pytest.mark.chromium

CANVAS_GREY = """([plane, x, y]) => {
  const p = studio.planes[plane], at = p.toScreen(x, y);
  return [...p.context.getImageData(Math.floor(at.x * p.dots), Math.floor(at.y * p.dots), 1, 1).data];
}"""
PAGE_CODES = """(z) => {
  const out = new Array(300 * 280).fill(255);
  for (const {address: a, codes, width, height} of studio.tiles.tiles.values()) {
    if (a.layer !== "labels" || a.plane !== "xy" || a.level !== 0 || a.index !== z) continue;
    const start = a.row * 256 * 280 + a.column * 256;
    for (let i = 0; i < codes.length; i++) out[start + Math.floor(i / width) * 280 + i % width] = codes[i];
  }
  return out;
}"""


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Any]:
    with open_page(browser) as opened:
        yield opened
        assert opened.problems == []


@pytest.fixture(autouse=True)
def fresh(page: Any) -> None:
    """The whole slice 10 in view, in its own grey values, the brush of radius 6 in hand."""
    page.evaluate(
        """() => {
          const options = {...studio.state.options, brush: {radius: 6, keep: false}};
          const contrast = {low: 0, high: 255, gamma: 1};
          studio.set({contrast, options, layout: "planes", tool: "brush", phase: 1, cross: false});
          studio.goTo({z: 10, y: 150, x: 140});
          studio.fit();
        }"""
    )
    wait_for_tiles(page)


def wait_for_tiles(page: Any) -> None:
    wait_for(page, "studio.tiles.loading.size === 0 && studio.planes.every((p) => !p.waiting)")


def saved_codes(browser: Browser, z: int) -> np.ndarray:
    return np.array(browser.studio.editor.drawing.plane(z))


def page_codes(page: Any, z: int) -> np.ndarray:
    return np.array(page.evaluate(PAGE_CODES, z), np.uint8).reshape(300, 280)


def drag(page: Any, points: list[tuple[float, float]], button: str = "left") -> None:
    page.mouse.move(*place_of(page, *points[0]))
    page.mouse.down(button=button)
    for point in points[1:]:
        page.mouse.move(*place_of(page, *point))
    page.mouse.up(button=button)


def test_slices_are_asked_for_before_side_views(page: Any) -> None:
    asked = page.evaluate(
        """async () => {
          const { TileStore } = await import("/tiles.js"), asked = [], answers = [];
          const load = ({plane}) => new Promise((done) => {
            asked.push(plane);
            answers.push(() => done({codes: new Uint8Array(1), width: 1, height: 1}));
          });
          const tiles = new TileStore(load, () => undefined);
          const at = {layer: "images", level: 0, index: 0, row: 0};
          const some = (plane, count) => Array.from({length: count}, (_, column) => ({...at, plane, column}));
          tiles.want("side", some("xz", 9));
          const first = asked.length;
          tiles.want("slice", some("xy", 9));
          while (answers.length > 0) {
            answers.shift()();
            await new Promise((done) => setTimeout(done));
          }
          return [first, asked.join(" ")];
        }"""
    )
    assert asked == [3, " ".join(3 * ["xz"] + 9 * ["xy"] + 6 * ["xz"])]


def test_each_plane_shows_the_grey_values_of_its_voxels(page: Any) -> None:
    page.evaluate("studio.set({zoom: 4, centre: {z: 10, y: 150, x: 140}})")
    wait_for_tiles(page)
    for plane, across, down, voxel in [
        (0, 131, 163, (10, 163, 131)),
        (1, 12, 163, (12, 163, 140)),
        (2, 131, 12, (12, 150, 131)),
    ]:
        assert page.evaluate(CANVAS_GREY, [plane, across, down])[:3] == [int(grey_of(*voxel))] * 3


def test_voxels_have_their_true_shape(page: Any) -> None:
    """20 nm along z, 10 nm along y and x."""
    scale = page.evaluate("[studio.planes[1].scale, studio.planes[2].scale]")
    assert scale[0]["across"] == pytest.approx(2 * scale[0]["down"])
    assert scale[1]["down"] == pytest.approx(2 * scale[1]["across"])


def test_the_wheel_goes_through_slices_and_zooms_about_the_pointer(page: Any) -> None:
    x, y = place_of(page, 60, 90)
    page.mouse.move(x, y)
    page.mouse.wheel(0, 100)
    wait_for(page, "studio.state.position.z === 11")
    before = page.evaluate("studio.state.zoom")
    page.keyboard.down("Control")
    page.mouse.wheel(0, -100)
    page.keyboard.up("Control")
    wait_for(page, f"studio.state.zoom > {before}")
    assert place_of(page, 60, 90) == pytest.approx((x, y), abs=0.6)  # a wheel is at a whole pixel
    page.keyboard.press("PageUp")
    assert page.evaluate("studio.state.position.z") == 10


def test_dragging_with_the_middle_button_pans(page: Any) -> None:
    x, y = place_of(page, 100, 100)
    page.mouse.move(x, y)
    page.mouse.down(button="middle")
    page.mouse.move(x + 40, y - 25)
    page.mouse.up(button="middle")
    assert place_of(page, 100, 100) == pytest.approx((x + 40, y - 25), abs=0.01)


def test_a_click_into_a_side_view_moves_the_other_planes(page: Any) -> None:
    page.mouse.click(*place_of(page, 4, 77, plane=1))
    position = page.evaluate("studio.state.position")
    assert (position["z"], position["y"]) == (4, 77)


def test_the_page_draws_the_very_voxels_that_are_saved(page: Any, browser: Browser) -> None:
    page.evaluate("studio.set({zoom: 1.7})")  # at which the finest level is shown
    page.keyboard.press("1")
    page.mouse.move(*place_of(page, 70, 120))
    page.mouse.down()
    for point in [(90, 131), (140, 90), (141, 92), (200, 180)]:
        page.mouse.move(*place_of(page, *point))
    before_saving = page_codes(page, 10)
    page.mouse.up()
    wait_until_saved(page)
    saved = saved_codes(browser, 10)
    assert (saved == 0).sum() > 1000
    assert np.array_equal(before_saving, saved)
    assert np.array_equal(page_codes(page, 10), saved)
    drag(page, [(90, 131), (95, 131)], button="right")  # the right button erases
    wait_until_saved(page)
    assert saved_codes(browser, 10)[131, 92] == 255
    page.keyboard.press("Control+z")
    wait_until_saved(page)
    assert np.array_equal(page_codes(page, 10), saved)
    page.keyboard.press("Control+Shift+z")
    wait_until_saved(page)
    assert page_codes(page, 10)[131, 92] == 255


def test_the_brush_of_the_page_is_the_brush_of_the_record(page: Any) -> None:
    random = np.random.default_rng(7)
    for _ in range(12):
        points = np.round(np.column_stack([random.uniform(-5, 45, (6, 2)), random.uniform(0.1, 1, 6)]), 3)
        if random.random() < 0.5:
            points[:, 2] = 1
        radius = float(random.choice([0.5, 1, 3.5, 9]))
        expected = np.zeros((40, 40), bool)
        mask, (y, x) = cover_stroke(points, radius, (40, 40))
        expected[y : y + mask.shape[0], x : x + mask.shape[1]] = mask
        painted = page.evaluate(
            """async ([points, radius]) => {
              const {makeDab, paintSegment} = await import("/draw/brush.js");
              const codes = new Uint8Array(1600), grid = {left: 0, top: 0, width: 40, height: 40, merged: [1, 1]};
              const dabs = points.map((point) => makeDab(point, radius));
              dabs.forEach((dab, i) => paintSegment(codes, grid, dabs[Math.max(0, i - 1)], dab, 1, null));
              return [...codes];
            }""",
            [points.tolist(), radius],
        )
        assert np.array_equal(np.array(painted, bool).reshape(40, 40), expected)


def test_one_can_draw_by_keys_alone(page: Any, browser: Browser) -> None:
    page.evaluate("studio.goTo({z: 3, y: 100, x: 100}); studio.planes[0].element.focus()")
    for key in ["2", "Enter", "Shift+ArrowRight", "ArrowDown", "Enter"]:
        page.keyboard.press(key)
    wait_until_saved(page)
    codes = saved_codes(browser, 3)
    assert (codes[100, 100], codes[100, 110], codes[101, 110], codes[100, 130]) == (1, 1, 1, 255)
    for key in ["p", "u", "Enter", "Shift+ArrowLeft", "Enter", "Shift+ArrowUp", "Enter", "Shift+Enter"]:
        page.keyboard.press(key)
    wait_until_saved(page)
    assert (saved_codes(browser, 3) == 254).sum() > 20


def test_a_stroke_that_is_given_up_leaves_nothing(page: Any, browser: Browser) -> None:
    page.evaluate("studio.goTo({z: 14}); studio.set({zoom: 1.7})")
    wait_for_tiles(page)
    page.mouse.move(*place_of(page, 100, 120))
    page.mouse.down()
    page.mouse.move(*place_of(page, 140, 130))
    assert (page_codes(page, 14) == 1).sum() > 100
    page.keyboard.press("Escape")
    page.mouse.up()
    assert page.evaluate("studio.state.unsaved === 0 && !studio.state.annotated.has(14)")
    assert (saved_codes(browser, 14) == 255).all()
    page.mouse.click(*place_of(page, 30, 30))
    wait_until_saved(page)
    wait_for_tiles(page)
    assert np.array_equal(page_codes(page, 14), saved_codes(browser, 14))


def test_strokes_are_kept_while_the_line_is_broken(page: Any, browser: Browser) -> None:
    page.evaluate("studio.goTo({z: 5}); studio.socket.open = () => {}; studio.socket.socket.close()")
    wait_for(page, "!studio.state.connected")
    drag(page, [(50, 50), (80, 50)])
    assert page.locator("#banner").inner_text().startswith("The studio's server does not answer. One change is kept")
    assert (saved_codes(browser, 5) == 1).sum() == 0
    assert page_codes(page, 5)[50, 60] == 1 or page.evaluate("studio.planes[0].levelOf('labels')") > 0
    page.evaluate("delete studio.socket.open; studio.socket.open()")
    wait_until_saved(page)
    assert saved_codes(browser, 5)[50, 60] == 1
    assert page.locator("#banner").is_hidden()


def test_strokes_are_kept_while_the_folder_cannot_be_written(
    page: Any, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: Any) -> None:
        raise StorageError("the folder of the project cannot be written")

    page.evaluate("studio.goTo({z: 6}); studio.set({zoom: 1.7})")
    with monkeypatch.context() as patch:
        patch.setattr(browser.studio.editor.drawing.history, "add", refuse)
        for y in (50, 80):
            drag(page, [(50, y), (80, y)])
        wait_for(page, "studio.state.unwritable !== ''")
        told = page.locator("#banner").inner_text()
        assert "the folder of the project cannot be written. Your last 2 changes are kept" in told
        assert page.locator(".saved").inner_text() == "2 not saved"
        assert (page_codes(page, 6) == 1).sum() > 500
    wait_until_saved(page)
    assert (saved_codes(browser, 6)[[50, 80], 60] == 1).all()
    assert page.locator("#banner").is_hidden()


def test_everything_has_a_name_and_enough_contrast_in_windows_of_all_sizes(page: Any) -> None:
    for theme in ("light", "dark"):
        page.evaluate(f"document.documentElement.dataset.theme = {theme!r}")
        colours = page.evaluate(
            """() => { const style = getComputedStyle(document.documentElement);
              const names = "page card ink faint chosen hover accent on-accent problem warning".split(" ");
              return Object.fromEntries(names.map((name) => [name, style.getPropertyValue("--" + name).trim()])); }"""
        )
        for ground in ("page", "card", "chosen", "hover"):
            for ink in ("ink", "faint", "problem", "warning"):
                assert contrast(colours[ink], colours[ground]) >= 4.5, (theme, ink, ground)
        assert contrast(colours["on-accent"], colours["accent"]) >= 4.5
    for width, height in ((1440, 900), (1024, 700)):
        page.set_viewport_size({"width": width, "height": height})
        unnamed = page.evaluate(
            """() => [...document.querySelectorAll("button, input, select, summary, dialog, [role]:not([role=status])")]
              .filter((each) => each.offsetParent && !each.getAttribute("aria-label"))
              .filter((each) => !each.textContent.trim() && !each.closest("label")?.textContent.trim())
              .map((each) => each.outerHTML)"""
        )
        assert unnamed == []
        outside = page.evaluate(
            """() => [...document.querySelectorAll("#header > *, #tools, #stage, #side, #footer")].filter((each) => {
              const box = each.getBoundingClientRect();
              if (box.width === 0) return false;
              return box.left < 0 || box.top < 0 || box.right > innerWidth + 1 || box.bottom > innerHeight + 1;
            }).map((each) => each.className + each.id)"""
        )
        assert outside == []


def contrast(one: str, other: str) -> float:
    """The ratio of relative luminances of WCAG 2.2, section 1.4.3."""

    def luminance(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_the_stack_of_the_tests_has_the_shape_that_they_assume() -> None:
    assert SHAPE == (20, 300, 280)


def test_findings_are_shown_where_there_are_some(page: Any) -> None:
    section = page.locator("#section-findings")
    assert not section.is_visible()
    page.evaluate(
        "studio.project.findings = [{severity: 'warning', message: 'odd', effect: 'bad', advice: 'look', slices: [4]}];"
        "studio.emit('project')"
    )
    assert section.locator("p").inner_text().startswith("warning: odd; bad; look")
    section.get_by_role("button", name="slice 4").click()
    assert page.evaluate("studio.state.position.z") == 4
    page.evaluate("studio.project.findings = []; studio.emit('project')")
    assert not section.is_visible()


def test_a_third_phase_is_added_by_its_key_and_seen_at_once(page: Any, browser: Browser) -> None:
    page.keyboard.press("3")
    page.get_by_label("Name of phase 3").fill("YSZ")
    page.keyboard.press("Enter")
    wait_for(page, "studio.project.phases.length === 3 && studio.state.phase === 2")
    project = browser.project()
    assert ([row["name"] for row in project["phases"]], project["positive"]) == (["void", "solid", "YSZ"], 1)
    page.evaluate("studio.goTo({z: 17}); studio.set({zoom: 1.7})")
    wait_for_tiles(page)
    page.keyboard.press("3")
    page.mouse.click(*place_of(page, 120, 140))
    wait_until_saved(page)
    assert saved_codes(browser, 17)[140, 120] == 2
    is_blue = f"((at) => {{ const c = ({CANVAS_GREY})(at); return c[2] - c[0] > 50; }})([0, 120, 140])"
    wait_for(page, is_blue, seconds=20)  # the blue of a third phase


def test_what_is_folded_is_kept_with_the_project(page: Any, browser: Browser) -> None:
    section = page.locator("#section-contrast")
    assert not section.evaluate("(it) => it.open")
    section.locator("summary").click()
    wait_for(page, "studio.state.open['draw/contrast'] === true")
    for _ in range(300):
        if browser.studio.view.content.get("open"):
            break
        page.wait_for_timeout(20)
    assert browser.studio.view.content["open"] == {"draw/contrast": True}
    page.get_by_role("tab", name="Run", exact=True).click()  # has its own
    assert not page.locator("#section-layers").evaluate("(it) => it.open")
    page.get_by_role("tab", name="Draw", exact=True).click()
    assert section.evaluate("(it) => it.open")


def answer_with(content: Any) -> Callable[[Any], None]:
    """A handler of a request that is answered without the server."""
    return lambda route: route.fulfill(json=content)


def test_numbers_of_a_run_stand_in_its_row_beside_those_of_another(page: Any) -> None:
    row = {"id": "phase-fraction", "name": "phase fraction", "phase": "solid", "axis": "", "unit": "1", "level": 0.95}
    row |= {"method": "counted", "domain": "whole volume", "display": "fraction"}
    for number, value in ((71, 0.40123), (72, 0.41)):
        content = {"quantities": [{**row, "value": value, "interval": [value - 0.02, value + 0.02]}]}
        page.route(f"**/results/00{number}-quantify/quantities/quantities.json", answer_with(content))
    page.evaluate(
        """studio.set({jobs: new Map([[71, "before.ome.zarr"], [72, "corrected.ome.zarr"]].map(([id, labels]) => [id, {
          id, kind: "verb", verb: "quantify", title: "Measure", state: "done", folder: `00${id}-quantify`,
          options: {labels}, notes: ["give --voxel-size"], result: {outputs: {out: "x/quantities"}}}]))})"""
    )
    page.get_by_role("tab", name="Run", exact=True).click()
    page.locator(".quantities td").nth(1).wait_for()
    assert page.locator(".quantities td").all_inner_texts() == ["41\u00a0%\n39 to 43", "40.12\u00a0%\n38.12 to 42.12"]
    assert "give “Voxel size”" in page.locator(".job-row").first.inner_text()
    page.get_by_role("button", name="All numbers…").first.click()
    cells = page.locator("dialog[open] .quantities td")
    cells.nth(2).wait_for()
    assert cells.nth(0).inner_text().startswith("40.12")  # before corrections, and after them
    assert cells.nth(2).inner_text() == "+0.88\u00a0percentage\u00a0points"
    page.keyboard.press("Escape")
    page.evaluate("studio.set({jobs: new Map()})")
    page.get_by_role("tab", name="Draw", exact=True).click()


def test_a_phase_that_was_added_by_mistake_is_removed_again(page: Any, browser: Browser) -> None:
    count = page.evaluate("studio.project.phases.length")
    page.keyboard.press(str(count + 1))
    page.get_by_label(f"Name of phase {count + 1}").fill("mistake")
    page.keyboard.press("Enter")
    wait_for(page, f"studio.project.phases.length === {count + 1} && studio.state.phase === {count}")
    page.keyboard.press(str(count + 2))
    page.get_by_role("button", name="do not add this phase").click()
    page.get_by_role("button", name="remove this phase").last.click()
    page.get_by_role("button", name="Save").click()
    wait_for(page, f"studio.project.phases.length === {count} && studio.state.phase === {count - 1}")
    assert len(browser.project()["phases"]) == count


def test_places_are_looked_for_around_the_slice_in_view_and_the_time_left_is_told(page: Any) -> None:
    page.evaluate(
        """() => {
          const task = {title: "look", task: "look for places", done: 1, total: 9, seconds_left: 7.2};
          const ask = studio.api.bind(studio);
          studio.api = async (path, body) => {
            if (!path.startsWith("/api/proofread")) return ask(path, body);
            window.asked = body ?? window.asked;
            const now = path.endsWith("find") ? task : null;
            return {layer: null, places: [], next: null, task: now, error: "", kinds: {}};
          };
          studio.emit("open-panel", "proofread");
          studio.goTo({z: 17});
        }"""
    )
    page.get_by_label("Part to look through").select_option("around")
    page.get_by_label("Segmentation to proofread").evaluate("""(choice) => {
      choice.append(new Option("seg", "seg", true, true));
      [...document.querySelectorAll("button")].find((each) => each.textContent === "Look for places").click();
    }""")
    wait_for(page, "window.asked?.layer === 'seg'")
    assert page.evaluate("window.asked.slices") == [7, SHAPE[0] - 1]
    page.get_by_text("Look for places … 8 s left").wait_for()
    page.evaluate("delete studio.api; studio.emit('open-panel', 'draw')")


def test_numbers_by_name_are_shown_in_a_form_as_they_are_entered(page: Any) -> None:
    page.evaluate(
        """() => {
          const about = {label: "", choices: [], low: null, high: null, unit: null, required: true, kind: "list"};
          const options = [["gold", {}], ["given", {pore: 1, gold: 7}]].map(([name, value]) => (
            {...about, name, help: name, default: value}));
          const verbs = [{name: "segment", title: "Segment", options, begin: {}}], ask = studio.api.bind(studio);
          studio.api = async (path, body) => path === "/api/verbs" ? {verbs} : ask(path, body);
          studio.emit("open-panel", "runs");
        }"""
    )
    page.get_by_label("What to do").dispatch_event("change")
    fields = [page.get_by_role("textbox", name=name, exact=True) for name in ("Gold", "Given")]
    assert [field.input_value() for field in fields] == ["", "pore=1, gold=7"]
    page.evaluate("delete studio.api; studio.emit('open-panel', 'draw')")
