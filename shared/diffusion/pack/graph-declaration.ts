import { OverpaintError } from "../../protocol/overpaint-error.ts";
import type { ValueInfo } from "../model-session.ts";
import type { GraphDeclaration } from "../pack-files.ts";

/** An input of a graph. Throws OverpaintError `unsupported-model` naming those there are when it is not among them. */
export function requireInput(graph: GraphDeclaration, component: string, name: string): ValueInfo {
  const input = graph.inputs.find((candidate) => candidate.name === name);
  if (input) return input;
  throw new OverpaintError(
    "unsupported-model",
    `The model's ${component} has no input "${name}" (it has ${graph.inputs.map((known) => known.name).join(", ")}).`,
    "Export the model again in the layout of diffusers or Optimum.",
  );
}

/** The only input of a graph that has one, whatever its exporter called it. */
export function requireSingleInput(graph: GraphDeclaration, component: string): ValueInfo {
  const [input, ...others] = graph.inputs;
  if (input && others.length === 0) return input;
  throw new OverpaintError(
    "unsupported-model",
    `The model's ${component} takes ${graph.inputs.length} inputs where one was expected.`,
    "Export the model again in the layout of diffusers or Optimum.",
  );
}

/** A dimension's number, or undefined where the graph takes any. */
export function fixedDimension(value: ValueInfo, axis: number): number | undefined {
  const dimension = value.shape[axis];
  return typeof dimension === "number" && dimension > 0 ? dimension : undefined;
}
