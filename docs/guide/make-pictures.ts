import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Locator } from "playwright-core";
import sharp from "sharp";
import { afterAll, beforeAll, expect, test } from "vitest";
import { PlaygroundSession } from "../../tests/e2e/playground-session.ts";
import { launchBrowser } from "../../tests/support/launch-browser.ts";
import { inRepository } from "../../tests/support/repository.ts";
import { type ServedCompanion, startCompanion } from "../../tests/support/start-companion.ts";

/* Makes the guide's pictures from the real panel in the playground, with the models that are included. */

/** Of each picture, so that the guide stays light. */
const MAX_BYTES = 60_000;
const ASKED = { prompt: "a sunflower", seed: 8, steps: 20 };

let dataFolder: string;
let companion: ServedCompanion;
let browser: Browser;
let session: PlaygroundSession;

beforeAll(async () => {
  dataFolder = await mkdtemp(join(tmpdir(), "overpaint-guide-"));
  companion = await startCompanion(dataFolder);
  browser = await launchBrowser();
  session = await PlaygroundSession.open(browser, companion.playgroundUrl);
  // A picture that cannot be made is given up, on a machine that does something else too.
  session.page.setDefaultTimeout(60_000);
});

afterAll(async () => {
  await browser?.close();
  await companion?.stop();
  await rm(dataFolder, { recursive: true, force: true });
});

/** The whole window, or the panel alone, as WebP in the best quality that is small enough. */
async function keep(name: string, what: "window" | "panel" = "panel"): Promise<void> {
  // What moves has come to rest by then.
  await session.page.waitForTimeout(400);
  const panel: Locator = session.page.locator('iframe[src*="/ui/"]');
  const shot = await (what === "panel" ? panel : session.page).screenshot();
  for (let quality = 86; quality >= 30; quality -= 8) {
    const picture = await sharp(shot).webp({ quality, effort: 6, smartSubsample: true }).toBuffer();
    if (picture.length > MAX_BYTES) continue;
    await writeFile(inRepository(`docs/guide/${name}.webp`), picture);
    return;
  }
  expect.fail(`The picture ${name} does not fit ${MAX_BYTES} bytes.`);
}

const tab = async (name: string) => await session.panel.getByRole("tab", { name: new RegExp(`^${name}`) }).click();

/** Leaves what a task ended with, where there is anything to leave. */
async function leaveResults(): Promise<void> {
  const button = session.panel.getByRole("button", { name: /^(Done|Discard)$/ }).first();
  if (await button.isVisible()) await button.click();
}

test("paint", async () => {
  await session.select("Meadow");
  for (const y of [0.68, 0.75, 0.82]) await session.paint({ from: [0.22, y], to: [0.26, y] });
  await session.ask(ASKED);
  await keep("paint", "window");
});

test("result", async () => {
  await session.generate();
  await keep("result");
  const whole = await sharp(await session.page.screenshot())
    .png({ palette: true, effort: 10 })
    .toBuffer();
  await writeFile(inRepository("docs/panel.png"), whole); // what README opens with
});

test("inserted", async () => {
  await session.panel
    .getByRole("button", { name: /^Insert/ })
    .first()
    .click();
  await session.page.getByText("Made with Overpaint").waitFor();
  await keep("inserted", "window");
  await leaveResults();
});

test("masks from shapes", async () => {
  await session.select("Meadow");
  await session.page.evaluate(() => {
    const { overpaintPlayground: playground } = window;
    const picture = playground.shapes.find(({ name }) => name === "Meadow");
    const ellipse = playground.penpot.createEllipse();
    ellipse.name = "Around the dog";
    ellipse.resize(190, 220);
    ellipse.x = (picture?.bounds.x ?? 0) + 294;
    ellipse.y = (picture?.bounds.y ?? 0) + 280;
    ellipse.fills = [{ fillColor: "#8c33eb", fillOpacity: 0.3 }];
    playground.select(picture?.id ?? "", ellipse.id);
  });
  await tab("Inpaint");
  const use = session.panel.getByRole("button", { name: /as mask|selected shapes/ }).first();
  await use.waitFor({ timeout: 10_000 }).catch(() => undefined);
  if (await use.isVisible()) await use.click();
  await keep("shapes", "window");
  await session.page.evaluate(() => window.overpaintPlayground.undo());
});

test.each([
  ["Extend", "extend"],
  ["Restyle", "restyle"],
  ["Upscale", "upscale"],
  ["Create", "create"],
])("%s", async (name, file) => {
  await session.select("Meadow");
  await tab(name);
  await keep(file);
});

test("history", async () => {
  await session.panel.getByRole("button", { name: /History/ }).click();
  await keep("history");
  await session.page.keyboard.press("Escape");
});

test("engine", async () => {
  await session.panel
    .getByRole("button", { name: /Companion|Browser|CPU|GPU/i })
    .last()
    .click();
  await keep("engine");
});
