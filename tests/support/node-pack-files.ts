import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { InferenceSession, Tensor as OnnxTensor } from "onnxruntime-node";
import type { ModelSession, Tensor, TensorType, ValueInfo } from "../../shared/diffusion/model-session.ts";
import type { PackFiles } from "../../shared/diffusion/pack-files.ts";
import { OverpaintError } from "../../shared/protocol/overpaint-error.ts";

/**
 * A pack in a folder, on onnxruntime's CPU provider: the least that the core's tests need of a runtime. Of several
 * folders, the last that has a file provides it.
 */
export class NodePackFiles implements PackFiles {
  readonly #folders: readonly string[];

  constructor(...folders: readonly string[]) {
    this.#folders = folders.toReversed();
  }

  async readText(path: string): Promise<string | undefined> {
    const file = await this.#find(path);
    return file === undefined ? undefined : await readFile(file, "utf8");
  }

  async openSession(path: string): Promise<ModelSession> {
    const file = await this.#find(path);
    if (file === undefined) throw new OverpaintError("damaged-model", `The model's file ${path} is missing.`);
    const session = await InferenceSession.create(file, { executionProviders: ["cpu"], logSeverityLevel: 4 }).catch(
      (cause: Error) => {
        throw new OverpaintError("damaged-model", `The model's file ${path} cannot be loaded: ${cause.message}`);
      },
    );
    return {
      inputs: session.inputMetadata.map(toValueInfo),
      outputs: session.outputMetadata.map(toValueInfo),
      run: async (feeds) => {
        const inputs = Object.entries(feeds).map(([name, tensor]) => [name, toOnnx(tensor)] as const);
        const outputs = await session.run(Object.fromEntries(inputs));
        return Object.fromEntries(Object.entries(outputs).map(([name, tensor]) => [name, fromOnnx(tensor)]));
      },
      release: () => session.release(),
    };
  }

  async #find(path: string): Promise<string | undefined> {
    for (const folder of this.#folders) {
      const file = join(folder, path);
      const isThere = await stat(file).then(
        (entry) => entry.isFile(),
        () => false,
      );
      if (isThere) return file;
    }
    return undefined;
  }
}

function toValueInfo(metadata: InferenceSession.ValueMetadata): ValueInfo {
  if (!metadata.isTensor) throw new Error(`${metadata.name} is no tensor`);
  return { name: metadata.name, type: metadata.type as TensorType, shape: metadata.shape };
}

function toOnnx({ type, data, dims }: Tensor): OnnxTensor {
  return new OnnxTensor(type, data as Float32Array, dims);
}

function fromOnnx({ type, data, dims }: OnnxTensor): Tensor {
  return { type: type as TensorType, dims, data: data as Float32Array };
}
