import type { ProbeAnswer, ProbeQuestion } from "../../probe-device.ts";
import { PROBE_CHECKED_CHANNELS, PROBE_GRAPH, PROBE_INPUT_CHANNELS, PROBE_SIZE } from "./probe-graph.ts";
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
process.once("disconnect", () => process.exit());

async function probe({ device }: ProbeQuestion): Promise<ProbeAnswer> {
  // Where the package has no binary for this machine, its import itself fails.
  const { openOnnxSession } = await import("../graphs/onnx-session.ts");
  const session = await openOnnxSession(PROBE_GRAPH, device, "the probe", "undivided");
  const x = {
    type: "float32",
    dims: [1, PROBE_INPUT_CHANNELS, PROBE_SIZE, PROBE_SIZE],
    data: new Float32Array(PROBE_INPUT_CHANNELS * PLANE).map((_, i) => inputOf(Math.floor(i / PLANE))),
  } as const;
  // The first run compiles kernels and is checked, the second is timed.
  const { checked } = await session.run({ x });
  for (let channel = 0; channel < PROBE_CHECKED_CHANNELS; channel += 1) {
    const value = Number(checked?.data[channel * PLANE + CENTRE]);
    const expected = expectedAtCentre(channel);
    if (!(Math.abs(value - expected) < TOLERANCE))
      return { works: false, reason: `it computes wrong values (${value} instead of ${expected})` };
  }
  const start = performance.now();
  await session.run({ x });
  const milliseconds = performance.now() - start;
  const { provedProfile } = await import("./device-profile.ts");
  return { works: true, milliseconds, proved: await provedProfile(device) };
}

const PLANE = PROBE_SIZE * PROBE_SIZE;
const CENTRE = (PROBE_SIZE / 2) * PROBE_SIZE + PROBE_SIZE / 2;
/** Values reach some tens; a device may compute in half precision. */
const TOLERANCE = 0.1;

/** Every pixel of an input channel has the same value, a different one in each channel. */
function inputOf(channel: number): number {
  return channel + 1;
}

/** See PROBE_GRAPH; at the centre no tap falls outside the picture. */
function expectedAtCentre(outputChannel: number): number {
  let sum = 0;
  for (let channel = 0; channel < PROBE_INPUT_CHANNELS; channel += 1) {
    for (let tap = 0; tap < 9; tap += 1)
      sum += inputOf(channel) * Math.sin((outputChannel * PROBE_INPUT_CHANNELS + channel) * 9 + tap);
  }
  return sum;
}
