import type { Signal } from "@preact/signals";
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { PanelWindow } from "./app/panel-window.ts";
import type { Settings } from "./app/settings.ts";
import type { KeepReady } from "./engines/browser/keep-ready.ts";
import type { NamedCompanion } from "./engines/companion/companion-access.ts";
import type { EngineChoice } from "./engines/engine-choice.ts";
import type { Insertions } from "./jobs/insertions/insertions.ts";
import type { JobList } from "./jobs/list/job-list.ts";
import type { EditFlow } from "./jobs/run/edit-flow.ts";
import type { ModelShelf } from "./models/shelf/model-shelf.ts";
import type { Sessions } from "./pictures/sessions.ts";
import type { PixelTools } from "./pixels/pixel-tools.ts";
import type { PromptHistory } from "./prompts/prompt-history.ts";
import type { OwnStyles } from "./restyle/own-styles.ts";
import type { SandboxLink } from "./sandbox-link/sandbox-link.ts";
import type { Theme } from "./theme.ts";
import type { DrawnThumbnails } from "./thumbnails/drawn-thumbnails.ts";

/** What the components work on. Made once, in main. */
export interface Panel {
  readonly engines: EngineChoice;
  readonly sessions: Sessions;
  readonly settings: Settings;
  readonly jobs: JobList;
  readonly flow: EditFlow;
  readonly insertions: Insertions;
  readonly prompts: PromptHistory;
  readonly shelf: ModelShelf;
  readonly ownStyles: OwnStyles;
  readonly thumbnails: DrawnThumbnails;
  readonly sandbox: SandboxLink;
  readonly pixels: PixelTools;
  readonly panelWindow: PanelWindow;
  readonly theme: Signal<Theme>;
  readonly keepReady: KeepReady;
  /** Absent where the companion itself serves the panel. */
  readonly namedCompanion: NamedCompanion | undefined;
}

export const PanelContext = createContext<Panel | undefined>(undefined);

export function usePanel(): Panel {
  const panel = useContext(PanelContext);
  if (panel === undefined) throw new Error("A component that needs the panel was rendered outside of it.");
  return panel;
}
