import { existsSync, openAsBlob } from "node:fs";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ModelLoader } from "../../../../plugin/engine-worker/models/model-loader.ts";
import { bare } from "../../../../plugin/engine-worker/models/web-model.ts";
import type { OnnxRuntime } from "../../../../plugin/engine-worker/runtime/onnx-runtime.ts";
import type { DiffusionModel } from "../../../../shared/diffusion/models/diffusion-model.ts";
import { modelIdSchema } from "../../../../shared/protocol/models/model-facts.ts";
import { inRepository } from "../../../support/repository.ts";

/** Networks of the fixtures, by their packs, and the one graph of each. */
const graphs = { "erase-bytes": "migan_pipeline_v2.onnx", background: "onnx/model.onnx" } as const;
const runtime: OnnxRuntime = {
  device: "wasm",
  threads: 1,
  hasHalf: false,
  provider: "none",
  openSession: () => Promise.reject(new Error("Nothing is drawn.")),
};

beforeEach(() => void vi.stubGlobal("navigator", {}));
afterEach(() => void vi.unstubAllGlobals());

test("loads a model anew that took the place of another under its id, and no other one twice", async () => {
  let installed: keyof typeof graphs = "erase-bytes";
  const modelsFolder = new URL("https://models.invalid/");
  const folder = new URL("mine/", modelsFolder).href;
  const loader = new ModelLoader({
    modelsFolder,
    files: {
      find: async ({ href }) => {
        const path = href.slice(folder.length);
        const isThere = path === graphs[installed] || path === "overpaint.json";
        return isThere
          ? { content: await openAsBlob(inRepository(`tests/fixtures/packs/${installed}/${path}`)) }
          : undefined;
      },
      list: async () => [graphs[installed]],
      fingerprintOf: async () => installed,
    },
    startRuntime: async () => runtime,
    signal: () => undefined,
  });
  const mine = bare(modelIdSchema.parse("mine"));
  const first = await loader.load(mine, "wasm");
  expect(await loader.load(mine, "wasm")).toBe(first);
  expect(await loader.factsOf(mine, "wasm")).toMatchObject({ kind: "erase" });
  installed = "background";
  expect(await loader.factsOf(mine, "wasm")).toMatchObject({ kind: "background" });
  expect((await loader.load(mine, "wasm")).model.facts.kind).toBe("background");
});

test("plans graphs of its own on WASM for attention that holds its scores, and builds them so", async () => {
  const opened: Uint8Array[] = [];
  const modelsFolder = new URL("https://models.invalid/");
  const folder = new URL("klein/", modelsFolder).href;
  const loader = new ModelLoader({
    modelsFolder,
    files: {
      find: async ({ href }) => {
        const path = inRepository(`tests/fixtures/checkpoints/klein/${href.slice(folder.length)}`);
        return existsSync(path) ? { content: await openAsBlob(path) } : undefined;
      },
      list: async () => undefined,
      fingerprintOf: async () => undefined,
    },
    startRuntime: async () => ({
      ...runtime,
      openSession: async (_, graph) => {
        opened.push(graph);
        throw new Error("Nothing is drawn.");
      },
    }),
    signal: () => undefined,
  });
  const { model, memory, provider } = await loader.load(bare(modelIdSchema.parse("klein")), "wasm");
  expect(model.facts.tasks).toContain("edit");
  expect(memory.holdsScores).toBe(true);
  expect(provider).toBe("none");
  await expect((model as DiffusionModel).load()).rejects.toThrow();
  expect(opened.at(-1)?.length).toBeGreaterThan(1_000);
  for (const graph of opened) expect(Buffer.from(graph).includes("MultiHeadAttention")).toBe(false);
});
