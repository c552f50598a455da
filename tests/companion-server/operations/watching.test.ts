import { expect, test } from "vitest";
import type { DeviceChoice } from "../../../companion-server/engine/choose-devices.ts";
import type { Engine, EngineEvent, EngineJob } from "../../../companion-server/engine/engine.ts";
import { Metrics } from "../../../companion-server/operations/metrics.ts";
import { RunningVariants } from "../../../companion-server/serve/running-variants.ts";
import { StudiedDevices } from "../../../companion-server/serve/studied-devices.ts";
import { OverpaintError } from "../../../shared/protocol/overpaint-error.ts";
import { submission } from "../support/submission.ts";
import { TOKEN, testCompanion } from "../support/test-companion.ts";

/** An engine whose run the test leads. */
class LedEngine implements Engine {
  tell: (event: EngineEvent) => void = () => {};
  end: (error?: Error) => void = () => {};
  run: Engine["run"] = (_job, { onEvent }) => {
    this.tell = onEvent;
    return new Promise((resolve, reject) => {
      this.end = (error) => (error ? reject(error) : resolve({ device: "cpu", timings: { total: 1 } }));
    });
  };
  close = async () => {};
}
const job = { id: "a" } as EngineJob;
const result = { type: "result", result: { variant: 0 } } as EngineEvent;

test("a stop waits for the variant that is drawn, and for no more", async () => {
  const engine = new LedEngine();
  const running = new RunningVariants();
  const run = running.watch(engine).run(job, { onEvent: () => {} });
  let isFinished = false;
  const finished = running.finished(new AbortController().signal).then(() => {
    isFinished = true;
  });
  engine.tell({ type: "step", variant: 0, step: 1, steps: 2 });
  await Promise.resolve();
  expect(isFinished).toBe(false);
  engine.tell(result);
  await finished;
  const next = running.finished(new AbortController().signal);
  engine.end(new Error("crashed"));
  await expect(run).rejects.toThrow("crashed");
  await next;
});

test("a stop waits for nothing when nothing is drawn, or when it is not to wait", async () => {
  const running = new RunningVariants();
  await running.finished(new AbortController().signal);
  void running.watch(new LedEngine()).run(job, { onEvent: () => {} });
  await running.finished(AbortSignal.abort());
});

test("jobs wait for the devices to be tried, and a cancelled one does not", async () => {
  let choose: (choice: DeviceChoice) => void = () => {};
  const studied = new StudiedDevices(
    new Promise((resolve) => {
      choose = resolve;
    }),
  );
  expect(studied.outcome).toEqual({ device: "being tried", devices: [] });
  expect(studied.hindrance).toBe("starting");
  await expect(studied.wait(AbortSignal.abort())).rejects.toMatchObject({ code: "cancelled" });
  const waiting = studied.wait(new AbortController().signal);
  choose({ devices: ["cpu"], reports: [{ device: "cpu", works: true }], proved: {} });
  expect(await waiting).toEqual({ devices: ["cpu"], proved: {} });
  expect(studied.outcome).toEqual({ device: "cpu", devices: [{ device: "cpu", works: true }] });
  expect(studied.hindrance).toBeUndefined();
});

test("jobs stay in the queue where no device works", async () => {
  const studied = new StudiedDevices(Promise.reject(new OverpaintError("device-unavailable", "Nothing works.")));
  await expect(studied.wait(new AbortController().signal)).rejects.toMatchObject({ code: "engine-unavailable" });
  expect(studied.hindrance).toBe("no-device");
});

test("numbers say how long jobs waited, how long steps take on which device, and how runs ended", async () => {
  let now = 0;
  const metrics = new Metrics(() => now);
  const engine = new LedEngine();
  const watched = metrics.watch(engine, () => Date.now() - 5_000);
  const run = watched.run(job, { onEvent: () => {} });
  engine.tell({ type: "started", device: "webgpu", model: "starter" });
  for (const step of [1, 2]) {
    now += 200;
    engine.tell({ type: "step", variant: 0, step, steps: 2 });
  }
  engine.end();
  await run;
  const failing = watched.run(job, { onEvent: () => {} });
  engine.end(new Error());
  await expect(failing).rejects.toThrow();
  const devices = [{ device: "webgpu" as const, works: true, memoryBytes: 8e9 }];
  await using companion = await testCompanion({ metrics, readDevices: () => ({ device: "webgpu", devices }) });
  await companion.api("jobs", await submission({ script: { delay: 2_000 } }));
  const text = await (
    await fetch(`${companion.origin}/metrics`, { headers: { Authorization: `Bearer ${TOKEN}` } })
  ).text();
  for (const line of [
    "overpaint_queue_seconds_count 2",
    'overpaint_queue_seconds_bucket{le="1"} 0',
    'overpaint_queue_seconds_bucket{le="10"} 2',
    'overpaint_step_seconds_sum{device="webgpu"} 0.4',
    'overpaint_runs_total{outcome="finished"} 1',
    'overpaint_runs_total{outcome="failed"} 1',
    "overpaint_jobs_active 1",
    'overpaint_device_memory_bytes{device="webgpu"} 8000000000',
  ])
    expect(text.split("\n")).toContain(line);
});

test("a container is told apart that lives, and one that takes jobs up", async () => {
  let hindrance: "starting" | "stopping" | undefined = "starting";
  await using companion = await testCompanion({ readReadiness: () => hindrance });
  const status = async (path: string) => (await fetch(companion.origin + path)).status;
  expect([await status("/health"), await status("/ready")]).toEqual([200, 503]);
  hindrance = undefined;
  expect([await status("/health"), await status("/ready")]).toEqual([200, 200]);
  hindrance = "stopping";
  expect(await (await fetch(`${companion.origin}/ready`)).json()).toEqual({ status: "not-ready", reason: "stopping" });
});
