import { readPackText } from "../../companion-server/models/files/read-pack-text.ts";
import { openModel } from "../../shared/diffusion/models/open-model.ts";
import { type InpaintOptions, inpaint } from "../../shared/diffusion/pipelines/inpaint.ts";
import { table } from "../quality/support/table.ts";
import { instantPackFiles, SIDE } from "./instant-graphs.ts";

/** A pack with tiny graphs; its tokenizer and configs are those of any Stable Diffusion 1.x. */
const CONFIGS = "tests/fixtures/packs/script";
/** The first runs are compiled while they run. */
const RUNS = 12;

const options: InpaintOptions = {
  prompt: "a photograph of an astronaut riding a horse",
  negativePrompt: "blurry",
  image: { width: SIDE, height: SIDE, data: new Float32Array(3 * SIDE * SIDE) },
  mask: new Float32Array(SIDE * SIDE).fill(1),
  steps: 20,
  guidanceScale: 7.5,
  strength: 1,
  seed: 1,
  longPrompts: "chunks",
};

/** Processor time of everything but the graphs in a guided run of 20 steps at 512 px, Stable Diffusion 1.5's sizes. */
export async function measureArithmetic(): Promise<string> {
  const configs = { readText: (path: string) => readPackText(CONFIGS, path) };
  const rows: (string | number)[][] = [];
  for (const precision of ["float32", "float16"] as const) {
    const model = await openModel(instantPackFiles(configs, precision));
    if (model.type !== "diffusion") throw new Error("The configs are of a model that draws by diffusion.");
    for (const scheduler of ["dpmpp-2m", "euler-ancestral"] as const) {
      const times: number[] = [];
      for (let run = 0; run < RUNS; run += 1) {
        const start = process.cpuUsage();
        await inpaint(model, { ...options, scheduler });
        const { user, system } = process.cpuUsage(start);
        times.push((user + system) / 1000);
      }
      rows.push([`${scheduler}, ${precision} graphs`, ...[times[0] ?? 0, Math.min(...times)].map(milliseconds)]);
    }
    await model.release();
  }
  return table(["20 guided steps at 512×512, all but the graphs", "first run", "best of 12"], rows);
}

function milliseconds(value: number): string {
  return `${value.toFixed(0)} ms`;
}
