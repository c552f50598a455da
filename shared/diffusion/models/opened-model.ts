import type { ModelFacts } from "../../protocol/models/model-facts.ts";

/** What every model can be asked, whatever it computes. */
export interface OpenedModel {
  /** What planning needs to know: tasks, inputs it sees, sizes, memory costs. Plain data. */
  readonly facts: ModelFacts;
  /** Where the graphs that it uses lie, relative to its pack's folder. */
  readonly graphs: readonly string[];
  /**
   * Opens the graph that draws, unless memory is to be saved, and reads the tokenizers: what is missing or does not fit the
   * device shows now instead of at the first run.
   */
  load(): Promise<void>;
  /** Frees every graph. The model must not be used afterwards. */
  release(): Promise<void>;
}
