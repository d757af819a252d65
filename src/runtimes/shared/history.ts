import * as z from 'zod';
import { parseJson } from '../../base/json.ts';

/**
 * A conversation in a form that is no vendor's. Entries are kept in the session's log; how tool calls ended is kept there
 * already, so that entries do not repeat it.
 */
const textBlock = z.object({ type: z.literal('text'), text: z.string() });
const imageBlock = z.object({ type: z.literal('image'), mediaType: z.string(), data: z.string() });
/** `seal`: what the vendor wants back unchanged with its reasoning; nobody else reads it. */
const reasoningBlock = z.object({ type: z.literal('reasoning'), text: z.string(), seal: z.string() });
/** `inputText`: the arguments as JSON text, as the model wrote them. */
const callBlock = z.object({ type: z.literal('call'), id: z.string(), name: z.string(), inputText: z.string() });

const answerBlock = z.discriminatedUnion('type', [textBlock, reasoningBlock, callBlock]);

const entry = z.discriminatedUnion('kind', [
  /** `text`: the person's own words. `notes`: what we tell the model beside them. */
  z.object({
    kind: z.literal('prompt'),
    text: z.string(),
    images: z.array(imageBlock).readonly(),
    notes: z.array(z.string()).readonly(),
  }),
  z.object({
    kind: z.literal('answer'),
    /** Whose seals these are. */
    vendor: z.string(),
    model: z.string(),
    blocks: z.array(answerBlock).readonly(),
    /** The person stopped the model in the middle of it. */
    stopped: z.literal(true).optional(),
  }),
  /** Stands for everything before it: what the model noted of it, and what the person had said, word for word. */
  z.object({ kind: z.literal('summary'), notes: z.string(), words: z.array(z.string()).readonly() }),
]);

export type TextBlock = Readonly<z.infer<typeof textBlock>>;
export type ImageBlock = Readonly<z.infer<typeof imageBlock>>;
export type CallBlock = Readonly<z.infer<typeof callBlock>>;
export type AnswerBlock = Readonly<z.infer<typeof answerBlock>>;
export type HistoryEntry = Readonly<z.infer<typeof entry>>;
export type PromptEntry = Extract<HistoryEntry, { readonly kind: 'prompt' }>;
export type AnswerEntry = Extract<HistoryEntry, { readonly kind: 'answer' }>;

export function encodeEntry(value: HistoryEntry): string {
  return JSON.stringify(value);
}

/** Undefined for what a newer version wrote, or for damage. */
export function decodeEntry(data: string): HistoryEntry | undefined {
  const parsed = entry.safeParse(parseJson(data));
  return parsed.success ? (parsed.data as HistoryEntry) : undefined;
}
