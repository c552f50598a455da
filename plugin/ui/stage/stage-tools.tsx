import { IconButton } from "../controls/icon-button.tsx";
import { usePanel } from "../panel-context.ts";
import type { EditSession } from "../pictures/edit-session.ts";

interface StageToolsProps {
  readonly session: EditSession;
  readonly isEnabled: boolean;
}

/** Brush, eraser and the steps back and forth, on the picture where the hand is. */
export function StageTools({ session, isEnabled }: StageToolsProps) {
  const { settings } = usePanel();
  if (!isEnabled) return null;
  const { tool } = settings;
  return (
    <div class="stage-tools" role="toolbar" aria-label="Mask tools">
      <IconButton
        icon="brush"
        label="Brush"
        shortcut="B"
        isPressed={tool.value === "brush"}
        onClick={() => {
          tool.value = "brush";
        }}
      />
      <IconButton
        icon="eraser"
        label="Eraser"
        shortcut="E"
        isPressed={tool.value === "eraser"}
        onClick={() => {
          tool.value = "eraser";
        }}
      />
      <span class="separator" />
      <IconButton
        icon="undo"
        label="Undo stroke"
        shortcut="Control+Z"
        disabled={!session.canUndo.value}
        onClick={() => session.undo()}
      />
      <IconButton
        icon="redo"
        label="Redo stroke"
        shortcut="Control+Shift+Z"
        disabled={!session.canRedo.value}
        onClick={() => session.redo()}
      />
      <IconButton
        icon="trash"
        label="Clear mask"
        disabled={!session.hasMask.value}
        onClick={() => session.clearMask()}
      />
    </div>
  );
}
