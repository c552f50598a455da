import type { ComponentChildren } from "preact";
import { type Panel, usePanel } from "../panel-context.ts";

interface OtherPictureProps {
  /** What stands in the same place while there is none, so that nothing moves when one comes and goes. */
  readonly children?: ComponentChildren;
}

/** Another picture was selected, or an edit of another picture goes on: nothing is lost until somebody says so. */
export function OtherPicture({ children }: OtherPictureProps) {
  const other = otherPicture(usePanel());
  if (other === undefined) return <>{children}</>;
  return (
    <button type="button" class="text-button other-picture" title={other.reason} onClick={other.open}>
      {other.name}
    </button>
  );
}

function otherPicture({ sessions, settings }: Panel) {
  const offered = sessions.offered.value;
  const [busy] = sessions.background.value;
  if (offered !== undefined)
    return {
      name: `Switch to “${offered.name}”`,
      reason: `“${offered.name}” is selected. What you did here is kept.`,
      open: () => void sessions.open(offered),
    };
  if (busy === undefined) return undefined;
  const { name } = busy.shape.value;
  const isDone = Object.values(busy.drafts).some(({ shown }) => shown.value?.job.isOver.value);
  return {
    name: isDone ? `See the result of “${name}”` : `Back to “${name}”`,
    reason: isDone ? `“${name}” has a result.` : `“${name}” is being edited.`,
    open: () => {
      const draft = Object.values(busy.drafts).find(({ isIdle }) => !isIdle.peek());
      if (draft !== undefined) settings.task.value = draft.task;
      sessions.show(busy);
    },
  };
}
