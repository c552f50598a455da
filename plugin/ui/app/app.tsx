import { CreateView } from "../create/create-view.tsx";
import { EngineChip } from "../models/engine-chip.tsx";
import { usePanel } from "../panel-context.ts";
import { currentDraft } from "./current-draft.ts";
import { EditView } from "./edit-view.tsx";
import { EmptyState } from "./empty-state.tsx";
import { LiveRegion } from "./live-region.tsx";
import { TAB_PANEL_ID, TaskTabs, tabId } from "./task-tabs.tsx";
import { useShortcuts } from "./use-shortcuts.ts";

export function App() {
  const { sessions, settings, engineCopy } = usePanel();
  useShortcuts();
  const task = settings.task.value;
  const session = sessions.current.value;
  return (
    <div class="panel" data-engine-copy={engineCopy.value}>
      <main class="content">
        <TaskTabs />
        <div id={TAB_PANEL_ID} class="content" role="tabpanel" aria-labelledby={tabId(task)}>
          {task === "create" ? (
            <CreateView draft={sessions.creation} />
          ) : session === undefined ? (
            <EmptyState />
          ) : (
            <EditView key={`${session.key}/${task}`} draft={session.drafts[task]} session={session} />
          )}
        </div>
      </main>
      <EngineChip />
      <LiveRegion draft={currentDraft(sessions, settings)} />
    </div>
  );
}
