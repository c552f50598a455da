import type { TensorTable } from "../tensor-table.ts";
import type { Fact } from "./checkpoint.ts";

/** How many parameters a component has, and in which types they are stored: "860 M parameters, F16". */
export function describeWeights(name: string, weights: TensorTable): Fact {
  const perType = new Map<string, number>();
  for (const tensor of weights.names()) {
    const count = (weights.dims(tensor) ?? []).reduce((product, dim) => product * dim, 1);
    const type = weights.type(tensor) ?? "";
    perType.set(type, (perType.get(type) ?? 0) + count);
  }
  const total = [...perType.values()].reduce((sum, count) => sum + count, 0);
  const types = [...perType].sort(([, a], [, b]) => b - a).map(([type]) => type);
  return {
    name,
    value: `${(total / 1e6).toFixed(1)} M parameters, ${types.join(" and ")}`,
    foundBy: "shapes of its weights",
  };
}
