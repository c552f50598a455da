import { NumberField } from "../controls/number-field.tsx";
import { Segments } from "../controls/segments.tsx";
import { sizeWords } from "../jobs/run/action-name.ts";
import { creationSizeOf } from "../jobs/run/build-request.ts";
import { usePanel } from "../panel-context.ts";
import { creationSizes, MAX_CREATED_SIDE, MIN_CREATED_SIDE } from "./creation-size.ts";

/** How large, and where to. */
export function CreateSettings() {
  const { settings, sessions } = usePanel();
  const { creationSize, fillsTarget } = settings;
  const target = sessions.target.value;
  const size = creationSizeOf(settings, target);
  const preset = creationSizes.find(({ width, height }) => width === size.width && height === size.height);
  const ofTarget = creationSize.value === "target" && target !== undefined;
  const limits = { min: MIN_CREATED_SIDE, max: MAX_CREATED_SIDE, step: 1 };
  return (
    <>
      {target !== undefined && (
        <Segments
          label="Place"
          isLabelShown={false}
          options={[
            { value: "target", label: `Into “${target.name}”`, title: `Into ${target.kind} “${target.name}”` },
            { value: "page", label: "Onto the page" },
          ]}
          value={fillsTarget.value ? "target" : "page"}
          onChange={(value) => {
            fillsTarget.value = value === "target";
          }}
        />
      )}
      <Segments
        label="Size"
        options={[
          ...(target === undefined ? [] : [{ value: "target", label: `As ${target.kind}` }]),
          ...creationSizes.map(({ name, ...each }) => ({ value: name, label: name, title: sizeWords(each) })),
        ]}
        value={ofTarget ? "target" : preset?.name}
        onChange={(value) => {
          creationSize.value = creationSizes.find(({ name }) => name === value) ?? "target";
        }}
      />
      <div class="sides">
        <NumberField
          label="Width"
          value={size.width}
          {...limits}
          onChange={(width) => {
            if (width !== null) creationSize.value = { width, height: size.height };
          }}
        />
        <NumberField
          label="Height"
          value={size.height}
          {...limits}
          onChange={(height) => {
            if (height !== null) creationSize.value = { width: size.width, height };
          }}
        />
      </div>
    </>
  );
}
