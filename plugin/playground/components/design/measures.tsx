import { blendModes } from "../../../../shared/protocol/plugin/source.ts";
import { cornersOfRadius } from "../../document/decoration.ts";
import { getShape } from "../../document/document.ts";
import { placementOf, resizeShape, rotateShape, shapeBounds, translateShape } from "../../document/geometry-edits.ts";
import type { ShapeData } from "../../document/shape.ts";
import { updateShape } from "../../document/tree-edits.ts";
import type { Playground } from "../../playground.ts";
import { NumberField, Section, SelectField } from "./fields.tsx";

export interface ShapeSectionProps {
  readonly playground: Playground;
  readonly shape: ShapeData;
}

/** Place, size, rotation, and how the shape lies on what is below. */
export function Measures({ playground, shape }: ShapeSectionProps) {
  const { store, snapshot } = playground;
  const { document } = snapshot.value;
  const { x, y } = shapeBounds(document, shape);
  const { width, height, rotation } = placementOf(document, shape);
  const { id } = shape;
  const moveBy = (dx: number, dy: number) => store.edit((same) => translateShape(same, id, { x: dx, y: dy }));
  /** Proportions are kept where they are locked. */
  const resize = (toWidth: number, toHeight: number) => {
    const { proportionLock } = getShape(document, id);
    const scale = toWidth === width ? toHeight / height : toWidth / width;
    const [newWidth, newHeight] = proportionLock ? [width * scale, height * scale] : [toWidth, toHeight];
    store.edit((same) => resizeShape(same, id, newWidth, newHeight));
  };
  const hasCorners = shape.type === "rectangle" || shape.type === "board";
  return (
    <Section title={shape.name}>
      <div class="grid-2">
        <NumberField label="X" value={x} onChange={(value) => moveBy(value - x, 0)} />
        <NumberField label="Y" value={y} onChange={(value) => moveBy(0, value - y)} />
        <NumberField label="W" name="Width" value={width} min={0.01} onChange={(value) => resize(value, height)} />
        <NumberField label="H" name="Height" value={height} min={0.01} onChange={(value) => resize(width, value)} />
        <NumberField
          label="R"
          name="Rotation"
          unit="°"
          value={rotation}
          onChange={(value) => store.edit((same) => rotateShape(same, id, value - rotation))}
        />
        {hasCorners && (
          <NumberField
            label="C"
            name="Corner radius"
            min={0}
            value={cornersOfRadius(shape.borderRadius)[0]}
            onChange={(borderRadius) =>
              store.edit((same) => updateShape(same, id, (each) => ({ ...each, borderRadius })))
            }
          />
        )}
        <NumberField
          label="O"
          name="Opacity"
          unit="%"
          min={0}
          max={100}
          value={shape.opacity * 100}
          onChange={(value) =>
            store.edit((same) => updateShape(same, id, (each) => ({ ...each, opacity: value / 100 })))
          }
        />
        <SelectField
          name="Blend mode"
          value={shape.blendMode}
          options={blendModes}
          onChange={(blendMode) => store.edit((same) => updateShape(same, id, (each) => ({ ...each, blendMode })))}
        />
      </div>
    </Section>
  );
}
