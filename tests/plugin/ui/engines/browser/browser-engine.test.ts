import { expect, test } from "vitest";
import { BrowserEngine } from "../../../../../plugin/ui/engines/browser/browser-engine.ts";
import type { EditEvent } from "../../../../../shared/protocol/edit-event.ts";
import { editRequestSchema } from "../../../../../shared/protocol/edit-request.ts";
import { FakeEngineWorker } from "../../support/fake-engine-worker.ts";
import { ScriptedEngine } from "../../support/scripted-engine.ts";
import { someEdit } from "../../support/some-edit.ts";

function engineOver(script: ScriptedEngine, patience?: () => number) {
  const workers: FakeEngineWorker[] = [];
  const engine = new BrowserEngine({
    modelsUrl: "http://127.0.0.1/models/",
    startWorker: () => {
      const worker = new FakeEngineWorker(script);
      workers.push(worker);
      return worker.asWorker();
    },
    ...(patience && { patience }),
  });
  return { engine, workers };
}

test("runs an edit in the worker with the same request the companion would get", async () => {
  const script = new ScriptedEngine();
  const { engine, workers } = engineOver(script);
  const edit = someEdit();
  const run = await engine.start(edit);
  const events: EditEvent[] = [];
  await run.follow((event) => events.push(event));
  expect(events.map(({ type }) => type)).toEqual(["started", "step", "step", "step", "result", "done"]);
  expect(script.edits[0]).toEqual({ request: edit.request, image: edit.image?.bytes, mask: edit.mask });
  expect((await run.readLayer(0)).length).toBeGreaterThan(0);
  expect(workers).toHaveLength(1);
  await expect.poll(() => engine.storage.value).toEqual({ lasts: false, bytes: 1_000, free: undefined });
});

test("cancels between two steps", async () => {
  const script = new ScriptedEngine();
  script.steps = 1_000;
  const { engine } = engineOver(script);
  const run = await engine.start(someEdit());
  const events: EditEvent[] = [];
  await run.follow((event) => {
    events.push(event);
    if (event.type === "step" && event.step === 2) void run.cancel();
  });
  expect(events.at(-1)).toEqual({ type: "cancelled" });
});

async function eventsOf(engine: BrowserEngine, onEvent: (event: EditEvent) => void = () => {}): Promise<EditEvent[]> {
  const events: EditEvent[] = [];
  await (await engine.start(someEdit())).follow((event) => {
    events.push(event);
    onEvent(event);
  });
  return events;
}

test("draws an edit again with a new worker when the first dies", async () => {
  const { engine, workers } = engineOver(new ScriptedEngine());
  let crashes = 0;
  const events = await eventsOf(engine, (event) => {
    if (event.type === "step" && event.step === 1 && crashes++ === 0) workers[0]!.crash("out of memory"); // it runs there
  });
  expect(events.at(-1)?.type).toBe("done");
  expect(workers.map(({ isTerminated }) => isTerminated)).toEqual([true, false]);
});

test("gives up when the second worker dies on WASM too, and starts another for the next edit", async () => {
  const { engine, workers } = engineOver(new ScriptedEngine());
  const drawing = eventsOf(engine, (event) => {
    if (event.type === "step" && event.step === 1) workers.at(-1)!.crash("out of memory"); // one runs
  });
  await expect(drawing).rejects.toMatchObject({ code: "engine-crashed" });
  expect(workers).toHaveLength(2);
  expect((await eventsOf(engine)).at(-1)?.type).toBe("done");
});

test("takes WASM after WebGPU has died twice, and says why", async () => {
  const script = new ScriptedEngine();
  script.hasGpu = true;
  const { engine, workers } = engineOver(script);
  const events = await eventsOf(engine, (event) => {
    if (event.type === "step" && workers.length <= 2) workers.at(-1)!.crash("device lost"); // one runs
  });
  expect(events.at(-1)?.type).toBe("done");
  expect(engine.state.value).toEqual({
    type: "ready",
    device: { device: "wasm", reason: "WebGPU failed: The browser engine stopped: device lost." },
  });
});

test("measures steps from the second of each variant on", async () => {
  const script = new ScriptedEngine();
  const { engine } = engineOver(script);
  script.steps = 1;
  await eventsOf(engine);
  expect(engine.stepMs.value).toBeUndefined();
  script.steps = 3;
  await eventsOf(engine);
  expect(engine.stepMs.value).toBeGreaterThan(0);
});

test("says what it goes on with when a model is too much for the graphics device", async () => {
  const script = new ScriptedEngine();
  script.hasGpu = true;
  script.fallsBackFor = "WebGPU: unet/model.onnx is in half precision.";
  const { engine } = engineOver(script);
  await eventsOf(engine);
  const device = { device: "wasm", reason: "WebGPU: unet/model.onnx is in half precision." };
  expect(engine.state.value).toEqual({ type: "ready", device });
});

test("ends a worker that gives no sign, and draws again with a new one", async () => {
  const script = new ScriptedEngine();
  script.silentRuns = 1;
  const { engine, workers } = engineOver(script, () => 100);
  expect((await eventsOf(engine)).at(-1)?.type).toBe("done");
  expect(workers.map(({ isTerminated }) => isTerminated)).toEqual([true, false]);
});

test("leaves a worker alone that fetched something during an edit and goes on", async () => {
  const script = new ScriptedEngine();
  script.fetches = { done: 4_000, total: 4_000 };
  script.steps = 150;
  const { engine, workers } = engineOver(script, () => 200);
  expect((await eventsOf(engine)).at(-1)?.type).toBe("done");
  expect(workers).toHaveLength(1);
});

test("says that the script cannot be loaded instead of starting for ever", async () => {
  const script = new ScriptedEngine();
  script.isPreparing = false;
  const { engine, workers } = engineOver(script);
  const drawing = eventsOf(engine);
  const crash = () => workers.at(-1)?.crash("");
  const crashing = setInterval(crash, 1);
  await expect(drawing).rejects.toMatchObject({ code: "engine-unavailable" });
  clearInterval(crashing);
  expect(engine.state.value).toMatchObject({ type: "failed", error: { code: "engine-unavailable" } });
});

test("starts no worker before the first edit, and tells what that fetches", async () => {
  const script = new ScriptedEngine();
  script.fetches = { done: 1_000, total: 4_000 };
  const { engine, workers } = engineOver(script);
  await engine.models();
  expect(workers).toHaveLength(0);
  expect(engine.state.value).toEqual({ type: "idle" });
  const events = await eventsOf(engine);
  expect(events[0]).toEqual({ type: "fetching", done: 1_000, total: 4_000 });
});

test("cancels while files are on their way", async () => {
  const script = new ScriptedEngine();
  script.isPreparing = false;
  const { engine, workers } = engineOver(script);
  const run = await engine.start(someEdit());
  const events: EditEvent[] = [];
  const following = run.follow((event) => events.push(event));
  await expect.poll(() => workers.length).toBe(1);
  await run.cancel();
  await following;
  expect(events).toEqual([{ type: "cancelled" }]);
  expect(workers[0]!.isTerminated).toBe(true); // it was polled for
});

test("draws one edit after the other and tells those that wait how many are before them", async () => {
  const { engine } = engineOver(new ScriptedEngine());
  const queued: number[][] = [[], [], []];
  const ends: number[] = [];
  await Promise.all(
    queued.map(async (told, i) => {
      const run = await engine.start(someEdit());
      await run.follow((event) => {
        if (event.type === "queued") told.push(event.ahead);
        if (event.type === "done") ends.push(i);
      });
    }),
  );
  expect(ends).toEqual([0, 1, 2]);
  expect(queued).toEqual([[], [1, 0], [2, 1, 0]]);
});

test("refuses a model it does not have instead of taking another", async () => {
  const { engine } = engineOver(new ScriptedEngine());
  const request = editRequestSchema.parse({ task: "inpaint", model: "photo-inpaint" });
  await expect(engine.start({ ...someEdit(), request })).rejects.toMatchObject({ code: "unknown-model" });
});
