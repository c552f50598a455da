import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { encode } from "fast-png";
import { chromium, type Page } from "playwright-core";
import { readTrace, type TraceEvent } from "./read-trace.ts";

// How long frames take while a stroke is painted on a picture of 4,096² pixels, and what they do meanwhile:
// `node dist/benchmarks/painting/frames.js CHROMIUM` in the repository's root, once built. Designed for: no frame above 16.7 ms that
// painting is to blame for, and no layout within a pointer event.

const SIDE = 4_096;
const MOVES = 240;
const FRAME_MS = 1_000 / 60;
const BRUSHES = [64, 1_024] as const;

/**
 * Answers how many milliseconds each frame's work took of the thread that draws the panel: from the frame's begin to the next task.
 * As text: it runs in the page.
 */
const recordFrames = `new Promise((resolve) => {
  const times = [];
  const end = performance.now() + 4000;
  const { port1, port2 } = new MessageChannel();
  let begin = 0;
  const tick = (time) => {
    begin = time;
    port2.postMessage(undefined);
  };
  port1.onmessage = () => {
    times.push(performance.now() - begin);
    if (performance.now() < end) requestAnimationFrame(tick);
    else resolve(times);
  };
  requestAnimationFrame(tick);
})`;

const executablePath = process.argv[2];
if (executablePath === undefined)
  throw new Error("Say where a Chromium is: node dist/benchmarks/painting/frames.js /usr/bin/chromium");
const dataFolder = await mkdtemp(join(tmpdir(), "overpaint-painting-"));
const companion = spawn(
  process.execPath,
  ["dist/programs/overpaint.js", "serve", "--port", "0", "--no-open", "--data", dataFolder, "--device", "cpu"],
  { stdio: ["ignore", "pipe", "inherit"] },
);
const exited = once(companion, "exit");
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
try {
  const page = await browser.newPage({ viewport: { width: 1_280, height: 860 } });
  await page.goto(await playgroundUrl());
  await openLargePicture(page);
  const panel = page.frameLocator('iframe[src*="/ui/"]');
  const surface = panel.getByRole("application");
  await surface.waitFor();
  const frame = page.frames().find((each) => each.url().includes("/ui/"));
  if (frame === undefined) throw new Error("The panel has no frame.");
  console.log("| brush | frames | median | 95 % | longest | script | layout | painting | layouts in pointer events |");
  console.log("| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
  for (const size of BRUSHES) {
    const slider = panel.getByRole("slider", { name: "Brush" });
    // The slider runs from one pixel to half the picture's side, evenly in ratio.
    await slider.fill(`${Math.round((Math.log(size) / Math.log(SIDE / 2)) * 100)}`);
    const box = await surface.boundingBox();
    if (box === null) throw new Error("The stage does not show.");
    await browser.startTracing(page, { categories: ["devtools.timeline"] });
    const recording = frame.evaluate<number[]>(recordFrames);
    await page.mouse.move(box.x + 40, box.y + 40);
    await page.mouse.down();
    for (let i = 0; i < MOVES; i++)
      await page.mouse.move(box.x + 40 + (i / MOVES) * (box.width - 80), box.y + 60 + 30 * Math.sin(i / 9));
    await page.mouse.up();
    const times = (await recording).sort((a, b) => a - b);
    const trace = JSON.parse((await browser.stopTracing()).toString()) as {
      readonly traceEvents: readonly TraceEvent[];
    };
    const costs = readTrace(trace.traceEvents);
    const ofBudget = (ms = 0) => (ms / FRAME_MS).toFixed(2);
    const at = (share: number) => ofBudget(times[Math.floor((times.length - 1) * share)]);
    const perFrame = [costs.scriptMs, costs.layoutMs, costs.paintMs].map((ms) => ofBudget(ms / times.length));
    const cells = [`${size} px`, times.length, at(0.5), at(0.95), at(1), ...perFrame];
    console.log(`| ${[...cells, `${costs.forcedLayouts} of ${costs.pointerEvents}`].join(" | ")} |`);
  }
} finally {
  await browser.close();
  companion.kill();
  await exited;
  await rm(dataFolder, { recursive: true, force: true });
}

async function openLargePicture(page: Page): Promise<void> {
  const data = new Uint8Array(SIDE * SIDE * 3);
  for (let i = 0; i < data.length; i++) data[i] = (i * 7 + (i >> 9)) & 255;
  const png = Buffer.from(encode({ width: SIDE, height: SIDE, data, channels: 3, depth: 8 })).toString("base64");
  await page.waitForFunction("'overpaintPlayground' in window");
  await page.evaluate(`(async () => {
    await overpaintPlayground.ready;
    const bytes = Uint8Array.from(atob("${png}"), (character) => character.charCodeAt(0));
    await overpaintPlayground.openImage("Large.png", bytes);
    overpaintPlayground.select(overpaintPlayground.shapes.find(({ name }) => name === "Large").id);
  })()`);
}

async function playgroundUrl(): Promise<string> {
  for await (const line of createInterface({ input: companion.stdout })) {
    const url = /http:\/\/\S+\/playground\//.exec(line)?.[0];
    if (url !== undefined) return url;
  }
  throw new Error("The companion ended before it listened.");
}
