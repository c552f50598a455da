import { decode } from "fast-png";
import { afterEach, beforeEach, expect, test } from "vitest";
import { CompanionEngine } from "../../../../../plugin/ui/engines/companion/companion-engine.ts";
import { followJob } from "../../../../../plugin/ui/engines/companion/follow-job.ts";
import type { EditEvent } from "../../../../../shared/protocol/edit-event.ts";
import type { ModelId } from "../../../../../shared/protocol/models/model-facts.ts";
import { OverpaintError } from "../../../../../shared/protocol/overpaint-error.ts";
import { companionClientOf } from "../../support/companion-client-of.ts";
import { ScriptedCompanion } from "../../support/scripted-companion.ts";
import { someEdit } from "../../support/some-edit.ts";

let companion: ScriptedCompanion;
let engine: CompanionEngine;

beforeEach(async () => {
  companion = new ScriptedCompanion();
  await companion.start();
  engine = new CompanionEngine(companionClientOf(companion));
});
afterEach(() => companion.kill());

async function eventsOf(edit = someEdit()): Promise<EditEvent[]> {
  const events: EditEvent[] = [];
  await (await engine.start(edit)).follow((event) => events.push(event));
  return events;
}

test("sends the request, the original image and the mask, and hands back the layer", async () => {
  const edit = someEdit();
  const run = await engine.start(edit);
  const types: string[] = [];
  await run.follow((event) => types.push(event.type));
  expect(types).toEqual(["queued", "started", "step", "step", "step", "step", "result", "done"]);

  const [job] = [...companion.jobs.values()];
  expect(job?.job.request).toEqual(edit.request);
  expect(job?.job.target).toEqual(edit.target);
  expect([...job!.mask!]).toEqual([...edit.mask!]);
  expect(job?.image?.length).toBe(edit.image?.bytes.length);
  expect(decode(await run.readLayer(0)).channels).toBe(4);

  await run.acknowledge();
  expect(job?.isAcknowledged).toBe(true);
});

test("tells of a job that was taken on, which is this panel's from then on, and of none that was there", async () => {
  const taken: string[] = [];
  const own = new CompanionEngine(companionClientOf(companion), (id) => taken.push(id));
  const run = await own.start(someEdit());
  const [job] = [...companion.jobs.values()];
  own.attach(job!.job);
  expect([taken, run.id]).toEqual([[job?.job.id], job?.job.id]);
});

test("misses nothing and repeats nothing when the stream breaks again and again", async () => {
  companion.script = { steps: 6, stepMs: 1, eventsPerConnection: 2 };
  const types = (await eventsOf()).map((event) => (event.type === "step" ? event.step : event.type));
  expect(types).toEqual(["queued", "started", 1, 2, 3, 4, 5, 6, "result", "done"]);
});

test("cancels between two steps", async () => {
  companion.script = { steps: 1_000, stepMs: 5 };
  const run = await engine.start(someEdit());
  const events: EditEvent[] = [];
  await run.follow((event) => {
    events.push(event);
    if (event.type === "step" && event.step === 2) void run.cancel();
  });
  expect(events.at(-1)).toEqual({ type: "cancelled" });
  expect(events.length).toBeLessThan(20);
});

test("says that the companion is unreachable when it dies in the middle", async () => {
  companion.script = { steps: 1_000, stepMs: 5 };
  await engine.start(someEdit());
  const { job } = [...companion.jobs.values()][0]!;
  const killAtStart = (event: EditEvent) => {
    if (event.type === "started") void companion.kill();
  };
  const following = followJob(companionClientOf(companion), job.id, killAtStart, [5, 5]);
  await expect(following).rejects.toMatchObject({
    code: "companion-unreachable",
    message: `The companion does not answer (no connection to ${new URL(companion.origin).host}).`,
  });
});

test("goes on where it was when the companion comes back in time", async () => {
  companion.script = { steps: 20, stepMs: 10 };
  const run = await engine.start(someEdit());
  const steps: number[] = [];
  await run.follow((event) => {
    if (event.type !== "step") return;
    steps.push(event.step);
    if (event.step === 3) void companion.kill().then(() => setTimeout(() => void companion.start(), 50));
  });
  expect(steps).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
});

test("passes on what the companion answers", async () => {
  const run = await engine.start(someEdit());
  companion.jobs.clear();
  await expect(run.follow(() => {})).rejects.toMatchObject({ code: "not-found" });
});

test("fetches the new token of a companion that was restarted with another one", async () => {
  companion.token = "another-token";
  expect((await eventsOf()).at(-1)?.type).toBe("done");
});

test("lists the jobs whose result nobody has taken, newest first", async () => {
  await eventsOf(someEdit("first"));
  await eventsOf(someEdit("second"));
  await eventsOf(someEdit("third"));
  [...companion.jobs.values()][1]!.isAcknowledged = true;
  expect((await engine.unacknowledged()).map(({ request }) => request.prompt)).toEqual(["third", "first"]);
});

test("sends a picture once for all selections in it, and again where the companion has forgotten it", async () => {
  const client = companionClientOf(companion);
  const remembered = new Set<string>();
  const sent: boolean[] = [];
  client.select = async ({ picture }, file) => {
    sent.push(file !== undefined);
    if (picture !== null && !remembered.has(picture)) throw new OverpaintError("not-found", "It is gone.");
    remembered.add("a picture");
    return { mask: new Uint8Array(1), picture: "a picture" };
  };
  const selecting = new CompanionEngine(client);
  const image = { bytes: new Uint8Array(3), mime: "image/png" };
  const select = () => selecting.select({ image, of: { type: "subject" }, model: "edgetam" as ModelId });
  await select();
  await select();
  expect(sent).toEqual([true, false]);
  remembered.clear();
  await select();
  expect(sent).toEqual([true, false, false, true]);
});
