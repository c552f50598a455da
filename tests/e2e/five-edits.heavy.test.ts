import { createHash } from "node:crypto";
import { cp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { decodeImage } from "../../companion-server/images/decode-image.ts";
import type { PlaygroundShape } from "../../plugin/playground/playground-api.ts";
import type { RgbaImage } from "../../shared/imaging/rgba-image.ts";
import { RECIPE_KEY, RECIPE_NAMESPACE, type Recipe, recipeSchema } from "../../shared/protocol/recipe.ts";
import { landscape, pngOf } from "../plugin/ui/support/pictures.ts";
import { flowFolder } from "../support/flow-models.ts";
import { inRepository } from "../support/repository.ts";
import { worstDifference } from "../support/worst-difference.ts";
import { PlaygroundSession } from "./playground-session.ts";
import { useStage } from "./use-stage.ts";

/** The sample's picture: 768 × 512 pixels on as many units, in a board that is wider and higher. */
const SOURCE = "Meadow";
const BOARD = "Hero 16:9";
/** Enough to see that something was drawn. */
const wish = { seed: 7, steps: 3 };

const stage = useStage();
let session: PlaygroundSession;
beforeEach(async () => {
  session = await PlaygroundSession.open(stage().browser, stage().companion.playgroundUrl);
});
afterEach(() => session.close());

const tab = (name: string) => session.panel.getByRole("tab", { name }).click();
const shapeNamed = async (name: string) => {
  const shape = (await session.shapes()).find((each) => each.name === name);
  if (shape === undefined) throw new Error(`There is no shape "${name}".`);
  return shape;
};

/** A picture of 192 × 128 pixels beside the sample: what is drawn anew in whole should be drawn soon. */
async function openSmallPicture(): Promise<PlaygroundShape> {
  const bytes = Array.from(landscape(192, 128));
  await session.page.evaluate(
    (file) => window.overpaintPlayground.openImage("Beach.png", Uint8Array.from(file)),
    bytes,
  );
  return await session.select("Beach");
}

/** Presses the button and waits until the one that brings the result into the document is there. */
async function run(start: RegExp, insert: string): Promise<void> {
  await session.panel.getByRole("button", { name: start }).click();
  const problem = session.panel.getByRole("alert");
  const end = session.panel.getByRole("button", { name: insert }).or(problem);
  await end.waitFor({ timeout: 110_000 });
  if (await problem.isVisible()) throw new Error(`The panel says: ${await problem.textContent()}`);
}

/** Inserts the result and answers the shape that was added. */
async function insert(button: string, words: RegExp): Promise<PlaygroundShape> {
  const before = new Set((await session.shapes()).map(({ id }) => id));
  await session.panel.getByRole("button", { name: button }).click();
  await session.panel.getByText(words).waitFor();
  const added = (await session.shapes()).filter(({ id }) => !before.has(id));
  expect(added).toHaveLength(1);
  return added[0]!;
}

function recipeOf({ pluginData }: PlaygroundShape): Recipe {
  return recipeSchema.parse(JSON.parse(pluginData[`shared/${RECIPE_NAMESPACE}`]?.[RECIPE_KEY] ?? "null"));
}

/** The media of a shape's topmost fill, decoded. */
async function pictureIn(shape: PlaygroundShape): Promise<RgbaImage> {
  const [fill] = shape.fills;
  if (fill?.type !== "image") throw new Error(`“${shape.name}” shows no picture.`);
  return await decodeImage(await session.mediaBytes(fill.mediaId), shape.name);
}

/** Share of pixels that differ in any channel. */
function changedShare(a: RgbaImage, b: RgbaImage): number {
  let changed = 0;
  for (let i = 0; i < a.data.length; i += 4)
    if ([0, 1, 2, 3].some((channel) => a.data[i + channel] !== b.data[i + channel])) changed += 1;
  return changed / (a.data.length / 4);
}

function meanDifference(a: RgbaImage, b: RgbaImage): number {
  let sum = 0;
  for (let i = 0; i < a.data.length; i += 1) sum += Math.abs((a.data[i] ?? 0) - (b.data[i] ?? 0));
  return sum / a.data.length;
}

/** What of a shape with round corners is filled in any case. */
function inset({ x, y, width, height }: PlaygroundShape["bounds"], by: number): PlaygroundShape["bounds"] {
  const across = Math.min(by, width / 2 - 1);
  const down = Math.min(by, height / 2 - 1);
  return { x: x + across, y: y + down, width: width - 2 * across, height: height - 2 * down };
}

async function renderAll(areas: readonly PlaygroundShape["bounds"][]): Promise<RgbaImage[]> {
  const pictures: RgbaImage[] = [];
  for (const area of areas) pictures.push(await session.render(area));
  return pictures;
}

const siblings = async ({ parentId }: PlaygroundShape) =>
  (await session.shapes()).filter((each) => each.parentId === parentId).map(({ id }) => id);

test("inpaints, has a discarded result back, inserts it as a layer above the picture, and draws it again from the history", async () => {
  const { panel } = session;
  const source = await session.select(SOURCE);
  await session.paint({ from: [0.2, 0.6], to: [0.3, 0.62] });
  await session.ask({ ...wish, prompt: "a strawberry" });
  await run(/^(Add|Replace)/, "Insert as layer");
  await panel.getByRole("button", { name: "Discard" }).click();
  await panel.getByRole("button", { name: "Insert as layer" }).waitFor({ state: "detached" });
  await panel.getByRole("button", { name: "Undo", exact: true }).click();
  const layer = await insert("Insert as layer", /^Inserted above the picture/);
  const ids = await siblings(source);
  expect(ids.indexOf(layer.id)).toBe(ids.indexOf(source.id) + 1);
  expect(recipeOf(layer).request.task).toBe("inpaint");

  await session.reopenPanel();
  await panel.getByRole("button", { name: /^History/ }).click();
  await panel.getByTitle("Set everything as it was for this").filter({ hasText: "a strawberry" }).click();
  await panel.getByRole("button", { name: "Clear mask" }).and(panel.locator(":enabled")).waitFor();
  await run(/^(Add|Replace)/, "Insert as layer");
  const again = await insert("Insert as layer", /^Inserted/);
  const file = ({ fills: [fill] }: PlaygroundShape) =>
    fill?.type === "image" ? session.mediaBytes(fill.mediaId) : undefined;
  expect(await file(again)).toEqual(await file(layer));
  expect(session.errors).toEqual([]);
});

test("removes a part of a logo by a picture in its place, whose transparency grows by that part alone", async () => {
  const isIn = (x: number, y: number) =>
    (x >= 8 && x < 48 && y >= 16 && y < 48) || (x >= 64 && x < 84 && y >= 22 && y < 42);
  const logo = pngOf(96, 64, (x, y) => [200, 40, 60, isIn(x, y) ? 255 : 0]);
  await session.page.evaluate(
    (file) => window.overpaintPlayground.openImage("Logo.png", Uint8Array.from(file)),
    Array.from(logo),
  );
  const before = await pictureIn(await session.select("Logo"));
  await session.ask({ ...wish, prompt: "" });
  await session.panel.getByText("Remove", { exact: true }).click();
  await session.panel.getByRole("button", { name: "Rectangle" }).click();
  // Around the dot at its right, which it takes in whole.
  await session.paint({ from: [0.57, 0.15], to: [0.8, 0.85] });
  await run(/^Remove/, "Replace the picture");
  await session.panel.getByRole("button", { name: "Replace the picture" }).click();
  await session.panel.getByText(/^Replaced: /).waitFor();
  const after = await pictureIn(await shapeNamed("Logo"));
  const changed = Array.from({ length: 96 * 64 }, (_, i) => i).filter(
    (i) => before.data[4 * i + 3] !== after.data[4 * i + 3],
  );
  expect(changed.every((i) => i % 96 >= 64)).toBe(true);
  expect(changed.filter((i) => after.data[4 * i + 3] === 0).length).toBeGreaterThan(300);
  expect(session.errors).toEqual([]);
});

test("leaves a job to the panel that began it while that is open, and to another one over the same document then", async () => {
  await openSmallPicture();
  await session.paint({ from: [0.4, 0.5], to: [0.5, 0.5] });
  await session.ask({ ...wish, prompt: "a strawberry" });
  await run(/^(Fill|Add|Replace)/, "Insert as layer");
  const second = await session.beside(stage().companion.playgroundUrl);
  await second.select("Beach");
  await second.panel.getByRole("button", { name: "History, History" }).waitFor();
  expect(await second.panel.getByRole("button", { name: "Insert as layer" }).count()).toBe(0);
  await session.page.close();
  await second.reopenPanel();
  await second.panel.getByRole("button", { name: "Insert as layer" }).waitFor();
  await second.panel.getByText("This edit was running while the panel was closed.").waitFor();
  expect(second.errors).toEqual([]);
});

test("finds a clicked object, and removes the background, by models that are installed for that", async () => {
  const packs = ["segmentation", "background"];
  const installed = (name: string) => join(stage().companion.dataFolder, "models", name);
  for (const name of packs)
    await cp(inRepository(`tests/fixtures/packs/${name}`), installed(name), { recursive: true });
  const { page, panel } = session;
  try {
    await session.reload();
    await openSmallPicture();
    await panel.getByRole("button", { name: "Object" }).click();
    const found = page.waitForResponse((response) => response.url().endsWith("/selections"));
    await session.paint({ from: [0.5, 0.5], to: [0.5, 0.5] });
    expect((await found).status()).toBe(200);
    await panel.getByRole("button", { name: "Clear mask" }).and(panel.locator(":enabled")).waitFor();
    await panel.getByRole("button", { name: "Remove background" }).click();
    await panel.getByRole("button", { name: "Replace the picture" }).click();
    await panel.getByText(/^Replaced: /).waitFor();
    expect(session.errors).toEqual([]);
  } finally {
    for (const name of packs) await rm(installed(name), { recursive: true });
  }
});

test("draws a second edit on the first, above it, and begins anew from the picture after an undo", async () => {
  const source = await openSmallPicture();
  const edit = async (from: readonly [number, number], to: readonly [number, number]) => {
    await session.paint({ from, to });
    await run(/^(Fill|Add|Replace)/, "Insert as layer");
    return await insert("Insert as layer", /^Inserted (above the picture|on top)/);
  };
  await session.ask({ ...wish, prompt: "a strawberry" });
  const first = await edit([0.4, 0.5], [0.5, 0.5]);
  const second = await edit([0.45, 0.55], [0.55, 0.6]);
  const ids = await siblings(source);
  expect([first, second].map(({ id }) => ids.indexOf(id) - ids.indexOf(source.id))).toEqual([1, 2]);
  const image = (shape: PlaygroundShape) => recipeOf(shape).inputs.image;
  expect(image(second)).not.toBe(image(first));
  for (const shape of [second, first]) {
    await session.undo();
    await expect.poll(async () => (await session.shapes()).some(({ id }) => id === shape.id)).toBe(false);
  }
  // The panel has followed once there is nothing left that could be left out of the picture.
  await session.panel.getByText("Original only").waitFor({ state: "detached" });
  const again = await edit([0.4, 0.6], [0.45, 0.6]);
  expect(image(again)).toBe(image(first));
  expect(session.errors).toEqual([]);
});

test("extends the picture to fill its board, behind all that stands on it and without touching the picture", async () => {
  const source = await session.select(SOURCE);
  const board = await shapeNamed(BOARD);
  const before = await session.render(board.bounds);
  const pictureBefore = await session.render(source.bounds);
  const headlines = (await session.shapes()).filter(({ name }) => /^(Headline|Text|Button)/.test(name));
  expect(headlines.length).toBeGreaterThan(4);
  const cores = headlines.map(({ bounds, borderRadius }) => inset(bounds, Math.max(...[borderRadius].flat())));
  const headlinesBefore = await renderAll(cores);
  await tab("Extend");
  await session.ask({ ...wish, prompt: "" });
  await session.panel.getByRole("button", { name: `Fill board “${BOARD}”` }).click();
  await run(/^Extend to 1024 × 576/, "Insert around the picture");
  const layer = await insert("Insert around the picture", /^Inserted around the picture/);

  expect(layer.bounds).toEqual(board.bounds);
  const ids = await siblings(source);
  expect(ids.indexOf(layer.id)).toBe(0);
  const headlinesAfter = await renderAll(cores);
  expect(headlinesAfter.map((after, i) => worstDifference(after, headlinesBefore[i]!))).toEqual(cores.map(() => 0));
  expect(await pictureIn(layer)).toMatchObject({ width: 1024, height: 576 });
  expect(recipeOf(layer).request).toMatchObject({ task: "outpaint", left: 224, right: 32, top: 32, bottom: 32 });
  expect(worstDifference(await session.render(source.bounds), pictureBefore)).toBe(0);
  // A third of the board lies beyond the picture; all of it is painted now.
  expect(changedShare(await session.render(board.bounds), before)).toBeGreaterThan(0.25);
  await session.undo();
  expect(worstDifference(await session.render(board.bounds), before)).toBe(0);
  expect(session.errors).toEqual([]);
});

test("lets no light through between the picture and its extension, at any zoom", async () => {
  const source = await openSmallPicture();
  const pictureBefore = await session.render(source.bounds);
  await tab("Extend");
  await session.ask({ ...wish, prompt: "" });
  for (const [side, pixels] of [
    ["Left", "33"],
    ["Bottom", "21"],
  ] as const) {
    await session.panel.getByRole("spinbutton", { name: side }).fill(pixels);
    await session.panel.getByRole("spinbutton", { name: side }).press("Tab");
  }
  await run(/^Extend to 225 × 149/, "Insert around the picture");
  const layer = await insert("Insert around the picture", /^Inserted around the picture/);
  expect(worstDifference(await session.render(source.bounds), pictureBefore)).toBe(0);

  // Beside the sample's board there is nothing behind them, so that light is a pixel that is not opaque.
  const light: Record<number, number> = {};
  for (const zoom of [0.25, 0.5, 0.52, 0.9, 1, 1.5, 2.7]) {
    const { data, width, height } = await session.render(layer.bounds, zoom);
    let worst = 0;
    // The outermost pixels are those of the extension's own edge.
    for (let y = 1; y < height - 1; y += 1)
      for (let x = 1; x < width - 1; x += 1) worst = Math.max(worst, 255 - data[(y * width + x) * 4 + 3]!);
    light[zoom] = worst;
  }
  expect(Math.max(...Object.values(light)), JSON.stringify(light)).toBeLessThanOrEqual(2);
  expect(session.errors).toEqual([]);
});

test("restyles the picture and inserts the result exactly over it", async () => {
  const source = await openSmallPicture();
  const before = await session.render(source.bounds);
  await tab("Restyle");
  await session.panel.getByText("3D icon", { exact: true }).click();
  await session.ask({ ...wish, prompt: "a beach" });
  await run(/^Restyle/, "Insert as layer");
  const layer = await insert("Insert as layer", /^Inserted above the picture/);

  expect(layer.bounds).toEqual(source.bounds);
  const ids = await siblings(source);
  expect(ids.indexOf(layer.id)).toBe(ids.indexOf(source.id) + 1);
  expect(recipeOf(layer).request).toMatchObject({ task: "restyle", style: "3d", seed: 7 });
  expect(changedShare(await session.render(source.bounds), before)).toBeGreaterThan(0.5);
  expect(session.errors).toEqual([]);
});

test("restyles the picture in the style of a second selected one, and says so in the recipe", async () => {
  const source = await openSmallPicture();
  const poster = await shapeNamed(SOURCE);
  await tab("Restyle");
  await session.page.evaluate((ids) => window.overpaintPlayground.select(...ids), [source.id, poster.id]);
  await session.panel.getByRole("button", { name: `Take the style of “${SOURCE}”` }).click();
  await session.panel.getByRole("button", { name: "Remove the style picture" }).waitFor();
  await session.ask({ ...wish, prompt: "a beach" });
  await run(/^Restyle$/, "Insert as layer");
  const layer = await insert("Insert as layer", /^Inserted above the picture/);
  expect(layer.bounds).toEqual(source.bounds);
  const [fill] = poster.fills;
  const file = fill?.type === "image" ? await session.mediaBytes(fill.mediaId) : new Uint8Array();
  const { inputs, plan } = recipeOf(layer);
  expect(inputs.reference).toBe(createHash("sha256").update(file).digest("hex"));
  expect(plan).toMatchObject({ task: "restyle", passes: [{ method: "restyle", reference: { strength: 0.8 } }] });
  expect(session.errors).toEqual([]);
});

test("upscales the picture in place: twice the pixels, the same shape, the same look", async () => {
  const source = await openSmallPicture();
  const before = await session.render(source.bounds);
  const shapesBefore = await session.shapes();
  await tab("Upscale");
  await run(/^Upscale to 384 × 256/, "Replace the picture");
  await session.panel.getByRole("button", { name: "Replace the picture" }).click();
  await session.panel.getByText("Replaced: the picture has 384 × 256 pixels now").waitFor();

  const replaced = await shapeNamed(source.name);
  const { fills: _, pluginData: __, ...geometry } = replaced;
  expect(source).toMatchObject(geometry);
  expect(await session.shapes()).toHaveLength(shapesBefore.length);
  expect(await pictureIn(replaced)).toMatchObject({ width: 384, height: 256 });
  expect(recipeOf(replaced).request).toMatchObject({ task: "upscale", width: 384, height: 256 });
  const after = await session.render(source.bounds);
  expect(changedShare(after, before)).toBeGreaterThan(0);
  expect(meanDifference(after, before)).toBeLessThan(4);
  // The panel goes on with the new picture.
  await session.panel.getByText("384 × 256", { exact: true }).first().waitFor();
  await session.undo();
  expect(await session.shapes()).toEqual(shapesBefore);
  expect(session.errors).toEqual([]);
});

test("creates a picture into the selected shape, and another onto the page", async () => {
  const dot = await shapeNamed("Button");
  await session.page.evaluate((id) => window.overpaintPlayground.select(id), dot.id);
  await tab("Create");
  await session.panel.getByText("Into “Button”").waitFor();
  await session.ask({ ...wish, prompt: "a strawberry" });
  await run(/^Create 116 × 40/, "Fill “Button”");
  const before = await session.shapes();
  await session.panel.getByRole("button", { name: "Fill “Button”" }).click();
  await session.panel.getByText("The shape is filled").waitFor();
  const filled = await shapeNamed("Button");
  expect(await session.shapes()).toHaveLength(before.length);
  expect(filled).toMatchObject({ bounds: dot.bounds, fills: [{ type: "image", keepAspectRatio: true }, dot.fills[0]] });
  expect(await pictureIn(filled)).toMatchObject({ width: 116, height: 40 });
  expect(recipeOf(filled).request).toMatchObject({ task: "create", prompt: "a strawberry" });

  await session.panel.getByText("Onto the page").click();
  await session.panel.getByLabel("Width").fill("128");
  await session.panel.getByLabel("Height").fill("96");
  await session.panel.getByLabel("Height").press("Tab");
  await run(/^Create 128 × 96/, "Insert on the page");
  const added = await insert("Insert on the page", /^Inserted on the page/);
  expect(added).toMatchObject({ name: "a strawberry", bounds: { width: 128, height: 96 } });
  expect(added.parentId).not.toBe((await shapeNamed(BOARD)).id);
  expect(session.errors).toEqual([]);
});

test("grows in its place, and is small again where it was", async () => {
  const { page, panel } = session;
  await session.select(SOURCE);
  const window = page.locator("plugin-modal .wrapper");
  const small = await window.boundingBox();
  await panel.getByRole("button", { name: "Make the panel large" }).click();
  await expect.poll(async () => (await window.boundingBox())?.width).toBeGreaterThan(small!.width);
  expect(await window.boundingBox()).toMatchObject({ x: small?.x, y: small?.y });
  await panel.getByRole("button", { name: "Make the panel small" }).click();
  await expect.poll(() => window.boundingBox()).toEqual(small);
});

test("changes a picture by saying so, with a second picture to speak of, where a model is installed that takes instructions", async () => {
  await session.panel.getByRole("tab", { name: "Inpaint" }).waitFor();
  expect(await session.panel.getByRole("tab").count()).toBe(5);
  await withTinyKlein(async () => {
    const source = await openSmallPicture();
    const before = await session.render(source.bounds);
    const other = await shapeNamed(SOURCE);
    const first = session.panel.getByRole("tab").first();
    await expect.poll(() => first.textContent()).toBe("Edit");
    await first.click();
    await session.page.evaluate((ids) => window.overpaintPlayground.select(...ids), [source.id, other.id]);
    await session.panel.getByRole("button", { name: `Use “${SOURCE}”` }).click();
    await session.panel.getByRole("button", { name: "Remove the reference 1" }).waitFor();
    await session.panel.getByRole("button", { name: "Make it night" }).click();
    expect(await session.panel.getByLabel("Prompt").inputValue()).toBe("Make it night");
    await session.ask({ prompt: "Make it night", seed: 7, steps: 2 });
    await run(/^Change the picture/, "Insert as layer");
    const layer = await insert("Insert as layer", /^Inserted above the picture/);
    const { request, inputs } = recipeOf(layer);
    expect(request).toMatchObject({ task: "edit", prompt: "Make it night", model: "tiny-klein", keep: "changes" });
    expect(Object.keys(inputs)).toEqual(expect.arrayContaining(["image", "reference"]));
    expect(changedShare(await session.render(source.bounds), before)).toBeGreaterThan(0.1);

    await session.paint({ from: [0.4, 0.5], to: [0.5, 0.5] });
    await run(/^Change what is painted/, "Insert as layer");
    const part = await insert("Insert as layer", /^Inserted on top/);
    expect(recipeOf(part).inputs.mask).toBeDefined();
    expect(part.bounds.width).toBeLessThan(source.bounds.width);
    expect(session.errors).toEqual([]);
  });
});

test("restyles, extends, upscales and creates with a model that takes instructions", async () => {
  await withTinyKlein(async () => {
    const source = await openSmallPicture();
    const draw = async (name: string, start: RegExp, button: string, words: RegExp) => {
      await tab(name);
      await chooseModel("tiny-klein");
      await session.ask({ ...wish, steps: 2, prompt: "a beach" });
      await run(start, button);
      const layer = await insert(button, words);
      expect(recipeOf(layer)).toMatchObject({ request: { model: "tiny-klein" }, plan: { prompt: expect.anything() } });
      return layer;
    };
    const before = await session.render(source.bounds);
    const restyled = await draw("Restyle", /^Restyle/, "Insert as layer", /^Inserted above the picture/);
    expect(restyled.bounds).toEqual(source.bounds);
    expect(changedShare(await session.render(source.bounds), before)).toBeGreaterThan(0.5);
    await session.undo();
    await session.select("Beach");
    await session.panel.getByText("Original only").waitFor({ state: "detached" });

    await tab("Extend");
    await session.panel.getByRole("spinbutton", { name: "Left" }).fill("33");
    await session.panel.getByRole("spinbutton", { name: "Left" }).press("Tab");
    await draw("Extend", /^Extend to 225 × 128/, "Insert around the picture", /^Inserted around the picture/);
    expect(worstDifference(await session.render(source.bounds), before)).toBe(0);

    await session.select("Beach");
    await tab("Create");
    await session.panel.getByText("Onto the page").click();
    await session.panel.getByLabel("Width").fill("75");
    await session.panel.getByLabel("Height").fill("90");
    await session.panel.getByLabel("Height").press("Tab");
    const made = await draw("Create", /^Create 75 × 90/, "Insert on the page", /^Inserted on the page/);
    expect(await pictureIn(made)).toMatchObject({ width: 75, height: 90 });

    await tab("Upscale");
    await session.select("Beach");
    await chooseModel("tiny-klein");
    await run(/^Upscale to 384 × 256/, "Replace the picture");
    await session.panel.getByRole("button", { name: "Replace the picture" }).click();
    await session.panel.getByText("Replaced: the picture has 384 × 256 pixels now").waitFor();
    const replaced = await shapeNamed("Beach");
    expect(await pictureIn(replaced)).toMatchObject({ width: 384, height: 256 });
    expect(recipeOf(replaced).request).toMatchObject({ task: "upscale", model: "tiny-klein" });
    expect(session.errors).toEqual([]);
  });
});

async function chooseModel(name: string): Promise<void> {
  const advanced = session.panel.locator("details", { hasText: "Advanced" });
  await advanced.locator("summary").click();
  await session.panel.getByLabel("Model", { exact: true }).selectOption(name);
  await advanced.locator("summary").click();
}

/** Opens the panel anew, with a tiny FLUX.2 klein among the models. */
async function withTinyKlein(act: () => Promise<void>): Promise<void> {
  await session.close();
  const model = join(stage().companion.dataFolder, "models", "tiny-klein");
  await cp(flowFolder("klein"), model, { recursive: true });
  await writeFile(join(model, "overpaint.json"), JSON.stringify({ nativeSize: 64, defaults: { steps: 2 } }));
  try {
    session = await PlaygroundSession.open(stage().browser, stage().companion.playgroundUrl);
    await act();
  } finally {
    await rm(model, { recursive: true });
  }
}
