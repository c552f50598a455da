import { MAX_LORA_STRENGTH } from "../../../shared/protocol/limits.ts";
import type { ModelId } from "../../../shared/protocol/models/model-facts.ts";
import { NumberField } from "../controls/number-field.tsx";
import { usePanel } from "../panel-context.ts";
import { missingLabel } from "./missing-models.ts";

interface LoraListProps {
  /** Those that fit the model. */
  readonly loras: readonly ModelId[];
  /** Those that are on and not there. */
  readonly missing: readonly ModelId[];
}

/** The LoRAs of a model: which are on, and how strong. */
export function LoraList({ loras, missing }: LoraListProps) {
  const { settings } = usePanel();
  const listed = [...missing, ...loras];
  if (listed.length === 0) return null;
  return (
    <fieldset class="added">
      <legend>LoRAs</legend>
      <div class="added-list">
        {listed.map((id) => {
          const strength = settings.loras.value.get(id);
          return (
            <div key={id} class="lora">
              <label class="check">
                <input
                  type="checkbox"
                  checked={strength !== undefined}
                  onChange={({ currentTarget }) => settings.setLora(id, currentTarget.checked ? 1 : null)}
                />
                <span class="clipped" title={id}>
                  {missing.includes(id) ? missingLabel(id) : id}
                </span>
              </label>
              <NumberField
                label={`Strength of ${id}`}
                isLabelHidden
                value={strength ?? null}
                min={-MAX_LORA_STRENGTH}
                max={MAX_LORA_STRENGTH}
                step={0.05}
                placeholder="Off"
                onChange={(value) => settings.setLora(id, value)}
              />
            </div>
          );
        })}
      </div>
    </fieldset>
  );
}
