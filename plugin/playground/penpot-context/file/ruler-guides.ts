import type { Board, RulerGuide } from "@penpot/plugin-types";
import { z } from "zod";
import { type RulerGuide as GuideData, updatePage } from "../../document/document.ts";
import type { ShapeId } from "../../document/shape.ts";
import { pluginObject } from "../plugin-object.ts";
import type { PluginSession } from "../plugin-session.ts";
import { parsed, shapeIdOf } from "../shapes/shape-handle.ts";
import { shapeProxy } from "../shapes/shape-proxy.ts";

/** The guides drawn from the rulers: all of a page or, with `boardId`, those of one board. Positions are on the page. */
export function rulerGuideMembers(session: PluginSession, pageId: string, boardId?: ShapeId) {
  const all = () => session.documentOf(pageId).rulerGuides;
  const set = (member: string, change: (guides: readonly GuideData[]) => readonly GuideData[]) =>
    session.edit(member, (document) =>
      updatePage(document, pageId, (page) => ({ rulerGuides: change(page.rulerGuides) })),
    );
  const guideOf = (id: string): RulerGuide => {
    const data = () => {
      const guide = all().find((each) => each.id === id);
      if (!guide) throw new Error("the guide was removed");
      return guide;
    };
    const update = (member: string, change: Partial<GuideData>) =>
      set(member, (guides) => guides.map((guide) => (guide.id === id ? { ...guide, ...change } : guide)));
    return pluginObject({
      // What `removeRulerGuide` knows it by.
      id,
      get orientation() {
        return data().orientation;
      },
      get position() {
        return data().position;
      },
      set position(value) {
        if (Number.isFinite(value)) update("position", { position: value });
        else session.refuse("position", value);
      },
      get board(): Board | undefined {
        const { boardId: board } = data();
        return board && (shapeProxy(session, board, pageId) as Board);
      },
      set board(value) {
        update("board", { boardId: value && shapeIdOf(value) });
      },
      remove: () => set("remove", (guides) => guides.filter((each) => each.id !== id)),
    }) as RulerGuide;
  };
  return {
    get rulerGuides() {
      return all()
        .filter((guide) => boardId === undefined || guide.boardId === boardId)
        .map((guide) => guideOf(guide.id));
    },
    addRulerGuide(orientation: "horizontal" | "vertical", position: number, board?: Board) {
      const id = crypto.randomUUID();
      set("addRulerGuide", (guides) => [
        ...guides,
        {
          id,
          orientation: parsed(z.enum(["horizontal", "vertical"]), orientation),
          position: parsed(z.number(), position),
          boardId: board ? shapeIdOf(board) : boardId,
        },
      ]);
      return guideOf(id);
    },
    removeRulerGuide: (guide: RulerGuide) =>
      set("removeRulerGuide", (guides) =>
        guides.filter(({ id }) => id !== (guide as RulerGuide & { readonly id: string }).id),
      ),
  };
}
