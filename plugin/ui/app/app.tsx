import { HistoryButton } from "../jobs/history/history.tsx";
import { useSeen } from "../jobs/list/use-seen.ts";
import { EngineChip } from "../models/engine-chip.tsx";
import { ShelfPopover } from "../models/shelf/shelf-popover.tsx";
import { usePanel } from "../panel-context.ts";
import { ShortcutSheet } from "./actions/shortcut-sheet.tsx";
import { useActions } from "./actions/use-actions.ts";
import { EditView } from "./edit-view.tsx";
import { EmptyState } from "./empty-state.tsx";
import { LiveRegion } from "./live-region.tsx";
import { TAB_PANEL_ID, TaskTabs, tabId } from "./task-tabs.tsx";

export function App() {
  const { sessions, settings } = usePanel();
  useActions();
  const task = settings.task.value;
  const session = task === "create" ? undefined : sessions.current.value;
  const draft = sessions.draftOf(task);
  useSeen(draft);
  return (
    <div class="panel">
      <main class="content">
        <TaskTabs />
        <div id={TAB_PANEL_ID} class="content" role="tabpanel" aria-labelledby={tabId(task)}>
          {draft === undefined ? <EmptyState /> : <EditView key={`${session?.key}/${task}`} draft={draft} />}
        </div>
      </main>
      <footer class="footer">
        <EngineChip />
        <span class="footer-space" />
        <HistoryButton />
        <ShortcutSheet />
      </footer>
      <ShelfPopover />
      <LiveRegion draft={draft} />
    </div>
  );
}
