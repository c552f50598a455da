import { rangeOutput } from "../../networks/graph/graph-builder.ts";
import type { ActivationRanges, Range } from "../../weights/quantise/quantise-convolution.ts";
import type { ModelSession, Tensor } from "../model-session.ts";

/** A graph that tells ranges, as the one without them: they are taken out of its answers, and told. */
export function tellingRanges(session: ModelSession, onRanges: (ranges: ActivationRanges) => void): ModelSession {
  const layers = new Set(session.outputs.flatMap(({ name }) => layerOf(name) ?? []));
  return {
    inputs: session.inputs,
    outputs: session.outputs.filter(({ name }) => !isRange(name)),
    run: async (feeds) => {
      const answers = await session.run(feeds);
      const told = [...layers].map((layer) => {
        const [input, output] = [rangeOf(answers, layer, "input"), rangeOf(answers, layer, "output")];
        return [layer, { input, output }] as const;
      });
      onRanges(new Map(told));
      return Object.fromEntries(Object.entries(answers).filter(([name]) => !isRange(name)));
    },
    release: () => session.release(),
  };
}

/** The range of both: from the smaller of the smallest to the larger of the largest. */
export function joinRanges(a: ActivationRanges, b: ActivationRanges): ActivationRanges {
  const joined = new Map(a);
  for (const [layer, { input, output }] of b) {
    const known = a.get(layer) ?? { input, output };
    joined.set(layer, { input: spanning(known.input, input), output: spanning(known.output, output) });
  }
  return joined;
}

function spanning(a: Range, b: Range): Range {
  return [Math.min(a[0], b[0]), Math.max(a[1], b[1])];
}

const BEFORE_LAYER = rangeOutput("", "input");

function layerOf(output: string): string | undefined {
  return output.startsWith(BEFORE_LAYER) ? output.slice(BEFORE_LAYER.length) : undefined;
}

function isRange(output: string): boolean {
  return output.startsWith(BEFORE_LAYER) || output.startsWith(rangeOutput("", "output"));
}

function rangeOf(answers: Readonly<Record<string, Tensor>>, layer: string, of: "input" | "output"): Range {
  const [smallest, largest] = answers[rangeOutput(layer, of)]?.data ?? [];
  return [Number(smallest), Number(largest)];
}
