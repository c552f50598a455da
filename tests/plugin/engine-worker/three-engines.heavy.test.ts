import { cp, mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import sharp from "sharp";
import { afterAll, beforeAll, expect, test } from "vitest";
import { decodeImage } from "../../../companion-server/images/decode-image.ts";
import { RECIPE_KEYWORD } from "../../../shared/editing/layer/provenance.ts";
import { readPngText } from "../../../shared/imaging/metadata/png-metadata.ts";
import { API_BASE, jobSchema } from "../../../shared/protocol/api.ts";
import { type EditRequestInput, editRequestSchema } from "../../../shared/protocol/edit-request.ts";
import { type Recipe, recipeSchema } from "../../../shared/protocol/recipe.ts";
import { buildPage } from "../../support/build-page.ts";
import { launchBrowser, softwareWebGpuArguments } from "../../support/launch-browser.ts";
import { inRepository } from "../../support/repository.ts";
import { type StaticServer, serveFolders } from "../../support/serve-folder.ts";
import { type ServedCompanion, startCompanion } from "../../support/start-companion.ts";
import { type TemporaryFolder, temporaryFolder } from "../../support/temporary-folder.ts";
import { worstDifference } from "../../support/worst-difference.ts";

/** Levels of 255. The engines run the same arithmetic; their kernels add in different orders. */
const TOLERANCE = 2;

const fixture = (name: string) => inRepository(`tests/fixtures/${name}`);
const SIDE = 32;

let folder: TemporaryFolder;
let server: StaticServer;
let browser: Browser;
let page: Page;
let companion: ServedCompanion;

beforeAll(async () => {
  folder = await temporaryFolder();
  const [models, files] = [join(folder.path, "models"), join(folder.path, "files")];
  // Models of a few hundred kilobytes: software that stands in for a graphics device computes some 0.1 GFLOP/s.
  await cp(fixture("tiny-pack"), join(models, "tiny-pack"), { recursive: true });
  await cp(fixture("checkpoints/klein"), join(models, "klein"), { recursive: true });
  await mkdir(files);
  const data = new Uint8Array(SIDE * SIDE * 3);
  for (let y = 0; y < SIDE; y += 1)
    for (let x = 0; x < SIDE; x += 1) data.set([200 - 2 * y, 90 + 4 * x, 60 + ((x * y) % 90)], (y * SIDE + x) * 3);
  const scene = sharp(data, { raw: { width: SIDE, height: SIDE, channels: 3 } });
  await scene.clone().png().toFile(join(files, "scene.png"));
  // A plain run of an edit model takes no smaller one.
  await scene.clone().resize(64, 64).png().toFile(join(files, "large-scene.png"));
  const circle = `<svg width="${SIDE}" height="${SIDE}"><rect width="32" height="32"/><circle cx="15" cy="17" r="6" fill="white"/></svg>`;
  await sharp(Buffer.from(circle)).png().toFile(join(files, "mask.png"));

  companion = await startCompanion(folder.path);
  await buildPage(inRepository("tests/plugin/engine-worker/harness"), join(folder.path, "page"));
  server = await serveFolders({
    folders: { "/": join(folder.path, "page"), "/files/": files, "/models/": models },
  });
  browser = await launchBrowser({ args: softwareWebGpuArguments });
  page = await browser.newPage();
  await page.goto(`${server.origin}/`);
  await page.waitForFunction(() => "harness" in window);
});

afterAll(async () => {
  await browser?.close();
  await server?.close();
  await companion?.stop();
  await folder?.remove();
});

const sceneOf = ({ task }: EditRequestInput) => (task === "edit" ? "large-scene.png" : "scene.png");

interface Drawn {
  readonly png: Uint8Array;
  readonly recipe: Recipe;
}

function drawn(png: Uint8Array): Drawn {
  const entry = readPngText(png).find(({ keyword }) => keyword === RECIPE_KEYWORD);
  return { png, recipe: recipeSchema.parse(JSON.parse(entry?.text ?? "null")) };
}

async function inBrowser(device: "wasm" | "webgpu", request: EditRequestInput): Promise<Drawn> {
  const urls = {
    ...(request.task !== "create" && { imageUrl: `/files/${sceneOf(request)}` }),
    ...(request.task === "inpaint" && { maskUrl: "/files/mask.png" }),
  };
  await page.evaluate((given) => window.harness.prepare(given), device);
  const { events, layers } = await page.evaluate((given) => window.harness.run(given), { request, ...urls });
  expect(events.at(-1)?.type, JSON.stringify(events.at(-1))).toBe("done");
  return drawn(Buffer.from(layers[0]!, "base64"));
}

async function byCompanion(request: EditRequestInput): Promise<Drawn> {
  const { origin, pathname } = new URL(companion.playgroundUrl);
  const headers = { Authorization: `Bearer ${decodeURIComponent(pathname.split("/")[2]!)}` };
  const part = async (name: string) => new Blob([await readFile(join(folder.path, "files", name))]);
  const body = new FormData();
  body.append("request", new Blob([JSON.stringify({ request })], { type: "application/json" }));
  if (request.task !== "create") body.append("image", await part(sceneOf(request)), "scene.png");
  if (request.task === "inpaint") body.append("mask", await part("mask.png"), "mask.png");
  const jobs = `${origin}${API_BASE}/jobs`;
  const { id } = jobSchema.parse(await (await fetch(jobs, { method: "POST", headers, body })).json());
  const last = async () => jobSchema.parse(await (await fetch(`${jobs}/${id}`, { headers })).json()).lastEvent;
  await expect.poll(last, { timeout: 60_000 }).toMatchObject({ type: expect.stringMatching("done|failed") });
  expect(await last(), JSON.stringify(await last())).toMatchObject({ type: "done" });
  return drawn(new Uint8Array(await (await fetch(`${jobs}/${id}/results/0`, { headers })).arrayBuffer()));
}

const common = { prompt: "a cat on a mat", seed: 7, steps: 2 } as const;
const tiny = { model: "tiny-pack", ...common } as const;

interface Row {
  readonly input: EditRequestInput;
  readonly devices: readonly ("wasm" | "webgpu")[];
}
const both = ["wasm", "webgpu"] as const;

test.each<Row>([
  { input: { task: "inpaint", ...tiny }, devices: both },
  { input: { task: "outpaint", right: 16, ...tiny }, devices: both },
  { input: { task: "restyle", strength: 0.9, ...tiny }, devices: both },
  { input: { task: "upscale", width: 64, height: 64, ...tiny }, devices: both },
  { input: { task: "create", width: 32, height: 24, ...tiny }, devices: both },
  // On an imitated graphics card a transformer takes a minute and a half; it drew the same there.
  { input: { task: "edit", model: "klein", plain: true, ...common }, devices: ["wasm"] },
])("draws for $input.task on $devices what the companion draws on its processor", async ({ input, devices }) => {
  const request = editRequestSchema.parse(input);
  const companions = await byCompanion(request);
  const reference = await decodeImage(companions.png, "the companion's");
  expect(companions.recipe.engine).toMatchObject({ place: "companion", device: "cpu" });
  for (const device of devices) {
    const mine = await inBrowser(device, request);
    expect(worstDifference(await decodeImage(mine.png, device), reference), device).toBeLessThanOrEqual(TOLERANCE);
    expect(asked(mine.recipe)).toEqual(asked(companions.recipe));
    expect(mine.recipe.engine).toMatchObject({ place: "browser", device });
  }
});

/** The recipe without what ran it. */
function asked({ engine: _, model: { id }, ...rest }: Recipe) {
  return { ...rest, model: id };
}
