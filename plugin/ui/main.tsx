import "@fontsource-variable/work-sans/index.css";
import "@penpot/plugin-styles/styles.css";
import "./styles/base.css";
import "./styles/layout.css";
import "./styles/controls.css";
import "./styles/segments.css";
import "./styles/tasks.css";
import "./styles/restyle.css";
import "./styles/added.css";
import "./styles/variants.css";
import "./styles/stage.css";
import "./styles/messages.css";
import "./styles/engine.css";
import { effect, signal } from "@preact/signals";
import { render } from "preact";
import { decodePicture } from "./canvas/decode-picture.ts";
import { App } from "./components/app.tsx";
import { BrowserEngine } from "./engines/browser/browser-engine.ts";
import { type EngineCopyState, keepWhenIdle } from "./engines/browser/keep-when-idle.ts";
import { startEngineWorker } from "./engines/browser/start-engine-worker.ts";
import { CompanionClient } from "./engines/companion/companion-client.ts";
import { CompanionEngine } from "./engines/companion/companion-engine.ts";
import { pageTokenSource } from "./engines/companion/token-source.ts";
import { EngineChoice } from "./engines/engine-choice.ts";
import { watchCompanion } from "./engines/watch-companion.ts";
import { type Panel, PanelContext } from "./panel-context.ts";
import { startPixelWorker } from "./pixels/start-pixel-worker.ts";
import { SandboxLink } from "./sandbox-link/sandbox-link.ts";
import { windowChannel } from "./sandbox-link/window-channel.ts";
import { ClosedPanelJobs } from "./state/closed-panel-jobs.ts";
import { EditFlow } from "./state/edit-flow.ts";
import { rememberTask } from "./state/remember-task.ts";
import { Sessions } from "./state/sessions.ts";
import { Settings } from "./state/settings.ts";
import { themeOf } from "./theme.ts";

const page = `${location.origin}${location.pathname}`;
const root = new URL("../", page).href;
const client = new CompanionClient({ origin: location.origin, token: pageTokenSource(document, page) });
const browser = new BrowserEngine({ startWorker: startEngineWorker, modelsUrl: new URL("models/", root).href });
const engines = new EngineChoice({
  companion: new CompanionEngine(client),
  browser,
  readStatus: () => client.status(),
});
const sandbox = new SandboxLink(windowChannel());
const sessions = new Sessions({ sandbox, decode: decodePicture });
const settings = new Settings(() => crypto.getRandomValues(new Uint32Array(1))[0]!);
rememberTask(settings, () => localStorage);
const flow = new EditFlow({
  engines,
  sessions,
  settings,
  sandbox,
  pixels: startPixelWorker(),
  decode: decodePicture,
  now: () => performance.now(),
});
const theme = signal(themeOf(location));
const engineCopy = signal<EngineCopyState>("absent");
const panel: Panel = { engines, sessions, settings, flow, sandbox, theme, engineCopy };

effect(() => {
  document.documentElement.dataset.theme = theme.value;
});
render(
  <PanelContext.Provider value={panel}>
    <App />
  </PanelContext.Provider>,
  document.getElementById("app")!,
);

sandbox.start({
  onTheme: (changed) => {
    theme.value = changed;
  },
  onSelection: (selection) => void sessions.select(selection),
});
await engines.check();
if (engines.companion.peek().type === "up") {
  await new ClosedPanelJobs({ engines, sessions, settings, flow, decode: decodePicture }).resume();
}
watchCompanion(engines, () => document.visibilityState === "visible");
keepWhenIdle(browser, root, engineCopy);
