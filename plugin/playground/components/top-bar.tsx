import "./top-bar.css";
import type { Sample } from "../samples/sample.ts";
import { samples } from "../samples/samples.ts";
import type { AppProps } from "./app.tsx";
import { Icon, type IconName } from "./icon.tsx";
import { MainMenu } from "./main-menu.tsx";
import { OpenImageButton } from "./open-image-button.tsx";
import { UseInPenpot } from "./use-in-penpot.tsx";

/** One press of a zoom button. */
const ZOOM_STEP = Math.SQRT2;

export function TopBar({ playground, plugin }: AppProps) {
  const { store, viewport, snapshot } = playground;
  const { theme } = snapshot.value;
  const zoom = viewport.value.zoom;
  const manifest = plugin.manifest.value;
  const isPluginOpen = plugin.state.value.type === "open";
  return (
    <header class="top-bar">
      <MainMenu playground={playground} />
      <div class="brand">
        <img src="../icon.svg" alt="" width="24" height="24" />
        <h1>Playground</h1>
      </div>
      <SampleSelect
        current={playground.sample.value}
        onChange={(sample) => playground.attempt(() => playground.openSample(sample))}
      />
      <OpenImageButton playground={playground} />
      <div class="group">
        <ToolButton
          icon="undo"
          label="Undo (Ctrl+Z)"
          disabled={!playground.canUndo.value}
          onClick={() => store.undo()}
        />
        <ToolButton
          icon="redo"
          label="Redo (Ctrl+Shift+Z)"
          disabled={!playground.canRedo.value}
          onClick={() => store.redo()}
        />
      </div>
      <div class="spacer" />
      <div class="group">
        <ToolButton icon="minus" label="Zoom out (−)" onClick={() => playground.zoomTo(zoom / ZOOM_STEP)} />
        <button type="button" class="zoom" title="Zoom to 100 % (Shift+0)" onClick={() => playground.zoomTo(1)}>
          {Math.round(zoom * 100)} %
        </button>
        <ToolButton icon="plus" label="Zoom in (+)" onClick={() => playground.zoomTo(zoom * ZOOM_STEP)} />
        <ToolButton icon="fit" label="Fit the page (Shift+1)" onClick={() => playground.showAll()} />
      </div>
      <ToolButton
        icon={theme === "dark" ? "sun" : "moon"}
        label={theme === "dark" ? "Light theme" : "Dark theme"}
        onClick={() => store.setTheme(theme === "dark" ? "light" : "dark")}
      />
      {manifest !== undefined && <UseInPenpot manifest={manifest} />}
      <button
        type="button"
        class="primary"
        aria-pressed={isPluginOpen}
        title={isPluginOpen ? "Close the plugin's window" : "Open the plugin's window"}
        onClick={() => (isPluginOpen ? plugin.close() : plugin.open())}
      >
        Plugin
      </button>
    </header>
  );
}

interface ToolButtonProps {
  readonly icon: IconName;
  readonly label: string;
  readonly disabled?: boolean;
  readonly onClick: () => void;
}

function ToolButton({ icon, label, disabled = false, onClick }: ToolButtonProps) {
  return (
    <button type="button" class="tool" aria-label={label} title={label} disabled={disabled} onClick={onClick}>
      <Icon name={icon} />
    </button>
  );
}

interface SampleSelectProps {
  readonly current: Sample | undefined;
  readonly onChange: (sample: Sample) => void;
}

function SampleSelect({ current, onChange }: SampleSelectProps) {
  return (
    <select
      aria-label="Sample document"
      value={current?.id ?? ""}
      onChange={(event) => {
        const sample = samples.find(({ id }) => id === event.currentTarget.value);
        if (sample) onChange(sample);
      }}
    >
      {current === undefined && <option value="">Own document</option>}
      {samples.map(({ id, name }) => (
        <option key={id} value={id}>
          {name}
        </option>
      ))}
    </select>
  );
}
