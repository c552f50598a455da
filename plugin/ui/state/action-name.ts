/** What the main button does, in one word, worked out from the prompt and from what is under the mask. */
export function actionName(prompt: string, isPlainUnderMask: boolean): "Fill" | "Add" | "Replace" {
  if (prompt.trim() === "") return "Fill";
  return isPlainUnderMask ? "Add" : "Replace";
}
