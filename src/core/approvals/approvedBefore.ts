import type { ToolRequest } from '../runtime.ts';

/** The call that the person has approved although its turn was cut off: it may be made once, exactly so. */
export class ApprovedBefore {
  #approved: { readonly toolName: string; readonly inputText: string; toolCallId?: string } | undefined;

  set(toolName: string, inputText: string): void {
    this.#approved = { toolName, inputText };
  }

  clear(): void {
    this.#approved = undefined;
  }

  /** Whether it is that very call; another one with the same arguments asks again. */
  covers(request: ToolRequest): boolean {
    const approved = this.#approved;
    if (approved?.toolName !== request.toolName || approved.inputText !== JSON.stringify(request.input)) {
      return false;
    }
    const { toolCallId } = approved;
    if (toolCallId === undefined && request.toolCallId !== undefined) {
      approved.toolCallId = request.toolCallId;
      return true;
    }
    if (toolCallId === undefined) {
      this.#approved = undefined;
      return true;
    }
    return toolCallId === request.toolCallId;
  }
}
