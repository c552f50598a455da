import { modelFor } from "../../models/model-for.ts";
import { usePanel } from "../../panel-context.ts";
import type { Draft } from "../../pictures/draft.ts";
import type { Fix } from "./problem.ts";

/** Does what the button beside an error says. */
export function useFixes(draft: Draft): (fix: Fix) => Promise<void> {
  const { engines, flow, insertions, sessions, settings } = usePanel();
  return async (fix) => {
    draft.problem.value = undefined;
    switch (fix) {
      case "retry":
        return await flow.retry(draft);
      case "fetch-again":
        return await flow.fetchMissing(draft);
      case "insert-again":
        return await insertions.insert(draft);
      case "insert-anyway":
        return await insertions.insert(draft, { anyway: true });
      case "read-again":
        return draft.session && (await sessions.reload(draft.session));
      case "run-in-browser":
        await engines.prefer("browser");
        return await flow.retry(draft);
      case "use-starter": {
        if (draft.task === "edit") return await flow.retry(draft);
        settings.leaveModelOpen(draft.task);
        return await flow.retry(draft, { model: modelFor(draft.task, settings) });
      }
      case "check-companion":
        return await engines.look();
      default:
        return fix satisfies never;
    }
  };
}
