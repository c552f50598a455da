import { MAX_IMAGE_SIDE } from "../../../shared/protocol/limits.ts";
import type { EditSession } from "../state/edit-session.ts";
import {
  type Anchor,
  anchors,
  aspects,
  isNoSides,
  isSameSides,
  type Sides,
  sidesForBoard,
} from "../state/extension.ts";
import { NumberField } from "./number-field.tsx";
import { Segments } from "./segments.tsx";

const sideNames: Readonly<Record<keyof Sides, string>> = {
  left: "Left",
  right: "Right",
  top: "Top",
  bottom: "Bottom",
};
const anchorNames: Readonly<Record<"across" | "down", Readonly<Record<Anchor, string>>>> = {
  across: { start: "Left", centre: "Centre", end: "Right" },
  down: { start: "Top", centre: "Centre", end: "Bottom" },
};

/** How far the picture reaches beyond its borders: to the board around it, to a format, or by numbers. */
export function ExtendSettings({ session }: { readonly session: EditSession }) {
  const { sides, aspect, anchor } = session.extension.value;
  const board = session.shape.value.board;
  const area = session.boardArea;
  const boardSides = area && sidesForBoard(session.visible.value, area);
  const isDown = sides.top + sides.bottom > 0;
  return (
    <>
      {board !== undefined && boardSides !== undefined && !isNoSides(boardSides) && (
        <button
          type="button"
          class="suggestion"
          data-appearance="secondary"
          aria-pressed={isSameSides(sides, boardSides)}
          onClick={() => session.setSides(boardSides)}
        >
          <span class="clipped">Fill board “{board.name}”</span>
        </button>
      )}
      <Segments
        label="Format"
        options={aspects.map((value) => ({ value, label: value }))}
        value={aspect}
        onChange={(value) => session.setAspect(value, anchor)}
      />
      {aspect !== undefined && !isNoSides(sides) && (
        <Segments
          label="Picture"
          options={anchors.map((value) => ({ value, label: anchorNames[isDown ? "down" : "across"][value] }))}
          value={anchor}
          onChange={(value) => session.setAspect(aspect, value)}
        />
      )}
      <div class="sides">
        {(Object.keys(sideNames) as (keyof Sides)[]).map((side) => (
          <NumberField
            key={side}
            label={sideNames[side]}
            value={sides[side]}
            min={0}
            max={MAX_IMAGE_SIDE}
            step={1}
            onChange={(value) => session.setSides({ [side]: value ?? 0 })}
          />
        ))}
      </div>
    </>
  );
}
