import type { Signal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { MAX_IMAGE_SIDE } from "../../../shared/protocol/limits.ts";
import { sizeWords } from "../jobs/run/action-name.ts";
import type { EditSession } from "../pictures/edit-session.ts";
import type { Side } from "./extension.ts";
import { snapSide } from "./snap-side.ts";

/** A border comes to rest this near to a format, in CSS pixels: enough to be felt, too little to be in the way. */
const SNAP_REACH = 5;
/** Pixels an arrow key moves a border, and with Shift, as in Penpot. */
const STEP = 1;
const LARGE_STEP = 10;

/** One border of the picture: its direction outward, and the keys that move it out and back in. */
export interface Border {
  readonly side: Side;
  readonly name: string;
  readonly outward: { readonly x: number; readonly y: number };
  readonly outKey: string;
  readonly backKey: string;
}

export const borders: readonly Border[] = [
  { side: "left", name: "Left border", outward: { x: -1, y: 0 }, outKey: "ArrowLeft", backKey: "ArrowRight" },
  { side: "right", name: "Right border", outward: { x: 1, y: 0 }, outKey: "ArrowRight", backKey: "ArrowLeft" },
  { side: "top", name: "Top border", outward: { x: 0, y: -1 }, outKey: "ArrowUp", backKey: "ArrowDown" },
  { side: "bottom", name: "Bottom border", outward: { x: 0, y: 1 }, outKey: "ArrowDown", backKey: "ArrowUp" },
];

interface ExtendHandleProps {
  readonly border: Border;
  readonly session: EditSession;
  /** CSS pixels for one pixel of the picture. */
  readonly scale: number;
  readonly isDragging: Signal<boolean>;
}

/** A border that can be dragged outward and back. */
export function ExtendHandle({ border, session, scale, isDragging }: ExtendHandleProps) {
  const { side, name, outward } = border;
  const start = useRef({ x: 0, y: 0, length: 0 });
  const sides = session.extension.sides.value;
  const length = sides[side];
  const moveTo = (wished: number, reach: number) => {
    const motion = { part: session.visible.peek(), sides, side, board: session.boardArea };
    session.extension.setSides({ [side]: Math.min(MAX_IMAGE_SIDE, snapSide(motion, wished, reach)) });
  };
  return (
    <div
      class="extend-handle"
      data-side={side}
      role="slider"
      tabIndex={0}
      aria-label={name}
      aria-orientation={outward.x === 0 ? "vertical" : "horizontal"}
      aria-valuemin={0}
      aria-valuemax={MAX_IMAGE_SIDE}
      aria-valuenow={length}
      aria-valuetext={`${length} pixels, ${sizeWords(session.extension.frame.value)} in all`}
      title="Drag to extend"
      onPointerDown={(event) => {
        if (event.button !== 0) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        start.current = { x: event.clientX, y: event.clientY, length };
        isDragging.value = true;
      }}
      onPointerMove={(event) => {
        if (!event.currentTarget.hasPointerCapture(event.pointerId)) return;
        const across = (event.clientX - start.current.x) * outward.x;
        const down = (event.clientY - start.current.y) * outward.y;
        // Held down, Alt moves freely.
        moveTo(start.current.length + (across + down) / scale, event.altKey ? 0 : SNAP_REACH / scale);
      }}
      onLostPointerCapture={() => {
        isDragging.value = false;
      }}
      onKeyDown={(event) => {
        const step = event.shiftKey ? LARGE_STEP : STEP;
        if (event.key === border.outKey) moveTo(length + step, 0);
        else if (event.key === border.backKey) moveTo(length - step, 0);
        else if (event.key === "Home") moveTo(0, 0);
        else return;
        event.preventDefault();
      }}
    />
  );
}
