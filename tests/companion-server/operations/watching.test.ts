import { expect, test } from "vitest";
import type { EnginesChoice } from "../../../companion-server/engine/choose-devices.ts";
import type { Engine, EngineEvent, EngineJob } from "../../../companion-server/engine/engine.ts";
import type { DrawEvent, DrawOrder, JobDrawer } from "../../../companion-server/jobs/job-drawer.ts";
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
  load: Engine["load"] = async () => ({ device: "cpu", timings: {} });
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
  let choose: (choice: EnginesChoice) => void = () => {};
  const studied = new StudiedDevices(
    new Promise((resolve) => {
      choose = resolve;
    }),
  );
  expect(studied.tell()).toEqual({ device: "being tried", devices: [] });
  expect(studied.hindrance).toBe("starting");
  await expect(studied.wait(AbortSignal.abort())).rejects.toMatchObject({ code: "cancelled" });
  const waiting = studied.wait(new AbortController().signal);
  const choice: EnginesChoice = {
    engines: [{ devices: ["cpu"], proved: {} }],
    reports: [{ device: "cpu", works: true }],
  };
  choose(choice);
  expect(await waiting).toEqual(choice);
  expect(studied.tell()).toEqual({ device: "cpu", devices: [{ device: "cpu", works: true }] });
  expect(studied.hindrance).toBeUndefined();
});

test("jobs stay in the queue where no device works", async () => {
  const studied = new StudiedDevices(Promise.reject(new OverpaintError("device-unavailable", "Nothing works.")));
  await expect(studied.wait(new AbortController().signal)).rejects.toMatchObject({ code: "engine-unavailable" });
  expect(studied.hindrance).toBe("no-device");
});

/** A drawer whose drawing the test leads, as one of this machine or of another. */
class LedDrawer implements JobDrawer {
  readonly capacity = 1;
  readonly outlivesCompanion = true;
  tell: (event: DrawEvent) => void = () => {};
  end: (error?: Error) => void = () => {};
  requireModel = async () => {};
  draw: JobDrawer["draw"] = (_order, { onEvent }) => {
    this.tell = onEvent;
    return new Promise((resolve, reject) => {
      this.end = (error) => (error ? reject(error) : resolve());
    });
  };
  close = async () => {};
}
const order = { id: "a" } as unknown as DrawOrder;

test("numbers say how long jobs waited, how long steps take on which device, and how runs ended", async () => {
  let now = 0;
  const metrics = new Metrics(() => now);
  const drawer = new LedDrawer();
  const watched = metrics.watch(drawer, () => Date.now() - 5_000);
  const { signal } = new AbortController();
  const run = watched.draw(order, { signal, onEvent: () => {} });
  drawer.tell({ type: "begun", device: "cuda" });
  drawer.tell({ type: "started", device: "cuda", card: 1, model: "starter" });
  // Step 3 was never told.
  for (const step of [1, 2, 4]) {
    now += step === 4 ? 500 : 250;
    drawer.tell({ type: "step", variant: 0, step, steps: 4 });
  }
  drawer.end();
  await run;
  const failing = watched.draw(order, { signal, onEvent: () => {} });
  drawer.tell({ type: "begun", device: "cuda" });
  drawer.end(new Error());
  await expect(failing).rejects.toThrow();
  const devices = [{ device: "cuda" as const, card: 1, works: true, memoryBytes: 8e9 }];
  await using companion = await testCompanion({ metrics, readDevices: () => ({ device: "cuda:1", devices }) });
  await companion.api("jobs", await submission({ script: { delay: 2_000 } }));
  const text = await (
    await fetch(`${companion.origin}/metrics`, { headers: { Authorization: `Bearer ${TOKEN}` } })
  ).text();
  for (const line of [
    "overpaint_queue_seconds_count 2",
    'overpaint_queue_seconds_bucket{le="1"} 0',
    'overpaint_queue_seconds_bucket{le="10"} 2',
    'overpaint_step_seconds_sum{device="cuda:1"} 0.75',
    'overpaint_step_seconds_bucket{le="0.1",device="cuda:1"} 0',
    'overpaint_step_seconds_bucket{le="0.3",device="cuda:1"} 3',
    'overpaint_runs_total{outcome="finished"} 1',
    'overpaint_runs_total{outcome="failed"} 1',
    "overpaint_jobs_active 1",
    'overpaint_device_memory_bytes{device="cuda:1"} 8000000000',
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
