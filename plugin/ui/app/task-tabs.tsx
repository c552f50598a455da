import { useRef } from "preact/hooks";
import type { DrawingTask } from "../../../shared/protocol/edit-task.ts";
import { offeredTasks } from "../edit/instruction-models.ts";
import { usePanel } from "../panel-context.ts";
import { taskNames } from "./task-names.ts";

/** Id of the element whose content the tabs change. */
export const TAB_PANEL_ID = "task";

export function tabId(task: DrawingTask): string {
  return `tab-${task}`;
}

const moves: Readonly<Record<string, (index: number, last: number) => number>> = {
  ArrowLeft: (index, last) => (index === 0 ? last : index - 1),
  ArrowRight: (index, last) => (index === last ? 0 : index + 1),
  Home: () => 0,
  End: (_, last) => last,
};

/** The edits that are offered. A dot marks those of this picture that run or wait for a decision. */
export function TaskTabs() {
  const { settings, sessions, flow, engines } = usePanel();
  const open = settings.task.value;
  const tasks = offeredTasks(engines.models.value, open);
  const list = useRef<HTMLDivElement>(null);
  return (
    <div
      ref={list}
      class="tabs"
      role="tablist"
      aria-label="Edits"
      onKeyDown={(event) => {
        const task = tasks[moves[event.key]?.(tasks.indexOf(open), tasks.length - 1) ?? -1];
        if (task === undefined) return;
        event.preventDefault();
        event.stopPropagation();
        settings.task.value = task;
        list.current?.querySelector<HTMLElement>(`#${tabId(task)}`)?.focus();
      }}
    >
      {tasks.map((task) => {
        const draft = sessions.draftOf(task);
        const isBusy = draft !== undefined && (!draft.isIdle.value || flow.activeOf(draft).length > 0);
        return (
          <button
            key={task}
            id={tabId(task)}
            type="button"
            role="tab"
            class="tab"
            aria-selected={task === open}
            aria-controls={TAB_PANEL_ID}
            tabIndex={task === open ? 0 : -1}
            onClick={() => {
              settings.task.value = task;
            }}
          >
            <span class="tab-name">
              {taskNames[task]}
              {isBusy && task !== open && (
                <span class="tab-dot">
                  <span class="visually-hidden">, in use</span>
                </span>
              )}
            </span>
          </button>
        );
      })}
    </div>
  );
}
