import { blurSchema, type ShadowData, type StrokeData, shadowSchema, strokeSchema } from "../../document/decoration.ts";
import type { FillData, ShapeData } from "../../document/shape.ts";
import { styleRuns } from "../../document/text.ts";
import { updateShape } from "../../document/tree-edits.ts";
import type { Playground } from "../../playground.ts";
import { ColorField, IconButton, NumberField, Section, SelectField } from "./fields.tsx";
import type { ShapeSectionProps } from "./measures.tsx";

/** Fills, the topmost first; those of a text are of all its characters. */
export function Fills({ playground, shape }: ShapeSectionProps) {
  const fills = shape.type === "text" ? (shape.runs[0]?.style.fills ?? []) : shape.fills;
  const set = (next: readonly FillData[]) =>
    change(playground, shape, (same) =>
      same.type === "text"
        ? { ...same, runs: styleRuns(same.runs, 0, Number.POSITIVE_INFINITY, { fills: next }) }
        : { ...same, fills: next },
    );
  return (
    <Section title="Fill" onAdd={() => set([{ type: "color", color: "#b1b2b5", opacity: 1 }, ...fills])}>
      {fills.map((fill, index) => (
        <div class="row" key={index}>
          <FillPaint
            playground={playground}
            fill={fill}
            onChange={(color) => set(fills.with(index, { type: "color", color, opacity: fill.opacity }))}
          />
          <NumberField
            label=""
            name="Fill opacity"
            unit="%"
            min={0}
            max={100}
            value={fill.opacity * 100}
            onChange={(value) => set(fills.with(index, { ...fill, opacity: value / 100 }))}
          />
          <IconButton icon="minus" label="Remove fill" onClick={() => set(fills.toSpliced(index, 1))} />
        </div>
      ))}
    </Section>
  );
}

interface FillPaintProps {
  readonly playground: Playground;
  readonly fill: FillData;
  readonly onChange: (color: string) => void;
}

function FillPaint({ playground, fill, onChange }: FillPaintProps) {
  if (fill.type === "color") return <ColorField name="Fill colour" value={fill.color} onChange={onChange} />;
  const media = fill.type === "image" ? playground.store.media.get(fill.mediaId) : undefined;
  return (
    <span class="field" title={fill.type === "image" ? "Image" : "Gradient"}>
      <span class={fill.type === "image" ? "swatch swatch-image" : "swatch"} />
      <span>{fill.type === "image" ? (media ? `${media.width} × ${media.height}` : "Image") : "Gradient"}</span>
    </span>
  );
}

export function Strokes({ playground, shape }: ShapeSectionProps) {
  const { strokes } = shape;
  const set = (next: readonly StrokeData[]) => change(playground, shape, (same) => ({ ...same, strokes: next }));
  return (
    <Section title="Stroke" onAdd={() => set([strokeSchema.parse({ strokeColor: "#000000" }), ...strokes])}>
      {strokes.map((stroke, index) => {
        const update = (values: Partial<StrokeData>) => set(strokes.with(index, { ...stroke, ...values }));
        return (
          <div class="stack" key={index}>
            <div class="row">
              <ColorField
                name="Stroke colour"
                value={stroke.strokeColor ?? "#000000"}
                onChange={(strokeColor) => update({ strokeColor })}
              />
              <NumberField
                label=""
                name="Stroke width"
                unit="px"
                min={0}
                value={stroke.strokeWidth}
                onChange={(strokeWidth) => update({ strokeWidth })}
              />
              <IconButton icon="minus" label="Remove stroke" onClick={() => set(strokes.toSpliced(index, 1))} />
            </div>
            <div class="grid-2">
              <SelectField
                name="Stroke alignment"
                value={stroke.strokeAlignment}
                options={["inner", "center", "outer"]}
                onChange={(strokeAlignment) => update({ strokeAlignment })}
              />
              <SelectField
                name="Stroke style"
                value={stroke.strokeStyle}
                options={["solid", "dashed", "dotted", "mixed"]}
                onChange={(strokeStyle) => update({ strokeStyle })}
              />
            </div>
          </div>
        );
      })}
    </Section>
  );
}

/** Shadows and the blur of the whole. */
export function Effects({ playground, shape }: ShapeSectionProps) {
  const { shadows, blur } = shape;
  const set = (next: readonly ShadowData[]) => change(playground, shape, (same) => ({ ...same, shadows: next }));
  const setBlur = (next: ShapeData["blur"]) => change(playground, shape, (same) => ({ ...same, blur: next }));
  return (
    <>
      <Section
        title="Shadow"
        onAdd={() => set([shadowSchema.parse({ color: { color: "#000000", opacity: 0.2 } }), ...shadows])}
      >
        {shadows.map((shadow, index) => {
          const update = (values: Partial<ShadowData>) => set(shadows.with(index, { ...shadow, ...values }));
          return (
            <div class="stack" key={shadow.id}>
              <div class="row">
                <SelectField
                  name="Kind of shadow"
                  value={shadow.style}
                  options={["drop-shadow", "inner-shadow"]}
                  onChange={(style) => update({ style })}
                />
                <IconButton icon="minus" label="Remove shadow" onClick={() => set(shadows.toSpliced(index, 1))} />
              </div>
              <div class="grid-2">
                <NumberField
                  label="X"
                  name="Shadow X"
                  value={shadow.offsetX}
                  onChange={(offsetX) => update({ offsetX })}
                />
                <NumberField
                  label="Y"
                  name="Shadow Y"
                  value={shadow.offsetY}
                  onChange={(offsetY) => update({ offsetY })}
                />
                <NumberField
                  label="B"
                  name="Shadow blur"
                  min={0}
                  value={shadow.blur}
                  onChange={(value) => update({ blur: value })}
                />
                <NumberField
                  label="S"
                  name="Shadow spread"
                  value={shadow.spread}
                  onChange={(spread) => update({ spread })}
                />
                <ColorField
                  name="Shadow colour"
                  value={shadow.color.color}
                  onChange={(color) => update({ color: { ...shadow.color, color } })}
                />
                <NumberField
                  label="O"
                  name="Shadow opacity"
                  unit="%"
                  min={0}
                  max={100}
                  value={shadow.color.opacity * 100}
                  onChange={(value) => update({ color: { ...shadow.color, opacity: value / 100 } })}
                />
              </div>
            </div>
          );
        })}
      </Section>
      <Section title="Blur" {...(blur ? {} : { onAdd: () => setBlur(blurSchema.parse({ value: 4 })) })}>
        {blur && (
          <div class="row">
            <NumberField
              label="B"
              name="Blur"
              min={0}
              value={blur.value}
              onChange={(value) => setBlur({ ...blur, value })}
            />
            <IconButton icon="minus" label="Remove blur" onClick={() => setBlur(undefined)} />
          </div>
        )}
      </Section>
    </>
  );
}

function change({ store }: Playground, { id }: ShapeData, edit: (shape: ShapeData) => ShapeData): void {
  store.edit((document) => updateShape(document, id, edit));
}
