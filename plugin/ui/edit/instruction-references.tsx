import { PictureField } from "../controls/picture-field.tsx";
import { usePanel } from "../panel-context.ts";
import type { StyleReference } from "../restyle/style-reference.ts";
import { MAX_REFERENCES } from "./instruction-choices.ts";

/** Other pictures that the words may speak of: files, or pictures that are selected beside the one that is changed. */
export function InstructionReferences() {
  const { references } = usePanel().settings.instruction;
  const chosen = references.value;
  const change = (index: number, value: StyleReference | undefined) => {
    references.value = chosen.toSpliced(index, 1, ...(value ? [value] : []));
  };
  return (
    <>
      {chosen.map((reference, index) => (
        <PictureField
          key={index}
          label={`Reference ${index + 1}`}
          empty=""
          value={reference}
          onChange={(value) => change(index, value)}
        />
      ))}
      {chosen.length < MAX_REFERENCES && (
        <PictureField
          key={chosen.length}
          label={`Reference ${chosen.length + 1}`}
          empty={chosen.length === 0 ? "Picture to speak of…" : "Another picture…"}
          value={undefined}
          onChange={(value) => change(chosen.length, value)}
        />
      )}
    </>
  );
}
