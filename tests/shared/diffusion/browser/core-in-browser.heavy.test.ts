import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildPage } from "../../../support/build-page.ts";
import { levelOf } from "../../../support/draw-flow-run.ts";
import type { FixtureRange } from "../../../support/fixture-file.ts";
import { flowFixture } from "../../../support/flow-models.ts";
import { largestDifference } from "../../../support/largest-difference.ts";
import { launchBrowser } from "../../../support/launch-browser.ts";
import { inRepository } from "../../../support/repository.ts";
import { type StaticServer, serveFolders } from "../../../support/serve-folder.ts";
import { type TemporaryFolder, temporaryFolder } from "../../../support/temporary-folder.ts";
import { expectAsRecorded, recordedRuns, referenceInputs } from "../pipelines/reference-fixture.ts";
import { describeRun, toTensor } from "../pipelines/reference-run.ts";

let folder: TemporaryFolder;
let server: StaticServer;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  folder = await temporaryFolder();
  await buildPage(inRepository("tests/shared/diffusion/browser/harness"), folder.path);
  server = await serveFolders({
    folders: {
      "/": folder.path,
      "/packs/": inRepository("tests/fixtures/packs"),
      "/checkpoints/": inRepository("tests/fixtures/checkpoints"),
    },
  });
  browser = await launchBrowser();
  page = await browser.newPage();
  await page.goto(`${server.origin}/`);
  await page.waitForFunction(() => "drawRun" in window);
});

afterAll(async () => {
  await browser?.close();
  await server?.close();
  await folder?.remove();
});

/** The first run of each task with each pack: every convention, family and pipeline once. */
const chosenRuns = recordedRuns.filter((run, i) => {
  const isSame = (other: (typeof recordedRuns)[number]) =>
    other.task === run.task && other.layers.join() === run.layers.join();
  return recordedRuns.findIndex(isSame) === i;
});

describe("the core draws in a browser what diffusers draws", () => {
  it.each(chosenRuns.map((run) => [describeRun(run), run] as const))("%s", async (_, run) => {
    const { latents: _latents, pixels: _pixels, ...asked } = run;
    const inputs = {
      picture: Array.from(referenceInputs.picture),
      widePicture: Array.from(referenceInputs.widePicture),
      smallPicture: Array.from(referenceInputs.smallPicture),
      hardMask: Array.from(referenceInputs.hardMask),
      softMask: Array.from(referenceInputs.softMask),
    };
    const drawn = await page.evaluate(([wanted, given]) => window.drawRun(wanted, given), [asked, inputs] as const);
    const latents = drawn.latents.map((values) => Float32Array.from(values));
    expectAsRecorded({ latents, pixels: Uint8Array.from(drawn.pixels), size: drawn.size }, run);
  });
});

/** A drawing from words with guidance or without, and one with a reference. */
const flowRuns = [
  [
    "klein",
    flowFixture.content.klein.runs.find(
      ({ task, source, references }) => task === "edit" && isExact([source, ...references].flat()),
    ),
  ],
  [
    "z-image",
    flowFixture.content["z-image"].runs.find(({ task, source }) => task === "text-to-image" && isExact(source)),
  ],
] as const;

function isExact(source: readonly number[]): boolean {
  return source.every((side) => side % 16 === 0);
}

describe("transformers draw in a browser what diffusers draws with them", () => {
  it.each(flowRuns)("%s", async (family, run) => {
    if (run === undefined) throw new Error("The fixture has such a run.");
    const { content, bytes } = flowFixture;
    const plain = (ranges: Readonly<Record<string, FixtureRange>>) =>
      Object.fromEntries(Object.entries(ranges).map(([size, range]) => [size, Array.from(bytes(range))]));
    const inputs = { pictures: plain(content.inputs.pictures), masks: plain(content.inputs.masks) };
    const drawn = await page.evaluate(([wanted, asked, given]) => window.drawFlow(wanted, asked, given), [
      family,
      run,
      inputs,
    ] as const);
    const expected = Array.from(toTensor(bytes(run.pixels), ...run.size).data, levelOf);
    expect(largestDifference(drawn, expected)).toBeLessThanOrEqual(2);
  });
});
