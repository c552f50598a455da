import { useEffect } from "preact/hooks";
import { usePanel } from "../panel-context.ts";
import { isTyping } from "./is-typing.ts";

/** One press of [ or ] changes the brush by a fifth, at least by a pixel. */
const BRUSH_FACTOR = 1.2;

/** The keys that work anywhere in the panel. */
export function useShortcuts(): void {
  const { sessions, settings, flow } = usePanel();
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      const session = sessions.current.peek();
      if (session === undefined || event.defaultPrevented) return;
      const phase = session.phase.peek().type;
      const isCommand = event.ctrlKey || event.metaKey;
      const size = session.brushSize.peek();

      if (event.key === "Escape" && (phase === "starting" || phase === "running")) void flow.cancel(session);
      else if (event.key === "Enter" && isCommand && phase === "painting") void flow.generate(session);
      else if (isTyping(event)) return;
      else if (event.key === "Enter" && phase === "result" && !isControl(event.target)) void flow.insert(session);
      else if (phase !== "painting") return;
      else if (isCommand && event.key.toLowerCase() === "z") event.shiftKey ? session.redo() : session.undo();
      else if (isCommand && event.key.toLowerCase() === "y") session.redo();
      else if (isCommand || event.altKey) return;
      else if (event.key === "b") settings.tool.value = "brush";
      else if (event.key === "e") settings.tool.value = "eraser";
      else if (event.key === "[") session.setBrushSize(Math.min(size - 1, size / BRUSH_FACTOR));
      else if (event.key === "]") session.setBrushSize(Math.max(size + 1, size * BRUSH_FACTOR));
      else return;
      event.preventDefault();
    };
    window.addEventListener("keydown", onKeyDown);
    return () => window.removeEventListener("keydown", onKeyDown);
  }, [sessions, settings, flow]);
}

/** Controls that have a meaning for Enter of their own. */
function isControl(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest("button, summary, a, [popover]") !== null;
}
