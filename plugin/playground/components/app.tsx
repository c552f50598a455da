import "./app.css";
import type { Playground } from "../playground.ts";
import type { PluginHost } from "../plugin-host/plugin-host.ts";
import { CanvasView } from "./canvas-view.tsx";
import { DesignPanel } from "./design/design-panel.tsx";
import { LayerList } from "./layer-list.tsx";
import { Notices } from "./notices.tsx";
import { TextEditor } from "./text-editor.tsx";
import { Toolbar } from "./toolbar.tsx";
import { TopBar } from "./top-bar.tsx";
import { useIncomingFiles } from "./use-incoming-files.ts";
import { useShortcuts } from "./use-shortcuts.ts";

export interface AppProps {
  readonly playground: Playground;
  readonly plugin: PluginHost;
}

export function App({ playground, plugin }: AppProps) {
  useShortcuts(playground);
  const isDropTarget = useIncomingFiles(playground);
  return (
    <div class="app" data-drop-target={isDropTarget.value || undefined}>
      <TopBar playground={playground} plugin={plugin} />
      <LayerList playground={playground} />
      <main>
        <CanvasView playground={playground} />
        <TextEditor playground={playground} />
        <Toolbar playground={playground} />
        <Notices playground={playground} plugin={plugin} />
      </main>
      <DesignPanel playground={playground} />
    </div>
  );
}
