import { expect, test } from "vitest";
import { errorBodySchema, type Job, jobSchema } from "../../../shared/protocol/api.ts";
import { readEvents } from "../support/read-events.ts";
import { submission } from "../support/submission.ts";
import type { TestCompanion } from "../support/test-companion.ts";

export async function submit(
  companion: TestCompanion,
  script: { readonly results?: number; readonly [setting: string]: unknown } = {},
): Promise<Job> {
  const request = { count: script.results ?? 1 };
  return jobSchema.parse(await (await companion.api("jobs", await submission({ script, request }))).json());
}

export async function eventsOf(companion: TestCompanion, { id }: Job, until?: string) {
  const events = await readEvents(await companion.api(`jobs/${id}/events`), (all) => all.at(-1)?.event.type === until);
  return events.map(({ event }) => event);
}

async function cancel(companion: TestCompanion, { id }: Job): Promise<Job> {
  return jobSchema.parse(await (await companion.api(`jobs/${id}`, { method: "DELETE" })).json());
}

/** What every queue does. `start` answers a companion with an empty one. */
export function queueContract(start: () => Promise<TestCompanion>): void {
  test("runs one job at a time, in the order they came, and tells those that wait their place", async () => {
    await using companion = await start();
    const jobs = [];
    for (const steps of [60, 2, 2]) jobs.push(await submit(companion, { steps, delay: 20 }));
    const [first, second, third] = await Promise.all(jobs.map((job) => eventsOf(companion, job)));
    expect(first?.filter(({ type }) => type === "queued")).toEqual([{ type: "queued", ahead: 0 }]);
    expect(second?.[0]).toEqual({ type: "queued", ahead: 1 });
    expect(third?.filter(({ type }) => type === "queued").map((event) => "ahead" in event && event.ahead)).toEqual([
      2, 1, 0,
    ]);
    expect(third?.at(-1)?.type).toBe("done");
  });

  test("cancels a job that waits without touching the one that runs", async () => {
    await using companion = await start();
    const running = await submit(companion, { steps: 20, delay: 10 });
    const waiting = await submit(companion);
    expect((await cancel(companion, waiting)).state).toBe("cancelled");
    expect((await eventsOf(companion, waiting)).map(({ type }) => type)).toEqual(["queued", "cancelled"]);
    expect((await eventsOf(companion, running)).at(-1)?.type).toBe("done");
  });

  test("cancels a running job between two steps and goes on with the next", async () => {
    await using companion = await start();
    const running = await submit(companion, { steps: 1000, delay: 10 });
    const next = await submit(companion);
    await eventsOf(companion, running, "step");
    expect((await cancel(companion, running)).state).toBe("cancelled");
    expect((await eventsOf(companion, running)).at(-1)).toEqual({ type: "cancelled" });
    expect((await eventsOf(companion, next)).at(-1)?.type).toBe("done");
  });

  test("cancels a job whose step never ends by ending the engine, and goes on with the next", async () => {
    await using companion = await start();
    const deaf = await submit(companion, { deafAtStep: 2 });
    const next = await submit(companion);
    await eventsOf(companion, deaf, "step");
    expect((await cancel(companion, deaf)).state).toBe("cancelled");
    expect((await eventsOf(companion, next)).at(-1)?.type).toBe("done");
  });

  test("leaves a job that is over as it is when it is cancelled", async () => {
    await using companion = await start();
    const job = await submit(companion);
    await eventsOf(companion, job);
    expect((await cancel(companion, job)).state).toBe("done");
    expect((await companion.api(`jobs/${job.id}/results/0`)).status).toBe(200);
  });

  test("keeps variants that were finished before a cancel", async () => {
    await using companion = await start();
    const job = await submit(companion, { results: 16, steps: 30, delay: 5 });
    await eventsOf(companion, job, "result");
    expect((await cancel(companion, job)).state).toBe("cancelled");
    expect((await companion.api(`jobs/${job.id}/results/0`)).status).toBe(200);
  });

  test("retries a job once when the engine is killed in the middle of a step", async () => {
    await using companion = await start();
    const job = await submit(companion, { dieAtStep: 2 });
    const events = await eventsOf(companion, job);
    const attempts = events.filter((event) => event.type === "started").map(({ attempt }) => attempt);
    expect(attempts).toEqual([1, 2]);
    expect(events.at(-1)?.type).toBe("done");
  });

  test("fails a job whose engine dies twice, and stays up for the next", async () => {
    await using companion = await start();
    const doomed = await submit(companion, { dieAtStep: 2, dieEveryTime: true });
    const next = await submit(companion);
    const events = await eventsOf(companion, doomed);
    expect(events.filter(({ type }) => type === "started")).toHaveLength(2);
    expect(events.at(-1)).toMatchObject({ type: "failed", error: { code: "engine-crashed" } });
    expect((await eventsOf(companion, next)).at(-1)?.type).toBe("done");
  });

  test("draws no finished variant again after a crash, and announces each once", async () => {
    await using companion = await start();
    const job = await submit(companion, { results: 2, steps: 2, dieAfterResult: 0 });
    const events = await eventsOf(companion, job);
    const variants = events.filter((event) => event.type === "result").map(({ result }) => result.variant);
    expect(variants).toEqual([0, 1]);
    expect(events.at(-1)).toMatchObject({ type: "done", results: [{ variant: 0 }, { variant: 1 }] });
  });

  test("passes on why the engine refused a job, and does not try again", async () => {
    await using companion = await start();
    const events = await eventsOf(companion, await submit(companion, { fail: "empty-mask" }));
    expect(events.filter(({ type }) => type === "started")).toHaveLength(1);
    expect(events.at(-1)).toMatchObject({ type: "failed", error: { code: "empty-mask" } });
  });

  test("does not let go of results that may still be needed", async () => {
    await using companion = await start();
    const job = await submit(companion, { steps: 1000, delay: 10 });
    const response = await companion.api(`jobs/${job.id}/acknowledge`, { method: "POST" });
    expect(response.status).toBe(400);
    expect(errorBodySchema.parse(await response.json()).error.message).toBe("The job is not over yet.");
  });
}
