import type { OnnxGraph } from "../../../shared/networks/graph/onnx-graph.ts";
import type { TensorRef } from "../../../shared/protocol/tensor-ref.ts";

/** A stretch of a file that the runtime gets as a file of its own. */
export interface WeightSegment {
  readonly name: string;
  readonly file: string;
  readonly offset: number;
  readonly length: number;
}

/** No buffer of a browser is larger in all of them, and offsets within one fit 32 bits. */
const MAX_SEGMENT_BYTES = 2 ** 31 - 2 ** 16;
/** Bytes between two tensors that are rather fetched with them than made the border of a segment. */
const MAX_GAP_BYTES = 2 ** 16;

/**
 * Divides what a graph needs of its files into segments and moves the graph's offsets into them, so that none exceeds 2 GB
 * wherever in a file it lies. Parts of files that the graph does not name are left out.
 */
export function layOutSegments(
  graph: OnnxGraph,
  limit = MAX_SEGMENT_BYTES,
): { readonly segments: readonly WeightSegment[]; readonly graph: OnnxGraph } {
  const tensors = graph.initializers
    .flatMap((each) => (each.kind === "external" ? [each.tensor] : []))
    .sort((a, b) => (a.file === b.file ? a.offset - b.offset : a.file < b.file ? -1 : 1));
  const segments: WeightSegment[] = [];
  for (const { file, offset, length } of tensors) {
    const last = segments.at(-1);
    const end = offset + length;
    const joins =
      last?.file === file && offset <= last.offset + last.length + MAX_GAP_BYTES && end - last.offset <= limit;
    if (last && joins) segments[segments.length - 1] = { ...last, length: Math.max(last.length, end - last.offset) };
    else segments.push({ name: `segment_${segments.length}`, file, offset, length });
  }
  const rebase = (tensor: TensorRef): TensorRef => {
    const segment = segments.find(
      ({ file, offset, length }) =>
        file === tensor.file && offset <= tensor.offset && tensor.offset + tensor.length <= offset + length,
    )!; // every tensor lies in the segment that was made of it
    return { ...tensor, file: segment.name, offset: tensor.offset - segment.offset };
  };
  const initializers = graph.initializers.map((each) =>
    each.kind === "external" ? { ...each, tensor: rebase(each.tensor) } : each,
  );
  return { segments, graph: { ...graph, initializers } };
}
