import { IconButton } from "../controls/icon-button.tsx";
import { usePanel } from "../panel-context.ts";
import type { EditSession } from "../pictures/edit-session.ts";
import { stageTools } from "./tools/tools.ts";

/** The tools and the steps back and forth, beneath the picture, of which they cover nothing. */
export function StageTools({ session }: { readonly session: EditSession }) {
  const { tool } = usePanel().settings.mask;
  return (
    <div class="stage-tools" role="toolbar" aria-label="Mask tools">
      {stageTools.map(({ id, name, icon, key, hint }) => (
        <IconButton
          key={id}
          icon={icon}
          label={name}
          hint={hint}
          shortcut={key}
          isPressed={tool.value === id}
          onClick={() => {
            tool.value = id;
          }}
        />
      ))}
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
    </div>
  );
}
