import { ChildProcess } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import type { EngineEvent, EngineJob } from "../../../companion-server/engine/engine.ts";
import { EngineProcess, type EngineProcessOptions } from "../../../companion-server/engine/engine-process.ts";
import { parseEditRequest } from "../../../companion-server/requests/parse-submission.ts";
import { OverpaintError } from "../../../shared/protocol/overpaint-error.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { scriptedEngine } from "../support/test-companion.ts";

async function setUp(options: EngineProcessOptions = {}) {
  const folder = await temporaryFolder();
  const engine = new EngineProcess({ entry: scriptedEngine, ...options });
  onTestFinished(async () => {
    await engine.close();
    await folder.remove();
  });
  const image = join(folder.path, "image");
  await writeFile(image, "");
  const job = (id: string, script: object): EngineJob => ({
    id,
    request: parseEditRequest({ task: "inpaint", prompt: JSON.stringify(script) }),
    model: { id: "starter", folder: folder.path },
    devices: ["cpu"],
    inputs: { image, mask: image },
    resultsFolder: join(folder.path, id),
    hashCache: join(folder.path, "hashes.json"),
    quantisedWeights: join(folder.path, "quantised"),
  });
  return { engine, job };
}

test("reports what the process announces, then its timings", async () => {
  const { engine, job } = await setUp();
  const events: EngineEvent[] = [];
  const report = await engine.run(job("one", { steps: 2 }), { onEvent: (event) => events.push(event) });
  expect(events.map(({ type }) => type)).toEqual(["started", "step", "step", "result"]);
  expect(report).toEqual({ device: "cpu", timings: { total: 1 } });
});

test("rejects with engine-crashed when the process dies, and starts another for the next job", async () => {
  const { engine, job } = await setUp();
  const dying = engine.run(job("one", { dieAtStep: 1 }), { onEvent: () => {} });
  await expect(dying).rejects.toMatchObject({ code: "engine-crashed", message: expect.stringContaining("SIGKILL") });
  await expect(engine.run(job("two", {}), { onEvent: () => {} })).resolves.toMatchObject({ device: "cpu" });
});

/** Lets the test decide when limits are over, so that a busy machine decides nothing. */
function useTestClock() {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  onTestFinished(() => void vi.useRealTimers());
}

test("ends a process that is silent for too long", async () => {
  useTestClock();
  const { engine, job } = await setUp({ silenceLimit: 1_000 });
  const hanging = engine.run(job("one", { deafAtStep: 2 }), {
    onEvent: ({ type }) => type === "step" && vi.advanceTimersByTime(1_000),
  });
  await expect(hanging).rejects.toMatchObject({ code: "engine-unresponsive" });
  await expect(engine.run(job("two", {}), { onEvent: () => {} })).resolves.toBeDefined();
});

test("does not take a slow engine for a silent one", async () => {
  useTestClock();
  const { engine, job } = await setUp({ silenceLimit: 1_000 });
  const slow = engine.run(job("one", { steps: 20 }), { onEvent: () => vi.advanceTimersByTime(900) });
  await expect(slow).resolves.toBeDefined();
});

test("cancels between steps and keeps the process, with its loaded model, for the next job", async () => {
  let starts = 0;
  const { engine, job } = await setUp({ onOutput: () => (starts += 1) });
  const controller = new AbortController();
  const running = engine.run(job("one", { steps: 1000, delay: 5, announceStart: true }), {
    signal: controller.signal,
    onEvent: ({ type }) => type === "step" && controller.abort(),
  });
  await expect(running).rejects.toMatchObject({ code: "cancelled" });
  await engine.run(job("two", { announceStart: true }), { onEvent: () => {} });
  expect(starts).toBe(1);
});

test("ends a process that does not answer a cancel within the limit", async () => {
  const { engine, job } = await setUp({ cancelLimit: 200 });
  const controller = new AbortController();
  const running = engine.run(job("one", { deafAtStep: 2 }), {
    signal: controller.signal,
    onEvent: ({ type }) => type === "step" && controller.abort(),
  });
  await expect(running).rejects.toMatchObject({ code: "cancelled" });
});

test("does not start at all when cancelled before", async () => {
  const { engine, job } = await setUp();
  const events: EngineEvent[] = [];
  const run = engine.run(job("one", {}), { signal: AbortSignal.abort(), onEvent: (event) => events.push(event) });
  await expect(run).rejects.toMatchObject({ code: "cancelled" });
  expect(events).toEqual([]);
});

test("says that the engine is unavailable when the process cannot even start", async () => {
  const { engine, job } = await setUp({ entry: "/nowhere/engine.js" });
  await expect(engine.run(job("one", {}), { onEvent: () => {} })).rejects.toMatchObject({ code: "engine-unavailable" });
});

test("rejects with what is thrown by whoever listens, and survives it", async () => {
  const { engine, job } = await setUp();
  const onEvent = ({ type }: EngineEvent) => {
    if (type === "step") throw new OverpaintError("disk-full", "The disk is full.");
  };
  await expect(engine.run(job("one", { steps: 50 }), { onEvent })).rejects.toMatchObject({ code: "disk-full" });
  await expect(engine.run(job("two", {}), { onEvent: () => {} })).resolves.toMatchObject({ device: "cpu" });
});

test("starts no process before the one that it ended is gone", async () => {
  const pids: number[] = [];
  // A driver holds a process for a while after it was killed.
  const kill = ChildProcess.prototype.kill;
  vi.spyOn(ChildProcess.prototype, "kill").mockImplementation(function (this: ChildProcess, signal) {
    setTimeout(() => kill.call(this, signal), 1_000);
    return true;
  });
  onTestFinished(() => void vi.restoreAllMocks());
  const { engine, job } = await setUp({
    cancelLimit: 50,
    onOutput: (text) => pids.push(Number(/\d+/.exec(text)?.[0])),
  });
  const controller = new AbortController();
  const deaf = engine.run(job("one", { announceStart: true, deafAtStep: 2 }), {
    signal: controller.signal,
    onEvent: ({ type }) => type === "step" && controller.abort(),
  });
  await expect(deaf).rejects.toMatchObject({ code: "cancelled" });
  await engine.run(job("two", { announceStart: true }), {
    onEvent: ({ type }) => {
      if (type === "started") expect(() => process.kill(pids[0]!, 0)).toThrow("ESRCH");
    },
  });
  expect(pids).toHaveLength(2);
});
