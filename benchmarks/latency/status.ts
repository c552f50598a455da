import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { API_BASE, type Job, jobSchema } from "../../shared/protocol/api.ts";

// How soon the companion answers `GET status` while its engine draws, alone and with a thousand edits waiting behind:
// `node dist/benchmarks/latency/status.js` in the repository's root, once built. Designed for: 99 % below 20 ms. On a machine that is
// busy with other things the times say nothing, and the ratios to those of a companion that has nothing to do say how much drawing adds.

const REQUESTS = 200;
const PAUSE_MS = 20;
const CLIENTS = 32;
const WAITING = 1_000;
const TOKEN = "latency-benchmark";
const headers = { Authorization: `Bearer ${TOKEN}` };

const dataFolder = await mkdtemp(join(tmpdir(), "overpaint-latency-"));
const companion = spawn(
  process.execPath,
  ["dist/programs/overpaint.js", "serve", "--port", "0", "--no-open", "--data", dataFolder],
  { env: { ...process.env, OVERPAINT_TOKEN: TOKEN }, stdio: ["ignore", "pipe", "inherit"] },
);
const exited = once(companion, "exit");
try {
  const origin = await listeningOrigin();
  const idle = await measure(origin);
  console.log(`status, ${REQUESTS} requests at a time, with nothing to do: ${inWords(idle)}`);
  await startDrawing(origin);
  console.log(`while drawing: ${inWords(await measure(origin), idle)}`);
  const clients = Array.from({ length: CLIENTS }, async () => {
    for (let job = 0; job < WAITING / CLIENTS; job += 1) await submit(origin, { width: 32, height: 32 });
  });
  const whileQueueing = await measure(origin);
  await Promise.all(clients);
  console.log(`while ${CLIENTS} clients queue edits: ${inWords(whileQueueing, idle)}`);
  console.log(`with ${WAITING} edits waiting: ${inWords(await measure(origin), idle)}`);
} finally {
  companion.kill();
  await exited;
  await rm(dataFolder, { recursive: true, force: true });
}

async function listeningOrigin(): Promise<string> {
  for await (const line of createInterface({ input: companion.stdout })) {
    const origin = /http:\/\/127\.0\.0\.1:\d+/.exec(line)?.[0];
    if (origin !== undefined) return origin;
  }
  throw new Error("the companion ended before it listened");
}

/** Milliseconds that requests took, the quickest first. */
async function measure(origin: string): Promise<readonly number[]> {
  const times: number[] = [];
  for (let request = 0; request < REQUESTS; request += 1) {
    const start = performance.now();
    await (await fetch(`${origin}${API_BASE}/status`)).json();
    times.push(performance.now() - start);
    await delay(PAUSE_MS);
  }
  return times.sort((a, b) => a - b);
}

function inWords(times: readonly number[], idle?: readonly number[]): string {
  const at = (share: number, of = times): number => of[Math.floor((of.length - 1) * share)] ?? Number.NaN;
  const show = (name: string, share: number): string => {
    const ratio = idle === undefined ? "" : ` (× ${(at(share) / at(share, idle)).toFixed(1)})`;
    return `${name} ${at(share).toFixed(1)} ms${ratio}`;
  };
  return [show("median", 0.5), show("95 %", 0.95), show("99 %", 0.99), show("slowest", 1)].join(", ");
}

async function submit(origin: string, settings: object): Promise<Job> {
  const body = new FormData();
  body.append("request", JSON.stringify({ request: { task: "create", ...settings } }));
  const response = await fetch(`${origin}${API_BASE}/jobs`, { method: "POST", body, headers });
  return jobSchema.parse(await response.json());
}

/** Submits an edit that takes longer than the measurement, and waits until its engine draws. */
async function startDrawing(origin: string): Promise<void> {
  const { id } = await submit(origin, { width: 256, height: 256, steps: 150, count: 16 });
  for (;;) {
    const job = jobSchema.parse(await (await fetch(`${origin}${API_BASE}/jobs/${id}`, { headers })).json());
    if (job.lastEvent.type === "step") return;
    if (job.lastEvent.type === "failed") throw new Error(job.lastEvent.error.message);
    await delay(PAUSE_MS);
  }
}
