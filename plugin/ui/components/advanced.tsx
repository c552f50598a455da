import { useId } from "preact/hooks";
import type { PaintingTask } from "../../../shared/protocol/edit-task.ts";
import { MAX_LORA_STRENGTH } from "../../../shared/protocol/limits.ts";
import { modelIdSchema } from "../../../shared/protocol/model-facts.ts";
import { usePanel } from "../panel-context.ts";
import { lorasFor, modelFor, modelsFor } from "../state/model-for.ts";
import { Icon } from "./icon.tsx";
import { IconButton } from "./icon-button.tsx";
import { NumberField } from "./number-field.tsx";

/** Seed, steps, guidance, model and the LoRAs that fit it. What is left empty, the model decides. */
export function Advanced({ task }: { readonly task: PaintingTask }) {
  const { settings, engines } = usePanel();
  const id = useId();
  const { seed, isSeedLocked, steps, guidanceScale } = settings;
  const models = modelsFor(engines.models.value, task);
  const model = modelFor(task, settings);
  const chosen = models.find((each) => each.id === model);
  const isKnown = chosen !== undefined;
  return (
    <details class="advanced">
      <summary>
        <Icon name="sliders" />
        Advanced
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
          placeholder={chosen?.facts?.defaults?.steps.toString() ?? "Auto"}
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
          placeholder={chosen?.facts?.defaults?.guidanceScale.toString() ?? "Auto"}
          onChange={(value) => {
            guidanceScale.value = value;
          }}
        />
        <div class="field">
          <label for={id}>Model</label>
          <select
            id={id}
            class="select"
            value={model}
            onChange={(event) => {
              settings.chooseModel(task, modelIdSchema.parse(event.currentTarget.value));
            }}
          >
            {!isKnown && <option value={model}>{model}</option>}
            {models.map(({ id: value, name, error }) => (
              <option key={value} value={value} disabled={error !== undefined}>
                {name}
              </option>
            ))}
          </select>
        </div>
        {lorasFor(engines.models.value, model).map((lora) => (
          <NumberField
            key={lora}
            label={`LoRA ${lora}`}
            value={settings.loras.value.get(lora) ?? null}
            min={-MAX_LORA_STRENGTH}
            max={MAX_LORA_STRENGTH}
            step={0.05}
            placeholder="Off"
            onChange={(strength) => settings.setLora(lora, strength)}
          />
        ))}
      </div>
    </details>
  );
}
