import { computed, type ReadonlySignal, signal } from "@preact/signals";
import type { Job, JobId } from "../../../../shared/protocol/api.ts";
import type { ErrorData } from "../../../../shared/protocol/error-data.ts";
import { toErrorData } from "../../../../shared/protocol/overpaint-error.ts";
import type { Recipe } from "../../../../shared/protocol/recipe.ts";
import type { CompanionEngine } from "../../engines/companion/companion-engine.ts";
import type { Panel } from "../../panel-context.ts";

/** A finished job that only the companion knows. */
export interface PastJob {
  readonly job: Job;
  /** Of its first variant. */
  readonly recipe: Recipe;
}

/** The jobs of a file that the companion still knows, read page by page: most of them are neither this panel's nor in the file. */
export class PastJobs {
  readonly found = signal<readonly PastJob[]>([]);
  readonly isReading = signal(false);
  readonly problem = signal<ErrorData | undefined>(undefined);
  /** Whether there may be more than was read. */
  readonly hasMore = computed(() => this.#next.value !== "none");
  /** Where the next page begins. */
  readonly #next = signal<JobId | "newest" | "none">("newest");
  readonly #engine: Pick<CompanionEngine, "page">;
  readonly #isLeftOut: (job: Job) => boolean;

  /** @param isLeftOut whether a job is not to be listed, such as another file's */
  constructor(engine: Pick<CompanionEngine, "page">, isLeftOut: (job: Job) => boolean) {
    this.#engine = engine;
    this.#isLeftOut = isLeftOut;
  }

  /** Reads on until something was found, or nothing is left. Never rejects. */
  async readOn(): Promise<void> {
    if (this.isReading.peek()) return;
    this.isReading.value = true;
    this.problem.value = undefined;
    try {
      for (let added = 0; added === 0; ) {
        const from = this.#next.peek();
        if (from === "none") return;
        const { jobs, next = "none" } = await this.#engine.page(from === "newest" ? undefined : from);
        const found = jobs.filter((job) => !this.#isLeftOut(job)).flatMap(withRecipe);
        added = found.length;
        this.found.value = [...this.found.peek(), ...found];
        this.#next.value = next;
      }
    } catch (error) {
      this.problem.value = toErrorData(error);
    } finally {
      this.isReading.value = false;
    }
  }
}

/** Those of the open file that are not listed already: `known` has the ids of those that are. */
export function pastJobsHere(
  { engines, sessions }: Pick<Panel, "engines" | "sessions">,
  known: ReadonlySignal<ReadonlySet<string>>,
): PastJobs {
  return new PastJobs(
    engines.companionEngine,
    (job) => known.peek().has(job.id) || !isOfFile(job, sessions.fileId.peek()),
  );
}

function isOfFile({ fileId, target }: Job, here: string | undefined): boolean {
  return here !== undefined && (fileId ?? target?.fileId) === here;
}

function withRecipe(job: Job): readonly PastJob[] {
  const recipe = job.lastEvent.type === "done" ? job.lastEvent.results[0]?.recipe : undefined;
  return recipe ? [{ job, recipe }] : [];
}
