import { type Signal, useSignal } from "@preact/signals";
import type { ModelSummary } from "../../../../shared/protocol/api.ts";
import { modelIdSchema } from "../../../../shared/protocol/models/model-facts.ts";
import { taskNames } from "../../app/task-names.ts";
import { Icon } from "../../controls/icon.tsx";
import { Thumbnail } from "../../controls/thumbnail.tsx";
import { bundledModels } from "../../engines/browser/bundled-models.ts";
import { usePanel } from "../../panel-context.ts";
import { modelKey } from "../../thumbnails/model-thumbnails.ts";
import { modelFor, modelsFor, takeModel } from "../model-for.ts";
import { describeSpeed, describeUpdate } from "./describe-model.ts";

/** A model that is here: what it does, whether the open tab draws with it, and how it is cared for and goes away. */
export function InstalledModel({ model }: { readonly model: ModelSummary }) {
  const { settings, engines, thumbnails } = usePanel();
  const picture = thumbnails.of(modelKey(model));
  const isAsking = useSignal(false);
  const { id, name, licence, error } = model;
  const task = settings.task.value;
  const isUsed = modelFor(task, settings) === id;
  const canDo = modelsFor(engines.models.value, task).some((each) => each.id === id) && error === undefined;
  const isBundled = bundledModels.some((each) => each.id === id);
  return (
    <li class="shelf-item" data-model={id}>
      {picture && <Thumbnail pixels={picture} />}
      <div class="shelf-words">
        <b>{name}</b>
        <small>{[describeUse(model), describeSpeed(model, task), licence].filter(Boolean).join(" · ")}</small>
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
      {!isBundled && (
        <div class="shelf-care">
          {isAsking.value ? <Removal id={id} isAsking={isAsking} /> : <Care {...{ model, isAsking }} />}
        </div>
      )}
      <FoundUpdate id={id} name={name} />
    </li>
  );
}

interface AskingProps {
  /** Whether it is asked if a model is to go. */
  readonly isAsking: Signal<boolean>;
}

function Removal({ id, isAsking }: AskingProps & { readonly id: string }) {
  const { shelf } = usePanel();
  const answer = (isToGo: boolean) => {
    isAsking.value = false;
    if (isToGo) void shelf.remove(id);
  };
  return (
    <>
      <button type="button" class="text-button" onClick={() => answer(true)}>
        Remove it
      </button>
      <button type="button" class="text-button" onClick={() => answer(false)}>
        Keep it
      </button>
    </>
  );
}

function Care({ model, isAsking }: AskingProps & { readonly model: ModelSummary }) {
  const { shelf } = usePanel();
  const { id, name, error, isUpdatable } = model;
  return (
    <>
      {isUpdatable && error === undefined && shelf.may("findModelUpdate") && (
        <button
          type="button"
          class="text-button"
          aria-label={`Look for a newer “${name}”`}
          disabled={shelf.updates.value.get(id) === null}
          onClick={() => void shelf.findUpdate(id)}
        >
          Update
        </button>
      )}
      {shelf.may("startModelTask") && (
        <button
          type="button"
          class="text-button"
          aria-label={error === undefined ? `Verify “${name}”` : `Repair “${name}”`}
          onClick={() => void (error === undefined ? shelf.verify(id) : shelf.repair(id))}
        >
          {error === undefined ? "Verify" : "Repair"}
        </button>
      )}
      {shelf.may("removeModel") && (
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
      )}
    </>
  );
}

/** What came of looking for a newer one. */
function FoundUpdate({ id, name }: { readonly id: string; readonly name: string }) {
  const { shelf } = usePanel();
  const update = shelf.updates.value.get(id);
  if (update === undefined) return null;
  return (
    <p class="shelf-work" role="status">
      <small class="shelf-words">{update === null ? "Asking the hub…" : describeUpdate(update)}</small>
      {update?.state === "newer" && (
        <button
          type="button"
          data-appearance="secondary"
          aria-label={`Update “${name}”`}
          onClick={() => void shelf.update(id)}
        >
          Update now
        </button>
      )}
    </p>
  );
}

function describeUse({ facts, lora, controlNet, ipAdapter, vae, textEncoder }: ModelSummary): string {
  if (lora) return "LoRA: changes the models it fits";
  if (controlNet) return "ControlNet: holds a picture to another";
  if (ipAdapter) return "IP-Adapter: draws after a picture";
  if (vae) return "VAE: takes the place of a model’s own";
  if (textEncoder) return "Text encoder: takes the place of a model’s own";
  if (facts?.kind === "erase") return "Erase network: removes small things";
  return facts?.tasks.map((task) => taskNames[task]).join(", ") ?? "";
}
