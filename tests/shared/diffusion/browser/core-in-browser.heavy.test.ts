import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, it } from "vitest";
import { buildPage } from "../../../support/build-page.ts";
import { launchBrowser } from "../../../support/launch-browser.ts";
import { inRepository } from "../../../support/repository.ts";
import { type StaticServer, serveFolders } from "../../../support/serve-folder.ts";
import { type TemporaryFolder, temporaryFolder } from "../../../support/temporary-folder.ts";
import { expectAsRecorded, recordedRuns, referenceInputs } from "../pipelines/reference-fixture.ts";
import { describeRun } from "../pipelines/reference-run.ts";

let folder: TemporaryFolder;
let server: StaticServer;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  folder = await temporaryFolder();
  await buildPage(inRepository("tests/shared/diffusion/browser/harness"), folder.path);
  server = await serveFolders({ folders: { "/": folder.path, "/packs/": inRepository("tests/fixtures/packs") } });
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
