import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs, promisify } from "node:util";
import { measureCommand } from "../memory/measure-command.ts";
import { table } from "../quality/support/table.ts";

// The most private memory that a picture by a FLUX.2 klein takes whose components do not fit together, over its largest component:
//   node dist/benchmarks/transformers/memory.js [--python PYTHON]
// in the repository's root, once built. Needs 6 GB of disk in the system's temporary folder. Linux only.

const { values: options } = parseArgs({
  options: { python: { type: "string", default: "python3" }, model: { type: "string" }, only: { type: "string" } },
});

const GIB = 1024 ** 3;
/** Weights of the largest component that `synthetic_klein.py` makes: its transformer. */
const TRANSFORMER_WEIGHTS = 723e6;
/** Bytes a weight, with a scale for every 32 of them in single precision. */
const widths = { fp32: 4, int8: 1.125, int4: 0.625 } as const;
/** What the device may be taken to have, in GiB: too little for two components. */
const room = { fp32: 4, int8: 2, int4: 2 } as const;

const work = await mkdtemp(join(tmpdir(), "overpaint-klein-"));
try {
  const model = options.model ?? join(work, "klein");
  if (options.model === undefined)
    await promisify(execFile)(options.python, [
      "benchmarks/transformers/synthetic_klein.py",
      model,
      "tests/fixtures/checkpoints/klein/tokenizer",
    ]);
  const rows: string[][] = [];
  for (const precision of ["fp32", "int8", "int4"] as const) {
    if (options.only !== undefined && options.only !== precision) continue;
    const drawing = [
      "imagine",
      "--model",
      model,
      "--prompt",
      "a cat",
      "--width",
      "64",
      "--height",
      "64",
      "--steps",
      "1",
    ];
    const common = ["--precision", precision, "--device", "cpu", "--data", work, "--json", "-o", join(work, "out.png")];
    const draw = async () =>
      await measureCommand("dist/programs/overpaint.js", [...drawing, ...common], {
        OVERPAINT_MEMORY: `${room[precision]}`,
      });
    // Quantised weights are made once and lie on disk.
    const first = precision === "fp32" ? undefined : await draw();
    const { peakPrivateBytes, seconds } = await draw();
    const largest = (widths[precision] * TRANSFORMER_WEIGHTS) / GIB;
    const numbers = [largest, peakPrivateBytes / GIB, peakPrivateBytes / GIB - largest];
    const made = first ? (first.peakPrivateBytes / GIB).toFixed(2) : "";
    rows.push([precision, ...numbers.map((each) => each.toFixed(2)), made, seconds.toFixed(0)]);
  }
  console.log(
    table(["computed in", "largest component", "most private at once", "beyond", "while made", "seconds"], rows),
  );
} finally {
  await rm(work, { recursive: true, force: true });
}
