import { Icon } from "../controls/icon.tsx";
import type { Draft } from "../pictures/draft.ts";

/** What happened to the picture's colours and to the words, beside a result that shows it. */
export function ConversionNotes({ draft }: { readonly draft: Draft }) {
  const notes = draft.chosen.value?.result.recipe.notes ?? [];
  if (notes.length === 0) return null;
  return (
    <section class="card notice">
      <Icon name="info" />
      <p class="card-text">{notes.map(({ text }) => text).join(" ")}</p>
    </section>
  );
}
