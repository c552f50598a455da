import type { PluginSession } from "./plugin-session.ts";

/** Undo blocks: everything a plugin does within one is undone together. */
export function historyMembers(session: PluginSession) {
  return {
    undoBlockBegin(): symbol | undefined {
      let block: symbol | undefined;
      session.write("undoBlockBegin", () => {
        block = session.store.beginUndoBlock();
      });
      return block;
    },
    undoBlockFinish(block: unknown): void {
      session.write("undoBlockFinish", () => {
        if (typeof block !== "symbol") throw new Error("expected the symbol of an undo block");
        session.store.finishUndoBlock(block);
      });
    },
  };
}
