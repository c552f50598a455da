import { isBesideModels, type ModelSummary } from "../../../shared/protocol/api.ts";
import type { ControlKind } from "../../../shared/protocol/control.ts";
import type { DrawingTask } from "../../../shared/protocol/edit-task.ts";
import { type ModelId, type ModelKind, modelIdSchema } from "../../../shared/protocol/models/model-facts.ts";
import type { OfferedPrecision } from "../../../shared/protocol/models/precision.ts";
import type { Selected } from "../../../shared/protocol/selection.ts";
import { type StylePreset, stylePresets } from "../../../shared/protocol/text/style-presets.ts";
import type { Settings } from "../app/settings.ts";
import { bundledModelFor, bundledModels } from "../engines/browser/bundled-models.ts";

/** What can be used with a model: what is installed beside it, and what it may be asked to compute in. */
export interface FittingModels {
  /** Whether the model itself is installed, as far as that is known. */
  readonly isThere: boolean;
  readonly loras: readonly ModelId[];
  readonly controlNets: readonly FittingControlNet[];
  readonly ipAdapters: readonly ModelId[];
  readonly vaes: readonly ModelId[];
  readonly textEncoders: readonly ModelId[];
  /** All models that are there, of which parts may be taken. */
  readonly models: readonly ModelId[];
  /** The erase network that removals are offered to. */
  readonly eraser: ModelId | null;
  /** None where its graphs are ready, or the browser draws. */
  readonly precisions: readonly OfferedPrecision[];
  /** Ids of the style presets that it draws well; absent where it does not say. */
  readonly styles?: readonly string[] | undefined;
}

export interface FittingControlNet {
  readonly id: ModelId;
  /** What it wants to be shown, where that is known. */
  readonly kind: ControlKind | undefined;
}

/** The models that can do a task. One whose abilities nobody tells may be tried. */
export function modelsFor(models: readonly ModelSummary[], task: DrawingTask): readonly ModelSummary[] {
  return models.filter((model) => {
    if (isBesideModels(model)) return false;
    const { id, facts } = model;
    const tasks = facts?.tasks ?? bundledModels.find((bundled) => bundled.id === id)?.tasks;
    // Few models take instructions: those that do, tell.
    if (task === "edit") return facts?.tasks.includes("edit") === true;
    return tasks === undefined || tasks.includes(task);
  });
}

/** What can be used with a model, of what an engine offers. */
export function fittingModels(models: readonly ModelSummary[], model: ModelId): FittingModels {
  const fitting = (use: { readonly fits: readonly string[] } | undefined) => use?.fits.includes(model) === true;
  const idOf = ({ id }: ModelSummary) => modelIdSchema.parse(id);
  return {
    isThere: models.length === 0 || models.some(({ id }) => id === model),
    loras: models.filter(({ lora }) => fitting(lora)).map(idOf),
    controlNets: models
      .filter(({ controlNet }) => fitting(controlNet))
      .map((each) => ({ id: idOf(each), kind: each.controlNet?.kind })),
    ipAdapters: models.filter(({ ipAdapter }) => fitting(ipAdapter)).map(idOf),
    vaes: models.filter(({ vae }) => fitting(vae)).map(idOf),
    textEncoders: models.filter(({ textEncoder }) => fitting(textEncoder)).map(idOf),
    models: models.filter((each) => !isBesideModels(each)).map(idOf),
    eraser: firstOfKind(models, "erase") ?? null,
    precisions: models.find(({ id }) => id === model)?.precisions ?? [],
    styles: models.find(({ id }) => id === model)?.styles,
  };
}

function firstOfKind(models: readonly ModelSummary[], kind: ModelKind): ModelId | undefined {
  const found = models.find(({ facts }) => facts?.kind === kind);
  return found && modelIdSchema.parse(found.id);
}

/** The model that finds what a click shows or what a picture is of; undefined where none is there. */
export function selectorFor(models: readonly ModelSummary[], of: Selected["type"]): ModelId | undefined {
  const clicks = firstOfKind(models, "segmentation");
  return of === "subject" ? (firstOfKind(models, "background") ?? clicks) : clicks;
}

/** The model that takes backgrounds away; undefined where none is there. */
export function backgroundRemovalFor(models: readonly ModelSummary[]): ModelId | undefined {
  return firstOfKind(models, "background");
}

/** What keeps the layout of a restyled picture by the source itself: its edges leave the colours free, its blurred self does not. */
const layoutKinds = ["canny", "tile", "luminance"] as const;

/** The ControlNet that keeps a restyled picture's layout, and what it is shown; undefined where none is known to. */
export function layoutControl({ controlNets }: FittingModels) {
  for (const kind of layoutKinds) {
    const found = controlNets.find((each) => each.kind === kind);
    if (found) return { model: found.id, kind };
  }
  return undefined;
}

/** The presets that a model draws so that they can be told; all of them where it says nothing. */
export function stylesOf(
  model: { readonly styles?: readonly string[] | undefined } | undefined,
): readonly StylePreset[] {
  const styles = model?.styles;
  return styles === undefined ? stylePresets : stylePresets.filter(({ id }) => styles.includes(id));
}

/** The model the next edit of a task uses: the named one, else the bundled one. */
export function modelFor(task: DrawingTask, settings: Settings): ModelId {
  return settings.models.value[task] ?? bundledFor(task);
}

/** Uses a model from now on. Back with the bundled one none is named, so that an erase network takes removals over again. */
export function takeModel(task: DrawingTask, model: ModelId, settings: Settings): void {
  if (model === bundledFor(task)) settings.leaveModelOpen(task);
  else settings.chooseModel(task, model);
}

/** None that is bundled takes instructions. */
function bundledFor(task: DrawingTask): ModelId {
  return modelIdSchema.parse(bundledModelFor(task === "edit" ? "inpaint" : task));
}
