import { initPluginsRuntime } from "@penpot/plugins-runtime";
import "@fontsource-variable/work-sans";
import { render } from "preact";
import { App } from "./components/app.tsx";
import { createContext } from "./penpot-context/create-context.ts";
import { Playground } from "./playground.ts";
import { installPlaygroundApi } from "./playground-api.ts";
import { PluginHost } from "./plugin-host/plugin-host.ts";
import type { RuntimeGlobals } from "./plugin-host/runtime-globals.ts";
import { samples } from "./samples/samples.ts";
import "./styles/playground.css";

const THEME_KEY = "overpaint-playground-theme";

const playground = new Playground(rememberedTheme());
const plugin = new PluginHost(new URL(location.href), globalThis as unknown as RuntimeGlobals);

initPluginsRuntime((pluginId) =>
  createContext({
    pluginId,
    store: playground.store,
    permissions: plugin.permissions,
    exportPng: (id, scale) => playground.exportPng(id, scale),
    viewCenter: () => playground.viewCenter,
  }),
);

plugin.state.subscribe((state) => {
  playground.isPluginOpen.value = state.type === "open";
});

playground.snapshot.subscribe(({ theme }) => localStorage.setItem(THEME_KEY, theme));

render(<App playground={playground} plugin={plugin} />, document.getElementById("app") as HTMLElement);

const ready = start();
installPlaygroundApi({ playground, plugin, samples, ready });

async function start(): Promise<void> {
  await plugin.open();
  const [first] = samples;
  if (first) await playground.attempt(() => playground.openSample(first));
}

/** Dark unless the reader chose light here before. */
function rememberedTheme(): "light" | "dark" {
  return localStorage.getItem(THEME_KEY) === "light" ? "light" : "dark";
}
