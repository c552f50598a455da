import { cp, mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { decodeImage } from "../../../companion-server/images/decode-image.ts";
import { type RecordedRun, writeParityInputs } from "../../companion-server/support/parity.ts";
import { writeSingleFile } from "../../companion-server/support/single-files.ts";
import { buildPage } from "../../support/build-page.ts";
import { readFixture } from "../../support/fixture-file.ts";
import { launchBrowser } from "../../support/launch-browser.ts";
import { inRepository } from "../../support/repository.ts";
import { type StaticServer, serveFolders } from "../../support/serve-folder.ts";
import { type TemporaryFolder, temporaryFolder } from "../../support/temporary-folder.ts";

/** 8-bit levels. */
const LARGEST_DIFFERENCE = 2;

const folders = readFixture<{ readonly runs: readonly RecordedRun[] }>("pipelines/runs");
const files = readFixture<{ readonly runs: readonly RecordedRun[] }>("checkpoints/runs");
const isInpaint = (layer: string) => (run: RecordedRun) => run.task === "inpaint" && `${run.layers}` === layer;

let folder: TemporaryFolder;
let server: StaticServer;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  folder = await temporaryFolder();
  const models = join(folder.path, "models");
  await mkdir(join(models, "file"), { recursive: true });
  await mkdir(join(folder.path, "files"));
  await writeParityInputs(join(folder.path, "files"));
  await cp(inRepository("tests/fixtures/checkpoints/base"), join(models, "folder"), { recursive: true });
  await cp(inRepository("models/clip-tokenizer"), join(models, "clip-tokenizer"), { recursive: true });
  await writeSingleFile("sd1-inpaint", join(models, "file/checkpoint.safetensors"));
  await buildPage(inRepository("tests/plugin/engine-worker/harness"), join(folder.path, "page"));
  server = await serveFolders({
    folders: { "/": join(folder.path, "page"), "/files/": join(folder.path, "files"), "/models/": models },
    fallbackHtml: "<!doctype html><title>An application</title>",
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

test.each([
  ["a folder of diffusers", "folder", folders, folders.content.runs.find(isInpaint("base"))],
  ["a single file", "file", files, files.content.runs.find(isInpaint("sd1-inpaint"))],
] as const)("draws in the browser what diffusers draws with %s", async (_what, model, fixture, run) => {
  const { seed, options, pixels } = run!; // the generator records one of each
  const { prompt, negativePrompt, steps, guidanceScale, strength, scheduler } = options;
  const request = {
    ...{ task: "inpaint", model, plain: true, seed, prompt, negativePrompt, steps, guidanceScale },
    ...(strength !== undefined && { strength }),
    ...(scheduler !== undefined && { scheduler }),
  };
  const edit = { imageUrl: "/files/picture.png", maskUrl: "/files/mask.png", request };
  const { events, layers } = await page.evaluate((given) => window.harness.run(given), edit);
  expect(events.at(-1)?.type, JSON.stringify(events.at(-1))).toBe("done");
  const { data } = await decodeImage(Buffer.from(layers[0]!, "base64"), "the layer"); // it is done
  const drawn = data.filter((_, i) => i % 4 !== 3);
  const expected = fixture.bytes(pixels);
  expect(drawn).toHaveLength(expected.length);
  const largest = expected.reduce((most, level, i) => Math.max(most, Math.abs(level - drawn[i]!)), 0);
  expect(largest).toBeLessThanOrEqual(LARGEST_DIFFERENCE);
});
