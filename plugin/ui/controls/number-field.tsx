import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";

interface NumberFieldProps {
  readonly label: string;
  /** Whether the label is said only. */
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

/** A labelled number, which refuses what is out of its range or between its steps while it is typed, and says what it takes. */
export function NumberField({ label, isLabelHidden = false, value, onChange, children, ...limits }: NumberFieldProps) {
  const id = useId();
  /** What is being typed stays as it is until it counts or is taken back: a longer number begins out of range. */
  const typed = useSignal<string | undefined>(undefined);
  const isRefused = useSignal(false);
  return (
    <div class="field">
      <label for={id} class={isLabelHidden ? "visually-hidden" : undefined}>
        {label}
      </label>
      <div class="field-control">
        <input
          id={id}
          class={isRefused.value ? "input error" : "input"}
          type="number"
          inputMode="decimal"
          value={typed.value ?? value ?? ""}
          aria-invalid={isRefused.value}
          aria-describedby={isRefused.value ? `${id}-range` : undefined}
          {...limits}
          onInput={({ currentTarget }) => {
            typed.value = currentTarget.value;
            isRefused.value = !currentTarget.validity.valid;
          }}
          onChange={({ currentTarget: { valueAsNumber, validity } }) => {
            if (!validity.valid) return;
            typed.value = undefined;
            onChange(Number.isNaN(valueAsNumber) ? null : valueAsNumber);
          }}
          onBlur={({ currentTarget }) => {
            // What was refused is taken back: the field shows what counts.
            if (isRefused.peek()) currentTarget.value = `${value ?? ""}`;
            typed.value = undefined;
            isRefused.value = false;
          }}
        />
        {children}
      </div>
      {isRefused.value && (
        <p id={`${id}-range`} class="field-error" role="alert">
          {limits.min} to {limits.max}
          {limits.step !== 1 && `, in steps of ${limits.step}`}
        </p>
      )}
    </div>
  );
}
