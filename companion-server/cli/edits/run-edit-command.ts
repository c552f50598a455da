import type { EditRequestInput } from "../../../shared/protocol/edit-request.ts";
import type { PixelSize } from "../../../shared/protocol/geometry.ts";
import type { InputFiles } from "../../engine/engine.ts";
import { inspectInputs } from "../../images/inspect-inputs.ts";
import { openCatalog } from "../../models/model-catalog.ts";
import type { LoraPlace } from "../../models/model-place.ts";
import type { InstalledLora } from "../../models/place-at.ts";
import { parseEditRequest } from "../../requests/parse-submission.ts";
import { requireResultSize } from "../../requests/require-result-size.ts";
import { drawToFiles, untilInterrupted } from "../draw-to-files.ts";
import { NamedModels } from "../named-models.ts";
import type { EditOptions } from "../options.ts";
import { outputFiles } from "../output-files.ts";
import { findControls } from "./control-options.ts";
import { findIpAdapter, findReferences } from "./reference-options.ts";

/** What a drawing command adds to the options that all of them share. */
export interface CommandEdit {
  readonly task: EditRequestInput["task"];
  /** The pictures as the command line names them. */
  readonly files: InputFiles;
  /** The task's own fields of the request, some of which depend on the source's size. Checked like any request. */
  readonly fields: (source: PixelSize | undefined) => object;
}

/** A drawing command from its options to its files. */
export function runEditCommand({ task, files: pictures, fields }: CommandEdit, options: EditOptions): Promise<void> {
  const startedAt = performance.now();
  return untilInterrupted(async (signal) => {
    const catalog = openCatalog(options.data);
    const models = new NamedModels(catalog);
    const controls = await findControls(options, catalog);
    const references = findReferences(options);
    const ipAdapter = await findIpAdapter(options, catalog, task !== "restyle" && task !== "edit");
    const files = { ...pictures, ...references.files, ...controls.files };
    const source = await inspectInputs(files, files);
    const named =
      options.model !== undefined
        ? await models.model(options.model)
        : task === "cutout"
          ? await catalog.findBackgroundRemoval()
          : undefined;
    // A model that is named is meant.
    const eraser = task === "inpaint" && named === undefined ? await catalog.firstOfKind("erase") : undefined;
    const vae = options.vae === undefined ? undefined : await models.vae(options.vae);
    const textEncoders = await Promise.all((options.textEncoder ?? []).map((place) => models.textEncoder(place)));
    const loras: (InstalledLora & LoraPlace)[] = [];
    for (const { place, strength } of options.lora ?? []) loras.push({ ...(await models.lora(place)), strength });
    const request = parseEditRequest({
      task,
      prompt: options.prompt,
      negativePrompt: options.negative,
      model: named?.id,
      vae: vae?.id,
      textEncoders: textEncoders.map(({ id }) => id),
      loras: loras.map(({ id, strength }) => ({ id, strength })),
      prediction: options.prediction,
      precision: options.precision,
      controls: controls.request,
      referenceModel: ipAdapter?.id,
      referenceStrength: references.strength,
      seed: options.seed,
      count: options.count,
      steps: options.steps,
      guidanceScale: options.guidance,
      guidanceRescale: options.guidanceRescale,
      clipSkip: options.clipSkip,
      eta: options.eta,
      scheduler: options.scheduler,
      plain: options.plain,
      eraser: eraser?.id,
      ...fields(source),
    });
    requireResultSize(request, source);
    const model = {
      ...(named ?? (await catalog.find(request.model))),
      vae,
      textEncoders,
      loras,
      controlNets: controls.controlNets,
      ipAdapter,
    };
    const outputs = new Map((await outputFiles(options.output, request.count)).entries());
    await drawToFiles({ request, model, eraser, files, device: options.device, outputs, startedAt }, options, signal);
  });
}
