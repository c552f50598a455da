import { usePanel } from "../panel-context.ts";
import { EditView } from "./edit-view.tsx";
import { EmptyState } from "./empty-state.tsx";
import { EngineChip } from "./engine-chip.tsx";
import { LiveRegion } from "./live-region.tsx";
import { SwitchBanner } from "./switch-banner.tsx";
import { useShortcuts } from "./use-shortcuts.ts";

export function App() {
  const { sessions, engineCopy } = usePanel();
  useShortcuts();
  const session = sessions.current.value;
  return (
    <div class="panel" data-engine-copy={engineCopy.value}>
      <SwitchBanner />
      <main class="content">
        {session === undefined ? <EmptyState /> : <EditView key={session.key} session={session} />}
      </main>
      <EngineChip />
      <LiveRegion session={session} />
    </div>
  );
}
