import { useId } from "preact/hooks";
import { Icon } from "../controls/icon.tsx";
import { Thumbnail } from "../controls/thumbnail.tsx";
import { modelFor, stylesOf } from "../models/model-for.ts";
import { usePanel } from "../panel-context.ts";
import type { Draft } from "../pictures/draft.ts";
import type { Picture } from "../pictures/picture.ts";
import { styleKey } from "../thumbnails/style-thumbnails.ts";
import { OwnStyleActions, SaveStyle } from "./own-style-fields.tsx";

/** A strip of styles, of which one is taken: those in words that the model can draw, and the designer's own. */
export function StylePresets({ draft }: { readonly draft: Draft }) {
  const { settings, engines, ownStyles, thumbnails } = usePanel();
  const { style, ownStyle } = settings;
  const name = useId();
  const id = modelFor("restyle", settings);
  const model = engines.models.value.find((each) => each.id === id);
  const presets = stylesOf(model);
  const own = ownStyles.styles.value.find((each) => each.id === ownStyle.value);
  const taken = own === undefined ? (presets.find((each) => each.id === style.value)?.id ?? null) : undefined;
  const take = (preset: string | null) => {
    ownStyle.value = null;
    style.value = preset;
  };
  return (
    <>
      <div class="style-strip">
        <div class="styles" role="radiogroup" aria-label="Style">
          <StyleChoice group={name} name="No style" swatch="none" isTaken={taken === null} onTake={() => take(null)} />
          {presets.map((preset) => (
            <StyleChoice
              key={preset.id}
              group={name}
              name={preset.name}
              swatch={preset.id}
              thumbnail={thumbnails.of(styleKey(model, preset))}
              isTaken={taken === preset.id}
              onTake={() => take(preset.id)}
            />
          ))}
          {ownStyles.styles.value.map((each) => (
            <StyleChoice
              key={each.id}
              group={name}
              name={each.name}
              swatch="own"
              thumbnail={each.thumbnail}
              isTaken={own === each}
              onTake={() => ownStyles.apply(each, draft, settings)}
            />
          ))}
        </div>
        <SaveStyle draft={draft} />
      </div>
      {own !== undefined && <OwnStyleActions key={own.id} style={own} />}
    </>
  );
}

interface StyleChoiceProps {
  /** Of the radio buttons. */
  readonly group: string;
  readonly name: string;
  /** What is drawn until there is a thumbnail; `restyle.css` has it. */
  readonly swatch: string;
  readonly thumbnail?: Picture["thumbnail"] | undefined;
  readonly isTaken: boolean;
  readonly onTake: () => void;
}

function StyleChoice({ group, name, swatch, thumbnail, isTaken, onTake }: StyleChoiceProps) {
  return (
    <label class="style" title={name}>
      <input
        type="radio"
        class="visually-hidden"
        name={group}
        checked={isTaken}
        onChange={onTake}
        // What an own style has set may have been changed since.
        onClick={() => isTaken && onTake()}
      />
      <span class="style-swatch" data-style={swatch}>
        {thumbnail ? <Thumbnail pixels={thumbnail} /> : swatch === "none" && <Icon name="slash" />}
      </span>
      <span class="style-name">{name}</span>
    </label>
  );
}
