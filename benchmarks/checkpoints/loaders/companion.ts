import { basename, dirname } from "node:path";
import { DiskPackFiles } from "../../../companion-server/engine/child/disk-pack-files.ts";
import { MappedCheckpoint } from "../../../companion-server/engine/child/mapped-checkpoint.ts";
import { Stopwatch } from "../../../companion-server/engine/stopwatch.ts";
import { openModelFiles } from "../../../companion-server/models/open-model-files.ts";
import type { ModelSession, Tensor, TensorType, ValueInfo } from "../../../shared/diffusion/model-session.ts";
import { openModel } from "../../../shared/diffusion/models/open-model.ts";

// Opens a model as the companion's engine does, and runs its denoiser:
//   node companion.js FILE SIDE STEPS
// FILE is a checkpoint. SIDE is of the latents; two rows of them, as guidance needs.

const ROWS = 2;
const TOKENS = 77;
/** Of the latents of the run before the first that counts: it touches every weight. */
const SMALL_SIDE = 8;
const DENOISER = "unet/model.onnx";

async function open(file: string): Promise<ModelSession> {
  const places = { folder: dirname(file), file: basename(file) };
  const stopwatch = new Stopwatch();
  const pack = new DiskPackFiles(places, "cpu", () => stopwatch);
  const files = await openModelFiles(
    places,
    pack,
    new MappedCheckpoint(places, { device: "cpu", stopwatch: () => stopwatch }),
  );
  const opened = new Map<string, Promise<ModelSession>>();
  const openSession = (path: string): Promise<ModelSession> => {
    const session = opened.get(path) ?? files.openSession(path);
    opened.set(path, session);
    return session;
  };
  const model = await openModel({
    readText: (path) => files.readText(path),
    readDeclaration: (path) => files.readDeclaration(path),
    openSession,
  });
  await model.load();
  for (const path of model.graphs) await openSession(path);
  return await openSession(DENOISER);
}

function feedsOf({ inputs }: ModelSession, side: number): Readonly<Record<string, Tensor>> {
  return Object.fromEntries(inputs.map((input) => [input.name, feedOf(input, side)]));
}

function feedOf({ name, type, shape }: ValueInfo, side: number): Tensor {
  const free: Readonly<Record<string, readonly number[]>> = {
    sample: [ROWS, 0, side, side],
    encoder_hidden_states: [ROWS, TOKENS, 0],
    // Stable Diffusion XL's.
    text_embeds: [ROWS, 1280],
    time_ids: [ROWS, 6],
    timestep: [1],
  };
  const dims = shape.map((size, axis) => (typeof size === "number" ? size : (free[name]?.[axis] ?? ROWS)));
  const length = dims.reduce((product, size) => product * size, 1);
  return name === "timestep" ? number(type, dims) : ({ type, dims, data: wave(length) } as Tensor);
}

function number(type: TensorType, dims: readonly number[]): Tensor {
  return type === "int64"
    ? { type, dims, data: BigInt64Array.of(501n) }
    : { type: "float32", dims, data: Float32Array.of(501) };
}

function wave(length: number): Float32Array {
  return Float32Array.from({ length }, (_, i) => Math.sin(i));
}

/** Runs the work and tells the watcher, in a line, what it took. */
async function tell<Result>(event: string, work: () => Promise<Result>): Promise<Result> {
  const [start, used] = [performance.now(), process.cpuUsage()];
  const result = await work();
  const { user, system } = process.cpuUsage(used);
  const seconds = (performance.now() - start) / 1000;
  console.log(JSON.stringify({ event, seconds, processorSeconds: (user + system) / 1e6 }));
  return result;
}

const [file, side, steps] = process.argv.slice(2);
if (file === undefined) throw new Error("usage: companion.js FILE SIDE STEPS");
await tell("started", async () => {});
const session = await tell("ready", () => open(file));
if (Number(steps) > 0) await session.run(feedsOf(session, SMALL_SIDE));
const feeds = feedsOf(session, Number(side));
for (let step = 0; step < Number(steps); step += 1) await tell("step", () => session.run(feeds));
await tell("done", async () => {});
