import { Icon } from "../controls/icon.tsx";
import type { Edit } from "../pictures/edit.ts";

/** What happened to the picture's colours and to the words, beside a result that shows it. */
export function ConversionNotes({ edit }: { readonly edit: Edit }) {
  const notes = edit.chosen.value?.result.recipe.notes ?? [];
  if (notes.length === 0) return null;
  return (
    <section class="card notice">
      <Icon name="info" />
      <p class="card-text">{notes.map(({ text }) => text).join(" ")}</p>
    </section>
  );
}
