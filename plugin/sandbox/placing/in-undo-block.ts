import type { Penpot } from "@penpot/plugin-types";

/**
 * Makes one undo step of everything `edit` does. Penpot commits an open block by itself after 20 s, so `edit` is
 * synchronous: whatever takes time happens before.
 */
export function inUndoBlock<T>(penpot: Penpot, edit: () => T): T {
  const block = penpot.history.undoBlockBegin();
  try {
    return edit();
  } finally {
    penpot.history.undoBlockFinish(block);
  }
}
