import { useSignal } from "@preact/signals";
import { useId } from "preact/hooks";
import { usePanel } from "../../panel-context.ts";

/** For a checkpoint or a repository of one's own: a path on the companion's machine, or the hub's OWNER/NAME. */
export function ImportField() {
  const { shelf, engines } = usePanel();
  const isCompanions = engines.place.value === "companion";
  const id = useId();
  const text = useSignal("");
  const given = text.value.trim();
  const add = async (event: Event) => {
    event.preventDefault();
    // A wrong path is mended rather than typed anew.
    if (given !== "" && (await shelf.add(given)) && text.peek().trim() === given) text.value = "";
  };
  return (
    <form class="shelf-import" onSubmit={add}>
      <label for={id}>
        {isCompanions
          ? "Your own: a file or folder on this machine, or a repository of the hub. Files can be dropped here."
          : "Another one: a repository of the hub."}
      </label>
      <div class="row">
        <input
          id={id}
          class="input"
          value={text.value}
          placeholder={isCompanions ? "/models/mine.safetensors or owner/name" : "owner/name"}
          onInput={({ currentTarget }) => {
            text.value = currentTarget.value;
          }}
        />
        <button type="submit" data-appearance="secondary" disabled={given === ""}>
          Add
        </button>
      </div>
    </form>
  );
}
