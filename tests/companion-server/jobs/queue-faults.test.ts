import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { DiskArtifacts } from "../../../companion-server/jobs/artifacts.ts";
import type { DrawOptions, DrawOrder } from "../../../companion-server/jobs/job-drawer.ts";
import { JobLedger } from "../../../companion-server/jobs/job-ledger.ts";
import { LedgerQueue } from "../../../companion-server/jobs/ledger-queue.ts";
import { Retention } from "../../../companion-server/jobs/retention.ts";
import { StepTimes } from "../../../companion-server/jobs/step-times.ts";
import { parseSubmission } from "../../../companion-server/requests/parse-submission.ts";
import type { JobId } from "../../../shared/protocol/api.ts";
import { type ErrorCode, errorCodes } from "../../../shared/protocol/error-data.ts";
import { OverpaintError } from "../../../shared/protocol/overpaint-error.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { FakeDrawer } from "../support/fake-drawer.ts";

interface SetUp {
  readonly before?: (order: DrawOrder, options: DrawOptions) => Promise<void>;
  /** Wraps what is given, so that parts of it fail. */
  readonly ledger?: (ledger: JobLedger) => JobLedger;
  readonly artifacts?: (artifacts: DiskArtifacts) => DiskArtifacts;
  readonly now?: () => number;
}

async function setUp({ before, ledger: wrap = (same) => same, artifacts: spoil = (same) => same, now }: SetUp = {}) {
  const folder = await temporaryFolder();
  const artifacts = spoil(new DiskArtifacts(join(folder.path, "jobs")));
  const drawer = new FakeDrawer(artifacts, before);
  const real = JobLedger.open(join(folder.path, "jobs.db"));
  const ledger = wrap(real);
  const errors: unknown[] = [];
  const pauses: number[] = [];
  const queue = new LedgerQueue({
    ledger,
    artifacts,
    drawer,
    retention: new Retention(real.database),
    stepTimes: new StepTimes(real.database),
    onError: (error) => errors.push(error),
    ...(now && { now }),
    pauseAfter: (times) => {
      pauses.push(times);
      return 1;
    },
  });
  await queue.restore();
  const submit = async (count = 1) => {
    const id = await queue.reserve();
    const submission = parseSubmission(JSON.stringify({ request: { task: "restyle", count } }));
    try {
      await queue.submit({ id, submission, parts: [] });
    } catch (error) {
      await queue.discard(id);
      throw error;
    }
    return id;
  };
  const over = async (id: JobId) => {
    for await (const { event } of queue.events(id, 0, new AbortController().signal)) void event;
    return await queue.get(id);
  };
  return {
    ...{ queue, drawer, artifacts, ledger: real, errors, pauses, submit, over, folder: folder.path },
    async [Symbol.asyncDispose]() {
      await queue.close();
      await folder.remove();
    },
  };
}

/** A ledger for which there is no room, once, at the n-th thing it is to write. */
function fullOnce(ledger: JobLedger, n: number) {
  const writes = ["reserve", "accept", "begin", "started", "commit", "finish", "acknowledge", "removed", "putBack"];
  let count = 0;
  const state = { hasFailed: false };
  const wrapped = new Proxy(ledger, {
    get(target, name) {
      const value = Reflect.get(target, name, target) as unknown;
      if (typeof value !== "function") return value;
      return (...values: readonly unknown[]) => {
        if (writes.includes(String(name)) && count++ === n) {
          state.hasFailed = true;
          throw new OverpaintError("disk-full", "The disk is full.");
        }
        return value.apply(target, values) as unknown;
      };
    },
  });
  return { wrapped, state };
}

test.each(Array.from({ length: 18 }, (_, n) => n))(
  "a disk that is full at write %i loses nothing, doubles nothing and leaves nothing behind",
  async (n) => {
    let state = { hasFailed: false };
    await using companion = await setUp({
      ledger: (ledger) => {
        const full = fullOnce(ledger, n);
        state = full.state;
        return full.wrapped;
      },
    });
    const { queue, drawer, submit, over, artifacts, ledger } = companion;
    const insist = async <Result>(work: () => Promise<Result>) =>
      work().catch((error) => {
        expect(error).toMatchObject({ code: "disk-full" });
        return work();
      });
    const ids = [await insist(() => submit(2)), await insist(() => submit(2))];
    for (const id of ids) {
      expect((await over(id)).state).toBe("done");
      expect(ledger.results(id).map(({ variant }) => variant)).toEqual([0, 1]);
      for (const variant of [0, 1])
        expect(await readFile(artifacts.resultFile(id, variant), "utf8")).toBe(String(variant));
    }
    // What was drawn and could not be written down is drawn once more; nothing else is.
    expect(drawer.drawn.length).toBeLessThanOrEqual(5);
    for (const id of ids) await insist(() => queue.acknowledge(id));
    await queue.tidy();
    expect(await readdir(join(companion.folder, "jobs"))).toEqual([]);
    expect(ledger.removals()).toEqual([]);
    expect(state.hasFailed).toBe(true);
  },
);

test("an engine that does not start keeps the queue, and is tried again after longer and longer", async () => {
  let isBroken = true;
  await using companion = await setUp({
    before: async () => {
      if (isBroken) throw new OverpaintError("engine-unavailable", "The engine process does not start.");
    },
  });
  const { submit, over, pauses, queue } = companion;
  const ids: JobId[] = [];
  for (let job = 0; job < 30; job += 1) ids.push(await submit());
  for await (const { event } of queue.events(ids[29]!, 0, new AbortController().signal)) {
    if (event.type !== "queued" || event.reason === undefined) continue;
    expect(event.reason).toMatch(/^The engine process does not start\. The queue is kept/);
    if (pauses.length > 3) isBroken = false;
  }
  for (const id of ids) expect((await over(id)).state).toBe("done");
  expect(pauses).toEqual(pauses.map((_, index) => index + 1));
  expect(companion.drawer.drawn).toEqual(ids.map((id) => `${id}/0`));
});

test("a failure of the job itself fails the job alone", async () => {
  const codes: readonly ErrorCode[] = errorCodes.filter(
    (code) => !["engine-unavailable", "disk-full", "cancelled"].includes(code),
  );
  const left = [...codes];
  await using companion = await setUp({
    before: async () => {
      const code = left.shift();
      if (code !== undefined) throw new OverpaintError(code, "No.");
    },
  });
  for (const code of codes)
    expect(await companion.over(await companion.submit())).toMatchObject({ lastEvent: { error: { code } } });
  expect((await companion.over(await companion.submit())).state).toBe("done");
});

test("a folder that cannot be removed neither keeps a job from its end nor is forgotten", async () => {
  let isLocked = true;
  await using companion = await setUp({
    before: (_order, { signal }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener("abort", () => reject(new OverpaintError("cancelled", "Cancelled.")));
      }),
    artifacts: (artifacts) => {
      const remove = artifacts.remove.bind(artifacts);
      return Object.assign(artifacts, {
        remove: async (id: JobId) => {
          if (isLocked) throw Object.assign(new Error("locked"), { code: "EBUSY" });
          await remove(id);
        },
      });
    },
  });
  const { queue, submit, ledger, errors, folder } = companion;
  const ids = [await submit(), await submit()];
  for (const id of [...ids].reverse()) expect((await queue.cancel(id)).state).toBe("cancelled");
  expect(errors).toHaveLength(2);
  expect([...ledger.removals()].sort()).toEqual([...ids].sort());
  isLocked = false;
  await queue.tidy();
  expect(await readdir(join(folder, "jobs"))).toEqual([]);
});

test("an upload whose folder cannot be made leaves nothing to be removed", async () => {
  await using companion = await setUp({
    artifacts: (artifacts) =>
      Object.assign(artifacts, {
        create: async () => {
          throw Object.assign(new Error("full"), { code: "ENOSPC" });
        },
      }),
  });
  await expect(companion.submit()).rejects.toMatchObject({ code: "ENOSPC" });
  expect(companion.ledger.removals()).toEqual([]);
});

test("a cancel that there is no room to write down says so, and the job is not drawn all the same", async () => {
  let isFull = false;
  await using companion = await setUp({
    before: (_order, { signal }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener("abort", () => reject(new OverpaintError("cancelled", "Cancelled.")));
      }),
    ledger: (ledger) =>
      new Proxy(ledger, {
        get(target, name) {
          if (name === "finish" && isFull)
            return () => {
              throw new OverpaintError("disk-full", "The disk is full.");
            };
          const value = Reflect.get(target, name, target) as unknown;
          return typeof value === "function" ? value.bind(target) : value;
        },
      }),
  });
  const { queue, submit, over, drawer } = companion;
  const id = await submit();
  isFull = true;
  await expect(queue.cancel(id)).rejects.toMatchObject({ code: "disk-full" });
  isFull = false;
  expect((await over(id)).state).toBe("cancelled");
  expect(drawer.drawn).toEqual([]);
});

test("a client that comes back a hundred times is told everything that is kept, once and in order", async () => {
  const gate = new Set<() => void>();
  await using companion = await setUp({ before: () => new Promise((resolve) => gate.add(resolve)) });
  const { queue, submit } = companion;
  const id = await submit(16);
  const seen: number[] = [];
  for (let visit = 0; visit < 100; visit += 1) {
    if (visit === 50) for (const open of gate) open();
    const leaving = new AbortController();
    const events = queue.events(id, seen.at(-1) ?? 0, leaving.signal);
    setTimeout(() => leaving.abort(), visit < 99 ? 1 : 60_000);
    for await (const event of events) {
      if (event.id !== undefined) seen.push(event.id);
      if (visit > 50 && visit < 99) break; // after one more
    }
    leaving.abort();
  }
  expect(seen).toEqual(Array.from({ length: 19 }, (_, index) => index + 1)); // queued, started, 16 results, done
});

test("a clock that jumps by years changes neither the order of jobs nor what is kept", async () => {
  const year = 365 * 24 * 60 * 60_000;
  let now = 50 * year;
  await using companion = await setUp({ now: () => now });
  const { queue, submit, over } = companion;
  const ids: JobId[] = [];
  for (const jump of [0, 10, -40, 30, -5]) {
    now += jump * year;
    ids.push(await submit());
    await over(ids.at(-1)!);
    await queue.tidy();
  }
  expect((await queue.list()).jobs.map(({ id }) => id)).toEqual([...ids].reverse());
});

test("writes as many rows for a job whatever waits before it", async () => {
  await using companion = await setUp();
  const { ledger, submit, over } = companion;
  const rows = () => (ledger.database.prepare("SELECT count(*) AS count FROM events").get() as { count: number }).count;
  const ids: JobId[] = [];
  for (let job = 0; job < 50; job += 1) ids.push(await submit());
  await vi.waitFor(() => expect(ledger.countActive()).toBe(0), { timeout: 30_000, interval: 20 });
  for (const id of ids) await over(id);
  expect(rows()).toBe(ids.length * 4); // queued, started, result, done
});

test.each(Array.from({ length: 6 }, (_, n) => n))(
  "records that cannot be read for a moment, at read %i, keep the queue and lose nothing",
  async (n) => {
    let left = Number.POSITIVE_INFINITY;
    await using companion = await setUp({
      ledger: (ledger) =>
        new Proxy(ledger, {
          get(target, name) {
            const value = Reflect.get(target, name, target) as unknown;
            if (typeof value !== "function") return value;
            return (...values: readonly unknown[]) => {
              if (["active", "placeOfWaiting"].includes(String(name)) && left-- === 0)
                throw new Error("disk I/O error");
              return value.apply(target, values) as unknown;
            };
          },
        }),
    });
    const { submit, over, errors } = companion;
    left = n;
    const jobs = await Promise.all([submit(), submit(), submit()]);
    for (const { state } of await Promise.all(jobs.map(over))) expect(state).toBe("done");
    expect(errors).toEqual([expect.objectContaining({ message: "disk I/O error" })]);
  },
);
