import { MAX_CONTROLS } from "../../../shared/protocol/control.ts";
import type { DrawingTask } from "../../../shared/protocol/edit-task.ts";
import { type ModelId, modelIdSchema } from "../../../shared/protocol/models/model-facts.ts";
import { Icon } from "../controls/icon.tsx";
import { IconButton } from "../controls/icon-button.tsx";
import { NumberField } from "../controls/number-field.tsx";
import { PictureField } from "../controls/picture-field.tsx";
import { SelectField } from "../controls/select-field.tsx";
import { usePanel } from "../panel-context.ts";
import { type ControlChoice, canShow, type ShownKind, shownKinds } from "./control-list.ts";
import { missingLabel } from "./missing-models.ts";
import type { FittingControlNet } from "./model-for.ts";

interface ControlListProps {
  readonly task: DrawingTask;
  /** Those that fit the model. */
  readonly controlNets: readonly FittingControlNet[];
  /** Those that are chosen and not there. */
  readonly missing: readonly ModelId[];
}

/** What holds the picture by ControlNets: to which picture, how strongly and how long. */
export function ControlList({ task, controlNets, missing }: ControlListProps) {
  const { controls } = usePanel().settings;
  const [first] = controlNets;
  const shown = [...controls.choices.value.entries()].filter(
    ([, { model }]) => missing.includes(model) || controlNets.some(({ id }) => id === model),
  );
  if (first === undefined && shown.length === 0) return null;
  return (
    <fieldset class="added">
      <legend>Controls</legend>
      {shown.map(([index, choice]) => (
        <Control key={index} {...{ task, controlNets, missing, index, choice }} />
      ))}
      {first !== undefined && shown.length < MAX_CONTROLS && (
        <button
          type="button"
          data-appearance="secondary"
          title="Hold the picture to the lines or colours of another one"
          onClick={() => controls.add(first.id, wantedKind(first))}
        >
          <Icon name="plus" /> Add a control
        </button>
      )}
    </fieldset>
  );
}

interface ControlProps extends ControlListProps {
  /** Its place in the list of all that were chosen. */
  readonly index: number;
  readonly choice: ControlChoice;
}

function Control({ task, controlNets, missing, index, choice }: ControlProps) {
  const { controls } = usePanel().settings;
  const { model, kind, picture, strength, start, end } = choice;
  const change = (to: Partial<ControlChoice>) => controls.change(index, to);
  const percent = { min: 0, max: 100, step: 1 };
  return (
    <div class="added-part">
      <div class="row">
        <SelectField
          label={`ControlNet ${index + 1}`}
          value={model}
          options={[
            ...missing.filter((id) => id === model).map((id) => ({ value: id, label: missingLabel(id) })),
            ...controlNets.map(({ id }) => ({ value: id, label: id })),
          ]}
          onChange={(value) => {
            const chosen = controlNets.find(({ id }) => id === value);
            change({ model: modelIdSchema.parse(value), ...(chosen?.kind && { kind: wantedKind(chosen) }) });
          }}
        />
        <IconButton icon="x" label={`Remove control ${index + 1}`} onClick={() => controls.remove(index)} />
      </div>
      <SelectField
        label="Sees"
        value={kind}
        options={shownKinds.map((value) => ({
          value,
          label: kindNames[value],
          isDisabled: value !== kind && !canShow(value, task, picture),
        }))}
        onChange={(value) => change({ kind: value as ShownKind })} // of the options
      />
      <PictureField
        label={`Picture of control ${index + 1}`}
        empty={canShow(kind, task, undefined) ? ownPicture(kind) : "No picture yet"}
        value={picture}
        onChange={(value) => change({ picture: value })}
      />
      <div class="control-numbers">
        <NumberField
          label="Strength %"
          value={Math.round(strength * 100)}
          {...percent}
          max={400}
          onChange={(value) => value !== null && change({ strength: value / 100 })}
        />
        <NumberField
          label="From %"
          value={Math.round(start * 100)}
          {...percent}
          onChange={(value) => value !== null && change({ start: value / 100 })}
        />
        <NumberField
          label="To %"
          value={Math.round(end * 100)}
          {...percent}
          onChange={(value) => value !== null && change({ end: value / 100 })}
        />
      </div>
    </div>
  );
}

const kindNames: Readonly<Record<ShownKind, string>> = {
  canny: "Edges",
  tile: "Colours without detail",
  luminance: "Brightness",
  outline: "Outline of the mask",
  source: "The picture as it is",
};

function ownPicture(kind: ShownKind): string {
  return kind === "outline" ? "What is painted" : "This picture itself";
}

/** What it was trained to be shown, as far as that is known. */
function wantedKind({ kind = "source" }: FittingControlNet): ShownKind {
  return kind === "raw" ? "source" : kind;
}
