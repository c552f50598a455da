import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import sharp from "sharp";
import { afterAll, beforeAll, expect, test } from "vitest";
import { decodeImage } from "../../../companion-server/images/decode-image.ts";
import { buildPage } from "../../support/build-page.ts";
import { launchBrowser, softwareWebGpuArguments } from "../../support/launch-browser.ts";
import { inRepository } from "../../support/repository.ts";
import { type StaticServer, serveFolders } from "../../support/serve-folder.ts";
import { type TemporaryFolder, temporaryFolder } from "../../support/temporary-folder.ts";
import { worstDifference } from "../../support/worst-difference.ts";
import type { HarnessOutcome } from "./harness/page.ts";

// The software adapter computes about 0.1 GFLOP/s: only packs of a few kilobytes and small pictures finish on it.
const SIDE = 32;

let folder: TemporaryFolder;
let server: StaticServer;
let browser: Browser;

beforeAll(async () => {
  folder = await temporaryFolder();
  const files = join(folder.path, "files");
  await mkdir(files);
  const create = { width: SIDE, height: SIDE, channels: 3, background: "teal" } as const;
  await sharp({ create }).png().toFile(join(files, "scene.png"));
  const hole = { create: { ...create, width: 10, height: 10, background: "white" } };
  await sharp({ create: { ...create, background: "black" } })
    .composite([{ input: hole, left: 9, top: 11 }])
    .png()
    .toFile(join(files, "mask.png"));
  await buildPage(inRepository("tests/plugin/engine-worker/harness"), join(folder.path, "page"));
  server = await serveFolders({
    folders: { "/": join(folder.path, "page"), "/files/": files, "/models/": inRepository("tests/fixtures") },
  });
  browser = await launchBrowser({ args: softwareWebGpuArguments });
});

afterAll(async () => {
  await browser?.close();
  await server?.close();
  await folder?.remove();
});

async function openHarness(search = ""): Promise<Page> {
  const page = await browser.newPage();
  await page.goto(`${server.origin}/${search}`);
  await page.waitForFunction(() => "harness" in window);
  return page;
}

function run(page: Page, model: string) {
  const request = { task: "inpaint", prompt: "noise", model, seed: 3, steps: 3 };
  const edit = { request, imageUrl: "/files/scene.png", maskUrl: "/files/mask.png" };
  return page.evaluate((given) => window.harness.run(given), edit);
}

async function difference(...outcomes: readonly HarnessOutcome[]): Promise<number> {
  const [one, other] = await Promise.all(
    outcomes.map(({ layers }) => decodeImage(Buffer.from(layers[0]!, "base64"), "the layer")),
  );
  return worstDifference(one!, other!);
}

test("takes a pack of half floats where the graphics device has none", async () => {
  const page = await openHarness();
  await page.evaluate(() => window.harness.prepare());
  const half = await run(page, "tiny-half-pack");
  expect(half.events.at(-1)?.type, JSON.stringify(half.events.at(-1))).toBe("done");
  const reason = expect.stringMatching(/is in half precision, which this graphics device does not compute/);
  const started = half.events.findLast((event) => event.type === "started");
  expect(started).toMatchObject({ device: "wasm", attempt: 2, reason });

  // The weights are those of tiny-pack, so rounding at the graphs' borders is all that differs.
  const full = await run(page, "tiny-pack");
  expect(await difference(half, full)).toBeLessThanOrEqual(8);
  // The device is as good as it was for models that suit it.
  expect(full.events.find((event) => event.type === "started")).toMatchObject({ device: "webgpu", attempt: 1 });
  await page.close();
});

test("falls to WASM when WebGPU fails, finishes the edit and stays there, saying why", async () => {
  const page = await openHarness("?without-devices");
  expect(await page.evaluate(() => window.harness.prepare())).toEqual({ device: "webgpu" });
  const { events } = await run(page, "tiny-pack");
  const started = events.filter((event) => event.type === "started");
  expect(started.map(({ device, attempt }) => [device, attempt])).toEqual([
    ["webgpu", 1],
    ["wasm", 2],
  ]);
  expect(events.at(-1)?.type).toBe("done");
  const afterwards = await page.evaluate(() => window.harness.prepare());
  expect(afterwards).toEqual({ device: "wasm", reason: expect.stringMatching(/^WebGPU: ./) });
  await page.close();
});

test("fails and says so when WebGPU alone is asked for and fails", async () => {
  const page = await openHarness("?without-devices");
  await page.evaluate(() => window.harness.prepare("webgpu"));
  const { events } = await run(page, "tiny-pack");
  expect(events.at(-1)).toMatchObject({ type: "failed", error: { code: "device-unavailable" } });
  await page.close();
});

test("ends with its graphics device, whatever the runtime makes of the loss, so that the panel starts another", async () => {
  const page = await openHarness("?losing-devices");
  await page.evaluate(() => window.harness.prepare());
  void run(page, "tiny-pack").catch(() => {});
  const deaths = () => page.evaluate(() => window.harness.deaths);
  await expect.poll(deaths, { timeout: 60_000 }).toEqual([expect.stringContaining("graphics device was lost")]);
  await page.close();
});
