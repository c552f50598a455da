import { PROGRAM_BYTES } from "../../../../shared/planning/memory/model-memory.ts";
import type { InputNote } from "../../../../shared/protocol/input-note.ts";
import type { Precision } from "../../../../shared/protocol/models/precision.ts";
import type { CheckpointComponent, ComponentName } from "../../../../shared/weights/checkpoint/checkpoint.ts";

/** Bytes of a weight, in blocks of 32 with a scale of 4 bytes each where they are quantised. */
const WEIGHT_BYTES = { int8: 1 + 4 / 32, int4: 0.5 + 4 / 32 } as const;
const HALF_BYTES = 2;
const GB = 1e9;

export interface AffordablePrecision {
  readonly precision: Extract<Precision, "int8" | "int4">;
  /** Why, for the designer. */
  readonly note: InputNote;
}

/**
 * What a model with a transformer is computed in where nobody says and its weights do not fit in half precision: quantised, to as many
 * bits as fit. Components take turns in memory, so the largest of them counts. Undefined where nothing needs to be chosen.
 *
 * @param components those whose graphs are built
 * @param budget bytes that graphs and drawing may take together
 */
export function affordablePrecision(
  components: ReadonlyMap<ComponentName, CheckpointComponent>,
  budget: number,
): AffordablePrecision | undefined {
  if (!components.has("transformer")) return undefined;
  const weights = Math.max(...[...components.values()].map(countWeights));
  if (weights * HALF_BYTES + PROGRAM_BYTES <= budget) return undefined;
  const precision = weights * WEIGHT_BYTES.int8 + PROGRAM_BYTES <= budget ? "int8" : "int4";
  const inWords = (bytes: number) => `${(bytes / GB).toFixed(1)} GB`;
  const needed = inWords(weights * HALF_BYTES + PROGRAM_BYTES);
  return {
    precision,
    note: {
      code: "precision-chosen",
      text: `Drawn with weights of ${precision === "int8" ? 8 : 4} bits: in half precision the model needs ${needed}, and it may take ${inWords(budget)}. Choose a precision to have another one.`,
    },
  };
}

function countWeights({ weights }: CheckpointComponent): number {
  let count = 0;
  for (const name of weights.names()) count += (weights.dims(name) ?? []).reduce((all, dim) => all * dim, 1);
  return count;
}
