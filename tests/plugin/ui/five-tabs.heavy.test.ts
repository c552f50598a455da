import type { Browser, Frame } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { launchBrowser } from "../../support/launch-browser.ts";
import { accessibilityProblems } from "./support/axe.ts";
import { PanelPage, shapeOf } from "./support/panel-page.ts";
import { landscape } from "./support/pictures.ts";
import { ScriptedCompanion } from "./support/scripted-companion.ts";

const board = { name: "Hero 16:9", area: { x: -120, y: -20, width: 720, height: 405 } };
const shape = { ...shapeOf("a", "Beach", 480, 320), board };
const images = { a: { shape, bytes: landscape(480, 320) } };
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

async function openPanel(theme: "light" | "dark" = "dark"): Promise<PanelPage> {
  host = await PanelPage.open({ browser, companion, images, theme });
  host.selection = { source: "overpaint", type: "selection", selection: { type: "image", image: shape, target } };
  await host.tell(host.selection);
  await host.panel.locator(".stage-surface").waitFor();
  return host;
}

const tab = (name: string) => host.panel.getByRole("tab", { name });
const button = (name: string | RegExp) => host.panel.getByRole("button", { name });
const lastRequest = () => [...companion.jobs.values()].at(-1)?.job.request;

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
  expect(problems).toEqual({});
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
  expect(await panel.getByLabel("Bottom").inputValue()).toBe("65");
  await panel.getByLabel("Top").fill("30");
  await panel.getByLabel("Top").press("Enter");
  await button("Extend to 720 × 415").click();
  await button("Insert around the picture").click();
  await panel.getByText("Inserted around the picture").waitFor();
  expect(lastRequest()).toMatchObject({ task: "outpaint", left: 120, right: 120, top: 30, bottom: 65 });
  expect(host.lastOf("place-layer")).toMatchObject({
    place: "around",
    layer: { x: -120, y: -30, width: 720, height: 415 },
  });
});

test("restyles with a preset and inserts a variant while the others run", async () => {
  companion.script = { steps: 12, stepMs: 50 };
  const { panel } = await openPanel();
  await tab("Restyle").click();
  await panel.getByText("Riso", { exact: true }).click();
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
  expect(lastRequest()).toMatchObject({ task: "restyle", style: "riso", keepLayout: false, count: 3 });
});

test("upscales in place after showing the sizes now and then", async () => {
  const { panel } = await openPanel();
  await tab("Upscale").click();
  await panel.getByText("4×").click();
  await panel.getByText("new 1920 × 1280").waitFor();
  await button("Upscale to 1920 × 1280").click();
  await button("Replace the picture").click();
  await panel.getByText("Replaced: the picture has 1920 × 1280 pixels now").waitFor();
  expect(host.lastOf("replace-fill")).toMatchObject({ shapeId: "a", mediaId: "media-a" });
});

test("creates a picture of the selected board's size and fills the board", async () => {
  const { panel } = await openPanel();
  await tab("Create").click();
  await panel.getByLabel("Prompt").fill("a lighthouse");
  await button("Create 640 × 360").click();
  await button("Fill “Card”").click();
  await panel.getByText("The shape is filled").waitFor();
  expect(host.lastOf("place-picture")).toMatchObject({ shapeId: "card", size: { width: 640, height: 360 } });
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
    source: "overpaint",
    type: "selection",
    selection: { type: "none", error: { code: "no-selection", message: "Nothing is selected." } },
  });
  await panel.getByText("Nothing is selected").waitFor();
  expect(errors).toEqual([]);
});
