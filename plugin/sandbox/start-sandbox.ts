import type { Penpot } from "@penpot/plugin-types";
import { type PanelMessage, SECRET_PARAMETER } from "../../shared/protocol/plugin/messages.ts";
import { forgetHistory, readHistory } from "./keeping/history.ts";
import { keptDrawnOn, keptMask, keptRecipe } from "./keeping/origin.ts";
import { PanelChannel } from "./panel/panel-channel.ts";
import { panelSecret } from "./panel/panel-secret.ts";
import { prepareBoard } from "./placing/fill-board.ts";
import { prepareLayer } from "./placing/place-layer.ts";
import { preparePicture } from "./placing/place-picture.ts";
import { type Apply, type Made, Placements } from "./placing/placements.ts";
import { prepareReplacement } from "./placing/replace-picture.ts";
import { sourceOf } from "./reading/describe-image.ts";
import { findShape } from "./reading/find-shape.ts";
import { listBoards } from "./reading/list-boards.ts";
import { readMask } from "./reading/read-mask.ts";
import { readPicture } from "./reading/read-picture.ts";
import { readSource } from "./reading/read-source.ts";
import { named } from "./reading/source-layers.ts";
import { watchSelection } from "./watching/watch-selection.ts";
import { watchShapes } from "./watching/watch-shapes.ts";

/** Size of the plugin's window in CSS pixels; Penpot's frame takes 20 of the width and 43 of the height. */
const WINDOW = { width: 356, height: 640 };

/** Opens the panel and answers it for as long as the plugin is open. */
export function startSandbox(penpot: Penpot): void {
  // Child indexes count from the bottom, so "directly above" is always the source's index plus one.
  penpot.flags.naturalChildOrdering = true;
  // Absent before Penpot 2.18, where refused values are only logged; flags cannot be added to the frozen object.
  if ("throwValidationErrors" in penpot.flags) penpot.flags.throwValidationErrors = true;

  const secret = panelSecret();
  const channel = new PanelChannel(penpot, secret);
  const placements = new Placements(penpot);
  const sendTheme = (theme: string) => channel.send({ type: "theme", theme: theme === "light" ? "light" : "dark" });
  const selection = watchSelection(penpot, (selection) => channel.send({ type: "selection", selection }));
  const shapes = watchShapes(penpot, (watched) => channel.send({ type: "watched", watched: [...watched] }));
  const place = async (
    { requestId, placementId, job, recipe, thumbnail }: Made & { readonly requestId: number },
    prepare: () => Promise<Apply>,
  ) => {
    const made = { placementId, job, recipe, thumbnail };
    channel.send({ type: "placed", requestId, ...(await placements.place(made, prepare)) });
  };
  penpot.on("themechange", sendTheme);

  channel.listen(async (message: PanelMessage) => {
    switch (message.type) {
      case "ready":
        sendTheme(penpot.theme);
        return selection.send();
      case "read-source": {
        const { requestId } = message;
        return channel.send({ type: "source", requestId, ...(await readSource(penpot, message.shapeId)) });
      }
      case "read-mask": {
        const { requestId } = message;
        return channel.send({ type: "mask", requestId, ...(await readMask(penpot, message)) });
      }
      case "read-picture": {
        const { requestId } = message;
        return channel.send({ type: "picture", requestId, ...(await readPicture(penpot, message.shapeId)) });
      }
      case "place-layer":
        return place(message, () => prepareLayer(penpot, message));
      case "replace-picture":
        return place(message, () => prepareReplacement(penpot, message));
      case "place-picture":
        return place(message, () => preparePicture(penpot, message));
      case "fill-board":
        return place(message, () => prepareBoard(penpot, message));
      case "undo-placement":
        placements.undo(message.placementId);
        return channel.send({ type: "done", requestId: message.requestId });
      case "redo-placement":
        return channel.send({
          type: "placed",
          requestId: message.requestId,
          ...placements.redo(message.placementId),
        });
      case "read-recipe": {
        const shape = findShape(penpot, message.shapeId);
        const [recipe, source] = [keptRecipe(shape), sourceOf(penpot, shape)];
        const [mask, drawnOn] = [keptMask(shape), keptDrawnOn(shape)];
        return channel.send({
          type: "recipe",
          requestId: message.requestId,
          ...(recipe && { recipe }),
          ...(source && { madeFrom: named(source) }),
          ...(mask !== undefined && { mask }),
          ...(drawnOn && { drawnOn }),
        });
      }
      case "read-history":
        return channel.send({ type: "history", requestId: message.requestId, entries: readHistory(penpot) });
      case "forget-history":
        forgetHistory(penpot, message.ids);
        return channel.send({ type: "done", requestId: message.requestId });
      case "list-boards":
        return channel.send({ type: "boards", requestId: message.requestId, boards: listBoards(penpot) });
      case "watch":
        return shapes.set(message.watches);
      case "select-shape":
        penpot.selection = [findShape(penpot, message.shapeId)];
        return;
      case "resize":
        return penpot.ui.resize(message.width, message.height);
      default:
        return message satisfies never;
    }
  });

  penpot.ui.open("Overpaint", `ui/index.html?${SECRET_PARAMETER}=${secret}`, WINDOW);
}
