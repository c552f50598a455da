import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { stylesOf } from "../../../../plugin/ui/models/model-for.ts";
import type { KeptStore } from "../../../../plugin/ui/restyle/kept-store.ts";
import { StyleThumbnails } from "../../../../plugin/ui/restyle/style-thumbnails.ts";
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

let panel: PanelInNode;
let stop: () => void;
beforeEach(async () => {
  idle.mockClear();
  kept.clear();
  panel = await PanelInNode.start();
  panel.companion.models = [model];
  await panel.engines.check();
  stop = () => {};
});
afterEach(async () => {
  stop();
  await panel.companion.kill();
});

function begin(): StyleThumbnails {
  const { engines, jobs, settings, decode } = panel;
  const thumbnails = new StyleThumbnails({
    engines,
    jobs,
    settings,
    decode,
    store,
    standardPicture: async ({ width, height }) => ({ bytes: landscape(width, height), mime: "image/png" }),
    idle,
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
  expect(thumbnails.of(model, flat!)).toBeDefined();
  // No other panel takes them up as edits of its file.
  expect(jobs().map(({ job }) => job.fileId)).toEqual(["style-thumbnails", "style-thumbnails"]);

  stop();
  const later = begin();
  await vi.waitFor(() => expect(later.of(model, emoji!)).toBeDefined());
  expect(idle).toHaveBeenCalledTimes(1);
  expect(jobs()).toHaveLength(2);
  // Other files of the model draw otherwise.
  expect(later.of({ ...model, fingerprint: "2" }, emoji!)).toBeUndefined();
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
