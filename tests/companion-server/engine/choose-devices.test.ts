import { expect, test } from "vitest";
import { chooseDevices, deviceCandidates } from "../../../companion-server/engine/choose-devices.ts";
import type { ProbeAnswer } from "../../../companion-server/engine/probe-device.ts";
import { cpuProfile, plainProfile } from "../../../shared/networks/graph/graph-profile.ts";
import type { Device } from "../../../shared/protocol/api.ts";

function answering(answers: Partial<Record<Device, ProbeAnswer>>) {
  return async (device: Device): Promise<ProbeAnswer> => answers[device] ?? { works: false, reason: "not here" };
}
const fast: ProbeAnswer = { works: true, milliseconds: 2 };

test("prefers the first device that works and keeps the others to stand in", async () => {
  const { devices, reports } = await chooseDevices("auto", answering({ webgpu: fast, cpu: fast }), [
    "cuda",
    "webgpu",
    "cpu",
  ]);
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
  const { proved, reports } = await chooseDevices("auto", answering(answers), ["cuda", "webgpu", "cpu"]);
  expect(proved).toEqual({ webgpu, cpu });
  expect(reports.map(({ remark }) => remark)).toEqual([
    undefined,
    "for checkpoints, it does not compute in half precision",
    undefined,
  ]);
});

test("passes over software that imitates a graphics card, and says why", async () => {
  const imitated = { works: true, milliseconds: 900 } as const;
  const { devices, reports } = await chooseDevices("auto", answering({ webgpu: imitated, cpu: fast }), [
    "webgpu",
    "cpu",
  ]);
  expect(devices).toEqual(["cpu"]);
  expect(reports[0]).toMatchObject({ works: true, reason: expect.stringContaining("900 ms against 2 ms") });
});

test("uses an imitated graphics card when it is asked for", async () => {
  const imitated = { works: true, milliseconds: 900 } as const;
  expect((await chooseDevices("webgpu", answering({ webgpu: imitated }))).devices).toEqual(["webgpu"]);
});

test("does not stand in for a device that was asked for and does not work", async () => {
  await expect(chooseDevices("cuda", answering({ cpu: fast }))).rejects.toMatchObject({
    code: "device-unavailable",
    message: "The device cuda does not work here: not here",
    remedy: expect.stringContaining("overpaint doctor"),
  });
});

test("lists every reason when nothing works", async () => {
  await expect(chooseDevices("auto", answering({}), ["cuda", "cpu"])).rejects.toMatchObject({
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
