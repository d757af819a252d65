import { asArray, asNumber, asRecord, asString, isRecord, type JsonRecord } from '../../base/json.ts';
import type { EditResult, ToolImage } from '../../core/sessionEvents.ts';

export interface ResultContent {
  readonly output: string;
  readonly images: readonly ToolImage[];
}

/** The text and the pictures of a tool result, whose content is a string or a list of blocks. */
export function contentOf(content: unknown): ResultContent {
  if (typeof content === 'string') {
    return { output: withoutErrorTag(content), images: [] };
  }
  const texts: string[] = [];
  const images: ToolImage[] = [];
  for (const value of asArray(content)) {
    const block = asRecord(value);
    const text = asString(block['text']);
    if (text !== undefined) {
      texts.push(text);
    } else if (block['type'] === 'image') {
      const source = asRecord(block['source']);
      const mediaType = asString(source['media_type']);
      const data = asString(source['data']);
      if (mediaType !== undefined && data !== undefined) {
        images.push({ mediaType, data });
      }
    } else if (block['type'] === 'tool_reference') {
      texts.push(asString(block['tool_name']) ?? '');
    }
  }
  return { output: withoutErrorTag(texts.join('\n')), images };
}

function withoutErrorTag(text: string): string {
  return /^<tool_use_error>([\s\S]*)<\/tool_use_error>$/.exec(text)?.[1] ?? text;
}

/** What a file edit changed, from the structured side of its result. */
export function editOf(structured: unknown): EditResult | undefined {
  const fields = asRecord(structured);
  const path = asString(fields['filePath']);
  const patch = fields['structuredPatch'];
  if (path === undefined || !Array.isArray(patch)) {
    return undefined;
  }
  const original = fields['originalFile'];
  const isNew = fields['type'] === 'create' || original === null;
  const before = isNew ? '' : asString(original);
  const content = asString(fields['content']);
  const hunks =
    patch.length === 0 && isNew && content !== undefined && content !== ''
      ? [wholeFileAdded(content)]
      : patch.filter(isRecord).map(hunkOf);
  return { path, hunks, ...(before === undefined ? {} : { before }) };
}

function hunkOf(hunk: JsonRecord): EditResult['hunks'][number] {
  return {
    oldStart: asNumber(hunk['oldStart']) ?? 0,
    newStart: asNumber(hunk['newStart']) ?? 0,
    lines: asArray(hunk['lines']).filter((line) => typeof line === 'string'),
  };
}

function wholeFileAdded(content: string): EditResult['hunks'][number] {
  const lines = (content.endsWith('\n') ? content.slice(0, -1) : content).split('\n');
  return { oldStart: 0, newStart: 1, lines: lines.map((line) => `+${line}`) };
}
