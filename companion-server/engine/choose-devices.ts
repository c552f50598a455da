import { arch, cpus, platform } from "node:os";
import { type Device, type DeviceReport, deviceName } from "../../shared/protocol/api.ts";
import { OverpaintError } from "../../shared/protocol/overpaint-error.ts";
import { memoryBudget } from "./child/memory/memory-budget.ts";
import { type DeviceFacts, readDeviceFacts } from "./device-facts.ts";
import { placeName } from "./device-faults.ts";
import { AUTO, cardIndex, type DeviceWish, type EnginesWish, INDEXED } from "./device-wish.ts";
import type { ProvedProfiles } from "./engine.ts";
import { explainFailure } from "./mend-device.ts";
import type { ProbeAnswer } from "./probe-device.ts";

/** What one engine draws on. */
export interface EngineDevices {
  /** The first is used, the others stand in when it cannot hold a model. Never empty. */
  readonly devices: readonly Device[];
  /** See EngineJob. */
  readonly proved: ProvedProfiles;
  /** See EngineJob. */
  readonly card?: number;
  /** See EngineJob. */
  readonly sharers?: number;
}

/** What was found out about this machine's devices. */
export interface DeviceChoice extends EngineDevices {
  /** Everything that was tried, in order of preference. */
  readonly reports: readonly DeviceReport[];
}

/** What was found out about this machine's devices where several engines may draw at once. */
export interface EnginesChoice extends Pick<DeviceChoice, "reports"> {
  /** One for each engine, the first the best. */
  readonly engines: readonly [EngineDevices, ...EngineDevices[]];
  /** What draws only what none of the others can. */
  readonly spare?: EngineDevices;
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

type Probe = (device: Device, card?: number) => Promise<ProbeAnswer>;

/** What was found out about a device, or one card of it. */
interface Tried {
  readonly device: Device;
  readonly card?: number;
  readonly answer: ProbeAnswer;
  readonly facts: DeviceFacts;
}

/**
 * Proves the devices of this machine and orders those that work. A wish other than auto asks for one device and no other.
 * Throws `device-unavailable` when the wanted one, or none at all, works.
 */
export async function chooseDevices(
  wish: DeviceWish,
  probe: Probe,
  options: ChooseOptions = {},
): Promise<DeviceChoice> {
  const { usable, tried } = await prove(wish, probe, options);
  return { ...together(usable), reports: describe(tried) };
}

/** What came of a wish. */
interface Proved {
  readonly tried: readonly Tried[];
  /** Those that are to be used, the fastest first. */
  readonly usable: readonly Tried[];
}

async function prove(
  wish: DeviceWish,
  probe: Probe,
  { candidates = deviceCandidates(), readFacts = readDeviceFacts }: ChooseOptions,
): Promise<Proved> {
  const tried: Tried[] = [];
  for (const device of wish.device === "auto" ? candidates : [wish.device]) {
    const cards = await readFacts(device);
    tried.push(await tryCard(device, cardIndex(wish, cards), { cards, probe }));
  }
  const reports = describe(tried);
  if (wish.device === "auto") return { tried, usable: requireUsable(tried, reports) };
  const [report] = reports;
  if (report?.works) return { tried, usable: tried };
  throw new OverpaintError(
    "device-unavailable",
    `The device ${wish.device} does not work here: ${report?.reason ?? "unknown reason"}`,
    report?.mend
      ? `To mend it: ${report.mend.replace(/\.$/, "")}. Or leave out --device to use the best one that works.`
      : "Leave out --device to use the best one that works, or run `overpaint doctor`.",
  );
}

/**
 * As `chooseDevices`, for several engines: one for each wish, or, for `all`, one for each card of the best device that works. Those
 * on one memory, such as a card's by two names, share it. Throws `invalid-request` where two wishes are the same card by the same name.
 */
export async function chooseEngines(
  wish: EnginesWish,
  probe: Probe,
  options: ChooseOptions = {},
): Promise<EnginesChoice> {
  if (wish === "all") return await chooseAll(probe, options);
  const proved: Proved[] = [];
  for (const each of wish) proved.push(await prove(each, probe, options));
  const memories = proved.map(({ usable: [best] }) => best?.facts.memory);
  const sharersOf = (k: number) => (memories[k] === undefined ? 1 : memories.filter((m) => m === memories[k]).length);
  const engines = proved.map(({ usable }, k) => together(usable, sharersOf(k)));
  // A kind alone is its first card.
  const names = engines.map(({ devices: [device = "cpu"], card = 0 }) => placeName(device, card));
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  const reports = proved.flatMap(({ tried }, k) => describe(tried, sharersOf(k)));
  const [best, ...others] = engines;
  if (twice === undefined && best) return { engines: [best, ...others], reports };
  throw new OverpaintError(
    "invalid-request",
    `${twice} is named twice.`,
    "Name each device once: it draws one job at a time.",
  );
}

async function chooseAll(
  probe: Probe,
  { candidates = deviceCandidates(), readFacts = readDeviceFacts }: ChooseOptions,
): Promise<EnginesChoice> {
  const tried: Tried[] = [];
  for (const device of candidates) {
    const cards = await readFacts(device);
    const indices = INDEXED.includes(device) && cards.length > 1 ? [...cards.keys()] : [cardIndex(AUTO, cards)];
    for (const card of indices) tried.push(await tryCard(device, card, { cards, probe }));
  }
  const reports = describe(tried);
  const usable = requireUsable(tried, reports);
  const [best, ...others] = usable.filter(({ device }) => device === usable[0]?.device);
  const rest = usable.filter(({ device }) => device !== best?.device);
  if (best === undefined || others.length === 0) return { engines: [together(usable)], reports };
  const engines = [together([best]), ...others.map((card) => together([card]))] as const;
  return { engines, reports, ...(rest.length > 0 && { spare: together(rest) }) };
}

async function tryCard(
  device: Device,
  card: number | undefined,
  { cards, probe }: { readonly cards: readonly DeviceFacts[]; readonly probe: Probe },
): Promise<Tried> {
  const answer = await probe(device, card);
  return { device, ...(card !== undefined && { card }), answer, facts: cards[card ?? 0] ?? {} };
}

/** Those that are to be used, the fastest first. */
function requireUsable(tried: readonly Tried[], reports: readonly DeviceReport[]): readonly Tried[] {
  const usable = tried.filter((_, index) => reports[index]?.works && reports[index].reason === undefined);
  if (usable.length > 0) return fasterFirst(usable);
  throw new OverpaintError(
    "device-unavailable",
    `No device works here: ${reports.map((report) => `${deviceName(report)}: ${report.reason}`).join("; ")}`,
    "Check that onnxruntime-node supports this system. Until then the panel draws in the browser.",
  );
}

/** Which of these two is faster depends on the chip and the system; the probe has measured it. */
const INTERCHANGEABLE: readonly Device[] = ["coreml", "webgpu"];

function fasterFirst(usable: readonly Tried[]): readonly Tried[] {
  const either = usable.filter(({ device }) => INTERCHANGEABLE.includes(device));
  if (either.length < INTERCHANGEABLE.length) return usable;
  const ordered = [...either].sort((a, b) => probeTime(a) - probeTime(b));
  return usable.map((each) => (either.includes(each) ? (ordered.shift() ?? each) : each));
}

function probeTime({ answer }: Tried): number {
  return answer.works ? answer.milliseconds : Number.POSITIVE_INFINITY;
}

/** One engine's: the first is used, the others stand in. */
function together(tried: readonly Tried[], sharers = 1): EngineDevices {
  const seen = tried.map(({ device, answer }) => [device, answer.works ? answer.proved : undefined]);
  const card = tried[0]?.card;
  return {
    devices: tried.map(({ device }) => device),
    proved: Object.fromEntries(seen.filter(([, proved]) => proved !== undefined)),
    ...(card !== undefined && { card }),
    ...(sharers > 1 && { sharers }),
  };
}

/** @param sharers engines that draw at once on the memory of the devices */
function describe(tried: readonly Tried[], sharers = 1): readonly DeviceReport[] {
  const processor = tried.find(({ device }) => device === "cpu")?.answer;
  return tried.map(({ device, card, answer, facts }): DeviceReport => {
    const description = device === "cpu" ? cpus()[0]?.model.trim() : facts.name;
    const { memoryBytes } = facts;
    const which = { device, ...(card !== undefined && { card }) };
    const named = { ...which, ...(description && { description }), ...(memoryBytes && { memoryBytes }) };
    if (!answer.works) return { ...named, works: false, ...explainFailure(device, answer.reason, THIS_SYSTEM) };
    const remark = answer.proved?.remark;
    const works = {
      ...named,
      works: true,
      budgetBytes: memoryBudget(device, { cardBytes: memoryBytes, sharers }),
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
