import type { LayerChange, LayerChanges, LoraPair, WeightStep } from "../../protocol/layer-change.ts";
import type { TensorRef } from "../../protocol/tensor-ref.ts";
import type { CheckpointComponent, ComponentName } from "../checkpoint/checkpoint.ts";
import { readValues } from "../read-values.ts";
import type { WeightFiles } from "../weight-files.ts";
import { mergeLora } from "./merge-lora.ts";
import type { LowRank } from "./module-change.ts";
import type { Lora, LoraModule } from "./open-lora.ts";
import { turnedBlocks } from "./turned-blocks.ts";

type ValueFiles = Pick<WeightFiles, "readBytes">;

/** A LoRA at a strength: 1 as it was trained, negative for the opposite. */
export interface WeightedLora {
  readonly lora: Lora;
  readonly strength: number;
}

/**
 * What LoRAs change. Only where a layer has DoRA's magnitudes are weights read, one layer's at a time: `files` reads those of
 * the model and of the LoRAs.
 */
export async function loraChanges(
  components: ReadonlyMap<ComponentName, CheckpointComponent>,
  loras: readonly WeightedLora[],
  files: ValueFiles,
): Promise<ReadonlyMap<ComponentName, LayerChanges>> {
  const changes = new Map<ComponentName, Map<string, LayerChange>>();
  for (const steps of byLayer(loras).values()) {
    const [
      {
        module: { component, name },
      } = unreachable(),
    ] = steps;
    const layers = changes.get(component) ?? new Map<string, LayerChange>();
    changes.set(component, layers);
    const lowRanks = steps.filter(isLowRank);
    layers.set(
      name,
      lowRanks.length === steps.length
        ? { type: "pairs", pairs: await pairsOf(files, components.get(component), lowRanks) }
        : { type: "steps", steps: await Promise.all(steps.map((step) => weightStep(files, step))) },
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

type LowRankStep = LoraStep & { readonly module: { readonly change: LowRank } };

function isLowRank(step: LoraStep): step is LowRankStep {
  return step.module.change.type === "low-rank";
}

/** Low-rank changes, which are computed beside the weight. DoRA's lengths need its values. */
async function pairsOf(
  files: ValueFiles,
  component: CheckpointComponent | undefined,
  steps: readonly LowRankStep[],
): Promise<readonly LoraPair[]> {
  const [first] = steps;
  const weight = component?.weights.find(`${first?.module.name}.weight`) ?? unreachable();
  const hasLengths = steps.some(({ module }) => module.change.magnitude);
  const upright = hasLengths ? await readUpright(files, weight) : undefined;
  const pairs: LoraPair[] = [];
  for (const { module, strength } of steps) {
    const { down, up, core, scale, magnitude } = module.change;
    // What one DoRA lengthens is what those before it made of the weight.
    const factors = upright && mergeLora(upright.values, upright.dims, await readLoraValues(files, module), strength);
    const lengths = factors && magnitude && { of: magnitude.of, factors };
    pairs.push({ down, up, halves: module.halves, core, scale: strength * scale, lengths });
  }
  return pairs;
}

/** Any change as one of the weight itself. */
async function weightStep(files: ValueFiles, { module: { change, halves }, strength }: LoraStep): Promise<WeightStep> {
  switch (change.type) {
    case "low-rank": {
      const { up, down, core, scale, magnitude } = change;
      const factors = [{ type: "product", outer: up, halves, inner: down, core }] as const;
      return { type: "addition", product: "elementwise", factors, scale: strength * scale, magnitude };
    }
    case "addition":
      return { ...change, scale: strength * change.scale };
    case "rotation": {
      const [count = 0, size = 0] = change.blocks.dims;
      const turn = {
        ...{ size, isTurn: change.isTurn, constraint: change.constraint * count * size },
        blocks: await readValues(files, change.blocks),
        rescale: change.rescale && (await readValues(files, change.rescale)),
      };
      return { type: "blocks", size, blocks: turnedBlocks(turn, strength) };
    }
    case "scaling":
      return { type: "scaling", by: change.by, scale: strength };
    default:
      return change satisfies never;
  }
}

/** A weight's values [out, in, …], also of a matrix that is stored the other way round. */
async function readUpright(files: ValueFiles, tensor: TensorRef) {
  const values = await readValues(files, tensor);
  if (tensor.isTransposed !== true) return { dims: tensor.dims, values };
  const [rows = 0, columns = 0] = tensor.dims;
  const turned = new Float32Array(values.length);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) turned[column * rows + row] = values[row * columns + column]!; // inside
  return { dims: [columns, rows], values: turned };
}

async function readLoraValues(files: ValueFiles, { change, halves }: LowRankStep["module"]) {
  const { down, up, core, scale, magnitude } = change;
  const rows = await readValues(files, up);
  return {
    rank: down.dims[0] ?? 0,
    down: await readValues(files, down),
    up: halves === undefined ? rows : exchanged(rows),
    core: core && (await readValues(files, core)),
    scale,
    magnitude: magnitude && { of: magnitude.of, values: await readValues(files, magnitude.tensor) },
  };
}

function exchanged(values: Float32Array): Float32Array {
  const middle = values.length / 2;
  const turned = new Float32Array(values.length);
  turned.set(values.subarray(middle));
  turned.set(values.subarray(0, middle), middle);
  return turned;
}

function unreachable(): never {
  throw new Error("A LoRA was matched with a module that the model does not have.");
}
