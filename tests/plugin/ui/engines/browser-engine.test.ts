import { expect, test } from "vitest";
import { BrowserEngine } from "../../../../plugin/ui/engines/browser/browser-engine.ts";
import type { EditEvent } from "../../../../shared/protocol/edit-event.ts";
import { editRequestSchema } from "../../../../shared/protocol/edit-request.ts";
import { FakeEngineWorker } from "../support/fake-engine-worker.ts";
import { ScriptedEngine } from "../support/scripted-engine.ts";
import { someEdit } from "../support/some-edit.ts";

function engineOver(script: ScriptedEngine) {
  const workers: FakeEngineWorker[] = [];
  const kept: ReadonlyMap<string, string>[] = [];
  const engine = new BrowserEngine({
    modelsUrl: "http://127.0.0.1/models/",
    startWorker: (files) => {
      const worker = new FakeEngineWorker(script);
      workers.push(worker);
      kept.push(files);
      return worker.asWorker();
    },
  });
  return { engine, workers, kept };
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

test("reports a dead worker and starts another for the next edit", async () => {
  const script = new ScriptedEngine();
  script.steps = 1_000;
  const { engine, workers } = engineOver(script);
  const run = await engine.start(someEdit());
  const following = run.follow((event) => {
    if (event.type === "step" && event.step === 1) workers[0]!.crash("out of memory");
  });
  await expect(following).rejects.toMatchObject({ code: "engine-crashed" });
  expect(workers[0]!.isTerminated).toBe(true);
  script.steps = 1;
  const events: EditEvent[] = [];
  await (await engine.start(someEdit())).follow((event) => events.push(event));
  expect(events.at(-1)?.type).toBe("done");
  expect(workers).toHaveLength(2);
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

test("starts anew with the files that were kept, and not in the middle of an edit", async () => {
  const script = new ScriptedEngine();
  const { engine, workers, kept } = engineOver(script);
  const files = new Map([["http://127.0.0.1/models/starter/model_index.json", "blob:1"]]);
  const run = await engine.start(someEdit());
  await run.follow((event) => {
    if (event.type === "started") void engine.useKeptFiles(files);
  });
  expect(workers).toHaveLength(1);
  await engine.useKeptFiles(files);
  expect(workers.map(({ isTerminated }) => isTerminated)).toEqual([true, false]);
  expect(kept[1]).toBe(files);
});
