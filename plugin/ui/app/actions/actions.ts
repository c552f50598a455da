import { takeSnapshot } from "../../masks/take-snapshot.ts";
import type { Panel } from "../../panel-context.ts";
import type { Draft } from "../../pictures/draft.ts";
import { stageTools } from "../../stage/tools/tools.ts";

/** One press of [ or ] changes the brush by a fifth, at least by a pixel; one of + or − zooms by a quarter. */
const BRUSH_FACTOR = 1.2;
const ZOOM_FACTOR = 1.25;

/** Something that a key does. */
export interface Action {
  readonly id: string;
  readonly name: string;
  readonly group: "Edit" | "Tools" | "Mask" | "View" | "Panel";
  /** As `aria-keyshortcuts` writes them: "Control+Shift+Z". Control is also the command key. */
  readonly keys: readonly string[];
  /** Whether it works while somebody types. */
  readonly isForTyping?: boolean;
  /** Whether there is something to do for it now. */
  readonly isPossible: (panel: Panel) => boolean;
  readonly perform: (panel: Panel) => void;
}

const draftOf = ({ sessions, settings }: Panel) => sessions.draftOf(settings.task.value);
const viewOf = (panel: Panel) => draftOf(panel)?.session?.stage ?? panel.sessions.creationStage;

/** The draft whose mask can be painted now. */
function paintable(panel: Panel): (Draft & { readonly session: NonNullable<Draft["session"]> }) | undefined {
  const draft = draftOf(panel);
  if (draft?.task !== "inpaint" || draft.session === undefined || !draft.isIdle.peek()) return undefined;
  return draft as Draft & { readonly session: NonNullable<Draft["session"]> }; // it has one
}

/** Right after an insertion, before anything else is done, undoing means it. */
const insertionToUndo = (panel: Panel) => draftOf(panel)?.placed.peek()?.placementId !== undefined;
const insertionToRedo = (panel: Panel) => {
  const undone = panel.insertions.undone.peek();
  return undone !== undefined && undone.draft === draftOf(panel);
};

const always = () => true;

function maskAction(
  id: string,
  name: string,
  keys: readonly string[],
  perform: (draft: NonNullable<ReturnType<typeof paintable>>, panel: Panel) => void,
): Action {
  return {
    id,
    name,
    group: "Mask",
    keys,
    isPossible: (panel) => paintable(panel) !== undefined,
    perform: (panel) => {
      const draft = paintable(panel);
      if (draft !== undefined) perform(draft, panel);
    },
  };
}

function zoomAroundMiddle(panel: Panel, factor: number): void {
  const stage = viewOf(panel);
  const { width, height } = stage.size.peek();
  stage.zoom({ x: width / 2, y: height / 2 }, factor);
}

/** All that keys do anywhere in the panel, in the order of the sheet that lists them. */
export const actions: readonly Action[] = [
  {
    id: "cancel",
    name: "Cancel the edit",
    group: "Edit",
    keys: ["Escape"],
    isForTyping: true,
    isPossible: (panel) => {
      const draft = draftOf(panel);
      return draft !== undefined && panel.flow.activeOf(draft).length > 0;
    },
    perform: (panel) => {
      const draft = draftOf(panel);
      if (draft !== undefined) void panel.flow.cancel(draft);
    },
  },
  {
    id: "generate",
    name: "Start the edit",
    group: "Edit",
    keys: ["Control+Enter"],
    isForTyping: true,
    isPossible: (panel) => draftOf(panel) !== undefined,
    perform: (panel) => {
      const draft = draftOf(panel);
      if (draft !== undefined) void panel.flow.generate(draft);
    },
  },
  {
    id: "insert",
    name: "Insert the result",
    group: "Edit",
    keys: ["Enter"],
    isPossible: (panel) => draftOf(panel)?.chosen.peek() !== undefined,
    perform: (panel) => {
      const draft = draftOf(panel);
      if (draft !== undefined) void panel.insertions.insert(draft);
    },
  },
  {
    id: "before",
    name: "Before and after",
    group: "Edit",
    keys: ["X"],
    isPossible: (panel) => draftOf(panel)?.chosen.peek() !== undefined,
    perform: (panel) => {
      const draft = draftOf(panel);
      if (draft !== undefined) draft.isComparing.value = !draft.isComparing.peek();
    },
  },
  ...stageTools.map(
    ({ id, name, key }): Action => ({
      id,
      name,
      group: "Tools",
      keys: [key],
      isPossible: (panel) => paintable(panel) !== undefined,
      perform: ({ settings }) => {
        settings.mask.tool.value = id;
      },
    }),
  ),
  maskAction("smaller-brush", "Smaller brush", ["["], ({ session }) => {
    const size = session.brushSize.peek();
    session.setBrushSize(Math.min(size - 1, size / BRUSH_FACTOR));
  }),
  maskAction("larger-brush", "Larger brush", ["]"], ({ session }) => {
    const size = session.brushSize.peek();
    session.setBrushSize(Math.max(size + 1, size * BRUSH_FACTOR));
  }),
  {
    id: "undo",
    name: "Undo the insertion, or the last stroke",
    group: "Mask",
    keys: ["Control+Z"],
    isPossible: (panel) => insertionToUndo(panel) || paintable(panel) !== undefined,
    perform: (panel) => {
      const draft = draftOf(panel);
      if (draft !== undefined && insertionToUndo(panel)) void panel.insertions.undo(draft);
      else paintable(panel)?.session.undo();
    },
  },
  {
    id: "redo",
    name: "Redo",
    group: "Mask",
    keys: ["Control+Shift+Z", "Control+Y"],
    isPossible: (panel) => insertionToRedo(panel) || paintable(panel) !== undefined,
    perform: (panel) => {
      if (insertionToRedo(panel)) void panel.insertions.redo();
      else paintable(panel)?.session.redo();
    },
  },
  maskAction("invert", "Invert the mask", ["I"], ({ session }, { pixels }) => {
    void pixels
      .changeMask(takeSnapshot(session.mask), { type: "invert" }, session.visible.peek())
      .then((patch) => session.applyPatch(patch, "replace"));
  }),
  maskAction("clear", "Clear the mask", ["Delete", "Backspace"], ({ session }) => session.clearMask()),
  {
    id: "fit",
    name: "Fit to panel",
    group: "View",
    keys: ["0"],
    isPossible: always,
    perform: (panel) => viewOf(panel).fit(),
  },
  {
    id: "actual-size",
    name: "Actual size",
    group: "View",
    keys: ["1"],
    isPossible: always,
    perform: (panel) => viewOf(panel).showActualSize(),
  },
  {
    id: "zoom-in",
    name: "Zoom in",
    group: "View",
    keys: ["+", "="],
    isPossible: always,
    perform: (panel) => zoomAroundMiddle(panel, ZOOM_FACTOR),
  },
  {
    id: "zoom-out",
    name: "Zoom out",
    group: "View",
    keys: ["-"],
    isPossible: always,
    perform: (panel) => zoomAroundMiddle(panel, 1 / ZOOM_FACTOR),
  },
  {
    id: "shortcuts",
    name: "This list",
    group: "Panel",
    keys: ["?"],
    isPossible: always,
    perform: () => document.getElementById(SHORTCUT_SHEET_ID)?.togglePopover(),
  },
];

/** Id of the element that lists the keys. */
export const SHORTCUT_SHEET_ID = "shortcuts";

/** The key press as `aria-keyshortcuts` would write it. */
export function keysOf(event: Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey" | "shiftKey">): string {
  const key = event.key.length === 1 ? event.key.toUpperCase() : event.key;
  // A sign that needs Shift to be typed says so itself.
  const isLetter = /^[A-Z]$/.test(key) || key.length > 1;
  const held = [
    (event.ctrlKey || event.metaKey) && "Control",
    event.altKey && "Alt",
    event.shiftKey && isLetter && "Shift",
  ];
  return [...held.filter((each) => each !== false), key].join("+");
}
