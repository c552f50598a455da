import { useSignal } from "@preact/signals";
import { toErrorData } from "../../../shared/protocol/overpaint-error.ts";
import { findSubjectIn } from "../masks/find-in-picture.ts";
import { backgroundRemovalFor, selectorFor } from "../models/model-for.ts";
import { usePanel } from "../panel-context.ts";
import type { Draft } from "../pictures/draft.ts";
import type { EditSession } from "../pictures/edit-session.ts";

interface SubjectActionsProps {
  readonly draft: Draft;
  readonly session: EditSession;
}

/** What models that tell a subject from its background do; nothing where none is there. */
export function SubjectActions({ draft, session }: SubjectActionsProps) {
  const { engines, pixels, flow } = usePanel();
  const isBusy = useSignal(false);
  const models = engines.models.value;
  const remover = backgroundRemovalFor(models);
  if (selectorFor(models, "subject") === undefined) return null;
  const select = async (isTurned: boolean) => {
    isBusy.value = true;
    draft.problem.value = undefined;
    try {
      const patch = await findSubjectIn(session, isTurned, { engines, pixels });
      if (patch) session.applyPatch(patch, "replace");
    } catch (error) {
      draft.problem.value = { error: toErrorData(error), fixes: [] };
    } finally {
      isBusy.value = false;
    }
  };
  const button = { type: "button", "data-appearance": "secondary", disabled: isBusy.value } as const;
  return (
    <div class="row subject-actions" aria-busy={isBusy.value}>
      <button {...button} onClick={() => void select(false)}>
        Select subject
      </button>
      <button {...button} onClick={() => void select(true)}>
        Select background
      </button>
      {remover !== undefined && (
        <button {...button} onClick={() => void flow.cutOut(draft, remover)}>
          Remove background
        </button>
      )}
    </div>
  );
}
