import type { Browser, Frame } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { launchBrowser } from "../../support/launch-browser.ts";
import { accessibilityProblems } from "./support/axe.ts";
import { PanelPage, shapeOf } from "./support/panel-page.ts";
import { landscape, readMask } from "./support/pictures.ts";
import { ScriptedCompanion } from "./support/scripted-companion.ts";

const board = { name: "Hero 16:9", area: { x: -120, y: -20, width: 720, height: 405 } };
const shape = { ...shapeOf("a", "Beach", 480, 320), board: { ...board, shapeId: "hero", clips: true } };
const images = {
  a: { shape, bytes: landscape(480, 320) },
  b: { shape: shapeOf("b", "Poster", 20, 30), bytes: landscape(20, 30) },
};
const target = { shapeId: "card", pageId: "page-1", name: "Card", kind: "board", width: 640, height: 360 } as const;

let browser: Browser;
let companion: ScriptedCompanion;
let host: PanelPage;

beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());
beforeEach(async () => {
  companion = new ScriptedCompanion();
  await companion.start();
});
afterEach(async () => {
  await host.close();
  await companion.kill();
});

async function openPanel(theme: "light" | "dark" = "dark", hostName?: string): Promise<PanelPage> {
  host = await PanelPage.open({ browser, companion, images, theme, ...(hostName && { hostName }) });
  host.selection = { type: "selection", selection: { type: "image", image: shape, target, shapes: [] } };
  await host.tell(host.selection);
  await host.panel.locator(".stage-surface").waitFor();
  return host;
}

const tab = (name: string) => host.panel.getByRole("tab", { name });
const button = (name: string | RegExp) => host.panel.getByRole("button", { name });
const number = (name: string) => host.panel.getByRole("spinbutton", { name });
const border = (name: string) => host.panel.getByRole("slider", { name: `${name} border` });
const lastJob = () => [...companion.jobs.values()].at(-1);
const lastRequest = () => [...companion.jobs.values()].at(-1)?.job.request;

test("presses every control with the space bar", async () => {
  const { panel, page } = await openPanel();
  await tab("Restyle").click();
  const layout = panel.getByRole("checkbox", { name: "Keep layout" });
  const isOn = await layout.isChecked();
  await layout.press("Space");
  expect(await layout.isChecked()).toBe(!isOn);

  const advanced = panel.locator("details", { hasText: "Advanced" });
  await advanced.locator("summary").press("Space");
  await advanced.locator("[aria-pressed]").waitFor();
  const lock = advanced.locator("[aria-pressed]");
  const wasLocked = await lock.getAttribute("aria-pressed");
  await lock.press("Space");
  expect(await lock.getAttribute("aria-pressed")).not.toBe(wasLocked);

  const two = panel.getByRole("radiogroup", { name: "Variants" }).getByRole("radio").nth(1);
  await two.press("Space");
  expect(await two.isChecked()).toBe(true);

  // On the picture it pans as long as it is held.
  const surface = panel.locator(".stage-surface");
  await tab("Inpaint").click();
  await surface.focus();
  await page.keyboard.down("Space");
  await panel.locator('.stage-surface[data-tool="pan"]').waitFor();
  await page.keyboard.up("Space");
  await panel.locator('.stage-surface[data-tool="paint"]').waitFor();
});

test("reaches every control of every tab with the Tab key, and presses it with the space bar and with Enter", async () => {
  const { panel, page } = await openPanel();
  const frame = page.frames()[1] as Frame;
  const problems: string[] = [];
  for (const name of ["Inpaint", "Extend", "Restyle", "Upscale", "Create"]) {
    await tab(name).click();
    await panel.locator("details.advanced > summary").press("Enter");
    const count = await frame.evaluate(() => {
      const all = "button, summary, input, select, textarea, [tabindex='0']";
      const isInReach = (element: Element) =>
        element.checkVisibility() && !element.matches(":disabled, [tabindex='-1'], [hidden]");
      // Of a group of radio buttons the Tab key reaches one; arrow keys reach the others.
      const isStop = (element: Element) => {
        if (!(element instanceof HTMLInputElement) || element.type !== "radio" || element.checked) return true;
        const group = [...document.querySelectorAll<HTMLInputElement>(`input[name="${CSS.escape(element.name)}"]`)];
        return !group.some(({ checked }) => checked) && group[0] === element;
      };
      const stops = [...document.querySelectorAll(all)].filter((each) => isInReach(each) && isStop(each));
      for (const [i, stop] of stops.entries()) stop.setAttribute("data-stop", `${i}`);
      (document.activeElement as HTMLElement | null)?.blur();
      // Presses are counted and do nothing.
      const recorder = window as unknown as { presses: number; record: (event: Event) => void };
      recorder.record = (event) => {
        recorder.presses++;
        event.preventDefault();
        event.stopImmediatePropagation();
      };
      addEventListener("click", recorder.record, true);
      return stops.length;
    });
    const reached = new Set<string>();
    await panel.getByRole("tab", { name }).focus();
    // Some controls have parts of their own that the Tab key stops at.
    for (let i = 0; i <= count * 1.5 && reached.size < count; i++) {
      const stop = await frame.evaluate(() => {
        const element = document.activeElement;
        // A radio button that is taken has nothing to be pressed for.
        const isPressed =
          element?.matches("button, summary, input:is([type='radio'], [type='checkbox'])") === true &&
          !element.matches("[type='radio']:checked");
        return { id: element?.getAttribute("data-stop"), html: element?.outerHTML.slice(0, 160), isPressed };
      });
      if (stop.id != null) reached.add(stop.id);
      for (const key of stop.isPressed ? ["Space", "Enter"] : []) {
        await frame.evaluate(() => Object.assign(window, { presses: 0 }));
        await page.keyboard.press(key);
        const presses = await frame.evaluate(() => (window as unknown as { presses: number }).presses);
        if (presses !== 1) problems.push(`${name}: ${key} pressed ${presses} times: ${stop.html}`);
      }
      await page.keyboard.press("Tab");
    }
    const missed = await frame.evaluate(
      (ids) => {
        removeEventListener("click", (window as unknown as { record: (event: Event) => void }).record, true);
        const stops = [...document.querySelectorAll("[data-stop]")];
        return stops
          .filter((stop) => !ids.includes(stop.getAttribute("data-stop") ?? ""))
          .map((stop) => stop.outerHTML);
      },
      [...reached],
    );
    problems.push(...missed.map((html) => `${name}: not reached: ${html.slice(0, 160)}`));
    await frame.evaluate(() => {
      for (const stop of document.querySelectorAll("[data-stop]")) stop.removeAttribute("data-stop");
    });
  }
  expect(problems).toEqual([]);
});

test("leaves a number as it is typed until it counts, and takes back what is refused", async () => {
  const { panel, page } = await openPanel();
  await tab("Create").click();
  const width = number("Width");
  const type = async (digits: string) => {
    await width.press("Control+a");
    await page.keyboard.type(digits);
  };
  await type("5");
  await panel.getByRole("alert").getByText("16 to 4096").waitFor();
  expect(await width.inputValue()).toBe("5");
  await page.keyboard.type("12");
  await width.press("Tab");
  expect(await width.inputValue()).toBe("512");
  await type("99.5");
  await panel.getByRole("alert").getByText("16 to 4096").waitFor();
  await width.press("Tab");
  expect(await width.inputValue()).toBe("512");
});

test("closes the popover with Escape and goes on with the run", async () => {
  companion.script = { steps: 400, stepMs: 30 };
  const { panel, page } = await openPanel();
  await tab("Restyle").click();
  await button(/^Restyle/).click();
  await button(/^Cancel/).waitFor();
  await panel.getByTitle("Where edits run").click();
  const details = panel.getByRole("dialog", { name: "Where edits run" });
  await details.waitFor();
  await details.getByRole("radio").first().focus();
  await page.keyboard.press("Escape");
  await details.waitFor({ state: "hidden" });
  expect(lastJob()?.isCancelled).toBe(false);
  await page.keyboard.press("Escape");
  await button(/^Restyle/).waitFor();
  expect(lastJob()?.isCancelled).toBe(true);
});

test.each(["dark", "light"] as const)("has no accessibility problem in any tab, %s theme", async (theme) => {
  companion.script = { steps: 8, stepMs: 60 };
  const { panel, page } = await openPanel(theme);
  const problems: Record<string, readonly string[]> = {};
  const check = async (state: string) => {
    const found = await accessibilityProblems(page.frames()[1] as Frame);
    if (found.length > 0) problems[state] = found;
  };
  await tab("Extend").click();
  await button("Fill board").click();
  await check("extended to the board");
  await panel.getByText("16:9", { exact: true }).click();
  await panel.getByRole("radiogroup", { name: "Variants" }).getByText("2").click();
  await check("extended to a format");
  await button(/^Extend to/).click();
  await button("Variant 1, finished").waitFor();
  await check("one variant finished, one running");
  await button("Variant 2, finished").click();
  await check("two variants finished");
  for (const name of ["Restyle", "Upscale", "Create"]) {
    await tab(name).click();
    await check(name);
  }
  await tab("Restyle").click();
  await panel
    .getByLabel("File of the style picture")
    .setInputFiles({ name: "sunset.png", mimeType: "image/png", buffer: Buffer.from(landscape(60, 40)) });
  await button("Remove the style picture").waitFor();
  await check("style picture");
  expect(problems).toEqual({});
});

test("keeps prompt and main button in reach in the narrowest panel, however low", async () => {
  const { panel, page } = await openPanel();
  /** Whether a click in the middle of it would reach it. */
  const isInReach = (selector: string) =>
    panel.locator(selector).evaluate((element) => {
      const { x, y, width, height } = element.getBoundingClientRect();
      return document.elementFromPoint(x + width / 2, y + height / 2)?.closest(".prompt textarea, button") === element;
    });
  const outOfReach: string[] = [];
  for (const height of [400, 500, 600, 900]) {
    await page.locator("iframe").evaluate((frame, size) => Object.assign(frame, { width: 280, height: size }), height);
    for (const name of ["Inpaint", "Extend", "Restyle", "Upscale", "Create"]) {
      await tab(name).click();
      const parts = name === "Upscale" ? [".main-button"] : [".main-button", ".prompt textarea"];
      for (const part of parts) if (!(await isInReach(part))) outOfReach.push(`${name}, ${height} px high: ${part}`);
    }
  }
  expect(outOfReach).toEqual([]);
});

test("says long things in one line that covers nothing, and all of it on demand", async () => {
  const { panel, page } = await openPanel();
  await page.locator("iframe").evaluate((frame) => Object.assign(frame, { width: 280 }));
  await tab("Upscale").click();
  await button("Upscale to 960 × 640").click();
  await button("Replace the picture").click();
  await button("Read all of it").click();
  const words = panel.getByRole("dialog", { name: "What happened" });
  await words.getByText("Replaced: the picture has 960 × 640 pixels now").waitFor();
  expect((await panel.locator(".status").boundingBox())?.height).toBe(20);
  await page.keyboard.press("Escape");
  await words.waitFor({ state: "hidden" });
});

test("moves through the tabs with the arrow keys", async () => {
  const { panel, page } = await openPanel();
  await tab("Inpaint").focus();
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowRight");
  expect(await tab("Restyle").getAttribute("aria-selected")).toBe("true");
  expect(await tab("Restyle").evaluate((element) => element === document.activeElement)).toBe(true);
  await page.keyboard.press("End");
  await panel.getByLabel("Prompt").waitFor();
  expect(await tab("Create").getAttribute("aria-selected")).toBe("true");
});

test("shows the extended frame, extends to the board and places the result beneath", async () => {
  const { panel } = await openPanel();
  await tab("Extend").click();
  await button(/^Extend/).click({ force: true });
  await panel.getByRole("alert").getByText("No side is extended yet").waitFor();
  await button("Fill board “Hero 16:9”").click();
  expect(await number("Bottom").inputValue()).toBe("65");
  await number("Top").fill("30");
  await number("Top").press("Enter");
  await button("Extend to 720 × 415").click();
  await button("Insert around the picture").click();
  await panel.getByText("Inserted around the picture").waitFor();
  expect(lastRequest()).toMatchObject({ task: "outpaint", left: 120, right: 120, top: 30, bottom: 65 });
  expect(host.lastOf("place-layer")).toMatchObject({
    place: "around",
    layer: { x: -120, y: -30, width: 720, height: 415 },
  });
});

test("extends by dragging a border, which follows the pointer and rests at formats, in step with the numbers", async () => {
  const { panel, page } = await openPanel();
  await tab("Extend").click();
  const surface = panel.locator(".stage-surface");
  const before = await surface.boundingBox();
  const [left, right] = [await middleOf("Left"), await middleOf("Right")];
  /** CSS pixels for one pixel of the picture. */
  const scale = (right.x - left.x) / shape.width;
  await page.mouse.move(left.x, left.y);
  await page.mouse.down();
  await page.mouse.move(left.x - 40 * scale, left.y, { steps: 4 });
  await panel.getByText(/^52\d × 320$/).waitFor();
  expect(Math.abs((await middleOf("Left")).x - (left.x - 40 * scale))).toBeLessThan(1);
  expect(await surface.boundingBox()).toEqual(before);
  // 89 pixels make it 16:9; these are four short of it, less than can be aimed at.
  await page.mouse.move(left.x - 85 * scale, left.y, { steps: 4 });
  await panel.getByText("569 × 320 · 16:9").waitFor();
  await page.mouse.up();
  expect(await number("Left").inputValue()).toBe("89");
  expect(await panel.getByRole("radio", { name: "16:9" }).isChecked()).toBe(true);
  expect(await panel.getByRole("radio", { name: "Right" }).isChecked()).toBe(true);
  await button("Extend to 569 × 320").waitFor();

  await number("Top").fill("30");
  await number("Top").press("Enter");
  expect(await border("Top").getAttribute("aria-valuenow")).toBe("30");
  await panel.getByRole("radio", { name: "Centre" }).check({ force: true });
  expect(await border("Top").getAttribute("aria-valuetext")).toBe("15 pixels, 569 × 350 in all");
});

test("extends with the keyboard: an arrow key a pixel, ten with Shift", async () => {
  const { panel, page } = await openPanel();
  await tab("Extend").click();
  await border("Bottom").focus();
  for (const key of ["ArrowDown", "ArrowDown", "Shift+ArrowDown", "ArrowUp"]) await page.keyboard.press(key);
  expect(await number("Bottom").inputValue()).toBe("11");
  await panel.getByText("480 × 331", { exact: true }).waitFor();
  await page.keyboard.press("Home");
  await page.keyboard.press("ArrowUp");
  expect(await number("Bottom").inputValue()).toBe("0");
});

async function middleOf(name: string): Promise<{ readonly x: number; readonly y: number }> {
  const box = (await border(name).boundingBox())!;
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}

test("takes the style from chosen files, for another run too, until they are removed", async () => {
  const { panel } = await openPanel();
  const sunset = landscape(60, 40);
  const file = (name: string, bytes: Uint8Array) => ({ name, mimeType: "image/png", buffer: Buffer.from(bytes) });
  const input = panel.getByLabel("File of the style picture");
  await tab("Restyle").click();
  await input.setInputFiles(file("broken.png", sunset.subarray(0, 40)));
  await panel.getByRole("alert").getByText("cannot be opened").waitFor();
  await input.setInputFiles(file("sunset.png", sunset));
  await button("Style picture: sunset.png. Choose a file").waitFor();
  await panel.getByRole("alert").waitFor({ state: "detached" });
  const sky = await panel
    .locator("canvas.thumbnail")
    .evaluate((canvas) => [...(canvas as HTMLCanvasElement).getContext("2d")!.getImageData(2, 2, 1, 1).data]);
  expect(sky[2]).toBeGreaterThan(sky[0]!);

  await button("Restyle").click();
  await button("Insert as layer").waitFor();
  await button("Again").click();
  await expect.poll(() => companion.jobs.size).toBe(2);
  await button("Insert as layer").click();
  await panel.getByText("Inserted above the picture").waitFor();
  const sent = () => [...companion.jobs.values()].map(({ references }) => references.map(({ length }) => length));
  expect(sent()).toEqual([[sunset.length], [sunset.length]]);
  const others = [20, 30].map((width) => landscape(width, 20));
  await panel
    .getByLabel("File of another style picture")
    .setInputFiles(others.map((bytes, k) => file(`${k}.png`, bytes)));
  await button("Remove the style picture 3").waitFor();
  await button("Remove the style picture 1").click();
  await button("Restyle").click();
  await button("Insert as layer").waitFor();
  expect(sent().at(-1)?.toSorted()).toEqual(others.map(({ length }) => length).toSorted());
  await button("Discard").click();
  await button("Remove the style picture 2").click();
  await button("Remove the style picture").click();
  await button("Restyle").click();
  await button("Insert as layer").waitFor();
  expect(lastJob()?.references).toEqual([]);
});

test("asks which of two selected pictures is meant, and takes the style from the other", async () => {
  const { panel } = await openPanel();
  await tab("Restyle").click();
  const other = { ...shapeOf("b", "Poster", 20, 30), mediaId: "poster" };
  await host.tell({
    type: "selection",
    selection: {
      type: "none",
      error: { code: "no-selection", message: "Nothing is selected." },
      shapes: [],
      pictures: [],
    },
  });
  await host.tell({ type: "selection", selection: { type: "pair", images: [shape, other] } });
  await button("Poster").click();
  await button("Restyle “Beach” instead").click();
  await panel.getByRole("heading", { name: "Beach" }).waitFor();
  await button("Take the style of “Poster”").click();
  await button("Style picture: Poster. Choose a file").waitFor();
  await button("Restyle").click();
  await button("Insert as layer").waitFor();
  expect(lastJob()?.references.map(({ length }) => length)).toEqual([images.b.bytes.length]);
  expect(lastRequest()).toMatchObject({ task: "restyle", referenceStrength: 0.8 });
});

test("restyles with a preset and inserts a variant while the others run", async () => {
  companion.script = { steps: 12, stepMs: 50 };
  const { panel } = await openPanel();
  await tab("Restyle").click();
  await panel.getByText("Flat", { exact: true }).click();
  await panel.getByLabel("Keep layout").uncheck();
  await panel.getByRole("radiogroup", { name: "Variants" }).getByText("3").click();
  await button("Restyle").click();
  await button("Variant 1, finished").click();
  await button("Insert as layer").click();
  await button("Variant 1, inserted").waitFor();
  await panel.getByText(/^Variant [23] of 3/).waitFor();
  expect(host.lastOf("place-layer")).toMatchObject({ place: "whole", recipe: { variant: 0 } });
  await button("Variant 3, finished").click();
  await button("Insert as layer").click();
  await button("Variant 3, inserted").waitFor();
  expect(host.lastOf("place-layer")).toMatchObject({ recipe: { variant: 2 } });
  expect(lastRequest()).toMatchObject({ task: "restyle", style: "flat", keepLayout: false, count: 3 });
});

test("offers the styles that the model can draw, and keeps the designer's own for the next time", async () => {
  companion.models = [{ id: "starter", name: "Starter", styles: ["flat", "emoji"] }];
  // Within its own site a page may keep things; browsers are asked differently about others.
  const { panel, page } = await openPanel("dark", "127.0.0.1");
  await tab("Restyle").click();
  const style = (name: string) => panel.getByRole("radiogroup", { name: "Style" }).getByRole("radio", { name });
  await expect.poll(() => panel.locator(".style-name").allTextContents()).toEqual(["No style", "Flat", "Emoji"]);
  await panel.getByLabel("Prompt").fill("warm dusk light");
  await style("Flat").check({ force: true });
  await button("Save as a style of your own").click();
  await panel.getByLabel("Name of the style").fill("Dusk");
  await page.keyboard.press("Enter");
  await style("Dusk").waitFor({ state: "attached" });
  await button("Rename").click();
  await panel.getByLabel("New name").fill("Late dusk");
  await button("Rename style").click();
  expect(await accessibilityProblems(page.frames()[1] as Frame)).toEqual([]);

  await (page.frames()[1] as Frame).evaluate(() => location.reload());
  await panel.locator(".stage-surface").waitFor();
  await style("Late dusk").check({ force: true });
  expect(await panel.getByLabel("Prompt").inputValue()).toBe("warm dusk light");
  await button("Restyle").click();
  await button("Insert as layer").waitFor();
  expect(lastRequest()).toMatchObject({ style: "flat", prompt: "warm dusk light" });
  await button("Discard").click();
  await button("Delete").click();
  await expect.poll(() => panel.locator(".style-name").allTextContents()).toEqual(["No style", "Flat", "Emoji"]);
});

test("shows what the model draws well in an empty prompt, and what counts more in a full one", async () => {
  companion.models = [{ id: "starter", name: "Starter", examples: ["a strawberry", "a red car"] }];
  const { panel } = await openPanel();
  await button("a red car").click();
  const prompt = panel.getByLabel("Prompt");
  expect(await prompt.inputValue()).toBe("a red car");
  await button("a red car").waitFor({ state: "detached" });
  await prompt.fill("a (red:1.4) car, [trees]");
  await panel.getByText("red ×1.4").waitFor();
  await panel.getByText("trees ×0.91").waitFor();
});

test("keeps the picture in its place from the start of a run of several variants to its end", async () => {
  companion.script = { steps: 12, stepMs: 30 };
  const { panel } = await openPanel();
  await tab("Restyle").click();
  await panel.getByRole("radiogroup", { name: "Variants" }).getByText("2").click();
  await button("Restyle").click();
  const surface = panel.locator(".stage-surface");
  await button(/^Variant 1, \d+ %/).waitFor();
  const running = await surface.boundingBox();
  await button("Variant 1, finished").click();
  await button("Before").waitFor();
  expect(await surface.boundingBox()).toEqual(running);
  await button("Again").waitFor();
  expect(await surface.boundingBox()).toEqual(running);
});

test("upscales in place after showing the sizes now and then", async () => {
  const { panel } = await openPanel();
  await tab("Upscale").click();
  await panel.getByText("4×").click();
  await panel.getByText("new 1920 × 1280").waitFor();
  await button("Upscale to 1920 × 1280").click();
  await button("Replace the picture").click();
  await panel.getByText("Replaced: the picture has 1920 × 1280 pixels now").waitFor();
  expect(host.lastOf("replace-picture")).toMatchObject({ from: { shapeId: "a", mediaId: "media-a" } });
});

test("takes selected shapes as mask, and says when they have changed", async () => {
  await openPanel();
  const star = { shapeId: "star", name: "Star", type: "path" };
  await host.tell({ type: "selection", selection: { type: "image", image: shape, shapes: [star] } });
  await button("Use “Star” as mask").click();
  await expect.poll(() => button("Fill").getAttribute("aria-disabled")).toBe("false");
  await button("Fill").click();
  await button("Insert as layer").waitFor();
  expect(readMask(lastJob()!.mask!).bounds).toEqual({ x: 10, y: 20, width: 60, height: 40 });
  const watch = host.lastOf("watch")?.watches.find(({ maskShapeIds }) => maskShapeIds.includes("star"));
  host.maskOutline = { ...host.maskOutline, d: "M30 30h20v20h-20z" };
  const state = { key: watch!.key, exists: true, version: shape.version };
  await host.tell({ type: "watched", watched: [{ ...state, maskVersion: "2" }] });
  // The finished result says so itself.
  await button("Draw it again").click();
  await expect.poll(() => companion.jobs.size).toBe(2);
  await button("Draw it again").waitFor({ state: "detached" });
  await button("Insert as layer").waitFor();
  expect(readMask(lastJob()!.mask!).bounds).toEqual({ x: 30, y: 30, width: 20, height: 20 });
});

test("creates a picture of the selected board's size, fills the board, and lists it in the history", async () => {
  const { panel } = await openPanel();
  await tab("Create").click();
  await panel.getByLabel("Prompt").fill("a lighthouse");
  await button("Create 640 × 360").click();
  await button("Fill “Card”").click();
  await panel.getByText("The shape is filled").waitFor();
  expect(host.lastOf("place-picture")).toMatchObject({ shapeId: "card", size: { width: 640, height: 360 } });

  const history = panel.getByRole("dialog", { name: "History" });
  expect(await panel.locator(".history-list").count()).toBe(0);
  await button(/^History/).click();
  await history.getByRole("listitem").getByText("Create", { exact: false }).first().waitFor();
  await button("Close the history").click();
  await history.waitFor({ state: "hidden" });
});

test("does not trip over its own measuring when pictures come and go quickly", async () => {
  const errors: string[] = [];
  const { page, panel } = await openPanel();
  page.on("pageerror", (error) => errors.push(error.message));
  for (const name of ["Create", "Extend", "Upscale", "Create", "Inpaint"]) {
    await tab(name).click();
    await page.setViewportSize({ width: 336, height: 500 + Math.floor(name.length * 9) });
  }
  await host.tell({
    type: "selection",
    selection: {
      type: "none",
      error: { code: "no-selection", message: "Nothing is selected." },
      shapes: [],
      pictures: [],
    },
  });
  await panel.getByText("Nothing is selected").waitFor();
  expect(errors).toEqual([]);
});

test("adds parts, LoRAs, controls, a reference picture and the erase network where the model takes them", async () => {
  const fits = ["starter"];
  companion.models = [
    { id: "starter", name: "Starter" },
    { id: "ink", name: "ink", lora: { ranks: [4], fits } },
    { id: "net-canny", name: "net-canny", controlNet: { kind: "canny", fits } },
    { id: "adapter", name: "adapter", ipAdapter: { fits } },
    { id: "other", name: "other", controlNet: { fits: ["another"] } },
    { id: "soft", name: "soft", vae: { fits } },
    { id: "words", name: "words", textEncoder: { fits } },
    { id: "other-words", name: "other-words", textEncoder: { fits: ["another"] } },
    {
      id: "mi-gan",
      name: "MI-GAN",
      facts: {
        kind: "erase",
        family: "mi-gan",
        tasks: ["inpaint"],
        nativeSize: 512,
        sizeMultiple: 1,
        cell: 1,
        seesMask: true,
        readsPrompt: false,
        isGuidable: false,
        canInvert: false,
      },
    },
  ];
  const { panel, page } = await openPanel();
  await panel.locator("summary").click();
  const model = panel.getByLabel("Model", { exact: true });
  expect(await model.locator("option").allTextContents()).toEqual(["Automatic", "Starter", "MI-GAN"]);
  await model.selectOption("Starter");
  await model.selectOption("Automatic");
  await panel.getByLabel("VAE").selectOption("soft");
  await panel.getByRole("checkbox", { name: "words" }).check();
  await panel.getByRole("checkbox", { name: "ink" }).check();
  await button("Add a control").click();
  expect(await panel.getByLabel("ControlNet 1").locator("option").allTextContents()).toEqual(["net-canny"]);
  expect(await panel.getByLabel("Sees").inputValue()).toBe("canny");
  const poster = { name: "poster.png", mimeType: "image/png", buffer: Buffer.from(landscape(20, 30)) };
  await panel.getByLabel("File of the reference picture").setInputFiles(poster);
  await panel.getByText("Taken over").waitFor();
  expect(await accessibilityProblems(page.frames()[1] as Frame)).toEqual([]);
  await panel.locator("summary", { hasText: "5 added" }).click();
  await host.paint([0.4, 0.4], [0.6, 0.6]);
  await button(/^Fill/).click();
  await button(/Insert as layer/).waitFor();
  expect(lastRequest()).toMatchObject({
    model: "starter",
    eraser: "mi-gan",
    vae: "soft",
    textEncoders: ["words"],
    loras: [{ id: "ink", strength: 1 }],
    controls: [{ model: "net-canny", kind: "canny" }],
    referenceModel: "adapter",
  });
  expect(lastJob()?.references).toEqual([new Uint8Array(poster.buffer)]);
});
