import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import type { Browser } from "playwright-core";
import sharp from "sharp";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { launchBrowser } from "../../support/launch-browser.ts";
import { inRepository } from "../../support/repository.ts";
import { aRecipe } from "../sandbox/a-recipe.ts";
import { openPlayground, type PlaygroundPage, playgroundUrl, told } from "./playground-page.ts";

let browser: Browser;
let opened: PlaygroundPage | undefined;

beforeAll(async () => {
  browser = await launchBrowser();
});
afterEach(async () => {
  await opened?.close();
  opened = undefined;
});
afterAll(() => browser.close());

async function open(url?: string): Promise<PlaygroundPage> {
  opened = await openPlayground(browser, url);
  return opened;
}

test("loads the plugin from the other loopback name into Penpot's runtime and shows it the selected picture", async () => {
  const { page, panel, errors } = await open();
  expect(await page.evaluate(() => window.overpaintPlayground.pluginState)).toEqual({
    type: "open",
    name: "Overpaint",
  });
  expect((await panel()).url()).toMatch(/^http:\/\/127\.0\.0\.1:4417\/ui\/index\.html#\/\?panel=\w{32}&theme=dark$/);
  expect((await told(await panel(), "theme")).theme).toBe("dark");
  expect((await told(await panel(), "selection")).selection).toMatchObject({ image: { name: "Meadow", width: 768 } });
  expect(errors).toEqual([]);
});

test("hands the panel the picture's file byte for byte", async () => {
  const { page, panel } = await open();
  const [shapeId] = await page.evaluate(() => window.overpaintPlayground.selection);
  await (await panel()).evaluate((id) => window.say({ type: "read-source", requestId: 1, shapeId: id }), shapeId);
  await told(await panel(), "source");
  const bytes = await (await panel()).evaluate(() => {
    const message = window.messages.at(-1);
    return message?.type === "source" ? [...message.bytes] : [];
  });
  expect(Buffer.from(bytes)).toEqual(await readFile(inRepository("plugin/public/samples/meadow.png")));
});

test("draws an upright picture at its own size pixel for pixel", async () => {
  const { page } = await open();
  const area = { x: 224, y: 32, width: 768, height: 512 };
  const drawn = await page.evaluate(async (rect) => {
    const { data } = await window.overpaintPlayground.renderPixels(rect);
    const hash = await crypto.subtle.digest("SHA-256", data);
    return [...new Uint8Array(hash)];
  }, area);
  const pixels = await sharp(inRepository("plugin/public/samples/meadow.png")).ensureAlpha().raw().toBuffer();
  expect(Buffer.from(drawn)).toEqual(createHash("sha256").update(pixels).digest());
});

test("leaves every pixel around an inserted layer as it was, shows the layer, and undoes it in one step", async () => {
  const { page, panel } = await open();
  const layer = { x: 300, y: 280, width: 120, height: 100 };
  // Opaque in the middle, transparent in a margin of 20.
  const middle = await sharp({ create: { width: 80, height: 60, channels: 4, background: "#123456" } })
    .png()
    .toBuffer();
  const png = await sharp({ create: { width: 120, height: 100, channels: 4, background: "#0000" } })
    .composite([{ input: middle, left: 20, top: 20 }])
    .png()
    .toBuffer();
  await page.evaluate(() =>
    Object.assign(window, {
      before: window.overpaintPlayground.renderPixels({ x: 0, y: 0, width: 1024, height: 576 }),
    }),
  );
  const { selection } = await told(await panel(), "selection");
  if (selection.type !== "image") throw new Error("the sample's picture is selected");
  const { shapeId, pageId, mediaId, image } = selection.image;
  await (await panel()).evaluate(({ bytes, ...message }) => window.say({ ...message, bytes: new Uint8Array(bytes) }), {
    type: "place-layer",
    requestId: 2,
    placementId: "placement-1",
    from: { pageId, shapeId, mediaId, image },
    anyway: false,
    drawnOn: [],
    stacks: true,
    growsBoard: false,
    name: "Navy",
    layer,
    recipe: aRecipe,
    place: "part",
    mime: "image/png",
    bytes: [...png],
  });
  const placed = await told(await panel(), "placed");

  const compare = () =>
    page.evaluate(async () => {
      const before = await (window as unknown as { before: Promise<ImageData> }).before;
      const after = await window.overpaintPlayground.renderPixels({ x: 0, y: 0, width: 1024, height: 576 });
      // The opaque middle on the page: the picture's corner (224, 32), the layer's, and the margin.
      const middle = { x: 224 + 300 + 20, y: 32 + 280 + 20, width: 80, height: 60 };
      const changed = { inside: 0, outside: 0 };
      for (let index = 0; index < before.data.length; index += 4) {
        const [x, y] = [(index / 4) % 1024, Math.floor(index / 4 / 1024)];
        const [dx, dy] = [x - middle.x, y - middle.y];
        const isInside = dx >= 0 && dy >= 0 && dx < middle.width && dy < middle.height;
        const isSame = [0, 1, 2, 3].every((channel) => before.data[index + channel] === after.data[index + channel]);
        if (!isSame) changed[isInside ? "inside" : "outside"]++;
      }
      return changed;
    });
  expect(await compare()).toEqual({ inside: 80 * 60, outside: 0 });

  const shapes = await page.evaluate(() => window.overpaintPlayground.shapes);
  const index = shapes.findIndex((shape) => shape.id === placed.shapeId);
  expect(shapes[index - 1]?.id).toBe(shapeId);
  expect(JSON.parse(shapes[index]?.pluginData["shared/overpaint"]?.recipe ?? "")).toEqual(aRecipe);
  await page.getByText("Made with Overpaint").waitFor();

  await page.evaluate(() => window.overpaintPlayground.undo());
  expect(await compare()).toEqual({ inside: 0, outside: 0 });
});

test("tells which address Penpot's plugin manager takes", async () => {
  const { page } = await open();
  await page.getByRole("button", { name: "Use in Penpot" }).click();
  const words = page.getByRole("dialog", { name: "Use in Penpot" });
  await words.getByText("http://127.0.0.1:4417/manifest.json", { exact: true }).waitFor();
  await page.keyboard.press("Escape");
  await words.waitFor({ state: "hidden" });
});

test("opens the plugin anew after its window was closed", async () => {
  const { page, panel } = await open();
  await page.getByRole("button", { name: "Plugin" }).click();
  await page.waitForFunction(() => window.overpaintPlayground.pluginState.type === "closed");
  expect(page.frames()).toHaveLength(1);
  await page.getByRole("button", { name: "Plugin" }).click();
  await page.waitForFunction(() => window.overpaintPlayground.pluginState.type === "open");
  await told(await panel(), "selection");
});

test("says where it looked for the plugin when there is none, and shows the document all the same", async () => {
  const { page } = await open(`${playgroundUrl}?plugin=http://127.0.0.1:4417/nowhere`);
  const notice = page.getByRole("status");
  await expect.poll(() => notice.textContent()).toContain("http://127.0.0.1:4417/nowhere/manifest.json");
  expect(await notice.textContent()).toContain("npm start");
  await notice.getByRole("button", { name: "Try again" }).waitFor();
  expect(await page.getByRole("button", { name: "Meadow", exact: true }).count()).toBe(1);
});

test("selects with a click in the canvas and in the layer list, and tells the plugin", async () => {
  const { page, panel } = await open();
  await page.getByRole("combobox", { name: "Sample document" }).selectOption({ label: "Sticker cards" });
  await page.getByRole("button", { name: "Rocket", exact: true }).click();
  const nameOf = async () =>
    told(await panel(), "selection").then(({ selection }) => selection.type === "image" && selection.image.name);
  await expect.poll(nameOf).toBe("Rocket");

  const burger = await page.evaluate(() => {
    const shape = window.overpaintPlayground.shapes.find(({ name }) => name === "Burger");
    return shape?.bounds;
  });
  // The page is fitted into the free part of the canvas; find the burger by trying along its row.
  expect(burger).toBeDefined();
  const canvas = page.getByLabel("Canvas");
  const box = await canvas.boundingBox();
  for (let step = 1; step < 20 && (await nameOf()) !== "Burger"; step++)
    await canvas.click({ position: { x: step * 20, y: (box?.height ?? 0) / 2 - 30 } });
  expect(await nameOf()).toBe("Burger");
  await canvas.press("Escape");
  await expect.poll(() => page.evaluate(() => window.overpaintPlayground.selection)).toEqual([]);
});

test("moves a layer with the arrows and takes it back with Ctrl+Z", async () => {
  const { page } = await open();
  const left = () =>
    page.evaluate(() => window.overpaintPlayground.shapes.find(({ name }) => name === "Meadow")?.bounds.x);
  await page.getByLabel("Canvas").focus();
  await page.keyboard.press("Shift+ArrowRight");
  expect(await left()).toBe(234);
  await page.keyboard.press("Control+z");
  expect(await left()).toBe(224);
  await page.keyboard.press("Control+Shift+z");
  expect(await left()).toBe(234);
});

test("opens the reader's own picture file, and says why it cannot", async () => {
  const { page, panel } = await open();
  const input = page.getByLabel("Image file");
  const jpeg = await sharp({ create: { width: 40, height: 30, channels: 3, background: "#abc" } })
    .jpeg()
    .toBuffer();
  await input.setInputFiles({ name: "mine.jpg", mimeType: "image/jpeg", buffer: jpeg });
  const selected = async () =>
    told(await panel(), "selection").then(({ selection }) =>
      selection.type === "image" ? selection.image : undefined,
    );
  await expect.poll(selected).toMatchObject({ name: "mine", image: { width: 40, height: 30 } });
  await input.setInputFiles({ name: "notes.png", mimeType: "image/png", buffer: Buffer.from("not a picture") });
  await expect.poll(() => page.getByRole("status").textContent()).toContain("notes.png");
});

test("switches its theme and the plugin's, and remembers it", async () => {
  const { page, panel } = await open();
  await page.getByRole("button", { name: "Light theme" }).click();
  await expect.poll(async () => told(await panel(), "theme").then(({ theme }) => theme)).toBe("light");
  await page.reload();
  await page.evaluate(() => window.overpaintPlayground.ready);
  expect((await panel()).url()).toContain("theme=light");
});

test.each(["dark", "light"] as const)("has no accessibility violations in the %s theme", async (theme) => {
  // Without a plugin, because axe-core cannot start once the runtime has frozen the intrinsics.
  const { page } = await open(`${playgroundUrl}?plugin=http://127.0.0.1:4417/nowhere`);
  await page.evaluate((name) => window.overpaintPlayground.setTheme(name), theme);
  await page.addScriptTag({ path: createRequire(import.meta.url).resolve("axe-core/axe.min.js") });
  const violations = await page.evaluate(async () => {
    const { axe } = window as unknown as { axe: typeof import("axe-core") };
    const results = await axe.run();
    return results.violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" ")}`);
  });
  expect(violations).toEqual([]);
});
