import type { Penpot } from "@penpot/plugin-types";
import type { SandboxMessage } from "../../../shared/protocol/plugin/messages.ts";
import { named } from "./source-layers.ts";

/** The boards of the open page, from top to bottom. */
export function listBoards(penpot: Penpot): Extract<SandboxMessage, { type: "boards" }>["boards"] {
  const rootId = penpot.currentPage?.root.id;
  const boards = penpot.currentPage?.findShapes({ type: "board" }) ?? [];
  return boards
    .filter(({ id, hidden }) => id !== rootId && !hidden)
    .map((board) => ({ ...named(board), width: board.width, height: board.height }))
    .toReversed();
}
