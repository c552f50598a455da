import "./layer-list.css";
import { type Document, getShape } from "../document/document.ts";
import { isContainer, type ShapeData, type ShapeId } from "../document/shape.ts";
import { updateShape } from "../document/tree-edits.ts";
import type { Playground } from "../playground.ts";
import { Icon, type IconName } from "./icon.tsx";
import { PageList } from "./page-list.tsx";

/** All layers, the topmost first, as they lie over each other. */
export function LayerList({ playground }: { readonly playground: Playground }) {
  const { document } = playground.snapshot.value;
  return (
    <nav class="layers" aria-label="Layers">
      <PageList playground={playground} />
      <h2>Layers</h2>
      <ul>
        {layersOf(document, document.rootId, 0).map(({ shape, depth }) => (
          <Layer key={shape.id} playground={playground} shape={shape} depth={depth} />
        ))}
      </ul>
    </nav>
  );
}

interface LayerProps {
  readonly playground: Playground;
  readonly shape: ShapeData;
  readonly depth: number;
}

function Layer({ playground, shape, depth }: LayerProps) {
  const { store, hovered, snapshot } = playground;
  const isSelected = snapshot.value.selection.includes(shape.id);
  return (
    <li
      class="layer"
      data-hidden={shape.isHidden || undefined}
      data-hovered={hovered.value === shape.id || undefined}
      data-blocked={shape.isBlocked || undefined}
      onPointerEnter={() => {
        hovered.value = shape.id;
      }}
      onPointerLeave={() => {
        hovered.value = undefined;
      }}
    >
      <button
        type="button"
        class="layer-name"
        aria-pressed={isSelected}
        style={{ paddingInlineStart: `${12 + depth * 16}px` }}
        onDblClick={() => {
          const name = prompt("Name of the layer", shape.name)?.trim();
          if (name) store.edit((document) => updateShape(document, shape.id, (same) => ({ ...same, name })));
        }}
        onClick={(event) => store.select(event.shiftKey ? toggled(snapshot.value.selection, shape.id) : [shape.id])}
      >
        <Icon name={iconOf(shape)} />
        <span>{shape.name}</span>
      </button>
      <button
        type="button"
        class="layer-eye layer-lock"
        aria-label={`${shape.isBlocked ? "Unlock" : "Lock"} ${shape.name}`}
        onClick={() =>
          store.edit((document) => updateShape(document, shape.id, (same) => ({ ...same, isBlocked: !same.isBlocked })))
        }
      >
        <Icon name={shape.isBlocked ? "lock" : "unlock"} />
      </button>
      <button
        type="button"
        class="layer-eye"
        aria-label={`${shape.isHidden ? "Show" : "Hide"} ${shape.name}`}
        onClick={() =>
          store.edit((document) => updateShape(document, shape.id, (same) => ({ ...same, isHidden: !same.isHidden })))
        }
      >
        <Icon name={shape.isHidden ? "eyeOff" : "eye"} />
      </button>
    </li>
  );
}

/** A container's children, the topmost first. */
function layersOf(document: Document, id: ShapeId, depth: number): { shape: ShapeData; depth: number }[] {
  const container = getShape(document, id);
  if (!isContainer(container)) return [];
  return container.children
    .toReversed()
    .flatMap((child) => [{ shape: getShape(document, child), depth }, ...layersOf(document, child, depth + 1)]);
}

function toggled(selection: readonly ShapeId[], id: ShapeId): ShapeId[] {
  return selection.includes(id) ? selection.filter((other) => other !== id) : [...selection, id];
}

function iconOf(shape: ShapeData): IconName {
  if (shape.fills.some((fill) => fill.type === "image")) return "image";
  switch (shape.type) {
    case "board":
      return "layout";
    case "group":
      return shape.isMask ? "mask" : "folder";
    case "ellipse":
      return "circle";
    case "path":
      return "penTool";
    case "rectangle":
      return "square";
    case "text":
      return "type";
    case "boolean":
      return "boolean";
    case "svg-raw":
      return "code";
    default:
      return shape satisfies never;
  }
}
