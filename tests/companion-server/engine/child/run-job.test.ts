import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { JobSurroundings } from "../../../../companion-server/engine/child/run-job.ts";
import { runJob } from "../../../../companion-server/engine/child/run-job.ts";
import type { EngineEvent, EngineJob } from "../../../../companion-server/engine/engine.ts";
import { Stopwatch } from "../../../../companion-server/engine/stopwatch.ts";
import { openModel } from "../../../../shared/diffusion/models/open-model.ts";
import { editRequestSchema } from "../../../../shared/protocol/edit-request.ts";
import type { InputNote } from "../../../../shared/protocol/input-note.ts";
import type { Plan } from "../../../../shared/protocol/plans/plan.ts";
import { colourFamily } from "../../../shared/diffusion/models/colour-family/colour-family.ts";
import { temporaryFolder } from "../../../support/temporary-folder.ts";

const memory = { denoiser: { perCell: 1, perCellPair: 0 }, autoencoder: { perCell: 0, perCellPair: 0 } };
const smaller = {
  code: "memory-saved",
  text: "For want of memory the model drew 36×36 pixels instead of 48×48.",
} as const;
const shortage: InputNote = { code: "memory-saved", text: "cpu ran out of memory." };

/** Two pictures of the family of one colour. Answers what their recipes note, and the plan that was run. */
async function draw(
  budget: number,
  { plan, ...surroundings }: Pick<EngineJob, "plan"> & Pick<Partial<JobSurroundings>, "shortage"> = {},
) {
  await using folder = await temporaryFolder();
  const index = JSON.stringify({ _class_name: "ColourPipeline" });
  await writeFile(join(folder.path, "model_index.json"), index);
  const openSession = () => Promise.reject(new Error("The family has no graphs."));
  const readText = (name: string) => readFile(join(folder.path, name), "utf8").catch(() => undefined);
  const model = await openModel({ readText, openSession }, { families: [colourFamily] });
  Object.defineProperty(model, "facts", { value: { ...model.facts, memory } });
  const job: EngineJob = {
    id: "a-job",
    request: editRequestSchema.parse({ task: "create", prompt: "red", width: 48, height: 48, count: 2 }),
    model: { id: "colours", folder: folder.path },
    devices: ["cpu"],
    inputs: {},
    resultsFolder: folder.path,
    hashCache: join(folder.path, "hashes.json"),
    quantisedWeights: folder.path,
    ...(plan && { plan }),
  };
  const events: EngineEvent[] = [];
  const plans: Plan[] = [];
  await runJob(job, {
    model,
    precision: undefined,
    modelNotes: [],
    files: { weightFiles: [] },
    device: "cpu",
    memory: { budget, gainsFromBatches: false },
    stopwatch: new Stopwatch(),
    signal: new AbortController().signal,
    onEvent: (event) => void events.push(event),
    onPlan: async (planned) => void plans.push(planned),
    ...surroundings,
  });
  const notes = events.flatMap((event) => (event.type === "result" ? [event.result.recipe.notes] : []));
  return { notes, plan: plans[0] };
}

test("says once with every result that memory made the model draw smaller, as the browser does", async () => {
  expect((await draw(40)).notes).toEqual([[smaller], [smaller]]);
  expect((await draw(64)).notes).toEqual([undefined, undefined]);
});

test("says that a device ran out of memory where nothing tells what came of that", async () => {
  expect((await draw(64, { shortage })).notes).toEqual([[shortage], [shortage]]);
  expect((await draw(40, { shortage })).notes).toEqual([[smaller], [smaller]]);
});

test("says nothing of memory where a recipe's plan is run as it is", async () => {
  const { plan } = await draw(40);
  expect((await draw(40, { plan: plan! })).notes).toEqual([undefined, undefined]);
});
