import { join } from "node:path";
import { expect, test } from "vitest";
import { DeviceFaults, tellDevices } from "../../../companion-server/engine/device-faults.ts";
import { drawOnDevices } from "../../../companion-server/engine/draw-on-devices.ts";
import type { Engine, EngineEvent, EngineJob, EngineRunOptions } from "../../../companion-server/engine/engine.ts";
import { JobLedger } from "../../../companion-server/jobs/job-ledger.ts";
import { Retention } from "../../../companion-server/jobs/retention.ts";
import { parseEditRequest } from "../../../companion-server/requests/parse-submission.ts";
import type { Device, DeviceReport } from "../../../shared/protocol/api.ts";
import type { ErrorCode } from "../../../shared/protocol/error-data.ts";
import { OverpaintError } from "../../../shared/protocol/overpaint-error.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { resultOf } from "../support/results.ts";

const job: EngineJob = {
  id: "job",
  request: parseEditRequest({ task: "restyle", count: 3 }),
  model: { id: "starter", folder: "/nowhere" },
  devices: ["cuda", "webgpu", "cpu"],
  inputs: {},
  resultsFolder: "/nowhere",
  hashCache: "/nowhere",
  quantisedWeights: "/nowhere",
};

/** What happens on a device at one try after another; then it draws. A number: so many variants, then a crash. */
type Fates = Partial<Record<Device, (ErrorCode | number)[]>>;

function engineOf(fates: Fates) {
  const runs: (readonly [Device, readonly number[]])[] = [];
  const run = async (asked: EngineJob, { onEvent }: EngineRunOptions) => {
    const [device] = asked.devices as readonly [Device];
    runs.push([device, asked.drawn ?? []]);
    const fate = fates[device]?.shift();
    if (typeof fate === "string") throw new OverpaintError(fate, "No.");
    onEvent({ type: "started", device, model: asked.model.id });
    const missing = [0, 1, 2].filter((variant) => !asked.drawn?.includes(variant));
    for (const variant of missing.slice(0, fate)) onEvent({ type: "result", result: resultOf(asked.request, variant) });
    if (fate !== undefined) throw new OverpaintError("engine-crashed", "Gone.");
    return { device, timings: {} };
  };
  const engine: Pick<Engine, "run"> = { run };
  return { engine, runs };
}

async function draw(fates: Fates, faults?: DeviceFaults) {
  const { engine, runs } = engineOf(fates);
  const events: EngineEvent[] = [];
  const begun: Device[] = [];
  const outcome = await drawOnDevices(engine, job, {
    onEvent: (event) => events.push(event),
    onBegin: (device) => begun.push(device),
    faults,
  }).then(
    ({ device }) => device,
    ({ code }: OverpaintError) => code,
  );
  expect(begun).toEqual(runs.map(([device]) => device));
  return { outcome, runs, variants: events.flatMap((event) => (event.type === "result" ? event.result.variant : [])) };
}

test("draws on the first device, and draws each variant once although the process dies between them", async () => {
  expect(await draw({ cuda: [2] })).toEqual({
    outcome: "cuda",
    runs: [
      ["cuda", []],
      ["cuda", [0, 1]],
    ],
    variants: [0, 1, 2],
  });
});

test("goes on to the next device after two crashes, and fails when the last one crashes twice too", async () => {
  expect((await draw({ cuda: [0, 1] })).runs).toEqual([
    ["cuda", []],
    ["cuda", []],
    ["webgpu", [0]],
  ]);
  const doomed = await draw({ cuda: [0, 0], webgpu: [0, 0], cpu: [0, 0] });
  expect(doomed.outcome).toBe("engine-crashed");
  expect(doomed.runs).toHaveLength(6);
});

test.each(["out-of-memory", "device-unavailable"] as const)(
  "goes on to the next device at once for %s",
  async (code) => {
    expect((await draw({ cuda: [code] })).runs.map(([device]) => device)).toEqual(["cuda", "webgpu"]);
    expect((await draw({ cuda: [code], webgpu: [code], cpu: [code] })).outcome).toBe(code);
  },
);

test.each(["empty-mask", "cancelled", "engine-unavailable", "engine-unresponsive"] as const)(
  "does not try again for %s",
  async (code) => {
    expect((await draw({ cuda: [code] })).runs).toHaveLength(1);
  },
);

test("uses a device last that crashed twice, until it has drawn something", async () => {
  const faults = new DeviceFaults(JobLedger.open(":memory:").database);
  await draw({ cuda: [0] }, faults);
  expect(faults.demoted().size).toBe(0);
  await draw({ cuda: [0, 0] }, faults);
  expect(faults.demoted().get("cuda")).toMatch(/^its driver ended the engine 2 times/);
  expect((await draw({}, faults)).runs.map(([device]) => device)).toEqual(["webgpu"]);
  expect((await draw({ webgpu: ["out-of-memory"], cpu: ["out-of-memory"] }, faults)).outcome).toBe("cuda");
  expect(faults.demoted().size).toBe(0);
});

test("uses a device last on which the companion went down while it loaded a model, for a week", async () => {
  await using folder = await temporaryFolder();
  const file = join(folder.path, "jobs.db");
  const killed = JobLedger.open(file);
  new DeviceFaults(killed.database).loading("cuda"); // and nothing after it
  killed.close();

  const ledger = JobLedger.open(file);
  const faults = new DeviceFaults(ledger.database);
  faults.restore();
  expect(faults.demoted().get("cuda")).toMatch(/^the companion or the machine went down while it loaded a model/);
  expect((await draw({}, faults)).outcome).toBe("webgpu");

  const dayMs = 24 * 60 * 60_000;
  const retention = new Retention(ledger.database);
  for (let day = 1; day <= 9; day += 1) retention.tick(day * dayMs);
  expect(faults.demoted().size).toBe(0);
  ledger.close();
});

test("blames no device for a companion that is killed while it draws, or stopped while it loads", async () => {
  const ledger = JobLedger.open(":memory:");
  const faults = new DeviceFaults(ledger.database);
  const { engine } = engineOf({});
  const isSeen: boolean[] = [];
  const look = () => new DeviceFaults(ledger.database).restore();
  await drawOnDevices(engine, job, {
    faults,
    onEvent: ({ type }) => {
      if (type !== "result") return;
      look();
      isSeen.push(faults.demoted().size > 0);
    },
  });
  expect(isSeen).toEqual([false, false, false]);
  await draw({ cuda: ["cancelled"] }, faults);
  look();
  expect(faults.demoted().size).toBe(0);
});

test("says in status which device is used instead, and why", () => {
  const [cuda, cpu] = (["cuda", "cpu"] as const).map((device) => ({ device, works: true })) as [
    DeviceReport,
    DeviceReport,
  ];
  const demoted = new Map([["cuda", "its driver ended the engine 2 times"]]);
  const choice = { engines: [{ devices: ["cuda", "cpu"], proved: {} }], reports: [cuda, cpu] } as const;
  expect(tellDevices(choice, demoted)).toEqual({
    device: "cpu",
    devices: [{ ...cuda, remark: "its driver ended the engine 2 times" }, cpu],
  });
  const alone = { engines: [{ devices: ["cuda"], proved: {} }], reports: [cuda] } as const;
  expect(tellDevices(alone, demoted)).toEqual({ device: "cuda", devices: [cuda] });
});

test("lists in status every card that draws, and those that do not", () => {
  const reports = [0, 1].map((card) => ({ device: "cuda" as const, card, works: true }));
  const engines = [
    { devices: ["cuda"], card: 0, proved: {} },
    { devices: ["cuda"], card: 1, proved: {} },
  ] as const;
  const choice = { engines, spare: { devices: ["cpu"], proved: {} }, reports } as const;
  expect(tellDevices(choice).device).toBe("cuda:0, cuda:1");
  const told = tellDevices(choice, new Map([["cuda:0", "it crashed"]]));
  expect(told.device).toBe("cuda:1");
  expect(told.devices).toEqual([{ ...reports[0], remark: "it crashed" }, reports[1]]);
  const both = new Map([
    ["cuda:0", "it crashed"],
    ["cuda:1", "it crashed"],
  ]);
  expect(tellDevices(choice, both).device).toBe("cpu");
});
