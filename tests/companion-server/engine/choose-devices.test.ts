import { expect, test } from "vitest";
import { chooseDevices, chooseEngines, deviceCandidates } from "../../../companion-server/engine/choose-devices.ts";
import { AUTO } from "../../../companion-server/engine/device-wish.ts";
import type { ProbeAnswer } from "../../../companion-server/engine/probe-device.ts";
import { cpuProfile, plainProfile } from "../../../shared/networks/graph/graph-profile.ts";
import type { Device } from "../../../shared/protocol/api.ts";

function answering(answers: Partial<Record<Device, ProbeAnswer>>) {
  return async (device: Device): Promise<ProbeAnswer> => answers[device] ?? { works: false, reason: "not here" };
}
const fast: ProbeAnswer = { works: true, milliseconds: 2 };

test("prefers the first device that works and keeps the others to stand in", async () => {
  const { devices, reports } = await chooseDevices(AUTO, answering({ webgpu: fast, cpu: fast }), {
    candidates: ["cuda", "webgpu", "cpu"],
  });
  expect(devices).toEqual(["webgpu", "cpu"]);
  expect(reports).toMatchObject([
    { device: "cuda", works: false, reason: "not here" },
    { device: "webgpu", works: true },
    { device: "cpu", works: true },
  ]);
});

test("tells what each device that works was seen to compute rightly, and what is done otherwise for that", async () => {
  const webgpu = { profile: plainProfile, remark: "it does not compute in half precision" };
  const cpu = { profile: cpuProfile };
  const answers = { webgpu: { ...fast, proved: webgpu }, cpu: { ...fast, proved: cpu } };
  const { proved, reports } = await chooseDevices(AUTO, answering(answers), { candidates: ["cuda", "webgpu", "cpu"] });
  expect(proved).toEqual({ webgpu, cpu });
  expect(reports.map(({ remark }) => remark)).toEqual([
    undefined,
    "for checkpoints, it does not compute in half precision",
    undefined,
  ]);
});

test("passes over software that imitates a graphics card, and says why", async () => {
  const imitated = { works: true, milliseconds: 900 } as const;
  const { devices, reports } = await chooseDevices(AUTO, answering({ webgpu: imitated, cpu: fast }), {
    candidates: ["webgpu", "cpu"],
  });
  expect(devices).toEqual(["cpu"]);
  expect(reports[0]).toMatchObject({ works: true, reason: expect.stringContaining("900 ms against 2 ms") });
});

test("uses an imitated graphics card when it is asked for", async () => {
  const imitated = { works: true, milliseconds: 900 } as const;
  expect((await chooseDevices({ device: "webgpu" }, answering({ webgpu: imitated }))).devices).toEqual(["webgpu"]);
});

test("does not stand in for a device that was asked for and does not work", async () => {
  await expect(chooseDevices({ device: "cuda" }, answering({ cpu: fast }))).rejects.toMatchObject({
    code: "device-unavailable",
    message: "The device cuda does not work here: not here",
    remedy: expect.stringContaining("overpaint doctor"),
  });
});

test("lists every reason when nothing works", async () => {
  await expect(chooseDevices(AUTO, answering({}), { candidates: ["cuda", "cpu"] })).rejects.toMatchObject({
    code: "device-unavailable",
    message: expect.stringMatching(/cuda: not here; cpu: not here/),
  });
});

test.each([
  ["linux-x64", ["cuda", "webgpu", "cpu"]],
  ["win32-x64", ["dml", "webgpu", "cpu"]],
  ["darwin-arm64", ["coreml", "webgpu", "cpu"]],
  ["plan9-mips", ["cpu"]],
])("tries on %s what is shipped for it", (system, expected) => {
  expect(deviceCandidates(system)).toEqual(expected);
});

const noFacts = { readFacts: async () => [] };

test.each([
  [{ coreml: 9, webgpu: 4 }, ["webgpu", "coreml", "cpu"]],
  [{ coreml: 3, webgpu: 4 }, ["coreml", "webgpu", "cpu"]],
])("takes of CoreML and WebGPU the one that the probe saw faster: %j ms", async (times, order) => {
  const answers = Object.fromEntries(
    Object.entries({ ...times, cpu: 50 }).map(([device, milliseconds]) => [
      device,
      { works: true as const, milliseconds },
    ]),
  );
  const candidates = deviceCandidates("darwin-arm64");
  expect((await chooseDevices(AUTO, answering(answers), { candidates, ...noFacts })).devices).toEqual(order);
});

test("tells a card's memory and what a run may take of it, and probes the card that was asked for", async () => {
  const asked: (number | undefined)[] = [];
  const readFacts = async () => [
    { name: "RTX 3060", memoryBytes: 12e9 },
    { name: "RTX 4090", memoryBytes: 24e9 },
  ];
  const probe = async (_device: Device, card?: number) => {
    asked.push(card);
    return fast;
  };
  const choice = await chooseDevices({ device: "cuda", which: "4090" }, probe, { readFacts });
  expect(asked).toEqual([1]);
  expect(choice.card).toBe(1);
  expect(choice.reports).toEqual([
    { device: "cuda", card: 1, works: true, description: "RTX 4090", memoryBytes: 24e9, budgetBytes: 18e9, probeMs: 2 },
  ]);
});

test("says how to mend a device that was asked for", async () => {
  const answers = { cuda: { works: false, reason: "libcudnn.so.9: cannot open shared object file" } as const };
  await expect(chooseDevices({ device: "cuda" }, answering(answers), noFacts)).rejects.toMatchObject({
    message: expect.stringContaining("cuDNN 9 is missing"),
    remedy: expect.stringContaining("apt install cudnn9-cuda-13"),
  });
});

/** A machine with two of NVIDIA's cards. */
const twoCards = {
  candidates: deviceCandidates("linux-x64"),
  readFacts: async (device: Device) => (device === "cuda" ? [{ name: "RTX 3060" }, { name: "RTX 4090" }] : []),
};
const everything = answering({ cuda: fast, webgpu: fast, cpu: fast });

test("gives every card of the best device an engine for all, and keeps what else works for what they cannot draw", async () => {
  const { engines, spare, reports } = await chooseEngines("all", everything, twoCards);
  expect(engines).toEqual([
    { devices: ["cuda"], card: 0, proved: {} },
    { devices: ["cuda"], card: 1, proved: {} },
  ]);
  expect(spare).toEqual({ devices: ["webgpu", "cpu"], proved: {} });
  expect(reports).toMatchObject([
    { device: "cuda", card: 0, description: "RTX 3060" },
    { device: "cuda", card: 1, description: "RTX 4090" },
    { device: "webgpu" },
    { device: "cpu" },
  ]);
});

test("gives one engine every device that works for all where there is one card", async () => {
  const { engines, spare } = await chooseEngines("all", everything, { ...twoCards, ...noFacts });
  expect(engines).toEqual([{ devices: ["cuda", "webgpu", "cpu"], proved: {} }]);
  expect(spare).toBeUndefined();
});

test("leaves out of all the cards that do not work", async () => {
  const probe = async (device: Device, card?: number) =>
    card === 0 ? ({ works: false, reason: "not here" } as const) : everything(device);
  const { engines } = await chooseEngines("all", probe, twoCards);
  expect(engines).toEqual([{ devices: ["cuda", "webgpu", "cpu"], card: 1, proved: {} }]);
});

test("gives each device that is named an engine of its own and no other", async () => {
  const wish = [{ device: "cuda", which: "1" }, { device: "cpu" }] as const;
  const { engines, spare } = await chooseEngines(wish, everything, twoCards);
  expect(engines).toEqual([
    { devices: ["cuda"], card: 1, proved: {} },
    { devices: ["cpu"], proved: {} },
  ]);
  expect(spare).toBeUndefined();
});

test.each([
  ["one that is the machine's", ["system", "system"], [0.5, 0.5]],
  ["their own", ["card 0", "system"], [1, 1]],
  ["one that nobody names", [undefined, undefined], [1, 1]],
])("divides a memory among the engines that draw on it: %s", async (_, memories, shares) => {
  const devices = ["webgpu", "cpu"] as const;
  const readFacts = async (device: Device) => {
    const memory = memories[device === "cpu" ? 1 : 0];
    return [{ memoryBytes: 8e9, ...(memory && { memory }) }];
  };
  const wish = [{ device: devices[0] }, { device: devices[1] }] as const;
  const { engines, reports } = await chooseEngines(wish, everything, { readFacts });
  expect(engines.map(({ sharers = 1 }) => 1 / sharers)).toEqual(shares);
  const alone = await Promise.all(wish.map((each) => chooseDevices(each, everything, { readFacts })));
  const budgets = alone.map(({ reports: [report] }) => report?.budgetBytes ?? 0);
  expect(reports.map(({ budgetBytes }) => budgetBytes)).toEqual(budgets.map((budget, k) => budget * shares[k]!)); // one for each
});

test("refuses the same card under two names", async () => {
  const wish = [
    { device: "cuda", which: "1" },
    { device: "cuda", which: "4090" },
  ] as const;
  await expect(chooseEngines(wish, everything, twoCards)).rejects.toMatchObject({
    code: "invalid-request",
    message: "cuda:1 is named twice.",
  });
});

test("refuses a card beside its kind alone, which is the first card", async () => {
  const wish = [{ device: "cuda" }, { device: "cuda", which: "0" }] as const;
  await expect(chooseEngines(wish, everything, twoCards)).rejects.toMatchObject({
    code: "invalid-request",
    message: "cuda:0 is named twice.",
  });
});
