import "@fontsource-variable/work-sans/index.css";
import "@penpot/plugin-styles/styles.css";
import "./app/base.css";
import "./app/layout.css";
import "./controls/controls.css";
import "./controls/segments.css";
import "./app/tasks.css";
import "./prompts/prompts.css";
import "./restyle/restyle.css";
import "./jobs/variants/variants.css";
import "./stage/stage.css";
import "./app/messages.css";
import "./app/status.css";
import "./models/engine.css";
import "./models/added.css";
import "./models/shelf/shelf.css";
import "./masks/masks.css";
import "./inpaint/inpaint.css";
import "./jobs/history/history.css";
import { effect, signal } from "@preact/signals";
import { render } from "preact";
import { App } from "./app/app.tsx";
import { PanelWindow, watchSurroundings } from "./app/panel-window.ts";
import { rememberTask } from "./app/remember-task.ts";
import { Settings } from "./app/settings.ts";
import { followInstructionModels } from "./edit/instruction-models.ts";
import { BrowserEngine } from "./engines/browser/browser-engine.ts";
import { BrowserModelStore } from "./engines/browser/browser-model-store.ts";
import { KeepReady } from "./engines/browser/keep-ready.ts";
import { readKeptModels } from "./engines/browser/kept-models.ts";
import { startEngineWorker, startModelStore } from "./engines/browser/start-engine-worker.ts";
import { NamedCompanion, servedAccess } from "./engines/companion/companion-access.ts";
import { CompanionClient } from "./engines/companion/companion-client.ts";
import { CompanionEngine } from "./engines/companion/companion-engine.ts";
import { findCompanion } from "./engines/companion/find-companion.ts";
import { pageFacts } from "./engines/companion/local-network.ts";
import { EngineChoice } from "./engines/engine-choice.ts";
import { watchCompanion } from "./engines/watch-companion.ts";
import { Insertions } from "./jobs/insertions/insertions.ts";
import { JobList } from "./jobs/list/job-list.ts";
import { claimJob } from "./jobs/resume/claim-job.ts";
import { ResumeJobs } from "./jobs/resume/resume-jobs.ts";
import { EditFlow } from "./jobs/run/edit-flow.ts";
import { openShown } from "./jobs/variants/open-shown.ts";
import { rememberModels } from "./models/remember-models.ts";
import { ModelShelf } from "./models/shelf/model-shelf.ts";
import { type Panel, PanelContext } from "./panel-context.ts";
import { decodePicture } from "./pictures/decode-picture.ts";
import { Sessions } from "./pictures/sessions.ts";
import { WatchDocument } from "./pictures/watch-document.ts";
import { startPixelWorker } from "./pixels/start-pixel-worker.ts";
import { PromptHistory } from "./prompts/prompt-history.ts";
import { openKeptStore } from "./restyle/kept-store.ts";
import { OwnStyles } from "./restyle/own-styles.ts";
import { SandboxLink } from "./sandbox-link/sandbox-link.ts";
import { panelSecretOf, windowChannel } from "./sandbox-link/window-channel.ts";
import { themeOf } from "./theme.ts";
import { DrawnThumbnails, standardPictureFrom } from "./thumbnails/drawn-thumbnails.ts";
import { modelThumbnails } from "./thumbnails/model-thumbnails.ts";
import { styleThumbnails } from "./thumbnails/style-thumbnails.ts";

/** So long nothing else was asked for before the model in use tries the styles. */
const THUMBNAILS_IDLE_MS = 2_000;

const page = `${location.origin}${location.pathname}`;
const root = new URL("../", page).href;
// A panel that a companion serves has its companion; one from a static host is told of it.
const namedCompanion = import.meta.env.MODE === "static" ? new NamedCompanion(() => localStorage) : undefined;
const client = new CompanionClient(namedCompanion ?? servedAccess(document, page));
const browser = new BrowserEngine({
  startWorker: startEngineWorker,
  modelsUrl: new URL("models/", root).href,
  installed: readKeptModels,
});
const engines = new EngineChoice({
  // A job that this panel began is no other's, as long as it is open.
  companion: new CompanionEngine(client, (id) => void claimJob(id)),
  browser,
  readStatus: namedCompanion
    ? findCompanion({ client, access: namedCompanion, page: pageFacts(window), pageOrigin: location.origin })
    : () => client.status(),
});
const sandbox = new SandboxLink(windowChannel(), panelSecretOf(location));
const pixels = startPixelWorker();
const sessions = new Sessions({ sandbox, decode: decodePicture, pixels });
const settings = new Settings(() => crypto.getRandomValues(new Uint32Array(1))[0]!);
rememberTask(settings, () => localStorage);
rememberModels(settings, () => localStorage);
followInstructionModels(engines, settings);
const jobs = new JobList(decodePicture, pixels);
const prompts = new PromptHistory(() => localStorage);
const flow = new EditFlow({
  engines,
  sessions,
  settings,
  jobs,
  pixels,
  prompts,
  now: () => performance.now(),
});
openShown({ sessions, settings, jobs });
const insertions = new Insertions({ engines, sessions, settings, jobs, sandbox, pixels });
const watch = new WatchDocument({ sessions, jobs, sandbox });
const shelf = new ModelShelf({
  keepers: { companion: client, browser: new BrowserModelStore({ startWorker: startModelStore, root }) },
  engines,
  settings,
  storage: () => localStorage,
});
const kept = openKeptStore(() => indexedDB);
const ownStyles = new OwnStyles(kept);
const thumbnails = new DrawnThumbnails({
  engines,
  jobs,
  decode: decodePicture,
  store: kept,
  standardPicture: standardPictureFrom(root),
  idle: () => new Promise((resolve) => setTimeout(resolve, THUMBNAILS_IDLE_MS)),
  wanted: () => [...styleThumbnails(engines, settings), ...modelThumbnails(engines, shelf)],
});
const panelWindow = new PanelWindow({
  surroundings: watchSurroundings(window),
  resize: (width, height) => sandbox.resize(width, height),
  storage: () => localStorage,
});
const theme = signal(themeOf(location));
const keepReady = new KeepReady(browser, () => localStorage);
const panel: Panel = {
  engines,
  sessions,
  settings,
  jobs,
  flow,
  insertions,
  prompts,
  shelf,
  ownStyles,
  thumbnails,
  sandbox,
  pixels,
  panelWindow,
  theme,
  keepReady,
  namedCompanion,
};

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
  onWatched: (watched) => watch.tell(watched),
});
watch.start();
await Promise.all([engines.check(), ownStyles.load()]);
thumbnails.start();
new ResumeJobs({ engines, sessions, settings, jobs, flow, pixels, decode: decodePicture, claim: claimJob }).start();
watchCompanion(engines, () => document.visibilityState === "visible");
keepReady.resume();
