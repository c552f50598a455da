import type { Penpot } from "@penpot/plugin-types";
import { MESSAGE_SOURCE, type PanelMessage } from "../../shared/protocol/plugin-messages.ts";
import { onPanelMessage, sendToPanel } from "./panel/panel-channel.ts";
import { type PlacedLayer, placeLayer } from "./placing/place-layer.ts";
import { placePicture } from "./placing/place-picture.ts";
import { replaceFill } from "./placing/replace-fill.ts";
import { findShape } from "./reading/find-shape.ts";
import { readImage } from "./reading/read-image.ts";
import { watchSelection } from "./watching/watch-selection.ts";

/** Size of the plugin's window in CSS pixels; Penpot's frame takes 20 of the width and 43 of the height. */
const WINDOW = { width: 356, height: 640 };

/** Opens the panel and answers it for as long as the plugin is open. */
export function startSandbox(penpot: Penpot): void {
  // Child indexes count from the bottom, so "directly above" is always the source's index plus one.
  penpot.flags.naturalChildOrdering = true;
  // Absent before Penpot 2.18, where refused values are only logged; flags cannot be added to the frozen object.
  if ("throwValidationErrors" in penpot.flags) penpot.flags.throwValidationErrors = true;

  const sendTheme = (theme: string) =>
    sendToPanel(penpot, { source: MESSAGE_SOURCE, type: "theme", theme: theme === "light" ? "light" : "dark" });
  const answerPlaced = (requestId: number, placed: string | PlacedLayer) =>
    sendToPanel(penpot, {
      source: MESSAGE_SOURCE,
      type: "placed",
      requestId,
      ...(typeof placed === "string" ? { shapeId: placed } : placed),
    });
  const selection = watchSelection(penpot, (selection) =>
    sendToPanel(penpot, { source: MESSAGE_SOURCE, type: "selection", selection }),
  );
  penpot.on("themechange", sendTheme);

  onPanelMessage(penpot, async (message: PanelMessage) => {
    switch (message.type) {
      case "ready":
        sendTheme(penpot.theme);
        return selection.send();
      case "read-image": {
        const { requestId } = message;
        return sendToPanel(penpot, {
          source: MESSAGE_SOURCE,
          type: "image",
          requestId,
          ...(await readImage(penpot, message.shapeId)),
        });
      }
      case "place-layer":
        return answerPlaced(message.requestId, await placeLayer(penpot, message));
      case "replace-fill":
        return answerPlaced(message.requestId, await replaceFill(penpot, message));
      case "place-picture":
        return answerPlaced(message.requestId, await placePicture(penpot, message));
      case "select-shape":
        penpot.selection = [findShape(penpot, message.shapeId)];
        return;
      case "resize":
        return penpot.ui.resize(message.width, message.height);
      default:
        return message satisfies never;
    }
  });

  penpot.ui.open("Overpaint", "ui/index.html", WINDOW);
}
