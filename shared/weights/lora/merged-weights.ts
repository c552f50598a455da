import type { TensorRef } from "../../protocol/tensor-ref.ts";
import type { CheckpointComponent, ComponentName } from "../checkpoint/checkpoint.ts";
import { readValues } from "../read-values.ts";
import { TensorTable } from "../tensor-table.ts";
import type { WeightFiles } from "../weight-files.ts";
import { mergeLora } from "./merge-lora.ts";
import type { Lora, LoraModule } from "./open-lora.ts";

/** A LoRA at a strength: 1 as it was trained, negative for the opposite. */
export interface WeightedLora {
  readonly lora: Lora;
  readonly strength: number;
}

export interface MergedWeight {
  readonly component: ComponentName;
  /** With `.weight`. */
  readonly name: string;
  readonly dims: readonly number[];
  readonly values: Float32Array;
}

/** How the files of models and LoRAs are read. */
type ReadBytes = Pick<WeightFiles, "readBytes">;

/**
 * The weights that LoRAs change, one after another, so that no more than one is held at a time. `files` reads the model's
 * files, `loraFiles` those of the LoRAs.
 */
export async function* mergedWeights(
  components: ReadonlyMap<ComponentName, CheckpointComponent>,
  loras: readonly WeightedLora[],
  files: ReadBytes,
  loraFiles: ReadBytes,
): AsyncGenerator<MergedWeight> {
  const changes = new Map<string, { readonly module: LoraModule; readonly strength: number }[]>();
  for (const { lora, strength } of loras)
    for (const module of lora.modules) {
      const key = `${module.component}/${module.name}`;
      changes.set(key, [...(changes.get(key) ?? []), { module, strength }]);
    }
  for (const list of changes.values()) {
    const [{ module: first } = unreachable()] = list;
    const name = `${first.name}.weight`;
    const tensor = components.get(first.component)?.weights.find(name) ?? unreachable();
    const { dims, values } = await readUpright(files, tensor);
    for (const { module, strength } of list) mergeLora(values, dims, await readLoraValues(loraFiles, module), strength);
    yield { component: first.component, name, dims, values };
  }
}

/** A component's merged weights as one file of F32 tensors, and where each lies in it. */
export function sideFile(
  merged: readonly MergedWeight[],
  file: string,
): { readonly bytes: Uint8Array; readonly weights: TensorTable } {
  const total = merged.reduce((sum, { values }) => sum + values.byteLength, 0);
  const bytes = new Uint8Array(total);
  const tensors = new Map<string, TensorRef>();
  let offset = 0;
  for (const { name, dims, values } of merged) {
    const length = values.byteLength;
    bytes.set(new Uint8Array(values.buffer, values.byteOffset, length), offset);
    tensors.set(name, { file, type: "F32", dims, offset, length });
    offset += length;
  }
  return { bytes, weights: new TensorTable(tensors) };
}

/** A weight's values [out, in, …], also of a matrix that is stored the other way round. */
async function readUpright(files: ReadBytes, tensor: TensorRef) {
  const values = await readValues(files, tensor);
  if (tensor.isTransposed !== true) return { dims: tensor.dims, values };
  const [rows = 0, columns = 0] = tensor.dims;
  const turned = new Float32Array(values.length);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) turned[column * rows + row] = values[row * columns + column]!; // inside
  return { dims: [columns, rows], values: turned };
}

async function readLoraValues(files: ReadBytes, { down, up, core, scale, magnitude }: LoraModule) {
  return {
    rank: down.dims[0] ?? 0,
    down: await readValues(files, down),
    up: await readValues(files, up),
    core: core && (await readValues(files, core)),
    scale,
    magnitude: magnitude && { of: magnitude.of, values: await readValues(files, magnitude.tensor) },
  };
}

function unreachable(): never {
  throw new Error("A LoRA was matched with a module that the model does not have.");
}
