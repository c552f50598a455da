import type { Penpot } from "@penpot/plugin-types";
import type { Selection } from "../../../shared/protocol/plugin-messages.ts";
import { enclosingBoard } from "../geometry/enclosing-board.ts";
import { describeSelection } from "../reading/describe-selection.ts";

export interface SelectionWatch {
  /** Reports the selection now, changed or not. */
  readonly send: () => void;
}

/**
 * Reports the selection whenever another shape is selected or the selected one changes its size, name or picture, or its
 * place in the board around it.
 */
export function watchSelection(penpot: Penpot, report: (selection: Selection) => void): SelectionWatch {
  let last = "";
  const listeners = new Map<string, symbol>();

  const followShapes = (shapeIds: ReadonlySet<string>) => {
    for (const [shapeId, listener] of listeners) {
      if (shapeIds.has(shapeId)) continue;
      penpot.off(listener);
      listeners.delete(shapeId);
    }
    for (const shapeId of shapeIds)
      if (!listeners.has(shapeId)) listeners.set(shapeId, penpot.on("shapechange", sendIfNew, { shapeId }));
  };
  const send = () => {
    const [shape, ...others] = penpot.selection;
    const [second, ...more] = others;
    const board = shape && second === undefined ? enclosingBoard(shape) : undefined;
    const followed = more.length === 0 ? [shape, second, board] : [];
    followShapes(new Set(followed.flatMap((each) => each?.id ?? [])));
    const selection = describeSelection(penpot);
    last = JSON.stringify(selection);
    report(selection);
  };
  // A shape reports every change, a drag dozens of them; the panel needs only those that change what it is told.
  const sendIfNew = () => {
    if (JSON.stringify(describeSelection(penpot)) !== last) send();
  };

  penpot.on("selectionchange", send);
  penpot.on("pagechange", send);
  return { send };
}
