import { usePanel } from "../panel-context.ts";
import { Icon } from "./icon.tsx";

/** Another picture was selected, or an edit of another picture goes on: nothing is lost until somebody says so. */
export function SwitchBanner() {
  const { sessions, settings } = usePanel();
  const offered = sessions.offered.value;
  const [other] = sessions.background.value;
  if (offered !== undefined) {
    return (
      <section class="banner" aria-label="Another picture is selected">
        <Icon name="image" />
        <p>
          <b>{offered.name}</b> is selected. Your mask here is kept.
        </p>
        <button type="button" class="text-button" onClick={() => void sessions.open(offered)}>
          Switch
        </button>
      </section>
    );
  }
  if (other === undefined) return null;
  const isDone = Object.values(other.edits).some(({ phase }) => phase.value.type === "result");
  return (
    <section class="banner" aria-label="An edit of another picture">
      <Icon name="image" />
      <p>
        <b>{other.shape.value.name}</b> {isDone ? "has a result." : "is being edited."}
      </p>
      <button
        type="button"
        class="text-button"
        onClick={() => {
          const busy = Object.values(other.edits).find(({ isIdle }) => !isIdle.peek());
          if (busy !== undefined) settings.task.value = busy.task;
          sessions.show(other);
        }}
      >
        Show
      </button>
    </section>
  );
}
