import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { measureCommand } from "./measure-command.ts";
import { SIZE, writeInputs } from "./write-inputs.ts";

// Memory and time of inpainting the largest picture there may be: `node dist/benchmarks/memory/main.js` in the repository's
// root, once built. Reads /proc, so it runs on Linux only. On a machine that is busy with other things seconds say little.

const MEBIBYTE = 1024 ** 2;

const folder = await mkdtemp(join(tmpdir(), "overpaint-memory-"));
try {
  const cases = await writeInputs(folder);
  const raw = (SIZE.width * SIZE.height * 4) / MEBIBYTE;
  console.log(`${SIZE.width} × ${SIZE.height} pixels, ${Math.round(raw)} MiB as RGBA\n`);
  console.log("| mask | most memory at once | times the pixels | seconds | of which the model |");
  console.log("| --- | ---: | ---: | ---: | ---: |");
  for (const { name, image, mask } of cases) {
    const edit = ["inpaint", image, "--mask", mask, "-o", join(folder, "out.png"), "--steps", "4"];
    const common = ["--device", "cpu", "--data", folder, "--json"];
    const { output, seconds, peakBytes } = await measureCommand("dist/programs/overpaint.js", [...edit, ...common]);
    const { timings } = JSON.parse(output) as { readonly timings: { readonly sessionRun: number } };
    const memory = peakBytes / MEBIBYTE;
    const cells = [`${memory.toFixed(0)} MiB`, (memory / raw).toFixed(1), seconds.toFixed(0)];
    console.log(`| ${name} | ${cells.join(" | ")} | ${(timings.sessionRun / 1000).toFixed(1)} |`);
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
