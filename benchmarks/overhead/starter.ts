import { readFile } from "node:fs/promises";
import { DiskPackFiles } from "../../companion-server/engine/child/graphs/disk-pack-files.ts";
import { Stopwatch } from "../../companion-server/engine/stopwatch.ts";
import { decodeImage } from "../../companion-server/images/decode-image.ts";
import type { ModelSession } from "../../shared/diffusion/model-session.ts";
import { openModel } from "../../shared/diffusion/models/open-model.ts";
import { type EditInputs, runEdit } from "../../shared/editing/run-edit.ts";
import { type EditRequestInput, editRequestSchema } from "../../shared/protocol/edit-request.ts";
import { disc, picture } from "../quality/support/scenes.ts";
import { table } from "../quality/support/table.ts";

/** Of each edit, one after the other in one process. */
const RUNS = 12;
/** From this run on everything that is going to be compiled has been. */
const SETTLED = 6;
const SAMPLE = "plugin/public/samples/meadow.png";

interface Run {
  readonly edit: number;
  readonly graphs: number;
}

/** How much of an edit with the starter pack, whose graphs are the smallest of all, is spent outside them. */
export async function measureStarter(): Promise<string> {
  const stopwatch = new Stopwatch();
  let inGraphs = 0;
  const files = new DiskPackFiles({ folder: "models/starter" }, "cpu", () => stopwatch);
  const opened = new Map<string, Promise<ModelSession>>();
  const openSession = (path: string): Promise<ModelSession> => {
    const session = opened.get(path) ?? files.openSession(path);
    opened.set(path, session);
    return session;
  };
  const model = await openModel(
    { readText: (path) => files.readText(path), openSession },
    {
      timing: {
        now: () => performance.now(),
        onSessionRun: (_, milliseconds) => {
          inGraphs += milliseconds;
        },
      },
    },
  );
  await model.load();
  for (const path of model.graphs) await openSession(path);

  const rows: string[][] = [];
  for (const { name, request, inputs } of await edits()) {
    const runs: Run[] = [];
    for (let seed = 0; seed < RUNS; seed += 1) {
      inGraphs = 0;
      const start = performance.now();
      await runEdit(editRequestSchema.parse({ ...request, seed }), inputs, {
        model,
        now: () => performance.now(),
        previews: false,
      });
      runs.push({ edit: performance.now() - start, graphs: inGraphs });
    }
    const [first, second] = runs as [Run, Run];
    rows.push(row(`${name}: first run`, first), row("the second", second));
    rows.push(row(`middle of the last ${RUNS - SETTLED}`, median(runs.slice(SETTLED))));
  }
  await model.release();
  return table(["starter, graphs open", "edit", "in graphs", "around them", "share"], rows);
}

interface MeasuredEdit {
  readonly name: string;
  readonly request: EditRequestInput;
  readonly inputs: EditInputs;
}

async function edits(): Promise<readonly MeasuredEdit[]> {
  const small = picture((x, y) => [60 + x, 90 + y, 200], 128);
  const large = await decodeImage(await readFile(SAMPLE), SAMPLE);
  const prompt = "a panda";
  return [
    {
      name: "plain 128×128 inpainting",
      request: { task: "inpaint", prompt, plain: true },
      inputs: { image: small, mask: disc(small, 64, 64, 40) },
    },
    {
      name: `whole edit, 170 px hole in ${large.width}×${large.height}`,
      request: { task: "inpaint", prompt },
      inputs: { image: large, mask: disc(large, 330, 260, 85) },
    },
  ];
}

/** The run whose share around the graphs is in the middle. */
function median(runs: readonly Run[]): Run {
  const sorted = [...runs].sort((a, b) => share(a) - share(b));
  return sorted[Math.floor(sorted.length / 2)] as Run;
}

function share({ edit, graphs }: Run): number {
  return (edit - graphs) / edit;
}

function row(name: string, run: Run): string[] {
  const times = [run.edit, run.graphs, run.edit - run.graphs].map((milliseconds) => `${milliseconds.toFixed(0)} ms`);
  return [name, ...times, `${(share(run) * 100).toFixed(1)} %`];
}
