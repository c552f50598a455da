import type { Signal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { MAX_IMAGE_SIDE } from "../../../shared/protocol/limits.ts";
import type { StageView } from "../canvas/stage-view.ts";
import { toViewRect } from "../canvas/viewport.ts";
import { sizeWords } from "../state/action-name.ts";
import type { EditSession } from "../state/edit-session.ts";
import { aspectOf, type Side } from "../state/extension.ts";
import { snapSide } from "../state/snap-side.ts";

/** A border comes to rest this near to a format, in CSS pixels: enough to be felt, too little to be in the way. */
const SNAP_REACH = 5;
/** Pixels an arrow key moves a border, and with Shift, as in Penpot. */
const STEP = 1;
const LARGE_STEP = 10;

const borders = [
  { side: "left", name: "Left border", outward: { x: -1, y: 0 }, key: "ArrowLeft", back: "ArrowRight" },
  { side: "right", name: "Right border", outward: { x: 1, y: 0 }, key: "ArrowRight", back: "ArrowLeft" },
  { side: "top", name: "Top border", outward: { x: 0, y: -1 }, key: "ArrowUp", back: "ArrowDown" },
  { side: "bottom", name: "Bottom border", outward: { x: 0, y: 1 }, key: "ArrowDown", back: "ArrowUp" },
] as const satisfies readonly { readonly side: Side; readonly [key: string]: unknown }[];

interface ExtendHandlesProps {
  readonly session: EditSession;
  readonly stage: StageView;
  /** True while a border is dragged: the view holds still then. */
  readonly isDragging: Signal<boolean>;
}

/** The borders of the extended picture, to be dragged or moved with arrow keys; says the new size meanwhile. */
export function ExtendHandles({ session, stage, isDragging }: ExtendHandlesProps) {
  const start = useRef({ x: 0, y: 0, length: 0 });
  const sides = session.sides.value;
  const size = sizeWords(session.frame.value);
  const aspect = aspectOf(session.frame.value);
  const { x, y, width, height } = toViewRect(stage.view.value, session.frame.value);
  const ratio = stage.pixelRatio.value;
  /** CSS pixels for one pixel of the picture. */
  const scale = stage.view.value.scale / ratio;
  const drag = (side: Side, length: number, reach: number) => {
    const motion = { part: session.visible.peek(), sides, side, board: session.boardArea };
    session.setSides({ [side]: Math.min(MAX_IMAGE_SIDE, snapSide(motion, length, reach)) });
  };
  const end = () => {
    isDragging.value = false;
  };
  return (
    <div class="extend-handles">
      <div
        class="extend-frame"
        style={{
          transform: `translate(${x / ratio}px, ${y / ratio}px)`,
          width: `${width / ratio}px`,
          height: `${height / ratio}px`,
        }}
      >
        {borders.map(({ side, name, outward, key, back }) => (
          <div
            key={side}
            class="extend-handle"
            data-side={side}
            role="slider"
            tabIndex={0}
            aria-label={name}
            aria-orientation={outward.x === 0 ? "vertical" : "horizontal"}
            aria-valuemin={0}
            aria-valuemax={MAX_IMAGE_SIDE}
            aria-valuenow={sides[side]}
            aria-valuetext={`${sides[side]} pixels, ${size} in all`}
            title="Drag to extend"
            onPointerDown={(event) => {
              if (event.button !== 0) return;
              event.currentTarget.setPointerCapture(event.pointerId);
              start.current = { x: event.clientX, y: event.clientY, length: sides[side] };
              isDragging.value = true;
            }}
            onPointerMove={(event) => {
              if (!event.currentTarget.hasPointerCapture(event.pointerId)) return;
              const across = (event.clientX - start.current.x) * outward.x;
              const down = (event.clientY - start.current.y) * outward.y;
              // Held down, Alt moves freely.
              drag(side, start.current.length + (across + down) / scale, event.altKey ? 0 : SNAP_REACH / scale);
            }}
            onLostPointerCapture={end}
            onKeyDown={(event) => {
              const step = event.shiftKey ? LARGE_STEP : STEP;
              if (event.key === key) drag(side, sides[side] + step, 0);
              else if (event.key === back) drag(side, sides[side] - step, 0);
              else if (event.key === "Home") drag(side, 0, 0);
              else return;
              event.preventDefault();
            }}
          />
        ))}
      </div>
      <p class="extend-size" data-shown={isDragging.value} aria-hidden="true">
        {aspect === undefined ? size : `${size} · ${aspect}`}
      </p>
    </div>
  );
}
