import { WebCheckpoint } from "../../../../../plugin/engine-worker/models/web-checkpoint.ts";
import { WebPackFiles } from "../../../../../plugin/engine-worker/models/web-pack-files.ts";
import { startOnnxRuntime } from "../../../../../plugin/engine-worker/runtime/onnx-runtime.ts";
import { CheckpointFiles } from "../../../../../shared/diffusion/checkpoint/checkpoint-files.ts";
import type { PackFiles } from "../../../../../shared/diffusion/pack-files.ts";
import { cpuProfile } from "../../../../../shared/networks/graph/graph-profile.ts";
import { drawFlowRun, levelOf } from "../../../../support/draw-flow-run.ts";
import type { FlowRun } from "../../../../support/flow-models.ts";
import { openDiffusionModel } from "../../../../support/open-diffusion-model.ts";
import { servedFiles } from "../../../../support/served-files.ts";
import { drawReferenceRun, type ReferenceInputs, type ReferenceRun } from "../../pipelines/reference-run.ts";

/** Tensors as plain arrays, which is what passes between page and test. */
export interface PlainDrawnRun {
  readonly latents: readonly (readonly number[])[];
  readonly pixels: readonly number[];
  readonly size: readonly [width: number, height: number];
}

/** Pictures and masks by their size in words. */
export interface PlainFlowInputs {
  readonly pictures: Readonly<Record<string, readonly number[]>>;
  readonly masks: Readonly<Record<string, readonly number[]>>;
}

declare global {
  interface Window {
    /** 8-bit levels of what a transformer draws. */
    drawFlow: (family: string, run: FlowRun, inputs: PlainFlowInputs) => Promise<readonly number[]>;
    drawRun: (run: ReferenceRun, inputs: ReferenceInputs<readonly number[]>) => Promise<PlainDrawnRun>;
  }
}

const runtime = startOnnxRuntime("wasm", servedFiles.find);

/** Folders of packs laid over each other: the last that has a file provides it. */
async function layered(layers: readonly string[]): Promise<PackFiles> {
  const started = await runtime;
  const folders = layers.map((layer) => {
    const url = new URL(`/packs/${layer}/`, location.href);
    return new WebPackFiles({ url, runtime: started, files: servedFiles });
  });
  const topFirst = folders.toReversed();
  return {
    async readText(path) {
      for (const folder of topFirst) {
        const text = await folder.readText(path);
        if (text !== undefined) return text;
      }
      return undefined;
    },
    async openSession(path) {
      for (const folder of topFirst)
        if ((await folder.readText(path)) !== undefined) return await folder.openSession(path);
      throw new Error(`no layer has ${path}`);
    },
  };
}

window.drawRun = async (run, inputs) => {
  const pack = await openDiffusionModel(await layered(run.layers));
  const bytes = Object.fromEntries(Object.entries(inputs).map(([name, values]) => [name, Uint8Array.from(values)]));
  const drawn = await drawReferenceRun(pack, run, bytes as unknown as ReferenceInputs);
  await pack.release();
  return {
    latents: drawn.latents.map((latents) => Array.from(latents)),
    pixels: Array.from(drawn.pixels),
    size: drawn.size,
  };
};

window.drawFlow = async (family, run, { pictures, masks }) => {
  const started = await runtime;
  const url = new URL(`/checkpoints/${family}/`, location.href);
  const files = new WebPackFiles({ url, runtime: started, files: servedFiles });
  const storage = new WebCheckpoint({
    model: { files, beside: new Map(), choice: { file: undefined } },
    runtime: started,
    profile: async () => cpuProfile,
    clipMerges: async () => {
      throw new Error("A language model has a tokenizer of its own.");
    },
  });
  const model = await openDiffusionModel(await CheckpointFiles.open(files, storage, { file: undefined }));
  const inputs = {
    picture: (size: string) => Uint8Array.from(pictures[size] ?? []),
    mask: (size: string) => Uint8Array.from(masks[size] ?? []),
  };
  const { data } = await drawFlowRun(model, run, inputs, undefined);
  await model.release();
  return Array.from(data, levelOf);
};
