import type { ErrorData } from "../../../shared/protocol/error-data.ts";
import type { AppProps } from "./app.tsx";
import { Icon } from "./icon.tsx";

/** What went wrong, and the button that goes on. */
export function Notices({ playground, plugin }: AppProps) {
  const { notice } = playground;
  const state = plugin.state.value;
  return (
    <div class="notices" role="status">
      {state.type === "failed" && <Notice error={state.error} action="Try again" onAction={() => plugin.open()} />}
      {notice.value && (
        <Notice
          error={notice.value}
          action="Close"
          onAction={() => {
            notice.value = undefined;
          }}
        />
      )}
    </div>
  );
}

interface NoticeProps {
  readonly error: ErrorData;
  readonly action: string;
  readonly onAction: () => void;
}

function Notice({ error, action, onAction }: NoticeProps) {
  return (
    <div class="notice">
      <Icon name="alertCircle" />
      <div>
        <p>{error.message}</p>
        {error.remedy && <p class="hint">{error.remedy}</p>}
      </div>
      <button type="button" class="secondary" onClick={onAction}>
        {action}
      </button>
    </div>
  );
}
