import { useId } from "preact/hooks";

interface SegmentsProps<Value> {
  readonly label: string;
  /** Whether the label shows; it is said in any case. */
  readonly isLabelShown?: boolean;
  readonly options: readonly { readonly value: Value; readonly label: string; readonly title?: string }[];
  readonly value: Value | undefined;
  readonly onChange: (value: Value) => void;
}

/** A few choices side by side, of which one is taken: radio buttons that look like one control. */
export function Segments<Value extends string | number>(props: SegmentsProps<Value>) {
  const { label, isLabelShown = true, options, value, onChange } = props;
  const id = useId();
  return (
    <div class="segments-row">
      <span id={id} class={isLabelShown ? "row-label" : "visually-hidden"}>
        {label}
      </span>
      <div class="segments" role="radiogroup" aria-labelledby={id}>
        {options.map((option) => (
          <label key={option.value} class="segment" title={option.title}>
            <input
              type="radio"
              class="visually-hidden"
              name={id}
              checked={option.value === value}
              onChange={() => onChange(option.value)}
              // A radio that is taken already does not change, and choosing it again may still mean something.
              onClick={() => option.value === value && onChange(option.value)}
            />
            <span>{option.label}</span>
          </label>
        ))}
      </div>
    </div>
  );
}
