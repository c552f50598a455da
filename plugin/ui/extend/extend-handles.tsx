import type { Signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { sizeWords } from "../jobs/run/action-name.ts";
import type { EditSession } from "../pictures/edit-session.ts";
import type { StageView } from "../stage/stage-view.ts";
import { toViewRect } from "../stage/viewport.ts";
import { borders, ExtendHandle } from "./extend-handle.tsx";
import { aspectOf } from "./extension.ts";

interface ExtendHandlesProps {
  readonly session: EditSession;
  readonly stage: StageView;
  /** True while a border is dragged: the view holds still then. */
  readonly isDragging: Signal<boolean>;
}

/** The borders of the extended picture, to be dragged or moved with arrow keys; says the new size meanwhile. */
export function ExtendHandles({ session, stage, isDragging }: ExtendHandlesProps) {
  const frame = session.extension.frame.value;
  useEffect(() => {
    return () => {
      // A border that goes away under the pointer hears nothing of its release.
      isDragging.value = false;
    };
  }, [isDragging]);
  const aspect = aspectOf(frame);
  const view = stage.view.value;
  const ratio = stage.pixelRatio.value;
  const { x, y, width, height } = toViewRect(view, frame);
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
        {borders.map((border) => (
          <ExtendHandle
            key={border.side}
            border={border}
            session={session}
            scale={view.scale / ratio}
            isDragging={isDragging}
          />
        ))}
      </div>
      <p class="extend-size" data-shown={isDragging.value} aria-hidden="true">
        {aspect === undefined ? sizeWords(frame) : `${sizeWords(frame)} · ${aspect}`}
      </p>
    </div>
  );
}
