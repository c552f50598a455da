import type { EditRequest } from "../../../shared/protocol/edit-request.ts";
import type { DrawingTask } from "../../../shared/protocol/edit-task.ts";
import type { ModelId } from "../../../shared/protocol/models/model-facts.ts";
import { OverpaintError } from "../../../shared/protocol/overpaint-error.ts";
import type { Settings } from "../app/settings.ts";
import type { FittingModels } from "./model-for.ts";
import { usedParts } from "./model-parts.ts";

/** Which models were drawn with which beside them: what is still chosen of that is not left out unasked once it is gone. */
export class UsedTogether {
  /** The model's id and that of what was beside it: ids have no spaces. */
  readonly #pairs = new Set<string>();

  note({ model, vae, textEncoders, loras, controls, referenceModel }: EditRequest): void {
    const nets = controls.map((control) => control.model);
    const beside = [vae, ...textEncoders, ...loras.map(({ id }) => id), ...nets, referenceModel];
    for (const id of beside) if (id !== null) this.#pairs.add(`${model} ${id}`);
  }

  has(model: ModelId, beside: ModelId): boolean {
    return this.#pairs.has(`${model} ${beside}`);
  }
}

/** What is chosen for an edit and was drawn with before, and is not there any more. */
export interface MissingModels {
  readonly vae: ModelId | undefined;
  readonly textEncoders: readonly ModelId[];
  readonly loras: readonly ModelId[];
  readonly controlNets: readonly ModelId[];
  readonly ipAdapter: ModelId | undefined;
}

/** What of the settings is missing for a task and the model that draws it; nothing where that model is missing itself. */
export function missingModels(
  settings: Settings,
  task: DrawingTask,
  model: ModelId,
  fitting: FittingModels,
): MissingModels {
  const { usedTogether, parts, loras, controls, references, referenceModel, promptPictures } = settings;
  const used = usedParts(settings, model, fitting);
  const isMissing = (id: ModelId, there: readonly ModelId[]) =>
    fitting.isThere && !there.includes(id) && usedTogether.has(model, id);
  const vae = parts.vae.value;
  const ofEveryTask = {
    vae: vae !== null && isMissing(vae, used.vae === null ? [] : [used.vae]) ? vae : undefined,
    textEncoders: parts.textEncoders.value.filter((id) => isMissing(id, used.textEncoders)),
    loras: [...loras.value.keys()].filter((id) => isMissing(id, fitting.loras)),
  };
  if (task === "upscale" || task === "edit") return { ...ofEveryTask, controlNets: [], ipAdapter: undefined };
  const chosen = new Set(controls.choices.value.map((choice) => choice.model));
  const nets = fitting.controlNets.map(({ id }) => id);
  const [pictures, reader] =
    task === "restyle" ? [references, referenceModel] : [promptPictures.pictures, promptPictures.model];
  const adapter = pictures.value.length > 0 ? reader.value : null;
  return {
    ...ofEveryTask,
    controlNets: [...chosen].filter((id) => isMissing(id, nets)),
    ipAdapter: adapter !== null && isMissing(adapter, fitting.ipAdapters) ? adapter : undefined,
  };
}

/** What is to be said of what is missing; undefined where nothing is. */
export function missingError(missing: MissingModels): OverpaintError | undefined {
  const { vae, textEncoders, loras, controlNets, ipAdapter } = missing;
  const names = [
    ...(vae === undefined ? [] : [`VAE ${vae}`]),
    ...textEncoders.map((id) => `text encoder ${id}`),
    ...loras.map((id) => `LoRA ${id}`),
    ...controlNets.map((id) => `ControlNet ${id}`),
    ...(ipAdapter === undefined ? [] : [`IP-Adapter ${ipAdapter}`]),
  ];
  if (names.length === 0) return undefined;
  const [are, them, others] = names.length === 1 ? ["is", "it", "another"] : ["are", "them", "others"];
  return new OverpaintError(
    "unknown-model",
    `The ${names.join(", the ")} that this was drawn with ${are} not installed here.`,
    `Install ${them}, or choose ${others} or none under Advanced.`,
  );
}

/** How a choice shows that is not there. */
export function missingLabel(id: ModelId): string {
  return `${id} (not installed)`;
}
