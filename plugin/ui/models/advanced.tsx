import type { DrawingTask } from "../../../shared/protocol/edit-task.ts";
import type { ModelId } from "../../../shared/protocol/models/model-facts.ts";
import type { Settings } from "../app/settings.ts";
import { Icon } from "../controls/icon.tsx";
import { IconButton } from "../controls/icon-button.tsx";
import { NumberField } from "../controls/number-field.tsx";
import { InpaintDetails } from "../inpaint/inpaint-details.tsx";
import { chosenControls } from "../jobs/run/build-request.ts";
import { usePanel } from "../panel-context.ts";
import { NegativePrompt } from "../prompts/negative-prompt.tsx";
import { PromptPicturesField } from "../prompts/prompt-pictures-field.tsx";
import { ControlList } from "./control-fields.tsx";
import { DrawingFields } from "./drawing-fields.tsx";
import { LoraList } from "./lora-list.tsx";
import { missingModels } from "./missing-models.ts";
import { ModelField } from "./model-field.tsx";
import { type FittingModels, fittingModels, modelFor } from "./model-for.ts";
import { usedParts } from "./model-parts.ts";
import { ModelPartsFields } from "./model-parts-fields.tsx";
import { PrecisionField } from "./precision-field.tsx";

/** Seed, steps, guidance, model and what is installed that fits it. What is left empty, the model decides. */
export function Advanced({ task }: { readonly task: DrawingTask }) {
  const { settings, engines } = usePanel();
  const { seed, isSeedLocked, steps, guidanceScale } = settings;
  const model = modelFor(task, settings);
  const fitting = fittingModels(engines.models.value, model);
  const missing = missingModels(settings, task, model, fitting);
  const added = countAdded(task, settings, model, fitting);
  const defaults = engines.models.value.find((each) => each.id === model)?.facts?.defaults;
  return (
    <details class="advanced">
      <summary>
        <Icon name="sliders" />
        Advanced{added > 0 && ` · ${added} added`}
        <Icon name="chevron-down" />
      </summary>
      <div class="advanced-grid">
        <NumberField
          label="Seed"
          value={seed.value}
          min={0}
          max={0xffff_ffff}
          step={1}
          onChange={(value) => value !== null && settings.setSeed(value)}
        >
          <IconButton
            icon={isSeedLocked.value ? "lock" : "unlock"}
            label={
              isSeedLocked.value ? "Seed is kept. Draw a new one each time" : "A new seed each time. Keep this one"
            }
            isPressed={isSeedLocked.value}
            onClick={() => {
              isSeedLocked.value = !isSeedLocked.value;
            }}
          />
        </NumberField>
        <NumberField
          label="Steps"
          value={steps.value}
          min={1}
          max={150}
          step={1}
          placeholder={defaults?.steps.toString() ?? "Auto"}
          onChange={(value) => {
            steps.value = value;
          }}
        />
        <NumberField
          label="Guidance"
          value={guidanceScale.value}
          min={0}
          max={30}
          step={0.1}
          placeholder={defaults?.guidanceScale.toString() ?? "Auto"}
          onChange={(value) => {
            guidanceScale.value = value;
          }}
        />
        <ModelField task={task} />
      </div>
      {task !== "upscale" && <NegativePrompt />}
      {task === "inpaint" && <InpaintDetails />}
      <DrawingFields task={task} />
      <PrecisionField model={model} precisions={fitting.precisions} />
      <ModelPartsFields model={model} fitting={fitting} missing={missing} />
      <LoraList loras={fitting.loras} missing={missing.loras} />
      {task !== "upscale" && task !== "edit" && (
        <>
          <ControlList task={task} controlNets={fitting.controlNets} missing={missing.controlNets} />
          <PromptPicturesField task={task} ipAdapters={fitting.ipAdapters} missing={missing.ipAdapter} />
        </>
      )}
    </details>
  );
}

/** How many replaced parts, LoRAs, controls and reference pictures take part, which does not show while the rest is folded. */
function countAdded(task: DrawingTask, settings: Settings, model: ModelId, fitting: FittingModels): number {
  const { vae, textEncoders } = usedParts(settings, model, fitting);
  const loras = fitting.loras.filter((id) => settings.loras.value.has(id)).length;
  const ofEveryTask = (vae === null ? 0 : 1) + textEncoders.length + loras;
  if (task === "upscale" || task === "edit") return ofEveryTask;
  const readsPictures = task !== "restyle" && settings.promptPictures.readBy(fitting.ipAdapters) !== null;
  return (
    ofEveryTask +
    chosenControls(settings, fitting).length +
    (readsPictures ? settings.promptPictures.pictures.value.length : 0)
  );
}
