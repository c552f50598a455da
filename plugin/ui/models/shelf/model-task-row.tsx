import type { ModelTask } from "../../../../shared/protocol/models/model-task.ts";
import { IconButton } from "../../controls/icon-button.tsx";
import { usePanel } from "../../panel-context.ts";
import { describeTransfer } from "./describe-model.ts";

const verbs = {
  install: "Installing",
  update: "Updating",
  import: "Importing",
  verify: "Verifying",
  repair: "Repairing",
} as const;

/** One piece of work on a model. */
export function ModelTaskRow({ task }: { readonly task: ModelTask }) {
  return (
    <li class="shelf-item">
      <b>
        {task.state === "failed" ? "" : `${verbs[task.type]} `}
        {task.name}
      </b>
      <ModelTaskProgress task={task} />
    </li>
  );
}

/** How far work on a model is, and what can be done about it. */
export function ModelTaskProgress({ task }: { readonly task: ModelTask }) {
  const { shelf } = usePanel();
  const { id, type, name, state, progress, error, remark } = task;
  const share = progress === undefined || progress.total === 0 ? undefined : progress.done / progress.total;
  return (
    <div class="shelf-work">
      <div class="shelf-words">
        {state === "failed" ? (
          <small class="shelf-problem">
            {error?.message} {error?.remedy}
          </small>
        ) : (
          <>
            <div
              class="progress-bar"
              role="progressbar"
              aria-label={`${verbs[type]} ${name}`}
              aria-valuemin={0}
              aria-valuemax={100}
              aria-valuenow={share === undefined ? undefined : Math.round(share * 100)}
              data-unknown={share === undefined && state === "running"}
            >
              <div style={share === undefined ? undefined : { inlineSize: `${share * 100}%` }} />
            </div>
            <small>{describeTransfer(task)}</small>
          </>
        )}
        {remark !== undefined && <small>{remark}</small>}
      </div>
      {(type === "install" || type === "update") && state === "running" && shelf.may("pauseModelTask") && (
        <button type="button" class="text-button" onClick={() => void shelf.pause(id)}>
          Pause
        </button>
      )}
      {(state === "paused" || state === "failed") && shelf.may("resumeModelTask") && (
        <button type="button" class="text-button" onClick={() => void shelf.resume(id)}>
          {state === "paused" ? "Go on" : "Try again"}
        </button>
      )}
      {shelf.may("cancelModelTask") && (
        <IconButton
          icon="x"
          label={state === "failed" ? `Forget “${name}”` : `Cancel “${name}”`}
          onClick={() => void shelf.cancel(id)}
        />
      )}
    </div>
  );
}
