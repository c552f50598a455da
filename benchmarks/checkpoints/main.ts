import { spawn } from "node:child_process";
import { once } from "node:events";
import { createReadStream } from "node:fs";
import { mkdir, mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { table } from "../quality/support/table.ts";
import { type Measured, watchLoader } from "./watch-loader.ts";
import { type Content, type Precision, writeCheckpoint, writeConfigs } from "./write-checkpoint.ts";

// What opening and running a checkpoint of true size costs, beside diffusers in PyTorch:
//   node dist/benchmarks/checkpoints/main.js [--python PYTHON] [--steps N] [--only NAME]
// in the repository's root, once built. Needs up to 10 GB of disk in the system's temporary folder.

const { values: options } = parseArgs({
  options: {
    python: { type: "string" },
    steps: { type: "string", default: "2" },
    only: { type: "string", default: "" },
  },
});

/** Of latents for 512×512. */
const SIDE = 64;
const LOADERS = "benchmarks/checkpoints/loaders";
const GIGABYTE = 1e9;

interface Case {
  readonly model: string;
  readonly precision: Precision;
  readonly content: Content;
  readonly steps: number;
  /** Whether diffusers is measured too. */
  readonly isCompared: boolean;
  /** Whether packed graphs and a plain export are. */
  readonly isPacked: boolean;
  /** What else the companion is measured in. */
  readonly quantised?: readonly ("int8" | "int4")[];
}

const steps = Number(options.steps);
const cases: readonly Case[] = [
  { model: "sd-1.5", precision: "fp32", content: "random", steps, isCompared: true, isPacked: true },
  {
    model: "sd-1.5",
    precision: "fp16",
    content: "random",
    steps,
    isCompared: true,
    isPacked: false,
    quantised: ["int8", "int4"],
  },
  {
    model: "sdxl-base",
    precision: "fp16",
    content: "sparse",
    steps: Math.min(steps, 1),
    isCompared: false,
    isPacked: false,
  },
  { model: "sdxl-base", precision: "fp32", content: "sparse", steps: 0, isCompared: false, isPacked: false },
];

async function measureCase(
  { model, precision, content, steps, isCompared, isPacked, quantised = [] }: Case,
  folder: string,
) {
  const file = join(folder, "model.safetensors");
  const configs = join(folder, "configs");
  await writeCheckpoint(file, model, precision, content);
  const args = [file, String(SIDE), String(steps)];
  const measured = new Map<string, Measured>();
  const measure = async (name: string, command: string, rest: readonly string[]): Promise<void> => {
    if (content === "random") await readThrough(file);
    console.error(`${model} ${precision}: ${name}`);
    const values = await watchLoader(command, rest);
    measured.set(name, values);
    console.error(row(name, values).filter(Boolean).join(", "));
  };
  const companion = `dist/${LOADERS}/companion.js`;
  await measure("companion", process.execPath, [companion, ...args]);
  if (isPacked) {
    const packed = join(folder, "packed");
    await run(process.execPath, [companion, file, String(SIDE), "pack", packed]);
    await measure("companion, packed", process.execPath, [companion, ...args, packed]);
    await rm(packed, { recursive: true });
  }
  for (const name of quantised) {
    await run(process.execPath, [companion, file, String(SIDE), "0", name]); // quantises
    await measure(`companion in ${name}`, process.execPath, [companion, ...args, name]);
  }
  if (options.python !== undefined && isCompared) {
    await writeConfigs(configs, model);
    if (isPacked) {
      const exported = join(folder, "export", "model.onnx");
      await mkdir(dirname(exported));
      await run(options.python, [`${LOADERS}/export_unet.py`, file, configs, exported]);
      await measure("plain export", process.execPath, [`dist/${LOADERS}/exported.js`, exported, ...args.slice(1)]);
      await rm(dirname(exported), { recursive: true });
    }
    await measure("diffusers", options.python, [`${LOADERS}/diffusers_pipeline.py`, ...args, configs]);
  }
  const { size } = await stat(file);
  return [...measured].map(([name, values]) => row(`${model} ${precision}, ${gigabytes(size)}: ${name}`, values));
}

async function run(command: string, args: readonly string[]): Promise<void> {
  console.error(args.join(" "));
  const child = spawn(command, args, { stdio: ["ignore", "ignore", "inherit"] });
  const [code] = await once(child, "exit");
  if (code !== 0) throw new Error(`${args[0]} ended with ${code}`);
}

/** Has the system hold a file's pages. */
async function readThrough(file: string): Promise<void> {
  for await (const _ of createReadStream(file, { highWaterMark: 1 << 22 }));
}

function row(name: string, { ready, steps, peakLoading, loaded, peakRunning, peakResident }: Measured): string[] {
  return [
    name,
    seconds([ready.seconds]),
    seconds([ready.processorSeconds]),
    ...[peakLoading, loaded, peakRunning, peakResident].map(gigabytes),
    seconds(steps.map((step) => step.processorSeconds)),
    seconds(steps.map((step) => step.seconds)),
  ];
}

function gigabytes(bytes: number | undefined): string {
  return bytes === undefined ? "" : `${(bytes / GIGABYTE).toFixed(2)} GB`;
}

/** The shortest: what is above it is other programs. */
function seconds(times: readonly number[]): string {
  return times.length === 0 ? "" : `${Math.min(...times).toFixed(2)} s`;
}

const rows: string[][] = [];
for (const each of cases.filter(({ model, precision }) => `${model} ${precision}`.startsWith(options.only))) {
  const folder = await mkdtemp(join(tmpdir(), "overpaint-checkpoints-"));
  try {
    rows.push(...(await measureCase(each, folder)));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
const memory = ["peak while loading", "loaded", "peak while running", "highest with mapped pages"];
console.log(table(["checkpoint", "ready", "of processors", ...memory, "step, of processors", "step"], rows));
