import { cp, mkdir, readFile, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { decodeImage } from "../../../companion-server/images/decode-image.ts";
import { readPngText } from "../../../shared/imaging/metadata/png-metadata.ts";
import type { RgbaImage } from "../../../shared/imaging/rgba-image.ts";
import type { EditEvent } from "../../../shared/protocol/edit-event.ts";
import { type Recipe, recipeSchema } from "../../../shared/protocol/recipe.ts";
import { buildPage } from "../../support/build-page.ts";
import { launchBrowser } from "../../support/launch-browser.ts";
import { pngHeader } from "../../support/png-chunks.ts";
import { inRepository } from "../../support/repository.ts";
import { type StaticServer, serveFolders } from "../../support/serve-folder.ts";
import { type TemporaryFolder, temporaryFolder } from "../../support/temporary-folder.ts";
import type { HarnessEdit } from "./harness/page.ts";

const SIDE = 160;
const hole = { x: 60, y: 50, width: 40, height: 36 };

let folder: TemporaryFolder;
let server: StaticServer;
let browser: Browser;
let page: Page;
const addressesElsewhere: string[] = [];

/** A gradient with some texture: no two neighbouring pixels alike. */
function scene(): RgbaImage {
  const data = new Uint8Array(SIDE * SIDE * 4);
  for (let y = 0; y < SIDE; y += 1)
    for (let x = 0; x < SIDE; x += 1) data.set([x + 40, y + 30, ((x * 7) ^ (y * 5)) & 0x3f, 255], (y * SIDE + x) * 4);
  return { width: SIDE, height: SIDE, data };
}

async function writeInputs(): Promise<void> {
  const files = join(folder.path, "files");
  await mkdir(files);
  const picture = sharp(scene().data, { raw: { width: SIDE, height: SIDE, channels: 4 } });
  await picture.clone().png().toFile(join(files, "scene.png"));
  const black = { width: SIDE, height: SIDE, channels: 3, background: "black" } as const;
  const white = { width: hole.width, height: hole.height, channels: 3, background: "white" } as const;
  const painted = [{ input: { create: white }, left: hole.x, top: hole.y }];
  await sharp({ create: black }).composite(painted).png().toFile(join(files, "mask.png"));
  await sharp({ create: black }).png().toFile(join(files, "empty.png"));
  await sharp({ create: { ...black, width: 20 } })
    .png()
    .toFile(join(files, "narrow.png"));
  await sharp({ create: { ...white, width: 1, height: 1 } })
    .png()
    .toFile(join(files, "pixel.png"));
  await picture.clone().removeAlpha().withIccProfile("p3").png().toFile(join(files, "display.png"));
  await writeFile(join(files, "huge.png"), pngHeader(20_000, 20_000));
  await writeFile(join(files, "text.png"), "this is no picture at all, only text");
  await writeFile(join(files, "cut.png"), (await readFile(join(files, "scene.png"))).subarray(0, 2_000));
}

async function writeModels(): Promise<void> {
  const models = join(folder.path, "models");
  await cp(inRepository("models/starter"), join(models, "starter"), { recursive: true });
  await cp(inRepository("models/starter"), join(models, "cut-short"), { recursive: true });
  await truncate(join(models, "cut-short/unet/model.onnx"), 1_000_000);
  await cp(inRepository("models/starter"), join(models, "no-decoder"), { recursive: true });
  await writeFile(join(models, "no-decoder/vae_decoder/model.onnx"), "");
}

beforeAll(async () => {
  folder = await temporaryFolder();
  await writeInputs();
  await writeModels();
  await buildPage(inRepository("tests/plugin/engine-worker/harness"), join(folder.path, "page"));
  server = await serveFolders({
    folders: {
      "/": join(folder.path, "page"),
      "/files/": join(folder.path, "files"),
      "/models/": join(folder.path, "models"),
    },
    fallbackHtml: "<!doctype html><title>An application</title>",
  });
  browser = await launchBrowser();
  page = await browser.newPage();
  page.on("request", (request) => {
    const url = request.url();
    if (!url.startsWith(server.origin) && /^(https?|wss?):/.test(url)) addressesElsewhere.push(url);
  });
  await page.goto(`${server.origin}/`);
  await page.waitForFunction(() => "harness" in window);
});

afterAll(async () => {
  await browser?.close();
  await server?.close();
  await folder?.remove();
});

function run(edit: Partial<HarnessEdit> & { readonly request?: Record<string, unknown> } = {}) {
  const request = { task: "inpaint", prompt: "a cat face", seed: 7, steps: 4, ...edit.request };
  const whole = { imageUrl: "/files/scene.png", maskUrl: "/files/mask.png", ...edit, request };
  return page.evaluate((given) => window.harness.run(given), whole);
}

function failure(events: readonly EditEvent[]) {
  const last = events.at(-1);
  if (last?.type !== "failed") throw new Error(`expected a failed event, got ${JSON.stringify(last)}`);
  return last.error;
}

const alphaAt = ({ width, data }: RgbaImage, x: number, y: number) => data[(y * width + x) * 4 + 3];

describe("the browser engine on WASM", () => {
  test("takes WASM where there is no graphics device, and says why", async () => {
    const device = await page.evaluate(() => window.harness.prepare());
    expect(device).toEqual({ device: "wasm", reason: expect.stringMatching(/WebGPU|graphics device/) });
  });

  test("tells of the edit in order and hands out a layer that covers what was painted", async () => {
    const { events, layers } = await run();
    const types = events.map(({ type }) => type);
    expect(types).toEqual(["queued", "started", ...Array(4).fill("step"), "result", "done"]);
    expect(events[1]).toEqual({ type: "started", model: "starter", device: "wasm", attempt: 1 });
    const steps = events.filter((event) => event.type === "step");
    expect(steps.map(({ step, steps: all }) => [step, all])).toEqual(Array.from({ length: 4 }, (_, k) => [k + 1, 4]));
    expect(steps.some(({ preview }) => preview?.url.startsWith("data:image/webp;base64,"))).toBe(true);

    const done = events.at(-1);
    if (done?.type !== "done") throw new Error("no result");
    const area = done.results[0]!.layer;
    const layer = await decodeImage(Buffer.from(layers[0]!, "base64"), "the layer");
    expect([layer.width, layer.height]).toEqual([area.width, area.height]);
    for (const x of [hole.x, hole.x + hole.width - 1])
      for (const y of [hole.y, hole.y + hole.height - 1]) expect(alphaAt(layer, x - area.x, y - area.y)).toBe(255);
  });

  test("says in result and recipe that a profile was converted, and nothing where none was", async () => {
    const notes = async (imageUrl: string) => {
      const { events } = await run({ imageUrl, request: { steps: 1 } });
      return events.flatMap((event) => (event.type === "result" ? [event.result.recipe.notes] : []));
    };
    const text = "The picture's colour profile (sP3C) was converted to sRGB.";
    expect(await notes("/files/display.png")).toEqual([[{ code: "profile-converted", part: "image", text }]]);
    expect(await notes("/files/scene.png")).toEqual([undefined]);
  });

  test("writes the recipe into the layer, with the hashes of what went in", async () => {
    const { events, layers } = await run({ request: { steps: 1 } });
    const text = readPngText(Buffer.from(layers[0]!, "base64"));
    const recipes = text.flatMap((entry): Recipe[] => {
      const parsed = entry.text.startsWith("{") ? recipeSchema.safeParse(JSON.parse(entry.text)) : undefined;
      return parsed?.success ? [parsed.data] : [];
    });
    const done = events.at(-1);
    expect(recipes).toEqual(done?.type === "done" ? done.results.map(({ recipe }) => recipe) : undefined);
    const recipe = recipes[0]!;
    expect(recipe.engine).toMatchObject({ place: "browser", device: "wasm" });
    expect(recipe.engine.provider).toMatch(/^onnxruntime-web \d/);
    expect(recipe.inputs.image).toBe(await sha256OfFile(join(folder.path, "files/scene.png")));
    expect(recipe.model.files["unet/model.onnx"]).toBe(
      await sha256OfFile(inRepository("models/starter/unet/model.onnx")),
    );
    expect(text.map((entry) => entry.text).join()).toContain("compositeWithTrainedAlgorithmicMedia");
  });

  test("draws the same layer for the same request, and another for another seed", async () => {
    const first = await run({ request: { count: 2 } });
    const second = await run({ request: { seed: 8 } });
    expect(first.layers).toHaveLength(2);
    expect(first.layers[0]).not.toBe(first.layers[1]);
    const pixels = (layer: string | undefined) => decodeImage(Buffer.from(layer!, "base64"), "the layer");
    expect((await pixels(second.layers[0])).data).toEqual((await pixels(first.layers[1])).data);
  });

  test("fills with what fits when the prompt is empty", async () => {
    const { events } = await run({ request: { prompt: "" } });
    expect(events.at(-1)?.type, JSON.stringify(events.at(-1))).toBe("done");
  });

  test("draws on a picture of one pixel", async () => {
    const { events, layers } = await run({ imageUrl: "/files/pixel.png", maskUrl: "/files/pixel.png" });
    expect(events.at(-1)?.type, JSON.stringify(events.at(-1))).toBe("done");
    const layer = await decodeImage(Buffer.from(layers[0]!, "base64"), "the layer");
    expect([layer.width, layer.height, layer.data[3]]).toEqual([1, 1, 255]);
  });

  test.each(["queued", "started", "step"] as const)("stops when it is cancelled after %s", async (cancelAfter) => {
    const { events, layers } = await run({ cancelAfter, request: { steps: 50 } });
    expect(events.at(-1)).toEqual({ type: "cancelled" });
    expect(events.filter(({ type }) => type === "step").length).toBeLessThan(5);
    expect(layers).toEqual([]);
    expect((await run({ request: { steps: 1 } })).events.at(-1)?.type).toBe("done");
  });

  test("refuses a second edit while one runs, and finishes the first", async () => {
    const { events, othersEvents } = await run({ again: true });
    expect(failure(othersEvents).message).toContain("busy");
    expect(events.at(-1)?.type).toBe("done");
  });

  test.each([
    ["a damaged graph", { request: { model: "cut-short" } }, "damaged-model", "unet/model.onnx"],
    ["an empty graph", { request: { model: "no-decoder" } }, "damaged-model", "vae_decoder/model.onnx"],
    ["an unknown model", { request: { model: "nothing-here" } }, "unknown-model", "nothing-here"],
    ["a request that makes no sense", { request: { steps: -1 } }, "invalid-request", "steps"],
    ["a gigantic prompt", { request: { prompt: "a".repeat(10_000) } }, "prompt-too-long", "10000 characters"],
    ["a picture that is none", { imageUrl: "/files/text.png" }, "unreadable-image", "The image"],
    ["a truncated picture", { imageUrl: "/files/cut.png" }, "unreadable-image", "The image"],
    ["a tiny file that declares a gigantic size", { imageUrl: "/files/huge.png" }, "image-too-large", "20000"],
    ["a mask of another size", { maskUrl: "/files/narrow.png" }, "mask-size-mismatch", "20×160"],
    ["an empty mask", { maskUrl: "/files/empty.png" }, "empty-mask", "mask"],
  ])("fails clearly for %s, and goes on working", async (_, edit, code, named) => {
    const { events } = await run(edit);
    expect(failure(events)).toMatchObject({ code, message: expect.stringContaining(named) });
    expect((await run({ request: { steps: 1 } })).events.at(-1)?.type).toBe("done");
  });

  test("asks no other server for anything", () => {
    expect(server.requests.some((path) => path.endsWith(".wasm"))).toBe(true);
    expect(addressesElsewhere).toEqual([]);
  });
});

async function sha256OfFile(path: string): Promise<string> {
  const { createHash } = await import("node:crypto");
  return createHash("sha256")
    .update(await readFile(path))
    .digest("hex");
}
