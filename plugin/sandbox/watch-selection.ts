import type { Penpot } from "@penpot/plugin-types";
import type { Selection } from "../../shared/protocol/plugin-messages.ts";
import { describeSelection } from "./describe-selection.ts";

export interface SelectionWatch {
  /** Reports the selection now, changed or not. */
  readonly send: () => void;
}

/** Reports the selection whenever another shape is selected or the selected one changes its size, name or picture. */
export function watchSelection(penpot: Penpot, report: (selection: Selection) => void): SelectionWatch {
  let last = "";
  let shapeListener: { readonly shapeId: string; readonly id: symbol } | undefined;

  const followShape = (shapeId: string | undefined) => {
    if (shapeListener?.shapeId === shapeId) return;
    if (shapeListener) penpot.off(shapeListener.id);
    shapeListener =
      shapeId === undefined ? undefined : { shapeId, id: penpot.on("shapechange", sendIfNew, { shapeId }) };
  };
  const send = () => {
    const [shape, ...others] = penpot.selection;
    followShape(others.length === 0 ? shape?.id : undefined);
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
