import { useEffect } from "preact/hooks";
import { usePanel } from "../../panel-context.ts";
import { actions, keysOf } from "./actions.ts";
import { choiceOf, isForControl, isTyping } from "./key-target.ts";

/** Performs what keys stand for, anywhere in the panel. */
export function useActions(): void {
  const panel = usePanel();
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      // While words are being composed, Escape and Enter belong to the input method.
      if (event.defaultPrevented || event.isComposing) return;
      // The browser closes an open popover.
      if (event.key === "Escape" && document.querySelector(":popover-open") !== null) return;
      const choice = choiceOf(event);
      if (choice !== undefined) {
        event.preventDefault();
        choice.click();
        return;
      }
      const keys = keysOf(event);
      const action = actions.find((each) => each.keys.includes(keys) && each.isPossible(panel));
      if (action === undefined || (isTyping(event) && !action.isForTyping)) return;
      if (keys === "Enter" && isForControl(event)) return;
      event.preventDefault();
      action.perform(panel);
    };
    window.addEventListener("keydown", onKeyDown);
    return () => window.removeEventListener("keydown", onKeyDown);
  }, [panel]);
}
