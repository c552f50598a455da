import { arch, cpus, platform } from "node:os";
import type { Device, DeviceReport } from "../../shared/protocol/api.ts";
import { OverpaintError } from "../../shared/protocol/overpaint-error.ts";
import type { ProvedProfiles } from "./engine.ts";
import type { ProbeAnswer } from "./probe-device.ts";

/** What was found out about this machine's devices. */
export interface DeviceChoice {
  /** Where edits run: the first is used, the others stand in when it cannot hold a model. Never empty. */
  readonly devices: readonly Device[];
  /** Everything that was tried, in order of preference. */
  readonly reports: readonly DeviceReport[];
  /** See EngineJob. */
  readonly proved: ProvedProfiles;
}

/** What onnxruntime-node ships for each system, fastest first. */
const candidatesBySystem: Readonly<Record<string, readonly Device[]>> = {
  "linux-x64": ["cuda", "webgpu", "cpu"],
  "linux-arm64": ["cpu"],
  "win32-x64": ["dml", "webgpu", "cpu"],
  "win32-arm64": ["dml", "webgpu", "cpu"],
  "darwin-arm64": ["coreml", "webgpu", "cpu"],
};

/** A graphics card that needs longer than this for the probe, and several times what the processor needs, is imitated. */
const SLOW_PROBE_MS = 20;
const SLOWER_THAN_PROCESSOR = 4;

export function deviceCandidates(system = `${platform()}-${arch()}`): readonly Device[] {
  return candidatesBySystem[system] ?? ["cpu"];
}

/**
 * Proves the devices of this machine and orders those that work. `wanted` asks for one device and no other.
 * Throws `device-unavailable` when the wanted one, or none at all, works.
 */
export async function chooseDevices(
  wanted: Device | "auto",
  probe: (device: Device) => Promise<ProbeAnswer>,
  candidates: readonly Device[] = deviceCandidates(),
): Promise<DeviceChoice> {
  const answers = new Map<Device, ProbeAnswer>();
  for (const device of wanted === "auto" ? candidates : [wanted]) answers.set(device, await probe(device));
  const reports = describe(answers);
  const proved = provedProfiles(answers);
  if (wanted !== "auto") {
    const [report] = reports;
    if (!report?.works)
      throw new OverpaintError(
        "device-unavailable",
        `The device ${wanted} does not work here: ${report?.reason ?? "unknown reason"}`,
        "Leave out --device to use the best one that works, or run `overpaint doctor`.",
      );
    return { devices: [wanted], reports, proved };
  }
  const devices = reports.filter(({ works, reason }) => works && reason === undefined).map(({ device }) => device);
  if (devices.length === 0)
    throw new OverpaintError(
      "device-unavailable",
      `No device works here: ${reports.map(({ device, reason }) => `${device}: ${reason}`).join("; ")}`,
      "Check that onnxruntime-node supports this system.",
    );
  return { devices, reports, proved };
}

function provedProfiles(answers: ReadonlyMap<Device, ProbeAnswer>): ProvedProfiles {
  const seen = [...answers].map(([device, answer]) => [device, answer.works ? answer.proved : undefined]);
  return Object.fromEntries(seen.filter(([, proved]) => proved !== undefined));
}

function describe(answers: ReadonlyMap<Device, ProbeAnswer>): readonly DeviceReport[] {
  const processor = answers.get("cpu");
  return [...answers].map(([device, answer]): DeviceReport => {
    const description = device === "cpu" ? cpus()[0]?.model.trim() : undefined;
    const named = description ? { device, description } : { device };
    if (!answer.works) return { ...named, works: false, reason: answer.reason };
    const remark = answer.proved?.remark;
    const works = { ...named, works: true, ...(remark && { remark: `for checkpoints, ${remark}` }) };
    const isImitated =
      processor?.works === true &&
      answer.milliseconds > SLOW_PROBE_MS &&
      answer.milliseconds > processor.milliseconds * SLOWER_THAN_PROCESSOR;
    if (!isImitated) return works;
    const times = `${Math.round(answer.milliseconds)} ms against ${Math.round(processor.milliseconds)} ms`;
    return { ...works, reason: `slower than the processor (${times}), so not used unless asked for` };
  });
}
