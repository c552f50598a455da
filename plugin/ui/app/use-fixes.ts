import { modelIdSchema } from "../../../shared/protocol/model-facts.ts";
import { bundledModelFor } from "../engines/browser/bundled-models.ts";
import { usePanel } from "../panel-context.ts";
import type { Edit } from "../pictures/edit.ts";
import type { Fix } from "./problem.ts";

/** Does what the button beside an error says. */
export function useFixes(edit: Edit): (fix: Fix) => Promise<void> {
  const { engines, flow, sessions, settings } = usePanel();
  return async (fix) => {
    edit.problem.value = undefined;
    switch (fix) {
      case "retry":
        return await flow.generate(edit);
      case "insert-again":
        return await flow.insert(edit);
      case "read-again":
        return edit.session && (await sessions.reload(edit.session));
      case "run-in-browser":
        await engines.prefer("browser");
        return await flow.generate(edit);
      case "use-starter":
        settings.chooseModel(edit.task, modelIdSchema.parse(bundledModelFor(edit.task)));
        return await flow.generate(edit);
      case "check-companion":
        return await engines.prefer("automatic");
      default:
        return fix satisfies never;
    }
  };
}
