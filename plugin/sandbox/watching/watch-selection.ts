import type { Penpot } from "@penpot/plugin-types";
import type { Selection } from "../../../shared/protocol/plugin/selection.ts";
import { enclosingBoard } from "../geometry/enclosing-board.ts";
import { describeSelection } from "../reading/describe-selection.ts";
import { resultsOver } from "../reading/source-layers.ts";
import { afterSettling, ShapeListeners } from "./shape-listeners.ts";

/** Of a larger selection the panel only names the layers; following each would cost more than it tells. */
const MAX_FOLLOWED = 20;

export interface SelectionWatch {
  /** Reports the selection now, changed or not. */
  readonly send: () => void;
}

/**
 * Reports the selection whenever another shape is selected or the selected one changes its size, name or picture, the layers
 * over it, or its place in the board around it.
 */
export function watchSelection(penpot: Penpot, report: (selection: Selection) => void): SelectionWatch {
  let last = "";
  const send = () => {
    listeners.follow(followedShapes(penpot));
    const selection = describeSelection(penpot);
    last = JSON.stringify(selection);
    report(selection);
  };
  // A shape reports every change, a drag dozens of them; the panel needs only those that change what it is told.
  const sendIfNew = () => {
    if (JSON.stringify(describeSelection(penpot)) !== last) send();
  };
  const listeners = new ShapeListeners(penpot, afterSettling(sendIfNew));
  penpot.on("selectionchange", sendIfNew);
  penpot.on("pagechange", sendIfNew);
  return { send };
}

function followedShapes(penpot: Penpot): Set<string> {
  const selected = penpot.selection.slice(0, MAX_FOLLOWED);
  return new Set(
    selected.flatMap((shape) => {
      const around = [shape.parent, enclosingBoard(shape)].flatMap((each) => each?.id ?? []);
      return [shape.id, ...around, ...resultsOver(shape).map(({ id }) => id)];
    }),
  );
}
