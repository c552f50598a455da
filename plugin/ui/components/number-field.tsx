import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";

interface NumberFieldProps {
  readonly label: string;
  /** Where what stands beside the field says it already. */
  readonly isLabelHidden?: boolean;
  /** `null` shows the placeholder. */
  readonly value: number | null;
  readonly min: number;
  readonly max: number;
  readonly step: number;
  readonly placeholder?: string;
  /** Called with `null` when the field was emptied; values outside the range are not passed on. */
  readonly onChange: (value: number | null) => void;
  /** A control inside the field's end. */
  readonly children?: ComponentChildren;
}

/** A labelled number. */
export function NumberField({ label, isLabelHidden, value, onChange, children, ...limits }: NumberFieldProps) {
  const id = useId();
  return (
    <div class="field">
      <label for={id} class={isLabelHidden ? "visually-hidden" : undefined}>
        {label}
      </label>
      <div class="field-control">
        <input
          id={id}
          class="input"
          type="number"
          inputMode="decimal"
          value={value ?? ""}
          {...limits}
          onChange={(event) => {
            const { valueAsNumber, validity } = event.currentTarget;
            if (validity.valid) onChange(Number.isNaN(valueAsNumber) ? null : valueAsNumber);
          }}
        />
        {children}
      </div>
    </div>
  );
}
