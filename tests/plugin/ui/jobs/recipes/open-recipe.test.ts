import { afterEach, beforeEach, expect, test } from "vitest";
import type { Settings } from "../../../../../plugin/ui/app/settings.ts";
import { openRecipe } from "../../../../../plugin/ui/jobs/recipes/open-recipe.ts";
import { addPicture, changePicture } from "../../../../../plugin/ui/pictures/chosen-pictures.ts";
import type { ImageTask } from "../../../../../plugin/ui/pictures/edit-session.ts";
import { styleFromFile } from "../../../../../plugin/ui/restyle/style-reference.ts";
import type { RecipeAnswer } from "../../../../../plugin/ui/sandbox-link/sandbox-link.ts";
import type { ModelSummary } from "../../../../../shared/protocol/api.ts";
import { type EditRequest, editRequestSchema } from "../../../../../shared/protocol/edit-request.ts";
import { type ModelId, modelIdSchema } from "../../../../../shared/protocol/models/model-facts.ts";
import { PanelInNode } from "../../support/panel-in-node.ts";
import { landscape } from "../../support/pictures.ts";

let panel: PanelInNode;
beforeEach(async () => {
  panel = await PanelInNode.start();
});
afterEach(() => panel.companion.kill());

const jobs = () => [...panel.companion.jobs.values()];
const source = { shapeId: "a", name: "Photo a" };

/** What the layers keep of how they were made. */
function sandboxOf({ placements }: PanelInNode, change: Partial<RecipeAnswer> = {}) {
  return {
    readRecipe: async (shapeId: string): Promise<RecipeAnswer> => {
      const { recipe, mask, drawnOn } = placements[Number(shapeId.split("-")[1]) - 1]!;
      return { recipe, drawnOn, madeFrom: source, ...(mask !== undefined && { mask }), ...change };
    },
    readMask: async () => ({
      region: {
        type: "outline" as const,
        outline: { d: "M28 20h8v8h-8z", fillRule: "nonzero" as const, matrix: [1, 0, 0, 1, 0, 0] as const },
      },
      version: "1",
    }),
  };
}

/** A panel that knows nothing but what the document and the companion keep. */
async function anotherPanel(): Promise<PanelInNode> {
  const another = panel.reopen();
  another.placements.push(...panel.placements);
  another.nextSeed = 900;
  await another.engines.check();
  return another;
}

const withoutCount = ({ count: _, ...request }: EditRequest) => request;

test.each(["inpaint", "outpaint", "restyle", "upscale"] as const)(
  "sends another panel's edit once more as it was, from the recipe of its layer: %s",
  async (task: ImageTask) => {
    const session = await panel.paintedSession("a", { visible: { x: 8, y: 0, width: 56, height: 48 } });
    const draft = session.drafts[task];
    draft.prompt.value = "a cat";
    panel.settings.upscale.value = 2;
    panel.settings.replacesFill.value = false;
    panel.settings.steps.value = 3;
    session.extension.setSides({ left: 20, bottom: 6 });
    await panel.flow.generate(draft);
    await panel.insertions.insert(draft);

    const another = await anotherPanel();
    await openRecipe({ ...another, sandbox: sandboxOf(another) }, "layer-1");
    const opened = another.sessions.current.value!.drafts[task];
    expect(another.settings.task.value).toBe(task);
    await another.flow.generate(opened);
    const [first, second] = jobs();
    expect(opened.problem.value).toBeUndefined();
    expect(withoutCount(second!.job.request)).toEqual(withoutCount(first!.job.request));
    expect([second?.image, second?.mask]).toEqual([first?.image, first?.mask]);
  },
);

test("opens the picture with the layers that it had then, and goes on with all of them once the result is inserted", async () => {
  const { inpaint } = (await panel.paintedSession()).drafts;
  for (let edits = 0; edits < 3; edits++) {
    await panel.flow.generate(inpaint);
    await panel.insertions.insert(inpaint);
  }
  const another = await anotherPanel();
  await openRecipe({ ...another, sandbox: sandboxOf(another) }, "layer-2");
  const session = another.sessions.current.value!;
  expect(session.source.drawnOn).toEqual(["layer-1"]);
  await another.flow.generate(session.drafts.inpaint);
  expect(jobs()[3]?.image).toEqual(jobs()[1]?.image);
  await another.insertions.insert(session.drafts.inpaint);
  expect(session.source.drawnOn).toEqual(["layer-1", "layer-2", "layer-3", "layer-4"]);
});

test("reads the area off the layer where what was painted is not kept, and says so; undo brings one's own paint back", async () => {
  const { inpaint } = (await panel.paintedSession()).drafts;
  await panel.flow.generate(inpaint);
  await panel.insertions.insert(inpaint);
  const another = await anotherPanel();
  const own = await another.paintedSession();
  own.undo();
  const stroke = own.beginStroke("brush");
  stroke.drawLine({ x: 60, y: 40 }, { x: 62, y: 40 });
  own.endStroke(stroke);
  const sandbox = sandboxOf(another, { mask: undefined as never });
  await openRecipe({ ...another, sandbox }, "layer-1");
  const { mask, drafts } = another.sessions.current.value!;
  expect([mask.isPainted(32, 24), mask.isPainted(61, 40), mask.isPainted(20, 24)]).toEqual([true, false, false]);
  expect(drafts.inpaint.notice.value).toContain("read off the layer");
  own.undo();
  expect([own.mask.isPainted(32, 24), own.mask.isPainted(61, 40)]).toEqual([false, true]);
});

test("says that the picture is gone whose place a result took", async () => {
  const { inpaint } = (await panel.paintedSession()).drafts;
  await panel.flow.generate(inpaint);
  await panel.insertions.insert(inpaint);
  const another = await anotherPanel();
  const sandbox = sandboxOf(another, { madeFrom: undefined as never });
  another.imageSelection("layer-1");
  await openRecipe({ ...another, sandbox }, "layer-1");
  const { inpaint: opened } = another.sessions.current.value!.drafts;
  expect(opened.notice.value).toContain("is gone");
});

/** A layer that was drawn after the picture of a file. */
async function restyledAfter(file: File): Promise<void> {
  panel.settings.references.value = [await styleFromFile(file, panel.decode)];
  const { restyle } = (await panel.paintedSession()).drafts;
  await panel.flow.generate(restyle);
  await panel.insertions.insert(restyle);
}
const poster = () => new File([landscape(20, 30)], "poster.png", { type: "image/png" });

test("says that a recipe's reference is missing, and draws nothing until it is chosen once more or removed", async () => {
  await restyledAfter(poster());
  const another = await anotherPanel();
  const { references } = another.settings;
  references.value = [await styleFromFile(new File([landscape(8, 8)], "else.png"), another.decode)];
  await openRecipe({ ...another, sandbox: sandboxOf(another) }, "layer-1");
  const { restyle } = another.sessions.current.value!.drafts;
  const words = "A reference picture that this was drawn with is not kept: choose it once more, or remove it.";
  expect(restyle.notice.value).toBe(words);
  await another.flow.generate(restyle);
  expect(jobs()).toHaveLength(1);
  expect(restyle.problem.value?.error.message).toContain("is not kept");
  addPicture(references, await styleFromFile(poster(), another.decode));
  await another.flow.generate(restyle);
  expect(jobs()[1]?.references).toEqual(jobs()[0]?.references);
  await openRecipe({ ...another, sandbox: sandboxOf(another) }, "layer-1");
  expect(restyle.notice.value).toBeUndefined();
  changePicture(references, 0, undefined);
  await another.flow.generate(restyle);
  expect(jobs()[2]?.references).toEqual([]);
});

test("says that the picture of a control is missing, and shows it no other one unasked", async () => {
  panel.companion.models = [{ id: "net", name: "Net", controlNet: { fits: ["starter"] } }];
  await panel.engines.check();
  panel.settings.controls.add(modelIdSchema.parse("net"), "source");
  panel.settings.controls.change(0, { picture: await styleFromFile(poster(), panel.decode) });
  const { outpaint } = (await panel.paintedSession()).drafts;
  outpaint.session?.extension.setSides({ left: 20 });
  await panel.flow.generate(outpaint);
  await panel.insertions.insert(outpaint);
  const another = await anotherPanel();
  await openRecipe({ ...another, sandbox: sandboxOf(another) }, "layer-1");
  const opened = another.sessions.current.value!.drafts.outpaint;
  expect(opened.notice.value).toContain("is not kept");
  await another.flow.generate(opened);
  expect(jobs()).toHaveLength(1);
  another.settings.controls.change(0, { picture: undefined });
  await another.flow.generate(opened);
  expect(jobs()[1]?.job.request.controls).toMatchObject([{ model: "net", kind: "source" }]);
});

const [ink, net, reader] = ["ink", "net", "reader"].map((id) => modelIdSchema.parse(id)) as [ModelId, ModelId, ModelId];
const installed: readonly ModelSummary[] = [
  { id: "starter", name: "Starter" },
  { id: ink, name: "Ink", lora: { ranks: [], fits: ["starter"] } },
  { id: net, name: "Net", controlNet: { fits: ["starter"] } },
  { id: reader, name: "Reader", ipAdapter: { fits: ["starter"] } },
  { id: "reader-2", name: "Another reader", ipAdapter: { fits: ["starter"] } },
];

test.each<[string, ModelId, (settings: Settings) => void]>([
  ["LoRA ink", ink, (settings) => settings.setLora(ink, null)],
  ["ControlNet net", net, ({ controls }) => controls.remove(0)],
  ["IP-Adapter reader", reader, ({ promptPictures }) => changePicture(promptPictures.pictures, 0, undefined)],
])(
  "says that a recipe's %s is not installed any more, and draws nothing without it unasked",
  async (name, gone, drop) => {
    panel.companion.models = installed;
    await panel.engines.check();
    panel.settings.setLora(ink, 0.5);
    panel.settings.controls.add(net, "source");
    panel.settings.promptPictures.pictures.value = [await styleFromFile(poster(), panel.decode)];
    const { outpaint } = (await panel.paintedSession()).drafts;
    outpaint.session?.extension.setSides({ left: 20 });
    await panel.flow.generate(outpaint);
    await panel.insertions.insert(outpaint);
    panel.companion.models = installed.filter(({ id }) => id !== gone);
    const another = await anotherPanel();
    another.settings.promptPictures.pictures.value = [await styleFromFile(poster(), another.decode)];
    await openRecipe({ ...another, sandbox: sandboxOf(another) }, "layer-1");
    const opened = another.sessions.current.value!.drafts.outpaint;
    const message = `The ${name} that this was drawn with is not installed here.`;
    expect(opened.notice.value).toBe(`${message} Install it, or choose another or none under Advanced.`);
    await another.flow.generate(opened);
    expect(jobs()).toHaveLength(1);
    expect(opened.problem.value?.error).toMatchObject({ code: "unknown-model", message });
    drop(another.settings);
    await another.flow.generate(opened);
    const [first, second] = jobs().map(({ job }) => JSON.stringify(job.request));
    expect(first).toContain(`"${gone}"`);
    expect(second).not.toContain(`"${gone}"`);
  },
);

const drawn = {
  model: "starter",
  vae: "soft",
  textEncoders: ["words", "other"],
  prediction: "v",
  precision: "int8",
} as const;
const withParts: readonly ModelSummary[] = [
  { id: "starter", name: "Starter", precisions: [{ precision: "fp32" }, { precision: "int8" }] },
  { id: "other", name: "Another model" },
  { id: "soft", name: "soft", vae: { fits: ["starter"] } },
  { id: "words", name: "words", textEncoder: { fits: ["starter"] } },
];

/** Opens what was drawn on the command line, with parts in the places of the model's own, in a panel that has these models. */
async function openDrawnWithParts(models: readonly ModelSummary[]) {
  const { restyle } = (await panel.paintedSession()).drafts;
  await panel.flow.generate(restyle);
  await panel.insertions.insert(restyle);
  const [placement] = panel.placements;
  const { recipe } = placement!; // it was inserted
  panel.placements[0] = {
    ...placement!,
    recipe: { ...recipe, request: editRequestSchema.parse({ ...recipe.request, ...drawn }) },
  };
  panel.companion.models = models;
  const another = await anotherPanel();
  await openRecipe({ ...another, sandbox: sandboxOf(another) }, "layer-1");
  return { another, opened: another.sessions.current.value!.drafts.restyle };
}

test("draws a recipe again with the autoencoder, text encoders, prediction and precision that it was drawn with", async () => {
  const { another, opened } = await openDrawnWithParts(withParts);
  expect(opened.notice.value).toBeUndefined();
  await another.flow.generate(opened);
  expect(jobs()[1]?.job.request).toMatchObject(drawn);
});

test("uses what a model was opened with for that model alone", async () => {
  const { another, opened } = await openDrawnWithParts(withParts);
  another.settings.chooseModel("restyle", modelIdSchema.parse("other"));
  await another.flow.generate(opened);
  const own = { vae: null, textEncoders: [], prediction: null, precision: "auto" };
  expect(jobs()[1]?.job.request).toMatchObject({ model: "other", ...own });
});

test("says that a recipe's autoencoder and text encoders are not installed any more, and draws nothing without them unasked", async () => {
  const { another, opened } = await openDrawnWithParts(withParts.slice(0, 1));
  const message =
    "The VAE soft, the text encoder words, the text encoder other that this was drawn with are not installed here.";
  expect(opened.notice.value).toBe(`${message} Install them, or choose others or none under Advanced.`);
  await another.flow.generate(opened);
  expect(opened.problem.value?.error).toMatchObject({ code: "unknown-model", message });
  another.settings.parts.vae.value = null;
  for (const encoder of drawn.textEncoders) another.settings.parts.setTextEncoder(modelIdSchema.parse(encoder), false);
  await another.flow.generate(opened);
  expect(jobs()[1]?.job.request).toMatchObject({ ...drawn, vae: null, textEncoders: [] });
});

test("says that the precision of a recipe is not offered any more", async () => {
  const { opened } = await openDrawnWithParts(withParts.map(({ precisions: _, ...model }) => model));
  expect(opened.notice.value).toBe("The precision that this was drawn in, int8, is not offered for starter any more.");
});

test("refuses more text encoders than a model has", async () => {
  const { another, opened } = await openDrawnWithParts([
    ...withParts,
    { id: "third", name: "third", textEncoder: { fits: ["starter"] } },
  ]);
  another.settings.parts.setTextEncoder(modelIdSchema.parse("third"), true);
  await another.flow.generate(opened);
  expect(opened.problem.value?.error.message).toBe("3 text encoders are on; 2 can be.");
});

test("says that the style of a recipe is not offered any more", async () => {
  panel.settings.style.value = "riso";
  const { restyle } = (await panel.paintedSession()).drafts;
  await panel.flow.generate(restyle);
  await panel.insertions.insert(restyle);
  panel.companion.models = [{ id: "starter", name: "Starter", styles: ["flat"] }];
  const another = await anotherPanel();
  await openRecipe({ ...another, sandbox: sandboxOf(another) }, "layer-1");
  expect(another.sessions.current.value?.drafts.restyle.notice.value).toBe(
    "The style that this was drawn in, riso, is not offered for starter any more.",
  );
});

test("an edit that was drawn without a reference is drawn without one again, whatever was chosen since", async () => {
  const { restyle } = (await panel.paintedSession()).drafts;
  await panel.flow.generate(restyle);
  await panel.insertions.insert(restyle);
  const another = await anotherPanel();
  const file = new File([landscape(20, 30)], "poster.png", { type: "image/png" });
  another.settings.references.value = [await styleFromFile(file, another.decode)];
  await openRecipe({ ...another, sandbox: sandboxOf(another) }, "layer-1");
  await another.flow.generate(another.sessions.current.value!.drafts.restyle);
  expect(jobs().map(({ references }) => references)).toEqual([[], []]);
});
