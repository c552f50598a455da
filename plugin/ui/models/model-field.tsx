import { useId } from "preact/hooks";
import type { DrawingTask } from "../../../shared/protocol/edit-task.ts";
import { modelIdSchema } from "../../../shared/protocol/models/model-facts.ts";
import { usePanel } from "../panel-context.ts";
import { fittingModels, modelFor, modelsFor } from "./model-for.ts";
import { SHELF_ID } from "./shelf/shelf-popover.tsx";

const AUTOMATIC = "";

/** Which model draws a task. Where an erase network could take removals over, the bundled one need not be named: it would not, then. */
export function ModelField({ task }: { readonly task: DrawingTask }) {
  const { settings, engines } = usePanel();
  const id = useId();
  const models = modelsFor(engines.models.value, task);
  const model = modelFor(task, settings);
  const isKnown = models.some((each) => each.id === model);
  const canBeOpen = task === "inpaint" && fittingModels(engines.models.value, model).eraser !== null;
  const isOpen = canBeOpen && settings.models.value[task] === undefined;
  return (
    <div class="field">
      <label for={id}>Model</label>
      <select
        id={id}
        class="select"
        value={isOpen ? AUTOMATIC : model}
        onChange={({ currentTarget }) => {
          if (currentTarget.value === AUTOMATIC) settings.leaveModelOpen(task);
          else settings.chooseModel(task, modelIdSchema.parse(currentTarget.value));
        }}
      >
        {canBeOpen && <option value={AUTOMATIC}>Automatic</option>}
        {!isKnown && <option value={model}>{model}</option>}
        {models.map(({ id: value, name, error }) => (
          <option key={value} value={value} disabled={error !== undefined}>
            {name}
          </option>
        ))}
      </select>
      {!isKnown && models.length > 0 && (
        <small class="field-problem">“{model}” is not installed any more. Choose another one.</small>
      )}
      <button type="button" class="text-button" popovertarget={SHELF_ID}>
        More models
      </button>
    </div>
  );
}
