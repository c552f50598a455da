import type { ComponentChildren } from "preact";
import { Icon, type IconName } from "../icon.tsx";

interface NumberFieldProps {
  readonly label: string;
  /** The whole name for who cannot see it; the label when absent. */
  readonly name?: string;
  readonly value: number;
  readonly unit?: string;
  readonly min?: number;
  readonly max?: number;
  readonly onChange: (value: number) => void;
}

/** A number that is taken when it is left or Enter is pressed; what is out of range goes to its end. */
export function NumberField({ label, name = label, value, unit = "", min, max, onChange }: NumberFieldProps) {
  const shown = `${Math.round(value * 100) / 100}`;
  return (
    <label class="field" title={name}>
      <span>{label}</span>
      <input
        type="number"
        aria-label={name}
        value={shown}
        step="any"
        min={min}
        max={max}
        onChange={({ currentTarget }) => {
          const typed = currentTarget.valueAsNumber;
          const limited = Math.min(Math.max(typed, min ?? Number.NEGATIVE_INFINITY), max ?? Number.POSITIVE_INFINITY);
          if (Number.isFinite(limited)) onChange(limited);
          else currentTarget.value = shown;
        }}
        onKeyDown={(event) => event.key === "Enter" && event.currentTarget.blur()}
      />
      {unit && <span>{unit}</span>}
    </label>
  );
}

interface SelectFieldProps<T extends string> {
  readonly name: string;
  readonly value: T;
  readonly options: readonly T[];
  readonly onChange: (value: T) => void;
}

export function SelectField<T extends string>({ name, value, options, onChange }: SelectFieldProps<T>) {
  return (
    <select
      class="field"
      aria-label={name}
      title={name}
      value={value}
      // One of the options, which are all of the type.
      onChange={(event) => onChange(event.currentTarget.value as T)}
    >
      {options.map((option) => (
        <option key={option} value={option}>
          {wordsOf(option)}
        </option>
      ))}
    </select>
  );
}

function wordsOf(option: string): string {
  const words = option.replaceAll("-", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

interface ColorFieldProps {
  readonly name: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
}

export function ColorField({ name, value, onChange }: ColorFieldProps) {
  return (
    <label class="field color-field" title={name}>
      <input type="color" aria-label={name} value={value} onInput={(event) => onChange(event.currentTarget.value)} />
      <span>{value.slice(1).toUpperCase()}</span>
    </label>
  );
}

interface SectionProps {
  readonly title: string;
  readonly onAdd?: () => void;
  readonly children?: ComponentChildren;
}

/** A part of the panel; with `onAdd`, a list to which one can be added. */
export function Section({ title, onAdd, children }: SectionProps) {
  return (
    <section aria-label={title}>
      <header>
        <h3>{title}</h3>
        {onAdd && <IconButton icon="plus" label={`Add ${title.toLowerCase()}`} onClick={onAdd} />}
      </header>
      {children}
    </section>
  );
}

interface IconButtonProps {
  readonly icon: IconName;
  readonly label: string;
  readonly isPressed?: boolean;
  readonly onClick: () => void;
}

export function IconButton({ icon, label, isPressed, onClick }: IconButtonProps) {
  return (
    <button type="button" class="tool" aria-label={label} title={label} aria-pressed={isPressed} onClick={onClick}>
      <Icon name={icon} />
    </button>
  );
}
