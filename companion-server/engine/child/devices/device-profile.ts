import { type ProvedProfile, proveProfile } from "../../../../shared/diffusion/checkpoint/prove-profile.ts";
import {
  cpuProfile,
  type GraphProfile,
  inHalf,
  inSingle,
  plainProfile,
} from "../../../../shared/networks/graph/graph-profile.ts";
import { encodeOnnx } from "../../../../shared/networks/graph/onnx-writer.ts";
import type { Device } from "../../../../shared/protocol/api.ts";
import { OverpaintError } from "../../../../shared/protocol/overpaint-error.ts";
import { openOnnxSession } from "../graphs/onnx-session.ts";

/** How graphs are best written for each provider. CoreML has none of com.microsoft's operators. */
const wantedProfiles: Readonly<Record<Device, GraphProfile>> = {
  cpu: cpuProfile,
  cuda: inHalf(cpuProfile),
  dml: inHalf(cpuProfile),
  webgpu: inHalf(cpuProfile),
  coreml: inHalf(plainProfile),
};

const proved = new Map<string, Promise<ProvedProfile>>();

export interface ProvedProfileOptions {
  /** What it is to compute in. Default: what is best for the device, or what is left of that. */
  readonly compute?: GraphProfile["compute"] | undefined;
  /** What another process of the same program proved, with nothing asked of it. */
  readonly proved?: ProvedProfile | undefined;
}

/**
 * The profile of a device, proved once in the life of the process by a small run on it.
 *
 * Throws OverpaintError `device-unavailable` where it computes wrongly in what it is to compute in.
 */
export async function provedProfile(
  device: Device,
  { compute, proved: seen }: ProvedProfileOptions = {},
): Promise<ProvedProfile> {
  const best = wantedProfiles[device];
  const wanted = compute === undefined ? best : compute === "float16" ? inHalf(best) : inSingle(best);
  const isSeen = wanted.compute === best.compute || wanted.compute === seen?.profile.compute;
  const found = seen !== undefined && isSeen ? seen : await provedOnce(device, wanted);
  if (compute === undefined || found.profile.compute === compute) return found;
  throw new OverpaintError(
    "device-unavailable",
    `The device ${device} cannot draw in half precision: ${found.remark}.`,
    "Leave out --precision fp16.",
  );
}

function provedOnce(device: Device, wanted: GraphProfile): Promise<ProvedProfile> {
  const key = `${device} ${wanted.compute}`;
  const known = proved.get(key);
  if (known) return known;
  const found = proveProfile(wanted, (graph) =>
    openOnnxSession(
      encodeOnnx(graph, (file) => file),
      device,
      "the attention probe",
    ),
  );
  proved.set(key, found);
  return found;
}
