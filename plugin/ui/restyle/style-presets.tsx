import { useId } from "preact/hooks";
import { stylePresets } from "../../../shared/protocol/style-presets.ts";
import { usePanel } from "../panel-context.ts";

const choices = [{ id: null, name: "No style" }, ...stylePresets];

/** A strip of styles in words, of which one is taken. */
export function StylePresets() {
  const { style } = usePanel().settings;
  const id = useId();
  return (
    <div class="styles" role="radiogroup" aria-label="Style">
      {choices.map((choice) => (
        <label key={choice.id} class="style">
          <input
            type="radio"
            class="visually-hidden"
            name={id}
            checked={style.value === choice.id}
            onChange={() => {
              style.value = choice.id;
            }}
          />
          <span class="style-swatch" data-style={choice.id ?? "none"} />
          <span class="style-name">{choice.name}</span>
        </label>
      ))}
    </div>
  );
}
