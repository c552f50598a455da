// A queue over a data folder, whose process is killed at the n-th thing its ledger is told: node killed-queue.mjs FOLDER N before|after.
// It takes two jobs of two variants, draws them, acknowledges the first, and says "none left" when it gets so far.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { inspect } from "node:util";

const [folder, n, side] = [process.argv[2], Number(process.argv[3]), process.argv[4]];
const dist = new URL("../../../dist/companion-server/", import.meta.url);
const load = (path) => import(new URL(path, dist));
const { DiskArtifacts } = await load("jobs/artifacts.js");
const { JobLedger } = await load("jobs/job-ledger.js");
const { LedgerQueue } = await load("jobs/ledger-queue.js");
const { Retention } = await load("jobs/retention.js");
const { StepTimes } = await load("jobs/step-times.js");
const { parseSubmission } = await load("requests/parse-submission.js");
const { writeWhole } = await load("write-whole.js");

const artifacts = new DiskArtifacts(join(folder, "jobs"));
const ledger = JobLedger.open(join(folder, "jobs.db"));
const told = ["reserve", "accept", "begin", "started", "commit", "finish", "acknowledge", "removed"];
let count = 0;
const watched = new Proxy(ledger, {
  get(target, name) {
    const value = Reflect.get(target, name, target);
    if (typeof value !== "function") return value;
    return (...values) => {
      const isIt = told.includes(name) && count++ === n;
      if (isIt && side === "before") process.kill(process.pid, "SIGKILL");
      const answer = value.apply(target, values);
      if (isIt) process.kill(process.pid, "SIGKILL");
      return answer;
    };
  },
});

const recipe = (request, variant) => ({
  version: 1,
  request,
  variant,
  seed: request.seed + variant,
  plan: null,
  inputs: {},
  model: { id: request.model, files: {} },
  engine: { place: "companion", device: "cpu", provider: "script", version: "0.0.0" },
});
const drawer = {
  capacity: 1,
  outlivesCompanion: false,
  requireModel: async () => {},
  close: async () => {},
  async draw({ id, request, variants }, { onEvent }) {
    onEvent({ type: "begun", device: "cpu" });
    onEvent({ type: "started", device: "cpu", model: request.model });
    for (const variant of variants) {
      await writeWhole(artifacts.resultFile(id, variant), String(variant));
      const layer = { x: 0, y: 0, width: 8, height: 8 };
      onEvent({ type: "result", result: { variant, layer, pixels: layer, recipe: recipe(request, variant) } });
    }
  },
};
const onError = (error) => process.stderr.write(`${inspect(error)}\n`);
const beside = { retention: new Retention(ledger.database), stepTimes: new StepTimes(ledger.database) };
const queue = new LedgerQueue({ ledger: watched, artifacts, drawer, onError, ...beside });
await queue.restore();
const ids = [];
for (let job = 0; job < 2; job += 1) {
  const id = await queue.reserve();
  writeFileSync(artifacts.partFile(id, "image"), "picture");
  const submission = parseSubmission(JSON.stringify({ request: { task: "restyle", count: 2 } }));
  await queue.submit({ id, submission, parts: ["image"] });
  process.stdout.write(`accepted ${id}\n`);
  ids.push(id);
}
for (const id of ids) for await (const _ of queue.events(id, 0, new AbortController().signal));
await queue.acknowledge(ids[0]);
process.stdout.write(`acknowledged ${ids[0]}\nnone left\n`);
await queue.close();
