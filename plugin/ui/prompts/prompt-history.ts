import { signal } from "@preact/signals";

const STORAGE_KEY = "overpaint-prompts";
const MAX_PROMPTS = 40;

type PromptStorage = () => Pick<Storage, "getItem" | "setItem">;

/** The words that were used last, newest first; kept for the next time where the browser lets a framed page keep anything. */
export class PromptHistory {
  readonly prompts = signal<readonly string[]>([]);
  readonly #storage: PromptStorage;

  constructor(storage: PromptStorage) {
    this.#storage = storage;
    try {
      const kept: unknown = JSON.parse(storage().getItem(STORAGE_KEY) ?? "[]");
      if (Array.isArray(kept)) this.prompts.value = kept.filter((each) => typeof each === "string");
    } catch {
      // Blocked storage throws at the mere sight of it; what cannot be read is as good as nothing.
    }
  }

  add(prompt: string): void {
    const words = prompt.trim();
    if (words === "") return;
    this.prompts.value = [words, ...this.prompts.peek().filter((each) => each !== words)].slice(0, MAX_PROMPTS);
    try {
      this.#storage().setItem(STORAGE_KEY, JSON.stringify(this.prompts.peek()));
    } catch {
      // They last as long as the panel then.
    }
  }
}
