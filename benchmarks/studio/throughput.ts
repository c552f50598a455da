import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { DiskArtifacts } from "../../companion-server/jobs/artifacts.ts";
import type { DrawOptions, DrawOrder, JobDrawer } from "../../companion-server/jobs/job-drawer.ts";
import { newJobId } from "../../companion-server/jobs/job-queue.ts";
import { parseSubmission } from "../../companion-server/requests/parse-submission.ts";
import { RedisPictures } from "../../companion-server/studio/pictures/redis-pictures.ts";
import { parseRedisAddress } from "../../companion-server/studio/redis-address.ts";
import { StudioDrawer } from "../../companion-server/studio/studio-drawer.ts";
import { StudioLink } from "../../companion-server/studio/studio-link.ts";
import { StudioWorker } from "../../companion-server/studio/studio-worker.ts";

// What a second worker brings: `node dist/benchmarks/studio/throughput.js redis://127.0.0.1:6379`, once built. Workers sleep instead
// of drawing, so that two of them have no need of two processors.

const JOBS = 100;
const DRAW_MS = 250;

const [address = "redis://127.0.0.1:6379", folder] = process.argv.slice(2);
const { request } = parseSubmission(JSON.stringify({ request: { task: "create", width: 16, height: 16 } }));

class SleepingDrawer implements JobDrawer {
  readonly capacity = 1;
  readonly outlivesCompanion = false;
  readonly #artifacts: DiskArtifacts;

  constructor(artifacts: DiskArtifacts) {
    this.#artifacts = artifacts;
  }

  async requireModel(): Promise<void> {}

  async draw({ id }: DrawOrder, { onEvent }: DrawOptions): Promise<void> {
    onEvent({ type: "begun", device: "cpu" });
    onEvent({ type: "started", device: "cpu", model: request.model });
    await delay(DRAW_MS);
    await writeFile(this.#artifacts.resultFile(id, 0), "a picture");
    const size = { width: 16, height: 16 };
    const engine = { place: "companion" as const, device: "cpu", provider: "sleep", version: "0" };
    const model = { id: request.model, files: {} };
    const recipe = { version: 1 as const, request, variant: 0, seed: 0, inputs: {}, model, engine, plan: null };
    onEvent({ type: "result", result: { variant: 0, layer: { x: 0, y: 0, ...size }, pixels: size, recipe } });
  }

  async close(): Promise<void> {}
}

async function work(artifacts: DiskArtifacts, link: StudioLink): Promise<void> {
  const drawer = new SleepingDrawer(artifacts);
  const pictures = new RedisPictures(link.redis);
  const describe = async () => ({ name: "sleeper", devices: [], models: [], offers: { [request.model]: "" } });
  const worker = new StudioWorker({ link, drawer, folders: artifacts, pictures, describe });
  await worker.start();
  process.send?.("ready");
  await once(process, "message");
  await worker.stop();
  link.close();
  process.disconnect();
}

/** Seconds in which so many workers do all jobs. */
async function measure(artifacts: DiskArtifacts, link: StudioLink, count: number): Promise<number> {
  const pictures = new RedisPictures(link.redis);
  const drawer = new StudioDrawer({ link, companion: `benchmark-${process.pid}-${count}`, artifacts, pictures });
  const workers: ChildProcess[] = [];
  for (let number = 0; number < count; number += 1) {
    const own = await mkdtemp(join(root, "worker-"));
    const worker = fork(new URL(import.meta.url).pathname, [address, own]);
    await once(worker, "message");
    workers.push(worker);
  }
  const start = performance.now();
  const jobs = Array.from({ length: JOBS }, async () => {
    const id = newJobId();
    const { signal } = new AbortController();
    await artifacts.create(id);
    await drawer.draw({ id, request, parts: [], due: 0, variants: [0] }, { signal, onEvent: () => {} });
  });
  await Promise.all(jobs);
  const seconds = (performance.now() - start) / 1000;
  for (const worker of workers) {
    const exited = once(worker, "exit");
    worker.send("stop");
    await exited;
  }
  await drawer.close();
  return seconds;
}

const root = folder ?? (await mkdtemp(join(tmpdir(), "overpaint-throughput-")));
const artifacts = new DiskArtifacts(join(root, "jobs"));
const link = new StudioLink(parseRedisAddress(address));
if (folder !== undefined) await work(artifacts, link);
else {
  try {
    const [one, two] = [await measure(artifacts, link, 1), await measure(artifacts, link, 2)];
    const told = (seconds: number) => `${seconds.toFixed(1)} s (${((1000 * seconds) / JOBS).toFixed(1)} ms a job)`;
    console.log(
      `${JOBS} jobs of ${DRAW_MS} ms: one worker ${told(one)}, two ${told(two)}: ${(one / two).toFixed(2)} times as fast`,
    );
  } finally {
    link.close();
    await rm(root, { recursive: true, force: true });
  }
}
