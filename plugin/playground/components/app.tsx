import type { Playground } from "../playground.ts";
import type { PluginHost } from "../plugin-host/plugin-host.ts";
import { CanvasView } from "./canvas-view.tsx";
import { DesignPanel } from "./design-panel.tsx";
import { LayerList } from "./layer-list.tsx";
import { Notices } from "./notices.tsx";
import { TopBar } from "./top-bar.tsx";
import { useFileDrop } from "./use-file-drop.ts";
import { useShortcuts } from "./use-shortcuts.ts";

export interface AppProps {
  readonly playground: Playground;
  readonly plugin: PluginHost;
}

export function App({ playground, plugin }: AppProps) {
  useShortcuts(playground);
  const isDropTarget = useFileDrop(playground);
  return (
    <div class="app" data-drop-target={isDropTarget.value || undefined}>
      <TopBar playground={playground} plugin={plugin} />
      <LayerList playground={playground} />
      <main>
        <CanvasView playground={playground} />
        <Notices playground={playground} plugin={plugin} />
      </main>
      <DesignPanel playground={playground} />
    </div>
  );
}
