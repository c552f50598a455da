import { cp, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import type { EngineEvent, EngineJob } from "../../../../companion-server/engine/engine.ts";
import { EngineProcess } from "../../../../companion-server/engine/engine-process.ts";
import { decodeImage } from "../../../../companion-server/images/decode-image.ts";
import { PackedGraphs } from "../../../../companion-server/models/caches/packed-graphs.ts";
import { parseEditRequest } from "../../../../companion-server/requests/parse-submission.ts";
import type { EditRequestInput } from "../../../../shared/protocol/edit-request.ts";
import { largestDifference } from "../../../support/largest-difference.ts";
import { inRepository } from "../../../support/repository.ts";
import { temporaryFolder } from "../../../support/temporary-folder.ts";
import { pngOf } from "../../support/pictures.ts";

/** The built engine process with a picture of 48 × 48 to edit. */
async function setUp() {
  const folder = await temporaryFolder();
  const engine = new EngineProcess();
  onTestFinished(async () => {
    await engine.close();
    await folder.remove();
  });
  const mask = new Uint8Array(48 * 48).fill(255, 48 * 20, 48 * 28);
  await writeFile(join(folder.path, "image"), await pngOf({ width: 48, height: 48, channels: 3 }));
  await writeFile(join(folder.path, "mask"), await pngOf({ width: 48, height: 48, channels: 1 }, mask));
  const job = (id: string, request: Omit<EditRequestInput, "task">, devices: EngineJob["devices"] = ["cpu"]) => ({
    id,
    request: parseEditRequest({ task: "inpaint", ...request }),
    model: { id: "starter", folder: inRepository("models/starter") },
    devices,
    inputs: { image: join(folder.path, "image"), mask: join(folder.path, "mask") },
    resultsFolder: join(folder.path, id),
    hashCache: join(folder.path, "hashes.json"),
    quantisedWeights: join(folder.path, "quantised"),
  });
  return { engine, job, folder: folder.path };
}

test("draws on the next device when the first cannot be used, and the recipe says on which", async () => {
  const { engine, job } = await setUp();
  const foreign = process.platform === "win32" ? "coreml" : "dml";
  const events: EngineEvent[] = [];
  const report = await engine.run(job("one", { steps: 2 }, [foreign, "cpu"]), {
    onEvent: (event) => events.push(event),
  });
  expect(report.device).toBe("cpu");
  expect(events[0]).toEqual({ type: "started", device: "cpu", model: "starter" });
  expect(events.at(-1)).toMatchObject({ result: { recipe: { engine: { device: "cpu" } } } });
});

test("keeps the model loaded for the next job, which draws the same bytes", async () => {
  const { engine, job } = await setUp();
  const [first, second] = [job("one", { steps: 2 }), job("two", { steps: 2 })];
  const { timings: cold } = await engine.run(first, { onEvent: () => {} });
  const { timings: warm } = await engine.run(second, { onEvent: () => {} });
  expect(cold.modelLoad).toBeGreaterThan(0);
  expect(warm.modelLoad).toBeUndefined();
  const [a, b] = await Promise.all([first, second].map(({ resultsFolder }) => readFile(join(resultsFolder, "0.png"))));
  expect(a?.equals(b!)).toBe(true);
});

test("keeps models loaded side by side within the memory budget, and lets go of those used longest ago beyond it", async () => {
  const { engine, job } = await setUp();
  const base = { id: "base", folder: inRepository("tests/fixtures/checkpoints/base") };
  const loads = async (by: EngineProcess, ids: readonly string[]) => {
    const loaded: string[] = [];
    for (const id of ids) {
      const edit = job(id, { steps: 1 });
      const own = id.startsWith("base") ? { ...edit, model: base } : edit;
      const { timings } = await by.run(own, { onEvent: () => {} });
      if (timings.modelLoad !== undefined) loaded.push(id);
    }
    return loaded;
  };
  const turns = ["starter 1", "base 1", "starter 2", "base 2"];
  expect(await loads(engine, turns)).toEqual(["starter 1", "base 1"]);
  vi.stubEnv("OVERPAINT_MEMORY", "0.4"); // less than drawing takes beside one of them
  onTestFinished(() => void vi.unstubAllEnvs());
  const narrow = new EngineProcess();
  onTestFinished(() => narrow.close());
  expect(await loads(narrow, turns)).toEqual(turns);
});

test("loads a model without a job, and has it still when it is asked for the next time", async () => {
  const { engine, job } = await setUp();
  const { request: _request, ...asked } = job("ahead", {});
  const first = await engine.load(asked);
  expect(first.device).toBe("cpu");
  expect(first.timings.modelLoad).toBeGreaterThan(0);
  expect((await engine.load(asked)).timings.modelLoad).toBeUndefined();
});

test("has written a variant's file when it announces it", async () => {
  const { engine, job } = await setUp();
  const edit = job("one", { steps: 2, count: 2 });
  const sizes: Promise<number>[] = [];
  await engine.run(edit, {
    onEvent: (event) => {
      if (event.type === "result")
        sizes.push(stat(join(edit.resultsFolder, `${event.result.variant}.png`)).then(({ size }) => size));
    },
  });
  expect(await Promise.all(sizes)).toEqual([expect.any(Number), expect.any(Number)]);
});

test("draws with a model that was repaired without being started again", async () => {
  const { engine, job, folder } = await setUp();
  const model = { id: "starter", folder: join(folder, "starter") };
  await cp(inRepository("models/starter"), model.folder, { recursive: true });
  const [whole, damaged, repaired] = ["one", "two", "three"].map((id) => ({ ...job(id, { steps: 2 }), model }));
  await engine.run(whole!, { onEvent: () => {} });

  const decoder = join(model.folder, "vae_decoder/model.onnx");
  const content = await readFile(decoder);
  await writeFile(decoder, content.subarray(0, 1000));
  await expect(engine.run(damaged!, { onEvent: () => {} })).rejects.toMatchObject({ code: "damaged-model" });

  await writeFile(decoder, content);
  await engine.run(repaired!, { onEvent: () => {} });
  const [a, b] = await Promise.all([whole, repaired].map((edit) => readFile(join(edit!.resultsFolder, "0.png"))));
  expect(a?.equals(b!)).toBe(true);
});

test("hears a cancel between two steps and can go on at once", async () => {
  const { engine, job } = await setUp();
  const controller = new AbortController();
  const cancelled = engine.run(job("one", { steps: 150, count: 16 }), {
    signal: controller.signal,
    onEvent: ({ type }) => type === "step" && controller.abort(),
  });
  await expect(cancelled).rejects.toMatchObject({ code: "cancelled" });
  const { timings } = await engine.run(job("two", { steps: 2 }), { onEvent: () => {} });
  expect(timings.modelLoad ?? 0).toBeLessThan(timings.edit!); // the process and its unet are still there
});

test("reports what is wrong with the inputs by its code", async () => {
  const { engine, job } = await setUp();
  const edit = job("one", {});
  await writeFile(edit.inputs.mask, await pngOf({ width: 48, height: 48, channels: 1 }, new Uint8Array(48 * 48)));
  await expect(engine.run(edit, { onEvent: () => {} })).rejects.toMatchObject({ code: "empty-mask" });
});

test("packs a checkpoint's graphs while it has nothing to do, and draws with them once it opens the model anew", async () => {
  const { engine, job, folder } = await setUp();
  const checkpoint = { id: "base", folder: inRepository("tests/fixtures/checkpoints/base") };
  const packedGraphs = join(folder, "packed-graphs");
  const store = new PackedGraphs(packedGraphs);
  const draw = async (id: string, by: EngineProcess) => {
    const edit = { ...job(id, { steps: 2 }), model: checkpoint, packedGraphs };
    await by.run(edit, { onEvent: () => {} });
    return await decodeImage(await readFile(join(edit.resultsFolder, "0.png")), "0.png");
  };
  const mapped = await draw("one", engine);
  expect(await store.list()).toEqual([]);
  await expect
    .poll(async () => (await store.list()).map(({ graph }) => graph).sort(), { timeout: 60_000 })
    .toEqual(["unet/model.onnx", "vae_decoder/model.onnx", "vae_encoder/model.onnx"]);
  const before = Date.now();
  await engine.close();
  const next = new EngineProcess();
  onTestFinished(() => next.close());
  const packed = await draw("two", next);
  // One that could not be opened would be gone.
  expect((await store.list()).filter(({ used }) => used >= before - 1)).toHaveLength(3);
  expect(largestDifference(packed.data, mapped.data)).toBeLessThanOrEqual(1);
}, 120_000);
