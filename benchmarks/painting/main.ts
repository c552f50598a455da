import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { chromium, type FrameLocator, type Page } from "playwright-core";
import { readTrace, type TraceEvent } from "./read-trace.ts";

// Frames of painting in the panel on the largest picture: `node dist/benchmarks/painting/main.js` in the repository's root, once
// built. CHROME_PATH names another browser than Debian's Chromium.

/** Width and height of the picture, in pixels. */
const SIZE = 4096;
const FRAME_MS = 1000 / 60;
/** Pointer moves of one stroke, as often as a fast mouse reports. */
const MOVES = 600;
const MOVE_PAUSE_MS = 4;
/** The slider's key for the largest brush. */
const LARGEST_KEY = "End";

/** Runs in the panel: notes how long each frame takes from now on. */
const COUNT_FRAMES = `(() => {
  if (window.countedFrames) return countedFrames.splice(0);
  window.countedFrames = [];
  let last;
  const onFrame = (now) => {
    if (last !== undefined) countedFrames.push(now - last);
    last = now;
    requestAnimationFrame(onFrame);
  };
  requestAnimationFrame(onFrame);
})()`;

const dataFolder = await mkdtemp(join(tmpdir(), "overpaint-painting-"));
const companion = spawn(
  process.execPath,
  ["dist/companion-server/main.js", "serve", "--port", "0", "--no-open", "--data", dataFolder],
  { stdio: ["ignore", "pipe", "inherit"] },
);
const exited = once(companion, "exit");
const browser = await chromium.launch({
  executablePath: process.env.CHROME_PATH ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-dev-shm-usage"],
});
try {
  const { page, panel } = await openPicture(await playgroundUrl());
  console.log(
    `| brush | frames | median | 95 % | slowest | script | style and layout | paint | layouts in a pointer event |`,
  );
  console.log("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
  console.log(await measure("standard", page, panel));
  await panel.getByRole("slider", { name: "Brush" }).press(LARGEST_KEY);
  console.log(await measure("largest", page, panel));
} finally {
  await browser.close();
  companion.kill();
  await exited;
  await rm(dataFolder, { recursive: true, force: true });
}

async function playgroundUrl(): Promise<string> {
  for await (const line of createInterface({ input: companion.stdout })) {
    const url = /http:\/\/\S+\/playground\//.exec(line)?.[0];
    if (url !== undefined) return url;
  }
  throw new Error("the companion ended before it listened");
}

/** The playground with the picture selected. */
async function openPicture(url: string): Promise<{ page: Page; panel: FrameLocator }> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  await page.goto(url);
  await page.waitForFunction("window.overpaintPlayground !== undefined");
  await page.evaluate(`(async () => {
    await overpaintPlayground.ready;
    const canvas = new OffscreenCanvas(${SIZE}, ${SIZE});
    const context = canvas.getContext("2d");
    const ground = context.createLinearGradient(0, 0, ${SIZE}, ${SIZE});
    ground.addColorStop(0, "#246");
    ground.addColorStop(1, "#fc8");
    context.fillStyle = ground;
    context.fillRect(0, 0, ${SIZE}, ${SIZE});
    const file = await canvas.convertToBlob({ type: "image/png" });
    const bytes = new Uint8Array(await file.arrayBuffer());
    overpaintPlayground.select(overpaintPlayground.openImage("Large", bytes));
  })()`);
  const panel = page.frameLocator('iframe[src*="/ui/"]');
  await panel.getByRole("heading", { name: "Large" }).waitFor();
  await panel.getByRole("application").waitFor();
  return { page, panel };
}

/** One long stroke in circles over the picture; a row of the table. */
async function measure(brush: string, page: Page, panel: FrameLocator): Promise<string> {
  const box = await panel.getByRole("application").boundingBox();
  const frame = page.frames().find((each) => each.url().includes("/ui/"));
  if (box === null || frame === undefined) throw new Error("the painting area does not show");
  const at = (move: number): [number, number] => {
    const angle = (move / MOVES) * 12 * Math.PI;
    const radius = 0.1 + 0.3 * (move / MOVES);
    return [
      box.x + box.width * (0.5 + radius * Math.cos(angle)),
      box.y + box.height * (0.5 + radius * Math.sin(angle)),
    ];
  };
  await page.mouse.move(...at(0));
  await frame.evaluate(COUNT_FRAMES);
  await browser.startTracing(page, { categories: ["devtools.timeline"] });
  await page.mouse.down();
  const moved: Promise<void>[] = [];
  for (let move = 1; move <= MOVES; move += 1) {
    // A mouse does not wait for the page either.
    moved.push(page.mouse.move(...at(move)));
    await delay(MOVE_PAUSE_MS);
  }
  await Promise.all(moved);
  const frames = await frame.evaluate<readonly number[]>("countedFrames.splice(0)");
  await page.mouse.up();
  const trace = JSON.parse(`${await browser.stopTracing()}`) as {
    traceEvents: readonly TraceEvent[];
  };
  const total = frames.reduce((sum, time) => sum + time, 0);
  const sorted = frames.toSorted((a, b) => a - b);
  const budgets = (share: number): string =>
    ((sorted[Math.floor((sorted.length - 1) * share)] ?? 0) / FRAME_MS).toFixed(2);
  const { scriptMs, layoutMs, paintMs, forcedLayouts, pointerEvents } = readTrace(trace.traceEvents);
  const ofTime = (ms: number): string => `${((100 * ms) / total).toFixed(1)} %`;
  const cells = [brush, frames.length, budgets(0.5), budgets(0.95), budgets(1), ofTime(scriptMs), ofTime(layoutMs)];
  return `| ${[...cells, ofTime(paintMs), `${forcedLayouts} of ${pointerEvents}`].join(" | ")} |`;
}
