import { useSignal } from "@preact/signals";
import type { ModelSummary } from "../../../../shared/protocol/api.ts";
import { modelIdSchema } from "../../../../shared/protocol/models/model-facts.ts";
import { taskNames } from "../../app/task-names.ts";
import { Icon } from "../../controls/icon.tsx";
import { bundledModels } from "../../engines/browser/bundled-models.ts";
import { usePanel } from "../../panel-context.ts";
import { modelFor, modelsFor, takeModel } from "../model-for.ts";

/** A model that is here: what it does, whether the open tab draws with it, and how it goes away. */
export function InstalledModel({ model }: { readonly model: ModelSummary }) {
  const { settings, engines, shelf } = usePanel();
  const isAsking = useSignal(false);
  const { id, name, licence, error } = model;
  const task = settings.task.value;
  const isUsed = modelFor(task, settings) === id;
  const canDo = modelsFor(engines.models.value, task).some((each) => each.id === id) && error === undefined;
  const isBundled = bundledModels.some((each) => each.id === id);
  return (
    <li class="shelf-item" data-model={id}>
      <div class="shelf-words">
        <b>{name}</b>
        <small>{[describeUse(model), licence].filter(Boolean).join(" · ")}</small>
        {error !== undefined && (
          <small class="shelf-problem">
            {error.message} {error.remedy}
          </small>
        )}
      </div>
      {isUsed ? (
        <span class="shelf-used">
          <Icon name="check" /> In use
        </span>
      ) : (
        canDo && (
          <button
            type="button"
            class="text-button"
            onClick={() => takeModel(task, modelIdSchema.parse(id), settings)}
            aria-label={`Use “${name}”`}
          >
            Use
          </button>
        )
      )}
      {!isBundled &&
        (isAsking.value ? (
          <>
            <button
              type="button"
              class="text-button"
              onClick={() => {
                isAsking.value = false;
                void shelf.remove(id);
              }}
            >
              Remove it
            </button>
            <button
              type="button"
              class="text-button"
              onClick={() => {
                isAsking.value = false;
              }}
            >
              Keep it
            </button>
          </>
        ) : (
          <>
            <button
              type="button"
              class="text-button"
              aria-label={error === undefined ? `Verify “${name}”` : `Repair “${name}”`}
              onClick={() => void (error === undefined ? shelf.verify(id) : shelf.repair(id))}
            >
              {error === undefined ? "Verify" : "Repair"}
            </button>
            <button
              type="button"
              class="text-button"
              aria-label={`Remove “${name}”`}
              onClick={() => {
                isAsking.value = true;
              }}
            >
              Remove
            </button>
          </>
        ))}
    </li>
  );
}

function describeUse({ facts, lora, controlNet, ipAdapter }: ModelSummary): string {
  if (lora) return "LoRA: changes the models it fits";
  if (controlNet) return "ControlNet: holds a picture to another";
  if (ipAdapter) return "IP-Adapter: draws after a picture";
  if (facts?.kind === "erase") return "Erase network: removes small things";
  return facts?.tasks.map((task) => taskNames[task]).join(", ") ?? "";
}
