import type { Blur, Export, Gradient, Shadow, Stroke } from "@penpot/plugin-types";
import { z } from "zod";
import { blendModes } from "../../../../shared/protocol/plugin/source.ts";
import {
  blurSchema,
  cornersOfRadius,
  exportSchema,
  horizontalConstraints,
  shadowSchema,
  strokeSchema,
  verticalConstraints,
} from "../../document/decoration.ts";
import type { FillData, ShapeData } from "../../document/shape.ts";
import { styleRuns } from "../../document/text.ts";
import { liveObject } from "../plugin-object.ts";
import { fromPluginFills, gradientKeys, liveFills } from "./fills.ts";
import { parsed, type ShapeHandle } from "./shape-handle.ts";

const corners = ["TopLeft", "TopRight", "BottomRight", "BottomLeft"] as const;
const radius = z.number().min(0);

/** How a shape looks. */
export function appearanceMembers(handle: ShapeHandle) {
  return [
    paintMembers(handle),
    radiusMembers(handle),
    {
      get name() {
        return handle.data.name;
      },
      set name(value) {
        const name = typeof value === "string" ? value.trim() : "";
        if (name === "" || name.endsWith("/")) handle.session.refuse("name", value);
        else handle.change("name", (shape) => ({ ...shape, name }));
      },
      get visible() {
        return !handle.data.isHidden;
      },
      set visible(value) {
        handle.set("visible", "isHidden", z.boolean(), !value);
      },
    },
    plainMember(handle, "hidden", "isHidden", z.boolean()),
    plainMember(handle, "blocked", "isBlocked", z.boolean()),
    plainMember(handle, "opacity", "opacity", z.number().min(0).max(1)),
    plainMember(handle, "blendMode", "blendMode", z.enum(blendModes)),
    plainMember(handle, "proportionLock", "proportionLock", z.boolean()),
    plainMember(handle, "fixedWhenScrolling", "fixedWhenScrolling", z.boolean()),
    plainMember(handle, "constraintsHorizontal", "constraintsHorizontal", z.enum(horizontalConstraints)),
    plainMember(handle, "constraintsVertical", "constraintsVertical", z.enum(verticalConstraints)),
  ];
}

/** A member that is a value of the shape's data under another or the same name. */
function plainMember(handle: ShapeHandle, member: string, key: keyof ShapeData, schema: z.ZodType): object {
  return Object.defineProperty({}, member, {
    get: () => handle.data[key],
    set: (value: unknown) => handle.set(member, key, schema, value),
    enumerable: true,
  });
}

function paintMembers(handle: ShapeHandle) {
  const { media } = handle.session.store;
  const read = () => fillsOf(handle.data);
  const write = (fills: readonly FillData[]) => handle.change("fills", (shape) => withFills(shape, fills));
  return {
    get fills() {
      const { data } = handle;
      if (data.type === "text" && new Set(data.runs.map((run) => JSON.stringify(run.style.fills))).size > 1)
        return "mixed";
      return liveFills(read, write, media);
    },
    set fills(value: unknown) {
      handle.change("fills", (shape) => withFills(shape, fromPluginFills(value, media)));
    },
    get strokes() {
      return liveList<Stroke>(handle, "strokes", strokeSchema, (stroke) =>
        stroke.strokeColorGradient ? "strokeColorGradient" : undefined,
      );
    },
    set strokes(value: unknown) {
      handle.set("strokes", "strokes", z.array(strokeSchema), value);
    },
    get shadows() {
      return liveList<Shadow>(handle, "shadows", shadowSchema);
    },
    set shadows(value: unknown) {
      handle.set("shadows", "shadows", z.array(shadowSchema), value);
    },
    get exports() {
      return liveList<Export>(handle, "exports", exportSchema);
    },
    set exports(value: unknown) {
      handle.set("exports", "exports", z.array(exportSchema), value);
    },
    get blur(): Blur | undefined {
      return handle.data.blur && { ...handle.data.blur };
    },
    set blur(value: unknown) {
      handle.set("blur", "blur", blurSchema.optional(), value ?? undefined);
    },
    get backgroundBlur(): Blur | undefined {
      return handle.data.backgroundBlur && { ...handle.data.backgroundBlur };
    },
    set backgroundBlur(value: unknown) {
      handle.set("backgroundBlur", "backgroundBlur", blurSchema.optional(), value ?? undefined);
    },
  };
}

function fillsOf(shape: ShapeData): readonly FillData[] {
  return shape.type === "text" ? (shape.runs[0]?.style.fills ?? []) : shape.fills;
}

function withFills(shape: ShapeData, fills: readonly FillData[]): ShapeData {
  return shape.type === "text"
    ? { ...shape, runs: styleRuns(shape.runs, 0, Number.POSITIVE_INFINITY, { fills }) }
    : { ...shape, fills };
}

/**
 * Strokes, shadows or export settings that follow the document. The colour of a shadow is a copy, as in Penpot; a gradient is
 * live too, where `gradientOf` names its member.
 */
function liveList<T extends object>(
  handle: ShapeHandle,
  member: "strokes" | "shadows" | "exports",
  schema: z.ZodObject,
  gradientOf: (value: T) => (keyof T & string) | undefined = () => undefined,
): T[] {
  return handle.data[member].map((_, index) => {
    const current = () => structuredClone(handle.data[member][index] ?? {}) as T;
    const write = (change: Partial<T>) =>
      handle.change(member, (shape) => {
        const next = parsed(schema, { ...current(), ...change });
        return { ...shape, [member]: shape[member].map((each, at) => (at === index ? next : each)) } as ShapeData;
      });
    const read = (): T => {
      const value = current();
      const key = gradientOf(value);
      if (key === undefined) return value;
      const gradient = () => current()[key] as Gradient;
      const live = liveObject(gradientKeys, gradient, (change) =>
        write({ [key]: { ...gradient(), ...change } } as Partial<T>),
      );
      return { ...value, [key]: live };
    };
    return liveObject<T>(Object.keys(schema.shape) as (keyof T & string)[], read, write);
  });
}

function radiusMembers(handle: ShapeHandle): object {
  // Where corners differ, the first is read.
  const members = {
    get borderRadius() {
      return cornersOfRadius(handle.data.borderRadius)[0];
    },
    set borderRadius(value: number) {
      handle.set("borderRadius", "borderRadius", radius, value);
    },
  };
  for (const [index, corner] of corners.entries())
    Object.defineProperty(members, `borderRadius${corner}`, {
      get: () => cornersOfRadius(handle.data.borderRadius)[index],
      set: (value: unknown) =>
        handle.change(`borderRadius${corner}`, (shape) => {
          const [tl, tr, br, bl] = cornersOfRadius(shape.borderRadius).with(index, parsed(radius, value));
          return { ...shape, borderRadius: [tl ?? 0, tr ?? 0, br ?? 0, bl ?? 0] };
        }),
      enumerable: true,
    });
  return members;
}
