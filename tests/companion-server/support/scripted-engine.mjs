// An engine process that draws nothing and does what the job's prompt says, so that supervision, queue and HTTP can be
// tested without a model. The prompt is JSON: { steps, delay, previewAt, dieAtStep, dieEveryTime, dieAfterResult, deafAtStep, fail, message,
// announceStart, results, cards }; cards has a code of an error by the index of a card that cannot load the model, or "crash".
import { appendFileSync, copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

const cancelled = new Set();

/** How often this job was started before, over all engine processes. */
function earlierAttempts(folder) {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, "attempts");
  const attempts = existsSync(file) ? readFileSync(file, "utf8").length : 0;
  appendFileSync(file, ".");
  return attempts;
}

/** Of a failure: what `message` says in base64, which is found in no prompt. */
function wordsOf({ message }) {
  return message === undefined ? "The script says so." : Buffer.from(message, "base64").toString();
}

// Once a process.
let hasAnnounced = false;

async function run(job) {
  const script = { steps: 3, delay: 1, results: 1, ...JSON.parse(job.request.prompt || "{}") };
  if (script.announceStart && !hasAnnounced) process.stdout.write(`started ${process.pid}\n`);
  hasAnnounced = true;
  const isRetry = earlierAttempts(job.resultsFolder) > 0;
  const send = (event) => process.send({ type: "event", jobId: job.id, event });
  const fate = script.cards?.[job.card];
  if (fate === "crash") process.kill(process.pid, "SIGKILL");
  if (fate !== undefined) return { code: fate, message: "The script says so." };
  send({ type: "started", device: job.devices[0], model: job.model.id });
  for (let variant = 0; variant < script.results; variant += 1) {
    if (job.drawn?.includes(variant)) continue;
    for (let step = 1; step <= script.steps; step += 1) {
      if (script.dieAtStep === step && (script.dieEveryTime || !isRetry)) process.kill(process.pid, "SIGKILL");
      if (script.deafAtStep === step) for (;;); // a driver that never returns
      await delay(script.delay);
      if (cancelled.has(job.id)) return { code: "cancelled", message: "The edit was cancelled." };
      const preview = { url: `data:image/png;base64,step${step}`, area: { x: 0, y: 0, width: 1, height: 1 } };
      send({ type: "step", variant, step, steps: script.steps, preview });
    }
    if (script.fail) return { code: script.fail, message: wordsOf(script) };
    const result = join(job.resultsFolder, `${variant}.png`);
    if (job.inputs.image) copyFileSync(job.inputs.image, result);
    else writeFileSync(result, "");
    if (script.dieAfterResult === variant - 1 && !isRetry) process.kill(process.pid, "SIGKILL");
    send({
      type: "result",
      result: {
        variant,
        layer: { x: 0, y: 0, width: 2, height: 2 },
        pixels: { width: 2, height: 2 },
        recipe: recipe(job, variant),
      },
    });
  }
  return undefined;
}

function recipe({ request, model, devices }, variant) {
  return {
    version: 1,
    request,
    variant,
    seed: request.seed + variant,
    plan: {
      task: "create",
      working: { width: 8, height: 8 },
      scheduler: "ddim",
      steps: 3,
      guidanceScale: 1,
      plain: false,
    },
    inputs: { image: "0".repeat(64), mask: "0".repeat(64) },
    model: { id: model.id, files: {} },
    engine: { place: "companion", device: devices[0], provider: "script", version: "0.0.0" },
  };
}

process.on("message", async (message) => {
  if (message.type === "cancel") cancelled.add(message.jobId);
  if (message.type !== "run") return;
  const { job } = message;
  const error = await run(job);
  if (error) process.send({ type: "failed", jobId: job.id, error });
  else process.send({ type: "finished", jobId: job.id, report: { device: job.devices[0], timings: { total: 1 } } });
});
process.on("disconnect", () => process.exit());
process.send({ type: "ready" });
