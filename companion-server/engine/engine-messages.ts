import type { ErrorData } from "../../shared/protocol/error-data.ts";
import type { EngineEvent, EngineJob, EngineReport, ModelJob, SelectionJob } from "./engine.ts";

/** What the companion tells its engine process. Both ends are the same version of the same package. */
export type ToEngine =
  | { readonly type: "run"; readonly job: EngineJob }
  | { readonly type: "load"; readonly job: ModelJob }
  | { readonly type: "select"; readonly job: SelectionJob }
  /** Answered by `failed` with the code `cancelled`, or by whatever the job came to just before. */
  | { readonly type: "cancel"; readonly jobId: string };

/** What the engine process answers. */
export type FromEngine =
  /** Once, when its program is loaded. */
  | { readonly type: "ready" }
  | { readonly type: "event"; readonly jobId: string; readonly event: EngineEvent }
  | { readonly type: "finished"; readonly jobId: string; readonly report: EngineReport }
  | { readonly type: "failed"; readonly jobId: string; readonly error: ErrorData };
