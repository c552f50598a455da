import { useId } from "preact/hooks";
import type { DrawingTask } from "../../../shared/protocol/edit-task.ts";
import { schedulerNames } from "../../../shared/protocol/models/model-facts.ts";
import { NumberField } from "../controls/number-field.tsx";
import { usePanel } from "../panel-context.ts";

/** Numbers that are 0 unless somebody sets them. */
const extras = [
  { label: "Guidance rescale", name: "guidanceRescale", min: 0, max: 1, step: 0.05 },
  { label: "Clip skip", name: "clipSkip", min: 0, max: 11, step: 1 },
  { label: "Eta", name: "eta", min: 0, max: 1, step: 0.05 },
] as const;

/** How the model is run: for those who know their schedulers. */
export function DrawingFields({ task }: { readonly task: DrawingTask }) {
  const { drawing } = usePanel().settings;
  const { scheduler, noiseLevel } = drawing;
  const id = useId();
  return (
    <div class="advanced-grid">
      <div class="field">
        <label for={id}>Scheduler</label>
        <select
          id={id}
          class="select"
          value={scheduler.value ?? ""}
          onChange={({ currentTarget }) => {
            scheduler.value = schedulerNames.find((name) => name === currentTarget.value) ?? null;
          }}
        >
          <option value="">The model’s own</option>
          {schedulerNames.map((name) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </select>
      </div>
      {extras.map(({ label, name, ...limits }) => (
        <NumberField
          key={name}
          label={label}
          value={drawing[name].value}
          {...limits}
          onChange={(value) => {
            drawing[name].value = value ?? 0;
          }}
        />
      ))}
      {task === "upscale" && (
        <NumberField
          label="Noise level"
          value={noiseLevel.value}
          min={0}
          max={350}
          step={1}
          placeholder="Auto"
          onChange={(value) => {
            noiseLevel.value = value;
          }}
        />
      )}
    </div>
  );
}
