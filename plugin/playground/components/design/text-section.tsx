import type { TextData } from "../../document/shape.ts";
import { defaultTextStyle, font, styleRuns, type TextStyle, variantOfWeight } from "../../document/text.ts";
import { updateShape } from "../../document/tree-edits.ts";
import type { Playground } from "../../playground.ts";
import { IconButton, NumberField, Section, SelectField } from "./fields.tsx";

interface TextSectionProps {
  readonly playground: Playground;
  readonly shape: TextData;
}

/** How all characters of a text look, and how its box follows from them. */
export function TextSection({ playground, shape }: TextSectionProps) {
  const style = shape.runs[0]?.style ?? defaultTextStyle;
  const edit = (change: (text: TextData) => TextData) =>
    playground.store.edit((document) =>
      updateShape(document, shape.id, (same) => (same.type === "text" ? change(same) : same)),
    );
  const set = (values: Partial<TextStyle>) =>
    edit((text) => ({ ...text, runs: styleRuns(text.runs, 0, Number.POSITIVE_INFINITY, values) }));
  return (
    <Section title="Text">
      <div class="grid-2">
        <NumberField
          label="T"
          name="Font size"
          min={3}
          max={1000}
          value={Number(style.fontSize)}
          onChange={(size) => set({ fontSize: `${size}` })}
        />
        <SelectField
          name="Font weight"
          value={style.fontWeight}
          options={font.weights}
          onChange={(fontWeight) => set({ fontWeight, fontVariantId: variantOfWeight(fontWeight) })}
        />
        <NumberField
          label="L"
          name="Line height"
          min={0.1}
          max={200}
          value={Number(style.lineHeight)}
          onChange={(height) => set({ lineHeight: `${height}` })}
        />
        <SelectField
          name="Box of the text"
          value={shape.growType}
          options={["auto-width", "auto-height", "fixed"]}
          onChange={(growType) => edit((text) => ({ ...text, growType }))}
        />
      </div>
      <fieldset class="row" aria-label="Alignment">
        {(["left", "center", "right"] as const).map((align) => (
          <IconButton
            key={align}
            icon={({ left: "alignLeft", center: "alignCenter", right: "alignRight" } as const)[align]}
            label={`Align ${align}`}
            isPressed={style.align === align}
            onClick={() => set({ align })}
          />
        ))}
      </fieldset>
    </Section>
  );
}
