import type { OnnxGraph } from "../../networks/graph/onnx-graph.ts";
import { OverpaintError } from "../../protocol/overpaint-error.ts";
import type { StoredType, TensorRef } from "../../protocol/tensor-ref.ts";
import type { WeightFiles } from "../../weights/weight-files.ts";
import type { ModelSession } from "../model-session.ts";
import { isAllFinite } from "../tensors/require-finite.ts";

/** Read at a time. */
const PIECE_BYTES = 16 * 1024 ** 2;

/**
 * A session that looks for weights that are no numbers (NaN, infinite) once a run answers such values: gigabytes need not be
 * read before a model draws. What is not the weights' fault is answered as it is.
 *
 * Its `run` throws OverpaintError `damaged-model` that names the first such weight.
 */
export function withCheckedWeights(
  session: ModelSession,
  graph: OnnxGraph,
  files: Pick<WeightFiles, "readBytes">,
): ModelSession {
  // Looked for once: a model may stay loaded after an edit that failed.
  let fault: Promise<OverpaintError | undefined> | undefined;
  return {
    inputs: session.inputs,
    outputs: session.outputs,
    release: () => session.release(),
    run: async (feeds) => {
      const outputs = await session.run(feeds);
      if (Object.values(outputs).every(({ data }) => !(data instanceof Float32Array) || isAllFinite(data)))
        return outputs;
      fault ??= findFault(graph, files);
      const found = await fault;
      if (found) throw found;
      return outputs;
    },
  };
}

async function findFault(
  { initializers }: OnnxGraph,
  files: Pick<WeightFiles, "readBytes">,
): Promise<OverpaintError | undefined> {
  for (const each of initializers)
    if (each.kind === "external" && !(await isStoredAsNumbers(each.tensor, files)))
      return notNumbers(each.name, each.tensor);
  return undefined;
}

/** Bits of an exponent that says "no number", and the width of what holds them, by stored type. */
const exponents: Readonly<Partial<Record<StoredType, { readonly bits: number; readonly bytes: 2 | 4 }>>> = {
  F32: { bits: 0x7f80_0000, bytes: 4 },
  F16: { bits: 0x7c00, bytes: 2 },
  BF16: { bits: 0x7f80, bytes: 2 },
};

async function isStoredAsNumbers(
  { file, type, offset, length }: TensorRef,
  files: Pick<WeightFiles, "readBytes">,
): Promise<boolean> {
  const exponent = exponents[type];
  if (exponent === undefined) return true;
  const { bits, bytes } = exponent;
  for (let at = 0; at < length; at += PIECE_BYTES) {
    const piece = await files.readBytes(file, offset + at, Math.min(PIECE_BYTES, length - at));
    // Typed arrays start at multiples of their own width.
    const { buffer } =
      piece.byteOffset % bytes === 0 && piece.byteLength === piece.buffer.byteLength ? piece : piece.slice();
    for (const value of bytes === 4 ? new Uint32Array(buffer) : new Uint16Array(buffer))
      if ((value & bits) === bits) return false;
  }
  return true;
}

function notNumbers(name: string, { file }: TensorRef): OverpaintError {
  return new OverpaintError(
    "damaged-model",
    `The weight "${name}" in ${file.slice(file.lastIndexOf("/") + 1)} holds values that are no numbers (NaN or infinite).`,
    "Download the file again, or choose another model.",
  );
}
