import type { DrawingTask } from "../../../shared/protocol/edit-task.ts";
import { type ModelId, modelIdSchema } from "../../../shared/protocol/models/model-facts.ts";
import { PercentSlider } from "../controls/percent-slider.tsx";
import { PictureField } from "../controls/picture-field.tsx";
import { SelectField } from "../controls/select-field.tsx";
import { usePanel } from "../panel-context.ts";

interface PromptPictureFieldProps {
  readonly task: DrawingTask;
  /** Those that fit the model. */
  readonly ipAdapters: readonly ModelId[];
}

/** A picture that is read beside the prompt; for a restyle, whether its style picture is read so. */
export function PromptPictureField({ task, ipAdapters }: PromptPictureFieldProps) {
  const { promptPicture, reference, referenceModel } = usePanel().settings;
  const adapters = ipAdapters.map((id) => ({ value: id, label: id }));
  // An instruction has references of its own.
  if (adapters.length === 0 || task === "edit") return null;
  if (task === "restyle")
    return reference.value === undefined ? null : (
      <fieldset class="added">
        <legend>Style picture</legend>
        <SelectField
          label="Taken over"
          value={ipAdapters.find((id) => id === referenceModel.value) ?? STATISTICS}
          options={[{ value: STATISTICS, label: "Colours and textures" }, ...adapters]}
          onChange={(value) => {
            referenceModel.value = value === STATISTICS ? null : modelIdSchema.parse(value);
          }}
        />
      </fieldset>
    );
  const { picture, strength, model } = promptPicture;
  return (
    <fieldset class="added">
      <legend>Reference picture</legend>
      <PictureField
        label="Reference picture"
        empty="Draw after a picture…"
        value={picture.value}
        onChange={(value) => {
          picture.value = value;
        }}
      />
      {picture.value !== undefined && (
        <>
          {adapters.length > 1 && (
            <SelectField
              label="Read by"
              value={promptPicture.readBy(ipAdapters) ?? ""}
              options={adapters}
              onChange={(value) => {
                model.value = modelIdSchema.parse(value);
              }}
            />
          )}
          <PercentSlider label="Taken over" value={strength} min={0} />
        </>
      )}
    </fieldset>
  );
}

/** No model's id: a picture's statistics, which need none. */
const STATISTICS = "";
