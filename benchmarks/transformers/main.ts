import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs, promisify } from "node:util";
import { z } from "zod";
import { MappedCheckpoint } from "../../companion-server/engine/child/graphs/mapped-checkpoint.ts";
import { Stopwatch } from "../../companion-server/engine/stopwatch.ts";
import { createFlux2Network } from "../../shared/diffusion/models/flux2-klein/flux2-network.ts";
import { createZImageNetwork } from "../../shared/diffusion/models/z-image/z-image-network.ts";
import { buildFlux2Transformer, parseFlux2TransformerConfig } from "../../shared/networks/transformer-flux2.ts";
import { buildZImageTransformer, parseZImageTransformerConfig } from "../../shared/networks/transformer-z-image.ts";
import { openComponentFolder } from "../../shared/weights/checkpoint/open-folder.ts";
import { table } from "../quality/support/table.ts";

// One block of each kind of klein and Z-Image at true width, with random weights, beside PyTorch in the same run:
//   node dist/benchmarks/transformers/main.js [--python PYTHON] [--runs N] [--side PIXELS] [--words N]
// in the repository's root, once built. Needs 3 GB of disk in the system's temporary folder and 8 GB of memory.

const { values: options } = parseArgs({
  options: {
    python: { type: "string", default: "python3" },
    runs: { type: "string", default: "3" },
    side: { type: "string", default: "512" },
    words: { type: "string", default: "512" },
  },
});

const PIXELS_PER_TOKEN = 16;
const reportSchema = z.object({
  flops: z.number(),
  parameters: z.number(),
  seconds: z.number(),
  matrices: z.number(),
  peak: z.number(),
});
const configSchema = z.record(z.string(), z.unknown());

const runs = Number(options.runs);
const side = Number(options.side) / PIXELS_PER_TOKEN;
const words = Number(options.words);
const work = await mkdtemp(join(tmpdir(), "overpaint-transformers-"));
const rows: string[][] = [];
try {
  for (const family of ["klein", "z-image"] as const) {
    const folder = join(work, family);
    const args = [family, join(folder, "transformer"), side * side, words, runs].map(String);
    const { stdout } = await promisify(execFile)(options.python, ["benchmarks/transformers/one_block.py", ...args]);
    const torch = reportSchema.parse(JSON.parse(stdout));
    const own = await measure(family, folder);
    const measured = (seconds: number) => [
      seconds.toFixed(2),
      (seconds / torch.seconds).toFixed(2),
      (torch.flops / seconds / 1e9).toFixed(0),
    ];
    const gigabytes = (bytes: number) => (bytes / 1e9).toFixed(1);
    rows.push(
      [family, "Overpaint", ...measured(own.seconds), gigabytes(own.peak)],
      [family, "diffusers, fp32", ...measured(torch.seconds), gigabytes(torch.peak)],
      [family, "its matrices in PyTorch", ...measured(torch.matrices), ""],
    );
    console.error(`${family}: ${(torch.parameters / 1e6).toFixed(0)} million weights`);
  }
  console.log(table(["model", "what", "seconds", "times diffusers", "GFLOP/s of its matrices", "peak GB"], rows));
} finally {
  await rm(work, { recursive: true, force: true });
}

/** Seconds of the fastest run, and the most memory that this process has held. */
async function measure(family: "klein" | "z-image", folder: string) {
  const stopwatch = new Stopwatch();
  const storage = new MappedCheckpoint({ folder }, { device: "cpu", stopwatch: () => stopwatch });
  const config = configSchema.parse(JSON.parse(await readFile(join(folder, "transformer/config.json"), "utf8")));
  const graphOptions = { profile: await storage.profile() };
  let step: () => Promise<unknown>;
  let release: () => Promise<void>;
  if (family === "klein") {
    const { weights } = await openComponentFolder(storage, "transformer", "Flux2Transformer2DModel");
    const parsed = parseFlux2TransformerConfig(config);
    const session = await storage.openGraph(family, buildFlux2Transformer(parsed, weights, graphOptions));
    const network = createFlux2Network(session, parsed, { batch: 1, width: side, height: side });
    const prompt = promptOf(parsed.joint_attention_dim);
    step = () => network.velocity(noise(parsed.in_channels * side * side), 0.5, prompt, 0);
    release = () => session.release();
  } else {
    const { weights } = await openComponentFolder(storage, "transformer", "ZImageTransformer2DModel");
    const parsed = parseZImageTransformerConfig(config);
    const session = await storage.openGraph(family, buildZImageTransformer(parsed, weights, graphOptions));
    const network = createZImageNetwork(session, parsed, { width: 2 * side, height: 2 * side });
    const prompt = promptOf(parsed.cap_feat_dim);
    step = () => network.velocity(noise(parsed.in_channels * 4 * side * side), 0.5, prompt, 0);
    release = () => session.release();
  }
  await step();
  let seconds = Number.POSITIVE_INFINITY;
  for (let run = 0; run < runs; run++) {
    const begun = performance.now();
    await step();
    seconds = Math.min(seconds, (performance.now() - begun) / 1000);
  }
  await release();
  return { seconds, peak: process.resourceUsage().maxRSS * 1024 };
}

function promptOf(width: number) {
  return { hidden: noise(words * width), tokens: words, width, pooled: undefined };
}

function noise(length: number): Float32Array {
  return Float32Array.from({ length }, (_, i) => Math.sin(12.9 * i));
}
