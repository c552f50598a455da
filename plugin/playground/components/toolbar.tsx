import type { Playground } from "../playground.ts";
import { type ToolName, tools } from "../tools/tool.ts";
import { Icon, type IconName } from "./icon.tsx";

const icons: Readonly<Record<ToolName, IconName>> = {
  move: "mousePointer",
  board: "frame",
  rectangle: "square",
  ellipse: "circle",
  path: "penTool",
  text: "type",
};

/** What a pointer on the canvas does. */
export function Toolbar({ playground }: { readonly playground: Playground }) {
  const { tool, pen } = playground;
  return (
    <div class="toolbar" role="toolbar" aria-label="Tools">
      {(Object.keys(tools) as ToolName[]).map((name) => (
        <button
          key={name}
          type="button"
          class="tool"
          aria-label={`${tools[name].label} (${tools[name].key.toUpperCase()})`}
          title={`${tools[name].label} (${tools[name].key.toUpperCase()})`}
          aria-pressed={tool.value === name}
          onClick={() => {
            pen.value = undefined;
            tool.value = name;
          }}
        >
          <Icon name={icons[name]} />
        </button>
      ))}
    </div>
  );
}
