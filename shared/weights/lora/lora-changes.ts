import type { TensorRef } from "../../protocol/tensor-ref.ts";
import type { CheckpointComponent, ComponentName } from "../checkpoint/checkpoint.ts";
import { readValues } from "../read-values.ts";
import type { WeightFiles } from "../weight-files.ts";
import { mergeLora } from "./merge-lora.ts";
import type { Lora, LoraModule } from "./open-lora.ts";

/** A LoRA at a strength: 1 as it was trained, negative for the opposite. */
export interface WeightedLora {
  readonly lora: Lora;
  readonly strength: number;
}

/** What one LoRA makes of a layer: W ← lengths ∘ (W + scale · up · core · down), with tensors that stay in its file. */
export interface LoraChange extends Pick<LoraModule, "down" | "up" | "core"> {
  /** Strength · alpha / rank. */
  readonly scale: number;
  /** DoRA's, which depend on the weight that is changed: what its rows or columns are multiplied by. */
  readonly lengths: { readonly of: "rows" | "columns"; readonly factors: Float32Array } | undefined;
}

/** Changes of a component's layers by diffusers' name of each, in the order of the LoRAs. */
export type LayerChanges = ReadonlyMap<string, readonly LoraChange[]>;

/**
 * What LoRAs change. Only where a layer has DoRA's magnitudes are weights read, one layer's at a time: `files` reads those of
 * the model and of the LoRAs.
 */
export async function loraChanges(
  components: ReadonlyMap<ComponentName, CheckpointComponent>,
  loras: readonly WeightedLora[],
  files: Pick<WeightFiles, "readBytes">,
): Promise<ReadonlyMap<ComponentName, LayerChanges>> {
  const changes = new Map<ComponentName, Map<string, readonly LoraChange[]>>();
  for (const steps of byLayer(loras).values()) {
    const [
      {
        module: { component, name },
      } = unreachable(),
    ] = steps;
    const layers = changes.get(component) ?? new Map<string, readonly LoraChange[]>();
    changes.set(component, layers);
    const weight = components.get(component)?.weights.find(`${name}.weight`) ?? unreachable();
    const lengths = steps.some(({ module }) => module.magnitude) ? await findLengths(files, weight, steps) : [];
    layers.set(
      name,
      steps.map(({ module: { down, up, core, scale }, strength }, index) => ({
        ...{ down, up, core },
        scale: strength * scale,
        lengths: lengths[index],
      })),
    );
  }
  return changes;
}

interface LoraStep {
  readonly module: LoraModule;
  readonly strength: number;
}

function byLayer(loras: readonly WeightedLora[]): ReadonlyMap<string, readonly LoraStep[]> {
  const layers = new Map<string, LoraStep[]>();
  for (const { lora, strength } of loras)
    for (const module of lora.modules) {
      const key = `${module.component}/${module.name}`;
      const steps = layers.get(key) ?? [];
      layers.set(key, [...steps, { module, strength }]);
    }
  return layers;
}

/** The factors of each step, undefined for those without magnitudes. */
async function findLengths(files: Pick<WeightFiles, "readBytes">, weight: TensorRef, steps: readonly LoraStep[]) {
  const { dims, values } = await readUpright(files, weight);
  const lengths: LoraChange["lengths"][] = [];
  for (const { module, strength } of steps) {
    const factors = mergeLora(values, dims, await readLoraValues(files, module), strength);
    lengths.push(factors && module.magnitude && { of: module.magnitude.of, factors });
  }
  return lengths;
}

/** A weight's values [out, in, …], also of a matrix that is stored the other way round. */
async function readUpright(files: Pick<WeightFiles, "readBytes">, tensor: TensorRef) {
  const values = await readValues(files, tensor);
  if (tensor.isTransposed !== true) return { dims: tensor.dims, values };
  const [rows = 0, columns = 0] = tensor.dims;
  const turned = new Float32Array(values.length);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) turned[column * rows + row] = values[row * columns + column]!; // inside
  return { dims: [columns, rows], values: turned };
}

async function readLoraValues(files: Pick<WeightFiles, "readBytes">, { down, up, core, scale, magnitude }: LoraModule) {
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
