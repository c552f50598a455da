import { useLayoutEffect, useRef } from "preact/hooks";
import { cssFont } from "../canvas/paint-text.ts";
import { toScreen } from "../canvas/viewport.ts";
import type { TextData } from "../document/shape.ts";
import { charactersOf, replaceCharacters } from "../document/text.ts";
import { updateShape } from "../document/tree-edits.ts";
import type { Playground } from "../playground.ts";

/** The text that is being typed, where it stands on the canvas. */
export function TextEditor({ playground }: { readonly playground: Playground }) {
  const { document } = playground.snapshot.value;
  const id = playground.typing.value;
  const text = id === undefined ? undefined : document.shapes.get(id);
  if (text?.type !== "text") return null;
  return <Editor key={text.id} playground={playground} text={text} />;
}

function Editor({ playground, text }: { readonly playground: Playground; readonly text: TextData }) {
  const ref = useRef<HTMLTextAreaElement>(null);
  useLayoutEffect(() => {
    ref.current?.focus();
    ref.current?.select();
  }, []);
  const { zoom } = playground.viewport.value;
  const center = toScreen(playground.viewport.value, { x: text.x + text.width / 2, y: text.y + text.height / 2 });
  const [run] = text.runs;
  if (!run) return null;
  const { style } = run;
  const [fill] = style.fills;
  const isGrowing = text.growType === "auto-width";
  return (
    <textarea
      ref={ref}
      class="text-editor"
      aria-label="Text"
      spellcheck={false}
      value={charactersOf(text.runs)}
      style={{
        left: `${center.x}px`,
        top: `${center.y}px`,
        width: `${Math.max(text.width, 2)}px`,
        height: `${Math.max(text.height, 2)}px`,
        font: cssFont(style),
        lineHeight: style.lineHeight,
        letterSpacing: `${style.letterSpacing}px`,
        textAlign: style.align,
        color: fill?.type === "color" ? fill.color : "currentColor",
        whiteSpace: isGrowing ? "pre" : "pre-wrap",
        transform: `translate(-50%, -50%) scale(${zoom}) rotate(${text.rotation}deg)`,
      }}
      onInput={({ currentTarget: { value } }) =>
        playground.store.edit((same) =>
          updateShape(same, text.id, (shape) =>
            shape.type === "text"
              ? { ...shape, name: nameOf(value), runs: replaceCharacters(shape.runs, value) }
              : shape,
          ),
        )
      }
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.stopPropagation();
        playground.stopTyping();
      }}
      onBlur={() => playground.stopTyping()}
    />
  );
}

function nameOf(text: string): string {
  return text.trim().split("\n")[0]?.slice(0, 40).replaceAll("/", "-") || "Text";
}
