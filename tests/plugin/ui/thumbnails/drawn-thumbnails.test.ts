import { signal } from "@preact/signals";
import { encode } from "fast-png";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { stylesOf } from "../../../../plugin/ui/models/model-for.ts";
import type { KeptStore } from "../../../../plugin/ui/restyle/kept-store.ts";
import { DrawnThumbnails } from "../../../../plugin/ui/thumbnails/drawn-thumbnails.ts";
import { modelKey, modelThumbnails } from "../../../../plugin/ui/thumbnails/model-thumbnails.ts";
import { styleKey, styleThumbnails } from "../../../../plugin/ui/thumbnails/style-thumbnails.ts";
import type { ModelSummary } from "../../../../shared/protocol/api.ts";
import { PanelInNode } from "../support/panel-in-node.ts";
import { landscape } from "../support/pictures.ts";

const model = { id: "starter", name: "Starter", styles: ["flat", "emoji"], fingerprint: "1" };
const idle = vi.fn(async () => {});
const kept = new Map<string, unknown>();
const store: KeptStore = {
  isLasting: Promise.resolve(true),
  get: async (key) => kept.get(key),
  set: async (key, value) => void kept.set(key, value),
};

const isOpen = signal(false);
let panel: PanelInNode;
let stop: () => void;
beforeEach(async () => {
  idle.mockClear();
  kept.clear();
  isOpen.value = false;
  panel = await PanelInNode.start();
  panel.companion.models = [model];
  await panel.engines.check();
  stop = () => {};
});
afterEach(async () => {
  stop();
  await panel.companion.kill();
});

function begin(): DrawnThumbnails {
  const { engines, jobs, settings, decode } = panel;
  const thumbnails = new DrawnThumbnails({
    engines,
    jobs,
    decode,
    store,
    standardPicture: async ({ width, height }) => ({
      image: { bytes: landscape(width, height), mime: "image/png" },
      mask: new Uint8Array(encode({ width, height, data: new Uint8Array(width * height).fill(255), channels: 1 })),
    }),
    idle,
    wanted: () => [...styleThumbnails(engines, settings), ...modelThumbnails(engines, { isOpen })],
  });
  stop = thumbnails.start();
  return thumbnails;
}

const jobs = () => [...panel.companion.jobs.values()];
const [flat, emoji] = stylesOf(model);

test("draws each style that the model can once, when the tab is open, and keeps it", async () => {
  const thumbnails = begin();
  expect(idle).not.toHaveBeenCalled();
  panel.settings.task.value = "restyle";
  await vi.waitFor(() => expect(thumbnails.drawn.value.size).toBe(2), { timeout: 5_000 });
  expect(jobs().map(({ job }) => job.request)).toMatchObject([{ style: "flat" }, { style: "emoji" }]);
  await vi.waitFor(() => expect(jobs().every(({ isAcknowledged }) => isAcknowledged)).toBe(true));
  expect(thumbnails.of(styleKey(model, flat!))).toBeDefined();
  // No other panel takes them up as edits of its file.
  expect(jobs().map(({ job }) => job.fileId)).toEqual(["thumbnails", "thumbnails"]);

  stop();
  const later = begin();
  await vi.waitFor(() => expect(later.of(styleKey(model, emoji!))).toBeDefined());
  expect(idle).toHaveBeenCalledTimes(1);
  expect(jobs()).toHaveLength(2);
  // Other files of the model draw otherwise.
  expect(later.of(styleKey({ ...model, fingerprint: "2" }, emoji!))).toBeUndefined();
});

test("stops at once for what somebody asks for, and goes on when that is over", async () => {
  panel.companion.script = { steps: 400, stepMs: 20 };
  const thumbnails = begin();
  panel.settings.task.value = "restyle";
  await vi.waitFor(() => expect(jobs()).toHaveLength(1), { timeout: 5_000 });
  panel.companion.script = { steps: 2, stepMs: 5 };
  const { inpaint } = (await panel.paintedSession()).drafts;
  const edit = panel.flow.generate(inpaint);
  await vi.waitFor(() => expect(jobs()[0]?.isCancelled).toBe(true));
  await edit;
  expect(inpaint.chosen.value).toBeDefined();
  await vi.waitFor(() => expect(thumbnails.drawn.value.size).toBe(2), { timeout: 5_000 });
});

describe("of a model", () => {
  const sees = { cell: 8, seesMask: true, readsPrompt: true, isGuidable: true, canInvert: true };
  const facts = { kind: "diffusion", family: "stable-diffusion", nativeSize: 64, sizeMultiple: 8, ...sees } as const;
  const starter: ModelSummary = { ...model, facts: { ...facts, tasks: ["create", "inpaint"] }, examples: ["a lemon"] };
  const painter: ModelSummary = { id: "painter", name: "P", fingerprint: "3", facts: { ...facts, tasks: ["inpaint"] } };
  const eraser: ModelSummary = { ...painter, id: "eraser", facts: { ...facts, kind: "erase", tasks: ["inpaint"] } };
  const broken: ModelSummary = { id: "b", name: "B", error: { code: "damaged-model", message: "It is damaged." } };
  beforeEach(async () => {
    panel.companion.models = [starter, painter, eraser, broken];
    await panel.engines.readModels();
  });

  test("is drawn once by those that draw, from what they draw well or on a picture, when the list is open", async () => {
    const thumbnails = begin();
    expect(jobs()).toHaveLength(0);
    isOpen.value = true;
    await vi.waitFor(() => expect(thumbnails.drawn.value.size).toBe(2), { timeout: 5_000 });
    expect(jobs().map(({ job }) => job.request)).toMatchObject([
      { task: "create", model: "starter", prompt: "a lemon", width: 64, height: 64 },
      { task: "inpaint", model: "painter", prompt: expect.any(String) },
    ]);
    expect(thumbnails.of(modelKey(starter))).toBeDefined();
    expect(thumbnails.of(modelKey({ ...starter, fingerprint: "2" }))).toBeUndefined();
    stop();
    const later = begin();
    await vi.waitFor(() => expect(later.of(modelKey(painter))).toBeDefined());
    expect(jobs()).toHaveLength(2);
  });

  test("that cannot draw keeps no other from it", async () => {
    panel.companion.script = { steps: 2, stepMs: 50, failure: { code: "internal", message: "It fails." } };
    const thumbnails = begin();
    isOpen.value = true;
    await vi.waitFor(() => expect(jobs()).toHaveLength(1), { timeout: 5_000 });
    panel.companion.script = { steps: 2, stepMs: 5 };
    await vi.waitFor(() => expect(thumbnails.of(modelKey(painter))).toBeDefined(), { timeout: 5_000 });
    expect(thumbnails.of(modelKey(starter))).toBeUndefined();
  });

  test("that cannot draw is not asked for it again and again", async () => {
    panel.companion.models = [starter];
    await panel.engines.readModels();
    panel.companion.script = { steps: 2, stepMs: 5, failure: { code: "internal", message: "It fails." } };
    const thumbnails = begin();
    isOpen.value = true;
    await vi.waitFor(() => expect(jobs().map(({ isAcknowledged }) => isAcknowledged)).toEqual([true]), {
      timeout: 5_000,
    });
    isOpen.value = false;
    panel.companion.models = [starter, painter];
    await panel.engines.readModels();
    panel.companion.script = { steps: 2, stepMs: 5 };
    isOpen.value = true;
    await vi.waitFor(() => expect(thumbnails.of(modelKey(painter))).toBeDefined(), { timeout: 5_000 });
    expect(jobs().map(({ job }) => job.request.model)).toEqual(["starter", "painter"]);
  });
});
