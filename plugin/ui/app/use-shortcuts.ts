import { useEffect } from "preact/hooks";
import { usePanel } from "../panel-context.ts";
import type { EditSession } from "../pictures/edit-session.ts";
import { currentDraft } from "./current-draft.ts";
import { isForControl, isTyping } from "./key-target.ts";
import type { Settings } from "./settings.ts";

/** One press of [ or ] changes the brush by a fifth, at least by a pixel. */
const BRUSH_FACTOR = 1.2;

/** The keys that work anywhere in the panel. */
export function useShortcuts(): void {
  const { sessions, settings, flow } = usePanel();
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      const draft = currentDraft(sessions, settings);
      // While words are being composed, Escape and Enter belong to the input method.
      if (draft === undefined || event.defaultPrevented || event.isComposing) return;
      // The browser closes an open popover.
      if (event.key === "Escape" && document.querySelector(":popover-open") !== null) return;
      const isCommand = event.ctrlKey || event.metaKey;

      if (event.key === "Escape" && (draft.isRunning.peek() || flow.activeOf(draft).length > 0))
        void flow.cancel(draft);
      else if (event.key === "Enter" && isCommand && draft.isIdle.peek()) void flow.generate(draft);
      else if (isTyping(event)) return;
      else if (event.key === "Enter" && draft.chosen.peek() !== undefined && !isForControl(event))
        void flow.insert(draft);
      else if (!draft.isIdle.peek() || draft.task !== "inpaint" || draft.session === undefined) return;
      else if (!pressMaskKey(event, draft.session, settings)) return;
      event.preventDefault();
    };
    window.addEventListener("keydown", onKeyDown);
    return () => window.removeEventListener("keydown", onKeyDown);
  }, [sessions, settings, flow]);
}

/** The mask's own keys. Answers whether the key was one. */
function pressMaskKey(event: KeyboardEvent, session: EditSession, { tool }: Settings): boolean {
  const isCommand = event.ctrlKey || event.metaKey;
  const size = session.brushSize.peek();
  if (isCommand && event.key.toLowerCase() === "z") event.shiftKey ? session.redo() : session.undo();
  else if (isCommand && event.key.toLowerCase() === "y") session.redo();
  else if (isCommand || event.altKey) return false;
  else if (event.key === "b") tool.value = "brush";
  else if (event.key === "e") tool.value = "eraser";
  else if (event.key === "[") session.setBrushSize(Math.min(size - 1, size / BRUSH_FACTOR));
  else if (event.key === "]") session.setBrushSize(Math.max(size + 1, size * BRUSH_FACTOR));
  else return false;
  return true;
}
