import type { Action, Board, Interaction, Trigger } from "@penpot/plugin-types";
import { z } from "zod";
import type { InteractionData } from "../../document/shape.ts";
import { pluginObject } from "../plugin-object.ts";
import { parsed, type ShapeHandle, shapeIdOf } from "./shape-handle.ts";
import { shapeProxy } from "./shape-proxy.ts";

const triggers = ["click", "mouse-enter", "mouse-leave", "after-delay"] as const;

const board = z.unknown().transform(shapeIdOf);
const point = z.object({ x: z.number(), y: z.number() });
const animation = z.looseObject({ type: z.enum(["dissolve", "slide", "push"]), duration: z.number().min(0) });
const overlay = {
  destination: board,
  relativeTo: board.optional(),
  position: z
    .enum(["manual", "center", "top-left", "top-right", "top-center", "bottom-left", "bottom-right", "bottom-center"])
    .default("center"),
  manualPositionLocation: point.optional(),
  closeWhenClickOutside: z.boolean().optional(),
  addBackgroundOverlay: z.boolean().optional(),
  animation: animation.optional(),
};

/** Boards are kept by their ids. */
const actionSchema = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("navigate-to"),
    destination: board,
    preserveScrollPosition: z.boolean().optional(),
    animation: animation.optional(),
  }),
  z.object({ type: z.literal("open-overlay"), ...overlay }),
  z.object({ type: z.literal("toggle-overlay"), ...overlay }),
  z.object({ type: z.literal("close-overlay"), destination: board.optional(), animation: animation.optional() }),
  z.object({ type: z.literal("previous-screen") }),
  z.object({ type: z.literal("open-url"), url: z.string() }),
]);

/** What a prototype does at a shape. The playground keeps it and plays none. */
export function interactionMembers(handle: ShapeHandle) {
  const all = () => handle.data.interactions ?? [];
  const set = (member: string, change: (interactions: readonly InteractionData[]) => readonly InteractionData[]) =>
    handle.change(member, (shape) => ({ ...shape, interactions: change(shape.interactions ?? []) }));
  const remove = (id: string) => set("removeInteraction", (each) => each.filter((other) => other.id !== id));
  const interactionOf = (id: string): Interaction => {
    const data = () => {
      const interaction = all().find((each) => each.id === id);
      if (!interaction) throw new Error("the interaction was removed");
      return interaction;
    };
    const update = (member: string, change: () => Partial<InteractionData>) =>
      set(member, (each) => each.map((other) => (other.id === id ? { ...other, ...change() } : other)));
    return pluginObject({
      // What `removeInteraction` knows it by.
      id,
      get shape() {
        return shapeProxy(handle.session, handle.id, handle.pageId);
      },
      get trigger() {
        return data().trigger;
      },
      set trigger(value) {
        update("trigger", () => ({ trigger: parsed(z.enum(triggers), value) }));
      },
      get delay() {
        return data().delay;
      },
      set delay(value) {
        update("delay", () => ({ delay: parsed(z.number().min(0).nullable(), value) }));
      },
      get action(): Action {
        return toAction(handle, data().action);
      },
      set action(value) {
        update("action", () => ({ action: parsed(actionSchema, value) }));
      },
      remove: () => remove(id),
    }) as Interaction;
  };
  return {
    get interactions() {
      return all().map((interaction) => interactionOf(interaction.id));
    },
    addInteraction(trigger: Trigger, action: Action, delay: number | null = null) {
      const id = crypto.randomUUID();
      set("addInteraction", (each) => [
        ...each,
        {
          id,
          trigger: parsed(z.enum(triggers), trigger),
          action: parsed(actionSchema, action),
          delay: parsed(z.number().min(0).nullable(), delay),
        },
      ]);
      return interactionOf(id);
    },
    removeInteraction: (interaction: Interaction) => remove((interaction as Interaction & { readonly id: string }).id),
  };
}

function toAction({ session, pageId }: ShapeHandle, action: InteractionData["action"]): Action {
  const boardOf = (id: unknown) => shapeProxy(session, shapeIdOf({ id }), pageId) as Board;
  const { destination, relativeTo } = action;
  return {
    ...action,
    ...(destination !== undefined && { destination: boardOf(destination) }),
    ...(relativeTo !== undefined && { relativeTo: boardOf(relativeTo) }),
  } as Action;
}
