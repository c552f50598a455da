import "./styles/layers.css";
import "./styles/base.css";
import "./styles/controls.css";
import type { Shape } from "@penpot/plugin-types";
import { initPluginsRuntime } from "@penpot/plugins-runtime";
import "@fontsource-variable/work-sans";
import { render } from "preact";
import { cssFont } from "./canvas/paint-text.ts";
import { App } from "./components/app.tsx";
import { unionOf } from "./document/arrange.ts";
import { centerOf, type Point } from "./document/geometry.ts";
import { defaultTextStyle } from "./document/text.ts";
import { createContext } from "./penpot-context/create-context.ts";
import { type Permission, permissions } from "./penpot-context/plugin-session.ts";
import { Playground } from "./playground.ts";
import { installPlaygroundApi } from "./playground-api.ts";
import { PluginHost } from "./plugin-host/plugin-host.ts";
import type { RuntimeGlobals } from "./plugin-host/runtime-globals.ts";
import { samples } from "./samples/samples.ts";

const THEME_KEY = "overpaint-playground-theme";

const playground = new Playground(rememberedTheme());
const plugin = new PluginHost(new URL(location.href), globalThis as unknown as RuntimeGlobals);

const contextFor = (pluginId: string, permissions: ReadonlySet<Permission>) =>
  createContext({
    pluginId,
    store: playground.store,
    permissions,
    exportPng: (id, scale) => playground.exportPng(id, scale),
    viewCenter: () => playground.viewCenter,
    view: playground.view,
    storage: localStorage,
  });

initPluginsRuntime((pluginId) => contextFor(pluginId, plugin.permissions));

// The runtime's `penpot.utils.geometry.center` asks Penpot's page.
Object.assign(globalThis, { app: { plugins: { public_utils: { centerShapes } } } });

plugin.state.subscribe((state) => {
  playground.isPluginOpen.value = state.type === "open";
});

playground.snapshot.subscribe(({ theme }) => localStorage.setItem(THEME_KEY, theme));

render(<App playground={playground} plugin={plugin} />, document.getElementById("app") as HTMLElement);

const ready = start();
installPlaygroundApi({ playground, plugin, penpot: contextFor("console", new Set(permissions)), samples, ready });

async function start(): Promise<void> {
  // Texts get their size from the fonts they are drawn in.
  await document.fonts.load(cssFont(defaultTextStyle));
  await plugin.open();
  const [first] = samples;
  if (first) await playground.attempt(() => playground.openSample(first));
}

/** The middle of the box around shapes; null for none. */
function centerShapes(shapes: readonly Shape[]): Point | null {
  return shapes.length === 0 ? null : centerOf(unionOf(shapes.map((shape) => shape.bounds)));
}

/** Dark unless the reader chose light here before. */
function rememberedTheme(): "light" | "dark" {
  return localStorage.getItem(THEME_KEY) === "light" ? "light" : "dark";
}
