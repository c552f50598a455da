import type { ModelId } from "../../../shared/protocol/models/model-facts.ts";
import { type OfferedPrecision, precisionSchema } from "../../../shared/protocol/models/precision.ts";
import { SelectField } from "../controls/select-field.tsx";
import { usePanel } from "../panel-context.ts";
import { describePrecision } from "./drawing-details.ts";

interface PrecisionFieldProps {
  readonly model: ModelId;
  /** What the model may be asked to compute in. */
  readonly precisions: readonly OfferedPrecision[];
}

/** What the networks compute in, with what each choice loses and gains where that was measured. */
export function PrecisionField({ model, precisions }: PrecisionFieldProps) {
  const { drawing } = usePanel().settings;
  if (precisions.length === 0) return null;
  const isMeasured = precisions.some(({ seconds }) => seconds !== undefined);
  return (
    <>
      <SelectField
        label="Precision"
        value={drawing.precisionOf(precisions)}
        options={[
          { value: "auto", label: "Automatic" },
          ...precisions.map((offered) => ({
            value: offered.precision,
            label: describePrecision(offered, precisions),
          })),
        ]}
        onChange={(value) => {
          drawing.precision.value = precisionSchema.parse(value);
        }}
      />
      {!isMeasured && <p>“overpaint models measure {model}” measures what each loses and how fast it is.</p>}
    </>
  );
}
