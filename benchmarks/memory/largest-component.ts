import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { writeCheckpoint } from "../checkpoints/write-checkpoint.ts";
import { table } from "../quality/support/table.ts";
import { measureCommand } from "./measure-command.ts";

// Memory of a whole picture from a prompt with a checkpoint of Stable Diffusion 1.5's names, shapes and size, as much as a run may
// take and as little: `node dist/benchmarks/memory/largest-component.js [--side 512]` in the repository's root, once built. Linux only.

const { values } = parseArgs({ options: { side: { type: "string", default: "512" }, only: { type: "string" } } });

const GIB = 1024 ** 3;
/** Bytes of the denoiser's weights: the largest component. */
const UNET_PARAMETERS = 859_520_964;
const cases = [
  { precision: "fp32", memory: undefined },
  { precision: "fp32", memory: "3.8" },
  { precision: "fp16", memory: undefined },
  { precision: "fp16", memory: "2.2" },
] as const;

const folder = await mkdtemp(join(tmpdir(), "overpaint-component-"));
try {
  const rows: string[][] = [];
  for (const { precision, memory } of cases) {
    if (values.only !== undefined && values.only !== `${precision} ${memory}`) continue;
    const model = join(folder, `${precision}.safetensors`);
    await writeCheckpoint(model, "sd-1.5", precision, "random");
    const size = ["--width", values.side, "--height", values.side];
    const drawing = [
      "imagine",
      "--model",
      model,
      "--prompt",
      "a cat",
      ...size,
      "--steps",
      "2",
      "-o",
      join(folder, "out.png"),
    ];
    const common = ["--device", "cpu", "--data", folder, "--json"];
    const env: Record<string, string> = memory === undefined ? {} : { OVERPAINT_MEMORY: memory };
    const script = "dist/programs/overpaint.js";
    const { seconds, peakBytes, peakPrivateBytes } = await measureCommand(script, [...drawing, ...common], env);
    // As it is computed with on a processor.
    const largest = (4 * UNET_PARAMETERS) / GIB;
    const numbers = [largest, peakBytes / GIB, peakPrivateBytes / GIB].map((each) => each.toFixed(2));
    rows.push([precision, memory ?? "all", ...numbers, seconds.toFixed(0)]);
    await rm(model);
  }
  console.log(table(["file", "may take", "largest component", "most at once", "of it private", "seconds"], rows));
} finally {
  await rm(folder, { recursive: true, force: true });
}
