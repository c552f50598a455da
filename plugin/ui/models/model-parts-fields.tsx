import { type ModelId, modelIdSchema } from "../../../shared/protocol/models/model-facts.ts";
import { SelectField } from "../controls/select-field.tsx";
import { usePanel } from "../panel-context.ts";
import { type MissingModels, missingLabel } from "./missing-models.ts";
import type { FittingModels } from "./model-for.ts";
import { usedParts } from "./model-parts.ts";

interface ModelPartsFieldsProps {
  readonly model: ModelId;
  readonly fitting: FittingModels;
  readonly missing: MissingModels;
}

/** What a model is opened with in the place of what is its own; nothing shows where nothing is there for it. */
export function ModelPartsFields({ model, fitting, missing }: ModelPartsFieldsProps) {
  const { settings } = usePanel();
  const { parts } = settings;
  const used = usedParts(settings, model, fitting);
  const prediction = parts.predictions.value.get(model);
  const vae = missing.vae ?? used.vae;
  const vaes = new Set([...(vae === null ? [] : [vae]), ...fitting.vaes]);
  const encoders = new Set([...missing.textEncoders, ...used.textEncoders, ...fitting.textEncoders]);
  return (
    <>
      {vaes.size > 0 && (
        <SelectField
          label="VAE"
          value={vae ?? OWN}
          options={[
            { value: OWN, label: "The model’s own" },
            ...[...vaes].map((id) => ({ value: id, label: id === missing.vae ? missingLabel(id) : id })),
          ]}
          onChange={(value) => {
            parts.vae.value = value === OWN ? null : modelIdSchema.parse(value);
          }}
        />
      )}
      {prediction !== undefined && (
        <SelectField
          label="Predicts"
          value={prediction}
          options={[
            { value: OWN, label: "What its files say" },
            { value: "epsilon", label: "Noise (epsilon)" },
            { value: "v", label: "Velocity (v)" },
          ]}
          onChange={(value) => parts.setPrediction(model, value === "epsilon" || value === "v" ? value : null)}
        />
      )}
      {encoders.size > 0 && (
        <fieldset class="added">
          <legend>Text encoders</legend>
          <div class="added-list">
            {[...encoders].map((id) => (
              <label key={id} class="check">
                <input
                  type="checkbox"
                  checked={parts.textEncoders.value.includes(id)}
                  onChange={({ currentTarget }) => parts.setTextEncoder(id, currentTarget.checked)}
                />
                <span class="clipped" title={id}>
                  {missing.textEncoders.includes(id) ? missingLabel(id) : id}
                </span>
              </label>
            ))}
          </div>
        </fieldset>
      )}
    </>
  );
}

/** No model's id. */
const OWN = "";
