import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { encode } from "fast-png";
import { chromium, type Page } from "playwright-core";
import type { EditRequestInput } from "../../shared/protocol/edit-request.ts";
import { peakOfRenderers } from "./peak-of-renderers.ts";
import { type Site, serveSite } from "./serve-site.ts";

// What the browser engine fetches, takes of memory and takes of time, with no companion:
// `node dist/benchmarks/browser/main.js [CHROMIUM]` in the repository's root, after `npm run build:static` (Linux: it reads /proc).
// Speaks with the engine's worker itself, so that software that stands in for a graphics card can be asked for.

const SIDE = 256;
const STEPS = 4;
/** What takes longer is not waited for. */
const LIMIT_MS = 180_000;

interface Mode {
  readonly name: string;
  readonly device: "wasm" | "webgpu";
  readonly isIsolated: boolean;
  readonly args: readonly string[];
}

const modes: readonly Mode[] = [
  { name: "WASM, 1 thread", device: "wasm", isIsolated: false, args: [] },
  { name: "WASM, threads", device: "wasm", isIsolated: true, args: [] },
  {
    name: "WebGPU, software",
    device: "webgpu",
    isIsolated: false,
    args: ["--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader"],
  },
];

const wish = { prompt: "a strawberry", seed: 7, steps: STEPS } as const;
const edits: readonly EditRequestInput[] = [
  { task: "inpaint", ...wish },
  { task: "outpaint", right: SIDE / 4, ...wish },
  { task: "restyle", ...wish },
  { task: "upscale", width: 2 * SIDE, height: 2 * SIDE, ...wish },
  { task: "create", width: SIDE, height: SIDE, ...wish },
];

/** Times of one edit, in milliseconds. `threads` as the engine says. */
interface Timed {
  readonly toFirstStep: number;
  readonly edit: number;
  readonly threads: number | undefined;
}

const [, , executablePath = "/usr/bin/chromium"] = process.argv;
const worker = (await readdir("dist/static/assets")).find((name) => /^engine-worker-.*\.js$/.test(name));
if (worker === undefined) throw new Error("Build first: npm run build:static");
const comlink = await readFile("node_modules/comlink/dist/esm/comlink.mjs", "utf8");

console.log("| | to the first step | fetched |");
console.log("| --- | ---: | ---: |");
const [oneThread] = modes;
if (oneThread) await withBrowser(oneThread, edits[0], coldAndWarm);
console.log("\n| task | engine | seconds of an edit | peak of the tab |");
console.log("| --- | --- | ---: | ---: |");
for (const edit of edits)
  for (const mode of modes) {
    // One row tells what an imitated graphics card is good for.
    if (mode.device === "wasm" || edit === edits[0]) await withBrowser(mode, edit, timeAndMemory);
  }

type Measure = (parts: {
  readonly page: Page;
  readonly site: Site;
  readonly mode: Mode;
  readonly edit: EditRequestInput;
  readonly pid: number;
}) => Promise<void>;

/** A browser of its own for each row: a process that did something else before keeps memory. */
async function withBrowser(mode: Mode, edit: EditRequestInput | undefined, measure: Measure): Promise<void> {
  if (edit === undefined) return;
  const site = await serveSite(join("dist", "static"), {
    isIsolated: mode.isIsolated,
    own: { "/bench/": ["text/html", "<!doctype html>"], "/bench/comlink.mjs": ["text/javascript", comlink] },
  });
  const server = await chromium.launchServer({ executablePath, args: ["--no-sandbox", ...mode.args] });
  try {
    const browser = await chromium.connect(server.wsEndpoint());
    const page = await browser.newPage();
    await measure({ page, site, mode, edit, pid: server.process().pid ?? 0 });
  } finally {
    await server.close();
    await site.close();
  }
}

async function coldAndWarm({ page, site, mode, edit }: Parameters<Measure>[0]): Promise<void> {
  for (const opening of ["first opening", "later opening"]) {
    const before = site.bytes();
    await page.goto(`${site.origin}/bench/`);
    const { toFirstStep } = await draw(page, mode, edit, 1);
    console.log(`| ${opening} | ${seconds(toFirstStep)} s | ${megabytes(site.bytes() - before)} MB |`);
  }
}

async function timeAndMemory({ page, site, mode, edit, pid }: Parameters<Measure>[0]): Promise<void> {
  await page.goto(`${site.origin}/bench/`);
  const timed = await Promise.race([
    draw(page, mode, edit, 2),
    new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), LIMIT_MS).unref()),
  ]);
  const name = timed?.threads === undefined ? mode.name : `WASM, ${timed.threads} threads`;
  const took = timed === undefined ? `over ${LIMIT_MS / 1_000}` : seconds(timed.edit);
  console.log(`| ${edit.task} | ${name} | ${took} | ${megabytes(await peakOfRenderers(pid))} MB |`);
}

/** Draws an edit `times` times with one worker, and answers the last one's time and the first one's from the worker's start. */
async function draw(page: Page, mode: Mode, request: EditRequestInput, times: number): Promise<Timed> {
  return await page.evaluate<Timed>(`(async () => {
    const { proxy, wrap } = await import("/bench/comlink.mjs");
    const bytesOf = (text) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
    const image = ${request.task !== "create"} ? bytesOf("${picture(false)}") : undefined;
    const mask = ${request.task === "inpaint"} ? bytesOf("${picture(true)}") : undefined;
    const start = performance.now();
    const engine = wrap(new Worker("/assets/${worker}", { type: "module" }));
    const { threads } = await engine.prepare({ modelsUrl: "/models/", device: "${mode.device}" });
    let toFirstStep, edit;
    for (let time = 0; time < ${times}; time++) {
      const began = performance.now();
      let end;
      await engine.run({ request: ${JSON.stringify(request)}, image, mask }, proxy((event) => {
        if (event.type === "step") toFirstStep ??= performance.now() - start;
        end = event;
      }));
      if (end?.type !== "done") throw new Error(JSON.stringify(end));
      edit = performance.now() - began;
    }
    return { toFirstStep, edit, threads };
  })()`);
}

/** A soft gradient, or a disc in the middle, as a PNG in base64. */
function picture(isMask: boolean): string {
  const channels = isMask ? 1 : 3;
  const data = new Uint8Array(SIDE * SIDE * channels);
  for (let y = 0; y < SIDE; y++)
    for (let x = 0; x < SIDE; x++) {
      const isInside = Math.hypot(x - SIDE / 2, y - SIDE / 2) < SIDE / 6;
      data.set(isMask ? [isInside ? 255 : 0] : [90 + x / 4, 150 + y / 4, 70], (y * SIDE + x) * channels);
    }
  return Buffer.from(encode({ width: SIDE, height: SIDE, data, channels, depth: 8 })).toString("base64");
}

function seconds(ms: number): string {
  return (ms / 1_000).toFixed(1);
}

function megabytes(bytes: number): number {
  return Math.round(bytes / 1e6);
}
