import type { ModelSession, Tensor, TensorType, ValueInfo } from "../../../shared/diffusion/model-session.ts";

const ROWS = 2;
const TOKENS = 77;
/** Of the latents of the run before the first that counts: it touches every weight. */
const SMALL_SIDE = 8;

/** Opens a denoiser and runs it, two rows as guidance needs, and tells the watcher in lines what each part took. */
export async function tellOfDenoiser(open: () => Promise<ModelSession>, side: number, steps: number): Promise<void> {
  await tell("started", async () => {});
  const session = await tell("ready", open);
  if (steps > 0) await session.run(feedsOf(session, SMALL_SIDE));
  const feeds = feedsOf(session, side);
  for (let step = 0; step < steps; step += 1) await tell("step", () => session.run(feeds));
  await tell("done", async () => {});
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
