/** Whether a prompt says anything: white space alone is no prompt, as tokenizers read it. */
export function hasWords(prompt: string | null): boolean {
  return prompt !== null && prompt.trim() !== "";
}
