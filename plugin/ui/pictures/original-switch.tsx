import { toErrorData } from "../../../shared/protocol/overpaint-error.ts";
import { usePanel } from "../panel-context.ts";
import type { EditSession, ImageTask } from "./edit-session.ts";

interface OriginalSwitchProps {
  readonly session: EditSession;
  readonly task: ImageTask;
}

/** Whether the edit begins from what one sees, or from the picture without what Overpaint has laid over it. */
export function OriginalSwitch({ session, task }: OriginalSwitchProps) {
  const { sessions } = usePanel();
  const { layers } = session.shape.value;
  if (layers.length === 0) return null;
  const shown = session.layers.value;
  const change = async () => {
    try {
      await sessions.refresh(session, shown === "all" ? "none" : "all");
    } catch (error) {
      session.drafts[task].problem.value = { error: toErrorData(error), fixes: ["read-again"] };
    }
  };
  return (
    <label class="check original-switch" title={`Without ${layers.map(({ name }) => `“${name}”`).join(", ")}`}>
      <input type="checkbox" checked={shown !== "all"} onChange={() => void change()} />
      {typeof shown === "string" || shown.length === 0 ? "Original only" : "As it was then"}
    </label>
  );
}
