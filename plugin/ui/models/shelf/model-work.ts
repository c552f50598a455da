import { computed, type ReadonlySignal, signal } from "@preact/signals";
import type { ModelTask } from "../../../../shared/protocol/models/model-task.ts";
import type { CompanionClient } from "../../engines/companion/companion-client.ts";

export interface ModelWorkOptions {
  /** That of the engine in charge. */
  readonly keeper: () => Pick<CompanionClient, "modelTasks">;
  /** Milliseconds between two looks at work that runs. Default: 700. */
  readonly interval?: number | undefined;
  /** Whether the end of a task that was not seen running is to be told. */
  readonly isAwaited: (id: string) => boolean;
  readonly onEnded: (tasks: readonly ModelTask[]) => Promise<void>;
}

const INTERVAL_MS = 700;

/** What is done about models: begun here or elsewhere, and looked at until none of it runs. */
export class ModelWork {
  readonly tasks = signal<readonly ModelTask[]>([]);
  readonly running: ReadonlySignal<readonly ModelTask[]> = computed(() => this.tasks.value.filter(isRunning));
  readonly #options: ModelWorkOptions;
  #watching: Promise<void> | undefined;

  constructor(options: ModelWorkOptions) {
    this.#options = options;
  }

  /** Looks at the work until none runs. */
  watch(): void {
    if (this.running.peek().length > 0) {
      this.#watching ??= this.#look().finally(() => {
        this.#watching = undefined;
      });
    }
  }

  async #look(): Promise<void> {
    const { interval = INTERVAL_MS } = this.#options;
    while (this.running.peek().length > 0) {
      await new Promise((resolve) => setTimeout(resolve, interval));
      // A companion that is away for a moment goes on where it was.
      await this.read().catch(() => {});
    }
  }

  /** Reads how far it is, and tells what has ended. */
  async read(): Promise<void> {
    const { keeper: inCharge, isAwaited, onEnded } = this.#options;
    const before = new Set(this.running.peek().map(({ id }) => id));
    const keeper = inCharge();
    const tasks = await keeper.modelTasks();
    if (keeper !== inCharge()) return;
    this.tasks.value = tasks;
    await onEnded(tasks.filter((task) => !isRunning(task) && (before.has(task.id) || isAwaited(task.id))));
  }
}

function isRunning({ state }: ModelTask): boolean {
  return state === "running";
}
