import { type ProvedProfile, proveProfile } from "../../../shared/diffusion/checkpoint/prove-profile.ts";
import { cpuProfile, type GraphProfile, plainProfile } from "../../../shared/networks/graph/graph-profile.ts";
import { encodeOnnx } from "../../../shared/networks/graph/onnx-writer.ts";
import type { Device } from "../../../shared/protocol/api.ts";
import { openOnnxSession } from "./onnx-session.ts";

/** How graphs are best written for each provider. CoreML has none of com.microsoft's operators. */
const wantedProfiles: Readonly<Record<Device, GraphProfile>> = {
  cpu: cpuProfile,
  cuda: cpuProfile,
  dml: cpuProfile,
  webgpu: cpuProfile,
  coreml: plainProfile,
};

const proved = new Map<Device, Promise<ProvedProfile>>();

/**
 * The profile of a device, proved once in the life of the process by a small run on it.
 *
 * @param seen what another process of the same program proved
 */
export async function provedProfile(device: Device, seen?: GraphProfile["attention"]): Promise<ProvedProfile> {
  if (seen !== undefined) return { profile: { ...wantedProfiles[device], attention: seen } };
  const known = proved.get(device);
  if (known) return known;
  const found = proveProfile(wantedProfiles[device], (graph) =>
    openOnnxSession(
      encodeOnnx(graph, (file) => file),
      device,
      "the attention probe",
    ),
  );
  proved.set(device, found);
  return found;
}
