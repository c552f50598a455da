/** Most prompts that one set of words is drawn out into. */
export const MAX_VARIATIONS = 8;

/**
 * The prompts that `{a|b}` stands for: "a {red|blue} {cat|dog}" is four, of which the first choice changes slowest. Braces without a bar
 * stay as they are. Undefined where there is nothing to choose; never more than `MAX_VARIATIONS`.
 */
export function variationsOf(prompt: string): readonly string[] | undefined {
  // Every second part is a choice.
  const parts = prompt.split(/\{([^{}]*\|[^{}]*)\}/);
  if (parts.length === 1) return undefined;
  const prompts = parts.reduce<readonly string[]>(
    (before, part, i) => {
      const choices = i % 2 === 0 ? [part] : part.split("|");
      return before.flatMap((start) => choices.map((choice) => start + choice)).slice(0, MAX_VARIATIONS);
    },
    [""],
  );
  return prompts.map((each) => each.replaceAll(/\s+/g, " ").trim());
}

/** Whether words ask for a prompt: as they are, or as one of their variations. */
export function isAskedFor(prompt: string, words: string): boolean {
  const asked = words.trim();
  return asked === prompt || variationsOf(asked)?.includes(prompt) === true;
}
