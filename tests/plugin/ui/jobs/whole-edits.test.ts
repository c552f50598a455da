import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { getContainer, getShape } from "../../../../plugin/playground/document/document.ts";
import type { ShapeId } from "../../../../plugin/playground/document/shape.ts";
import { openRecipe } from "../../../../plugin/ui/jobs/recipes/open-recipe.ts";
import type { Draft } from "../../../../plugin/ui/pictures/draft.ts";
import type { EditSession } from "../../../../plugin/ui/pictures/edit-session.ts";
import type { JobId } from "../../../../shared/protocol/api.ts";
import { paintingTasks } from "../../../../shared/protocol/edit-task.ts";
import { SandboxInPlayground } from "../../sandbox/sandbox-in-playground.ts";
import { rectangle } from "../../sandbox/shapes.ts";
import { PanelInPlayground } from "../support/panel-in-playground.ts";
import { landscape } from "../support/pictures.ts";
import { ScriptedCompanion } from "../support/scripted-companion.ts";

let companion: ScriptedCompanion;
beforeEach(async () => {
  companion = new ScriptedCompanion();
  companion.script = { steps: 2, stepMs: 2 };
  await companion.start();
});
afterEach(() => companion.kill());

/** Generous: on a busy machine a panel takes its time. */
const patience = { timeout: 10_000, interval: 5 };
vi.setConfig({ testTimeout: 30_000 });

const jobs = () => [...companion.jobs.values()];

/** A file with a picture of 64 × 48 pixels, which is selected, and a panel over it. */
async function openFile() {
  const host = new SandboxInPlayground();
  const fills = [host.imageFill(64, 48, false, landscape(64, 48))];
  const [id] = host.open(rectangle({ name: "Beach", x: 10, y: 10, width: 64, height: 48, fills }));
  const panel = new PanelInPlayground(host, companion);
  return { host, id: id!, panel, session: await select(panel, id!) };
}

async function select(panel: PanelInPlayground, id: string): Promise<EditSession> {
  panel.host.store.select([id as ShapeId]);
  const shown = () => panel.sessions.current.value;
  await vi.waitFor(() => expect(shown()?.shape.value.shapeId).toBe(id), patience);
  return shown()!;
}

function paint(session: EditSession): void {
  const stroke = session.beginStroke("brush");
  stroke.drawLine({ x: 30, y: 24 }, { x: 34, y: 24 });
  session.endStroke(stroke);
}

/** Pictures on the page, from bottom to top. */
function picturesIn({ store }: SandboxInPlayground) {
  const { document } = store.snapshot;
  return getContainer(document, document.rootId).children.map((child) => {
    const { id, fills } = getShape(document, child);
    const [fill] = fills;
    return { id, bytes: fill?.type === "image" ? store.media.get(fill.mediaId)?.bytes : undefined };
  });
}

async function drawnAndInserted(panel: PanelInPlayground, draft: Draft): Promise<string> {
  await panel.flow.generate(draft);
  expect(draft.problem.value).toBeUndefined();
  await panel.insertions.insert(draft);
  expect(draft.problem.value).toBeUndefined();
  return draft.placed.value!.shapeId;
}

test.each(paintingTasks)(
  "goes from selection to insertion, undo, redo and the same bytes from the recipe: %s",
  async (task) => {
    const { host, panel, session } = await openFile();
    const draft = task === "create" ? panel.sessions.creation : session.drafts[task];
    panel.settings.task.value = task;
    panel.settings.replacesFill.value = false;
    panel.settings.fillsTarget.value = false;
    panel.settings.creationSize.value = { width: 64, height: 64 };
    draft.prompt.value = "a poppy";
    paint(session);
    session.extension.setSides({ left: 12, bottom: 5 });
    const before = picturesIn(host);
    const layer = await drawnAndInserted(panel, draft);
    const placed = picturesIn(host);
    const bytesOf = (id: string) => picturesIn(host).find((each) => each.id === id)?.bytes;
    const bytes = bytesOf(layer)!;
    expect(placed).toHaveLength(2);

    // The panel's undo and redo, then the document's own; the panel follows.
    await panel.insertions.undo(draft);
    expect(picturesIn(host)).toEqual(before);
    await panel.insertions.redo();
    const again = draft.placed.value!.shapeId;
    expect(bytesOf(again)).toEqual(bytes);
    host.store.undo();
    expect(picturesIn(host)).toEqual(before);
    await vi.waitFor(() => expect(draft.placed.value).toBeUndefined(), patience);
    host.store.redo();
    expect(bytesOf(again)).toEqual(bytes);
    await vi.waitFor(() => expect(draft.placed.value?.shapeId).toBe(again), patience);
    const isPlaced = () => panel.jobs.all.value[0]?.variants.value[0]?.placedAs;
    expect(isPlaced()).toBe(again);

    const another = new PanelInPlayground(host, companion, 900);
    await select(another, again);
    await openRecipe(another, again);
    expect(another.settings.task.value).toBe(task);
    const { sessions } = another;
    const opened = task === "create" ? sessions.creation : sessions.current.value!.drafts[task];
    another.settings.replacesFill.value = false;
    another.settings.fillsTarget.value = false;
    another.settings.stacks.value = true;
    const rerun = await drawnAndInserted(another, opened);
    expect(rerun).not.toBe(again);
    expect([jobs()[1]?.image, jobs()[1]?.mask]).toEqual([jobs()[0]?.image, jobs()[0]?.mask]);
    expect(jobs()[1]?.job.request).toEqual(jobs()[0]?.job.request);
    const pixels = (id: string) => Buffer.from(bytesOf(id)!).toString("base64");
    expect(pixels(rerun)).toBe(Buffer.from(bytes).toString("base64"));
  },
);

test("draws the second and third edit on the ones before, and takes them back in turn with the document's own undo", async () => {
  const { host, panel, session } = await openFile();
  const { inpaint } = session.drafts;
  paint(session);
  const layers: string[] = [];
  for (let edits = 0; edits < 3; edits++) layers.push(await drawnAndInserted(panel, inpaint));
  expect(
    picturesIn(host)
      .slice(1)
      .map(({ id }) => id),
  ).toEqual(layers);
  expect(jobs().map(({ job }) => job.target?.drawnOn)).toEqual([[], layers.slice(0, 1), layers.slice(0, 2)]);
  host.store.undo();
  host.store.undo();
  await vi.waitFor(() => expect(session.source.drawnOn).toEqual(layers.slice(0, 1)), patience);
  expect(panel.jobs.all.value.map(({ variants }) => variants.value[0]?.placedAs)).toEqual([
    undefined,
    undefined,
    layers[0],
  ]);
  host.store.redo();
  await vi.waitFor(() => expect(session.source.drawnOn).toEqual(layers.slice(0, 2)), patience);
  expect(panel.jobs.all.value[1]?.variants.value[0]?.placedAs).toBe(layers[1]);
});

test("leaves a job to its own file, and to one of two panels that are open over it", async () => {
  const first = await openFile();
  paint(first.session);
  await first.panel.flow.generate(first.session.drafts.inpaint);
  first.panel.sessions.creation.prompt.value = "a house";
  first.panel.settings.creationSize.value = { width: 64, height: 64 };
  await first.panel.flow.generate(first.panel.sessions.creation);

  // Another file, whose picture is the same shape: a copy of the file.
  const { document } = first.host.store.snapshot;
  const copyHost = new SandboxInPlayground();
  const fills = [copyHost.imageFill(64, 48, false, landscape(64, 48))];
  copyHost.open({ ...getShape(document, first.id), fills } as never);
  const copy = new PanelInPlayground(copyHost, companion);
  await select(copy, first.id);

  const claimed = new Set<string>();
  const claim = async (id: JobId) => !claimed.has(id) && Boolean(claimed.add(id));
  await copy.resume(claim);
  expect(copy.jobs.all.value).toEqual([]);

  const [one, two] = [first.host, new SandboxInPlayground({ store: first.host.store })].map(
    (host) => new PanelInPlayground(host, companion),
  );
  for (const panel of [one!, two!]) {
    await select(panel, first.id);
    await panel.resume(claim);
  }
  await vi.waitFor(() => expect(one?.jobs.all.value).toHaveLength(2), patience);
  expect(two?.jobs.all.value).toEqual([]);
  expect(copy.jobs.all.value).toEqual([]);
});
