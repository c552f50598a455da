import { useSignal } from "@preact/signals";
import { useId } from "preact/hooks";
import { usePanel } from "../panel-context.ts";
import type { Draft } from "../pictures/draft.ts";
import type { EditSession } from "../pictures/edit-session.ts";
import type { BoardSummary } from "../sandbox-link/sandbox-link.ts";
import { aspects } from "./extension.ts";
import { type BoardPlan, existingBoardPlan, newBoardPlan } from "./plan-boards.ts";

interface BoardChoiceProps {
  readonly draft: Draft;
  readonly session: EditSession;
}

/** Several boards from one picture, with the same words and seed: new ones of usual formats, and those that are there. */
export function BoardChoice({ draft, session }: BoardChoiceProps) {
  const { flow, sandbox } = usePanel();
  const id = useId();
  const boards = useSignal<readonly BoardSummary[]>([]);
  const chosen = useSignal<ReadonlySet<string>>(new Set());
  const plans: readonly BoardPlan[] = [
    ...aspects.map((aspect) => newBoardPlan(session, aspect)),
    ...boards.value.map((board) => existingBoardPlan(session, board)),
  ];
  const taken = plans.filter(({ key }) => chosen.value.has(key));
  return (
    <>
      <button
        type="button"
        class="text-button"
        popovertarget={id}
        onClick={() => {
          // Without a list of boards there are still the formats.
          sandbox.listBoards().then(
            (found) => {
              boards.value = found;
            },
            () => {},
          );
        }}
      >
        Several boards…
      </button>
      <div id={id} popover="auto" class="popover" role="dialog" aria-label="Several boards">
        <p>Each is extended from this picture, with the same words and seed.</p>
        {plans.map(({ key, name, reason }) => (
          <label key={key} class="check" title={reason}>
            <input
              type="checkbox"
              disabled={reason !== undefined}
              checked={chosen.value.has(key)}
              onChange={(event) => {
                const next = new Set(chosen.peek());
                if (event.currentTarget.checked) next.add(key);
                else next.delete(key);
                chosen.value = next;
              }}
            />
            {name}
          </label>
        ))}
        <button
          type="button"
          data-appearance="primary"
          disabled={taken.length === 0}
          onClick={() => {
            document.getElementById(id)?.hidePopover();
            void flow.fillBoards(draft, taken);
          }}
        >
          {taken.length === 1 ? "Extend to 1 board" : `Extend to ${taken.length} boards`}
        </button>
      </div>
    </>
  );
}
