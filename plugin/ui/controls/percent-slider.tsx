import type { Signal } from "@preact/signals";
import { useId } from "preact/hooks";

interface PercentSliderProps {
  readonly label: string;
  /** 0 to 1. */
  readonly value: Signal<number>;
  /** In percent. */
  readonly min: number;
}

/** A share of the whole. */
export function PercentSlider({ label, value, min }: PercentSliderProps) {
  const id = useId();
  const percent = Math.round(value.value * 100);
  return (
    <div class="row">
      <label class="row-label" for={id}>
        {label}
      </label>
      <input
        id={id}
        type="range"
        class="slider"
        min={min}
        max={100}
        value={percent}
        style={{ "--fill": `${((percent - min) / (100 - min)) * 100}%` }}
        aria-valuetext={`${percent} percent`}
        onInput={(event) => {
          value.value = event.currentTarget.valueAsNumber / 100;
        }}
      />
      <output class="row-value" for={id}>
        {percent} %
      </output>
    </div>
  );
}
