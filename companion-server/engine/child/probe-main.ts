import type { ProbeAnswer, ProbeQuestion } from "../probe-messages.ts";
import { PROBE_CHANNELS, PROBE_GRAPH, PROBE_SIZE } from "./probe-graph.ts";
import { runtimeReason } from "./runtime-reason.ts";

/**
 * A throwaway process: proves one device by computing on it. It may crash, hang or complain on stderr; all of that is an
 * answer too.
 */
process.once("message", async (question) => {
  const answer = await probe(question as ProbeQuestion).catch((error): ProbeAnswer => {
    const reason = runtimeReason(error instanceof Error && error.cause ? error.cause : error);
    return { works: false, reason };
  });
  process.send?.(answer, () => process.exit());
});

async function probe({ device }: ProbeQuestion): Promise<ProbeAnswer> {
  // Where the package has no binary for this machine, its import itself fails.
  const { openOnnxSession } = await import("./onnx-session.ts");
  const session = await openOnnxSession(PROBE_GRAPH, device, "the probe");
  const dims = [1, PROBE_CHANNELS, PROBE_SIZE, PROBE_SIZE];
  const x = {
    type: "float32",
    dims,
    data: new Float32Array(PROBE_CHANNELS * PROBE_SIZE * PROBE_SIZE).fill(1),
  } as const;
  // The first run compiles kernels and is checked, the second is timed.
  const y = (await session.run({ x })).y?.data;
  const [corner, inside] = [Number(y?.[0]), Number(y?.[PROBE_SIZE * 64 + 64])];
  // Four of the nine taps fall inside the picture at a corner, all nine in the middle.
  if (!isNear(corner, 0.04 * PROBE_CHANNELS) || !isNear(inside, 0.09 * PROBE_CHANNELS))
    return { works: false, reason: `it computes wrong values (${corner} and ${inside})` };
  const start = performance.now();
  await session.run({ x });
  return { works: true, milliseconds: performance.now() - start };
}

/** Half precision inside a device is fine. */
function isNear(value: number, expected: number): boolean {
  return Math.abs(value - expected) < 0.01 * expected;
}
