import { scaledDotProductAttention } from "../../networks/blocks/attention.ts";
import { GraphBuilder } from "../../networks/graph/graph-builder.ts";
import { type GraphProfile, inSingle } from "../../networks/graph/graph-profile.ts";
import type { OnnxGraph } from "../../networks/graph/onnx-graph.ts";
import type { WeightSource } from "../../protocol/tensor-ref.ts";
import type { ModelSession, Tensor } from "../model-session.ts";

/** A profile that a device was seen to compute rightly, and why it is not the one that was wanted. */
export interface ProvedProfile {
  readonly profile: GraphProfile;
  /** A clause such as "its fused attention computes wrong values"; absent where the wanted profile holds. */
  readonly remark?: string | undefined;
}

/** Long enough for the kernels that long sequences get: those for short ones are others. A prompt has 77 tokens. */
const QUERIES = 64;
const KEYS = 77;
const HEADS = 2;
const HEAD_SIZE = 16;
const WIDTH = HEADS * HEAD_SIZE;
/** Rightly computed values differ by 1e-7 in single and 1e-3 in half precision; those of a wrong kernel by 3e-2 and more. */
const TOLERANCE = 5e-3;

/**
 * Runs what devices are known to fail at once, as the wanted profile writes it, and falls back where that is so: attention, of which
 * some fused kernels are wrong (onnxruntime's WebGPU FlashAttention on adapters whose subgroups are small), is compared with a
 * reference, in half precision too, which not every device has; rows are picked from a table in half precision, which graphics
 * devices without it cannot do. A graph that cannot be opened or run has failed.
 */
export async function proveProfile(
  wanted: GraphProfile,
  open: (graph: OnnxGraph) => Promise<ModelSession>,
): Promise<ProvedProfile> {
  const remarks: string[] = [];
  let profile = wanted;
  if (profile.compute === "float16") {
    const isHalfRight = (await findProblem({ ...profile, attention: "plain" }, open)) === undefined;
    if (!isHalfRight) {
      profile = inSingle(profile);
      remarks.push("it does not compute in half precision");
    }
  }
  if (profile.attention === "fused") {
    const problem = await findProblem(profile, open);
    if (problem === "wrong") remarks.push("its fused attention computes wrong values");
    if (problem === "absent") remarks.push("it has no fused attention");
    if (problem !== undefined) profile = { ...profile, attention: "plain" };
  }
  const tables = profile.tables === "cast" || (await picksHalves(open)) ? profile.tables : "cast";
  profile = { ...profile, tables };
  return remarks.length === 0 ? { profile } : { profile, remark: remarks.join(", and ") };
}

async function findProblem(
  profile: GraphProfile,
  open: (graph: OnnxGraph) => Promise<ModelSession>,
): Promise<"wrong" | "absent" | undefined> {
  const [query, key, value] = [waves(QUERIES, 0.37), waves(KEYS, 0.61), waves(KEYS, 0.89)];
  let session: ModelSession | undefined;
  try {
    session = await open(attentionGraph(profile));
    const { attended } = await session.run({ query, key, value });
    const expected = referenceAttention(query.data, key.data, value.data);
    const isRight = expected.every((number, i) => Math.abs(number - Number(attended?.data[i])) < TOLERANCE);
    return isRight ? undefined : "wrong";
  } catch {
    return "absent";
  } finally {
    await session?.release();
  }
}

async function picksHalves(open: (graph: OnnxGraph) => Promise<ModelSession>): Promise<boolean> {
  let session: ModelSession | undefined;
  try {
    session = await open(pickingGraph());
    const { picked } = await session.run({ rows: { type: "int64", dims: [2], data: BigInt64Array.of(2n, 0n) } });
    return picked?.data.length === 2 && picked.data[0] === 2 && picked.data[1] === 0;
  } catch {
    return false;
  } finally {
    await session?.release();
  }
}

/** Rows 0, 1 and 2 of a table whose only column holds their numbers in half precision. */
function pickingGraph(): OnnxGraph {
  const builder = new GraphBuilder(noWeights);
  const rows = builder.input("rows", "int64", [2]);
  const table = builder.cast(builder.floats([0, 1, 2], [3, 1]), "float16");
  const picked = builder.cast(builder.op("Gather", [table, rows], { axis: 0 }), "float32"); // [2, 1]
  builder.floatOutput("picked", picked, [2, 1]);
  return builder.build();
}

const noWeights: WeightSource = { find: () => undefined, names: () => [] };

function attentionGraph(profile: GraphProfile): OnnxGraph {
  const builder = new GraphBuilder(noWeights, { profile });
  const query = builder.floatInput("query", [1, QUERIES, WIDTH]);
  const key = builder.floatInput("key", [1, KEYS, WIDTH]);
  const value = builder.floatInput("value", [1, KEYS, WIDTH]);
  const attended = scaledDotProductAttention(builder, { query, key, value }, { heads: HEADS, width: WIDTH });
  builder.floatOutput("attended", attended, [1, QUERIES, WIDTH]);
  return builder.build();
}

/** Numbers between −1 and 1 without a pattern that a misplaced row would share. */
function waves(rows: number, frequency: number): Tensor & { readonly data: Float32Array } {
  const data = Float32Array.from({ length: rows * WIDTH }, (_, i) => Math.sin(frequency * i + (i % 7)));
  return { type: "float32", dims: [1, rows, WIDTH], data };
}

/** softmax(q·kᵀ/√d)·v of every head. Vaswani et al., "Attention Is All You Need", 2017 (arXiv:1706.03762), equation 1. */
function referenceAttention(query: Float32Array, key: Float32Array, value: Float32Array): Float32Array {
  const attended = new Float32Array(query.length); // [queries, width]
  for (let row = 0; row < query.length; row += WIDTH)
    for (let head = 0; head < WIDTH; head += HEAD_SIZE) {
      const scores = Array.from({ length: KEYS }, (_, token) => {
        let sum = 0;
        for (let i = head; i < head + HEAD_SIZE; i++) sum += query[row + i]! * key[token * WIDTH + i]!;
        return Math.exp(sum / Math.sqrt(HEAD_SIZE));
      });
      const total = scores.reduce((sum, score) => sum + score, 0);
      for (let i = head; i < head + HEAD_SIZE; i++) {
        const sum = scores.reduce((partial, score, token) => partial + score * value[token * WIDTH + i]!, 0);
        attended[row + i] = sum / total;
      }
    }
  return attended;
}
