import type { DrawingTask } from "../../../shared/protocol/edit-task.ts";
import { type ModelId, modelIdSchema } from "../../../shared/protocol/models/model-facts.ts";
import { PercentSlider } from "../controls/percent-slider.tsx";
import { PictureList } from "../controls/picture-list.tsx";
import { SelectField } from "../controls/select-field.tsx";
import { missingLabel } from "../models/missing-models.ts";
import { usePanel } from "../panel-context.ts";
import { isKept } from "../pictures/chosen-pictures.ts";

interface PromptPicturesFieldProps {
  readonly task: DrawingTask;
  /** Those that fit the model. */
  readonly ipAdapters: readonly ModelId[];
  /** The one that is chosen and not there. */
  readonly missing: ModelId | undefined;
}

/** Pictures that are read beside the prompt; for a restyle, whether its style pictures are read so. */
export function PromptPicturesField({ task, ipAdapters, missing }: PromptPicturesFieldProps) {
  const { promptPictures, references, referenceModel } = usePanel().settings;
  const adapters = [
    ...(missing === undefined ? [] : [{ value: missing, label: missingLabel(missing) }]),
    ...ipAdapters.map((id) => ({ value: id, label: id })),
  ];
  // An instruction has references of its own.
  if (task === "edit") return null;
  if (task === "restyle")
    return adapters.length === 0 || references.value.length === 0 ? null : (
      <fieldset class="added">
        <legend>Style pictures</legend>
        <SelectField
          label="Taken over"
          value={missing ?? ipAdapters.find((id) => id === referenceModel.value) ?? STATISTICS}
          options={[{ value: STATISTICS, label: "Colours and textures" }, ...adapters]}
          onChange={(value) => {
            referenceModel.value = value === STATISTICS ? null : modelIdSchema.parse(value);
          }}
        />
      </fieldset>
    );
  const { pictures, strength, model } = promptPictures;
  // What is lost can be chosen or removed, also where nothing is there to read it.
  if (adapters.length === 0 && pictures.value.every(isKept)) return null;
  return (
    <fieldset class="added">
      <legend>Reference pictures</legend>
      <PictureList label="Reference picture" empty="Draw after a picture…" pictures={pictures} />
      {pictures.value.length > 0 && (
        <>
          {(missing !== undefined || adapters.length > 1) && (
            <SelectField
              label="Read by"
              value={missing ?? promptPictures.readBy(ipAdapters) ?? ""}
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

/** No model's id: the pictures' statistics, which need none. */
const STATISTICS = "";
