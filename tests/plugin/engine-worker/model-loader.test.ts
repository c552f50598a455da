import { openAsBlob } from "node:fs";
import { expect, test, vi } from "vitest";
import { ModelLoader } from "../../../plugin/engine-worker/model-loader.ts";
import type { OnnxRuntime } from "../../../plugin/engine-worker/onnx-runtime.ts";
import { bare } from "../../../plugin/engine-worker/web-model.ts";
import { modelIdSchema } from "../../../shared/protocol/models/model-facts.ts";
import { inRepository } from "../../support/repository.ts";

/** Networks of the fixtures, by their packs, and the one graph of each. */
const graphs = { "erase-bytes": "migan_pipeline_v2.onnx", background: "onnx/model.onnx" } as const;
const runtime: OnnxRuntime = {
  device: "wasm",
  threads: 1,
  hasHalf: false,
  provider: "none",
  openSession: () => Promise.reject(new Error("Nothing is drawn.")),
};

test("loads a model anew that took the place of another under its id, and no other one twice", async () => {
  vi.stubGlobal("navigator", {});
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
  vi.unstubAllGlobals();
});
