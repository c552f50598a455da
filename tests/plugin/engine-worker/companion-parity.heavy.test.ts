import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import sharp from "sharp";
import { afterAll, beforeAll, expect, test } from "vitest";
import { decodeImage } from "../../../companion-server/images/decode-image.ts";
import { RECIPE_KEYWORD } from "../../../shared/editing/layer/provenance.ts";
import { readPngText } from "../../../shared/imaging/metadata/png-metadata.ts";
import { type Recipe, recipeSchema } from "../../../shared/protocol/recipe.ts";
import { runOverpaint } from "../../companion-server/support/run-overpaint.ts";
import { buildPage } from "../../support/build-page.ts";
import { launchBrowser } from "../../support/launch-browser.ts";
import { inRepository } from "../../support/repository.ts";
import { type StaticServer, serveFolders } from "../../support/serve-folder.ts";
import { type TemporaryFolder, temporaryFolder } from "../../support/temporary-folder.ts";
import { worstDifference } from "../../support/worst-difference.ts";

const WIDTH = 300;
const HEIGHT = 220;
/** Both engines run the same arithmetic; the kernels' order of additions differs, and JPEG decoders round differently. */
const TOLERANCE = 2;

let folder: TemporaryFolder;
let server: StaticServer;
let browser: Browser;
let page: Page;
const inFiles = (name: string) => join(folder.path, "files", name);

beforeAll(async () => {
  folder = await temporaryFolder();
  await mkdir(join(folder.path, "files"));
  const data = new Uint8Array(WIDTH * HEIGHT * 4);
  for (let y = 0; y < HEIGHT; y += 1)
    for (let x = 0; x < WIDTH; x += 1) {
      const isCutOut = x > 240 && y < 60;
      data.set([200 - y / 2, 120 + x / 4, 90 + ((x + y) % 40), isCutOut ? 0 : 255], (y * WIDTH + x) * 4);
    }
  const picture = sharp(data, { raw: { width: WIDTH, height: HEIGHT, channels: 4 } });
  await picture.clone().png().toFile(inFiles("scene.png"));
  await picture.clone().toColourspace("rgb16").png().toFile(inFiles("scene-16-bit.png"));
  await picture.clone().removeAlpha().jpeg({ quality: 92 }).toFile(inFiles("scene.jpg"));
  const circle = `<svg width="${WIDTH}" height="${HEIGHT}"><circle cx="150" cy="110" r="38" fill="white"/></svg>`;
  await sharp({ create: { width: WIDTH, height: HEIGHT, channels: 3, background: "black" } })
    .composite([{ input: Buffer.from(circle) }])
    .png()
    .toFile(inFiles("mask.png"));

  await buildPage(inRepository("tests/plugin/engine-worker/harness"), join(folder.path, "page"));
  server = await serveFolders({
    folders: {
      "/": join(folder.path, "page"),
      "/files/": join(folder.path, "files"),
      "/models/starter/": inRepository("models/starter"),
      "/models/starter-fast/": inRepository("models/starter-fast"),
      "/models/": inRepository("tests/fixtures"),
    },
  });
  browser = await launchBrowser();
  page = await browser.newPage();
  await page.goto(`${server.origin}/`);
  await page.waitForFunction(() => "harness" in window);
  await page.evaluate(() => window.harness.prepare("wasm"));
});

afterAll(async () => {
  await browser?.close();
  await server?.close();
  await folder?.remove();
});

interface Drawn {
  readonly png: Uint8Array;
  readonly recipe: Recipe;
}

function drawn(png: Uint8Array): Drawn {
  const entry = readPngText(png).find(({ keyword }) => keyword === RECIPE_KEYWORD);
  return { png, recipe: recipeSchema.parse(JSON.parse(entry?.text ?? "null")) };
}

async function inBrowser(image: string, request: object): Promise<Drawn> {
  const edit = { request, imageUrl: `/files/${image}`, maskUrl: "/files/mask.png" };
  const { events, layers } = await page.evaluate((given) => window.harness.run(given), edit);
  expect(events.at(-1)?.type, JSON.stringify(events.at(-1))).toBe("done");
  return drawn(Buffer.from(layers[0]!, "base64"));
}

async function byCompanion(image: string, args: readonly string[]): Promise<Drawn> {
  const output = inFiles("layer.png");
  const common = ["--mask", inFiles("mask.png"), "--layer", "--device", "cpu", "-o", output];
  const { code, stderr } = await runOverpaint(["inpaint", inFiles(image), ...common, ...args], folder.path);
  expect(code, stderr).toBe(0);
  return drawn(await readFile(output));
}

async function expectSameLayer(mine: Drawn, companions: Drawn): Promise<void> {
  const [one, other] = [await decodeImage(mine.png, "mine"), await decodeImage(companions.png, "the companion's")];
  expect(worstDifference(one, other)).toBeLessThanOrEqual(TOLERANCE);

  const { model, engine, ...same } = mine.recipe;
  const { model: companionsModel, engine: companionsEngine, ...companionsSame } = companions.recipe;
  expect(same).toEqual(companionsSame);
  // The browser reads only the files it needs.
  expect(companionsModel.files).toMatchObject(model.files);
  expect(Object.keys(model.files)).toContain("unet/model.onnx");
  expect([engine.place, companionsEngine.place]).toEqual(["browser", "companion"]);
}

test("draws with a pack that borrows from another what the companion draws", async () => {
  const args = ["--prompt", "a strawberry", "--seed", "11", "--model", inRepository("models/starter-fast")];
  const companions = await byCompanion("scene.png", args);
  const mine = await inBrowser("scene.png", {
    task: "inpaint",
    prompt: "a strawberry",
    seed: 11,
    model: "starter-fast",
  });
  await expectSameLayer(mine, companions);
  expect(Object.keys(mine.recipe.model.files)).toContain("../starter/vae_decoder/model.onnx");
});

test.each(["scene.png", "scene-16-bit.png", "scene.jpg"])("draws on %s what the companion draws", async (image) => {
  const companions = await byCompanion(image, ["--prompt", "a strawberry", "--seed", "11"]);
  const mine = await inBrowser(image, { task: "inpaint", prompt: "a strawberry", seed: 11 });
  await expectSameLayer(mine, companions);
});

test("agrees on every setting of a request", async () => {
  const args = ["--prompt", "a (red:1.3) car", "--negative", "blue", "--steps", "6", "--guidance", "4.5"];
  const companions = await byCompanion("scene.png", [...args, "--scheduler", "ddim", "--seed", "4294967295"]);
  const mine = await inBrowser("scene.png", {
    task: "inpaint",
    prompt: "a (red:1.3) car",
    negativePrompt: "blue",
    steps: 6,
    guidanceScale: 4.5,
    scheduler: "ddim",
    seed: 4_294_967_295,
  });
  await expectSameLayer(mine, companions);
});

test("agrees on a pack that takes half floats", async () => {
  const pack = inRepository("tests/fixtures/tiny-half-pack");
  const companions = await byCompanion("scene.png", ["--model", pack, "--steps", "3", "--seed", "5"]);
  const mine = await inBrowser("scene.png", { task: "inpaint", model: "tiny-half-pack", steps: 3, seed: 5 });
  await expectSameLayer(mine, companions);
});
