import type { Edit } from "../state/edit.ts";
import { Icon } from "./icon.tsx";

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
