import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { decodeMask } from "../../companion-server/images/decode-image.ts";
import { distanceToMask } from "../../shared/imaging/mask/distance-transform.ts";
import type { RgbaImage } from "../../shared/imaging/rgba-image.ts";
import type { PixelRect } from "../../shared/protocol/geometry.ts";
import type { Recipe } from "../../shared/protocol/recipe.ts";
import { worstDifference } from "../support/worst-difference.ts";
import { readInserted } from "./inserted-layer.ts";
import { PlaygroundSession } from "./playground-session.ts";
import { useStage } from "./use-stage.ts";

/** The sample's picture, 768 × 512 pixels on as many units, at a whole position. */
const SOURCE = "Meadow";
/** Over the picture's lower left, grass alone. */
const stroke = { from: [0.15, 0.68], to: [0.27, 0.72] } as const;
const wish = { prompt: "a strawberry", seed: 7, steps: 8 };
/** Both engines run the same arithmetic; the order of additions in their kernels differs. */
const ENGINE_TOLERANCE = 2;

const stage = useStage();

/** The mask as the panel sent it, which the companion keeps until the result is inserted. */
async function sentMask(): Promise<Uint8Array> {
  const entries = await readdir(join(stage().companion.dataFolder, "jobs"), { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && entry.name.startsWith("mask"));
  expect(files).toHaveLength(1);
  return readFile(join(files[0]!.parentPath, files[0]!.name));
}

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

/** Alpha of the layer at a pixel of the source. */
function alphaOver(pixels: RgbaImage, area: PixelRect, x: number, y: number): number {
  const isInside = x >= area.x && y >= area.y && x < area.x + area.width && y < area.y + area.height;
  return isInside ? pixels.data[((y - area.y) * area.width + x - area.x) * 4 + 3]! : 0;
}

test("goes from a selection to a layer with the companion", async () => {
  const session = await PlaygroundSession.open(stage().browser, stage().companion.playgroundUrl);
  const ofBrowserEngine: string[] = [];
  session.page.on("request", (request) => {
    if (/\/models\/|engine-worker|engine-files|\.wasm/.test(request.url())) ofBrowserEngine.push(request.url());
  });
  const source = await session.select(SOURCE);
  await session.paint(stroke);
  await session.ask(wish);
  const before = await session.shapes();
  const pageBefore = await session.render(source.bounds);
  await session.generate();
  const maskBytes = await sentMask();
  const layer = await readInserted(session, await session.insert());
  const { recipe, pixels } = layer;

  // What the companion draws needs no other engine.
  expect(ofBrowserEngine).toEqual([]);

  // Directly above its source.
  const after = await session.shapes();
  const names = after.filter(({ parentId }) => parentId === source.parentId).map(({ id }) => id);
  expect(names.indexOf(layer.shape.id)).toBe(names.indexOf(source.id) + 1);
  expect(layer.shape.parentId).toBe(source.parentId);

  // The recipe says what was asked, and of what.
  expect(recipe.request).toMatchObject({ task: "inpaint", ...wish });
  expect(recipe.inputs.mask).toBe(sha256(maskBytes));
  expect(recipe.engine).toMatchObject({ place: "companion", device: "cpu" });

  // Where the layer lies follows from its place in the document: one unit is one pixel here.
  const { bounds } = layer.shape;
  const area = {
    x: bounds.x - source.bounds.x,
    y: bounds.y - source.bounds.y,
    width: bounds.width,
    height: bounds.height,
  };
  expect([pixels.width, pixels.height]).toEqual([area.width, area.height]);

  const mask = await decodeMask(maskBytes, "the mask");
  expect([mask.width, mask.height]).toEqual([source.bounds.width, source.bounds.height]);
  const painted = Array.from(mask.data).filter((value) => value === 255).length;
  expect(painted).toBeGreaterThan(1_000);
  const distance = distanceToMask(mask.data, mask.width, mask.height);
  const pageAfter = await session.render(source.bounds);
  if (recipe.version !== 2 || recipe.plan.task !== "inpaint") throw new Error("The plan is none for inpainting.");
  const { grow, feather } = recipe.plan.passes[0]!.mask!;
  const reach = grow + feather;
  let changed = 0;
  const wrong = { opaque: 0, transparent: 0, untouched: 0 };
  for (let y = 0; y < mask.height; y += 1)
    for (let x = 0; x < mask.width; x += 1) {
      const pixel = y * mask.width + x;
      const alpha = alphaOver(pixels, area, x, y);
      const differs = [0, 1, 2, 3].some((c) => pageBefore.data[pixel * 4 + c] !== pageAfter.data[pixel * 4 + c]);
      if (mask.data[pixel] === 255 && alpha !== 255) wrong.opaque += 1;
      if (distance[pixel]! > reach && alpha !== 0) wrong.transparent += 1;
      if (alpha === 0 && differs) wrong.untouched += 1;
      if (mask.data[pixel] === 255 && differs) changed += 1;
    }
  expect(wrong).toEqual({ opaque: 0, transparent: 0, untouched: 0 });
  expect(changed / painted).toBeGreaterThan(0.5);

  // One undo takes all of it back.
  await session.undo();
  expect((await session.shapes()).map(({ id }) => id)).toEqual(before.map(({ id }) => id));
  expect(worstDifference(await session.render(source.bounds), pageBefore)).toBe(0);
  expect(session.errors).toEqual([]);
  await session.close();
});

test("goes on in the browser when the companion stops, and draws the same layer for the same recipe", async () => {
  const session = await PlaygroundSession.open(stage().browser, stage().companion.playgroundUrl);
  await session.select(SOURCE);
  await session.keepEngineReady();
  await session.paint(stroke);
  await session.ask(wish);
  await session.generate();
  const companions = await readInserted(session, await session.insert());
  // The panel follows the document's undo: the next edit begins from the same picture.
  await session.undo();
  await session.panel.getByText(/^Inserted above the picture/).waitFor({ state: "detached" });

  await stage().companion.stop();
  await session.panel.getByRole("button", { name: /Browser · WASM/ }).waitFor();
  await session.generate();
  const browsers = await readInserted(session, await session.insert());

  expect(companions.recipe.engine).toMatchObject({ place: "companion", device: "cpu" });
  expect(browsers.recipe.engine).toMatchObject({ place: "browser", device: "wasm" });
  expect(whatWasAsked(browsers.recipe)).toEqual(whatWasAsked(companions.recipe));
  // The browser reads the files it needs, the companion hashes them all.
  expect(companions.recipe.model.files).toMatchObject(browsers.recipe.model.files);
  expect(worstDifference(browsers.pixels, companions.pixels)).toBeLessThanOrEqual(ENGINE_TOLERANCE);
  expect(session.errors).toEqual([]);
  await session.close();
});

/** The recipe without what ran it. */
function whatWasAsked({ engine: _, model: { id }, ...rest }: Recipe) {
  return { ...rest, model: id };
}
