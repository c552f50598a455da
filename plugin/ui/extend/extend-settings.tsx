import { contains } from "../../../shared/protocol/geometry.ts";
import { MAX_IMAGE_SIDE } from "../../../shared/protocol/limits.ts";
import { NumberField } from "../controls/number-field.tsx";
import { Segments } from "../controls/segments.tsx";
import { usePanel } from "../panel-context.ts";
import type { Draft } from "../pictures/draft.ts";
import type { EditSession } from "../pictures/edit-session.ts";
import { BoardChoice } from "./board-choice.tsx";
import {
  type Anchor,
  anchors,
  aspectOf,
  aspects,
  isNoSides,
  isSameSides,
  type Sides,
  sidesForBoard,
} from "./extension.ts";

const sideNames: Readonly<Record<keyof Sides, string>> = {
  left: "Left",
  right: "Right",
  top: "Top",
  bottom: "Bottom",
};
const anchorNames: Readonly<Record<"across" | "down" | "both", Readonly<Record<Anchor, string>>>> = {
  across: { "top-left": "Left", center: "Centre", "bottom-right": "Right" },
  down: { "top-left": "Top", center: "Centre", "bottom-right": "Bottom" },
  both: { "top-left": "Top left", center: "Centre", "bottom-right": "Bottom right" },
};

/** How far the picture reaches beyond its borders: to the board around it, to a format, or by numbers; the stage's handles set the same. */
export function ExtendSettings({ draft, session }: { readonly draft: Draft; readonly session: EditSession }) {
  const sides = session.extension.sides.value;
  const board = session.shape.value.board;
  const area = session.boardArea;
  const boardSides = area && sidesForBoard(session.visible.value, area);
  const isAcross = sides.left + sides.right > 0;
  const isDown = sides.top + sides.bottom > 0;
  const places = anchorNames[isDown ? (isAcross ? "both" : "down") : "across"];
  return (
    <>
      <div class="row board-row">
        {board !== undefined && boardSides !== undefined && !isNoSides(boardSides) && (
          <button
            type="button"
            class="suggestion"
            data-appearance="secondary"
            aria-pressed={isSameSides(sides, boardSides)}
            onClick={() => session.extension.setSides(boardSides)}
          >
            <span class="clipped">Fill board “{board.name}”</span>
          </button>
        )}
        <BoardChoice draft={draft} session={session} />
      </div>
      <BoardLimit session={session} />
      <Segments
        label="Format"
        options={aspects.map((value) => ({ value, label: value }))}
        value={aspectOf(session.extension.frame.value)}
        onChange={(value) => session.extension.setAspect(value)}
      />
      <Segments
        label="Picture"
        options={anchors.map((value) => ({ value, label: places[value] }))}
        value={session.extension.anchor.value}
        onChange={(value) => session.extension.setAnchor(value)}
      />
      <div class="sides">
        {(Object.keys(sideNames) as (keyof Sides)[]).map((side) => (
          <NumberField
            key={side}
            label={sideNames[side]}
            value={sides[side]}
            min={0}
            max={MAX_IMAGE_SIDE}
            step={1}
            onChange={(value) => session.extension.setSides({ [side]: value ?? 0 })}
          />
        ))}
      </div>
    </>
  );
}

/** Says before anything is drawn that a board will hide part of it, and offers to have the board grow. */
function BoardLimit({ session }: { readonly session: EditSession }) {
  const { growsBoard } = usePanel().settings;
  const { board } = session.shape.value;
  const area = session.boardArea;
  if (board === undefined || area === undefined || !board.clips || contains(area, session.extension.frame.value))
    return null;
  return (
    <label class="check" title={`“${board.name}” hides what lies beyond it`}>
      <input
        type="checkbox"
        checked={growsBoard.value}
        onChange={(event) => {
          growsBoard.value = event.currentTarget.checked;
        }}
      />
      <span>It reaches beyond “{board.name}”: grow the board with it</span>
    </label>
  );
}
