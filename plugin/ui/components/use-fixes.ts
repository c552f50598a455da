import { modelIdSchema } from "../../../shared/protocol/model-facts.ts";
import { BUNDLED_MODEL } from "../engines/browser/browser-engine.ts";
import { usePanel } from "../panel-context.ts";
import type { EditSession } from "../state/edit-session.ts";
import type { Fix } from "../state/problem.ts";

/** Does what the button beside an error says. */
export function useFixes(session: EditSession): (fix: Fix) => Promise<void> {
  const { engines, flow, sessions, settings } = usePanel();
  return async (fix) => {
    session.problem.value = undefined;
    switch (fix) {
      case "retry":
        return await flow.generate(session);
      case "insert-again":
        return await flow.insert(session);
      case "read-again":
        return await sessions.reload(session);
      case "run-in-browser":
        await engines.prefer("browser");
        return await flow.generate(session);
      case "use-starter":
        settings.model.value = modelIdSchema.parse(BUNDLED_MODEL);
        return await flow.generate(session);
      case "check-companion":
        return await engines.prefer("automatic");
      default:
        return fix satisfies never;
    }
  };
}
