import { arch, cpus, platform } from "node:os";
import type { Device, DeviceReport } from "../../shared/protocol/api.ts";
import { OverpaintError } from "../../shared/protocol/overpaint-error.ts";
import { memoryBudget } from "./child/memory-budget.ts";
import { type DeviceFacts, readDeviceFacts } from "./device-facts.ts";
import { cardIndex, type DeviceWish } from "./device-wish.ts";
import type { ProvedProfiles } from "./engine.ts";
import { explainFailure } from "./mend-device.ts";
import type { ProbeAnswer } from "./probe-device.ts";

/** What was found out about this machine's devices. */
export interface DeviceChoice {
  /** Where edits run: the first is used, the others stand in when it cannot hold a model. Never empty. */
  readonly devices: readonly Device[];
  /** Everything that was tried, in order of preference. */
  readonly reports: readonly DeviceReport[];
  /** See EngineJob. */
  readonly proved: ProvedProfiles;
  /** See EngineJob. */
  readonly card?: number;
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

const THIS_SYSTEM = `${platform()}-${arch()}`;

export function deviceCandidates(system = THIS_SYSTEM): readonly Device[] {
  return candidatesBySystem[system] ?? ["cpu"];
}

export interface ChooseOptions {
  /** In order of preference. Default: what is shipped for this system. */
  readonly candidates?: readonly Device[];
  /** What the system tells of a device's cards. */
  readonly readFacts?: (device: Device) => Promise<readonly DeviceFacts[]>;
}

/** What was found out about a device. */
interface Tried {
  readonly answer: ProbeAnswer;
  readonly facts: DeviceFacts;
}

/**
 * Proves the devices of this machine and orders those that work. A wish other than auto asks for one device and no other.
 * Throws `device-unavailable` when the wanted one, or none at all, works.
 */
export async function chooseDevices(
  wish: DeviceWish,
  probe: (device: Device, card?: number) => Promise<ProbeAnswer>,
  { candidates = deviceCandidates(), readFacts = readDeviceFacts }: ChooseOptions = {},
): Promise<DeviceChoice> {
  const tried = new Map<Device, Tried>();
  let card: number | undefined;
  for (const device of wish.device === "auto" ? candidates : [wish.device]) {
    const cards = await readFacts(device);
    card = cardIndex(wish, cards);
    tried.set(device, { answer: await probe(device, card), facts: cards[card ?? 0] ?? {} });
  }
  const reports = describe(tried);
  const proved = provedProfiles(tried);
  if (wish.device !== "auto") {
    const [report] = reports;
    if (!report?.works)
      throw new OverpaintError(
        "device-unavailable",
        `The device ${wish.device} does not work here: ${report?.reason ?? "unknown reason"}`,
        report?.mend
          ? `To mend it: ${report.mend}. Or leave out --device to use the best one that works.`
          : "Leave out --device to use the best one that works, or run `overpaint doctor`.",
      );
    return { devices: [wish.device], reports, proved, ...(card !== undefined && { card }) };
  }
  const devices = reports.filter(({ works, reason }) => works && reason === undefined).map(({ device }) => device);
  if (devices.length === 0)
    throw new OverpaintError(
      "device-unavailable",
      `No device works here: ${reports.map(({ device, reason }) => `${device}: ${reason}`).join("; ")}`,
      "Check that onnxruntime-node supports this system. Until then the panel draws in the browser.",
    );
  return { devices: fasterFirst(devices, tried), reports, proved };
}

/** Which of these two is faster depends on the chip and the system; the probe has measured it. */
const INTERCHANGEABLE: readonly Device[] = ["coreml", "webgpu"];

function fasterFirst(devices: readonly Device[], tried: ReadonlyMap<Device, Tried>): readonly Device[] {
  const time = (device: Device) => {
    const answer = tried.get(device)?.answer;
    return answer?.works ? answer.milliseconds : Number.POSITIVE_INFINITY;
  };
  const either = devices.filter((device) => INTERCHANGEABLE.includes(device));
  if (either.length < INTERCHANGEABLE.length) return devices;
  const ordered = [...either].sort((a, b) => time(a) - time(b));
  return devices.map((device) => (either.includes(device) ? (ordered.shift() ?? device) : device));
}

function provedProfiles(tried: ReadonlyMap<Device, Tried>): ProvedProfiles {
  const seen = [...tried].map(([device, { answer }]) => [device, answer.works ? answer.proved : undefined]);
  return Object.fromEntries(seen.filter(([, proved]) => proved !== undefined));
}

function describe(tried: ReadonlyMap<Device, Tried>): readonly DeviceReport[] {
  const processor = tried.get("cpu")?.answer;
  return [...tried].map(([device, { answer, facts }]): DeviceReport => {
    const description = device === "cpu" ? cpus()[0]?.model.trim() : facts.name;
    const { memoryBytes } = facts;
    const named = { device, ...(description && { description }), ...(memoryBytes && { memoryBytes }) };
    if (!answer.works) return { ...named, works: false, ...explainFailure(device, answer.reason, THIS_SYSTEM) };
    const remark = answer.proved?.remark;
    const works = {
      ...named,
      works: true,
      budgetBytes: memoryBudget(device, { cardBytes: memoryBytes }),
      probeMs: answer.milliseconds,
      ...(remark && { remark: `for checkpoints, ${remark}` }),
    };
    const isImitated =
      processor?.works === true &&
      answer.milliseconds > SLOW_PROBE_MS &&
      answer.milliseconds > processor.milliseconds * SLOWER_THAN_PROCESSOR;
    if (!isImitated) return works;
    const times = `${Math.round(answer.milliseconds)} ms against ${Math.round(processor.milliseconds)} ms`;
    return { ...works, reason: `slower than the processor (${times}), so not used unless asked for` };
  });
}
