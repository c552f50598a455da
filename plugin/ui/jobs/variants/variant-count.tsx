import { variantCounts } from "../../app/settings.ts";
import { Segments } from "../../controls/segments.tsx";
import { usePanel } from "../../panel-context.ts";

/** How many pictures one press makes, each with a seed of its own. */
export function VariantCount() {
  const { count } = usePanel().settings;
  return (
    <Segments
      label="Variants"
      options={variantCounts.map((value) => ({ value, label: `${value}` }))}
      value={count.value}
      onChange={(value) => {
        count.value = value;
      }}
    />
  );
}
