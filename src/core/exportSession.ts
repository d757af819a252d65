import { parseJson } from '../base/json.ts';
import { t } from '../base/l10n.ts';
import type { Message, Part, Spilled, ToolCallPart } from '../protocol/view.ts';
import type { Redactor } from './redact.ts';
import type { SessionModel } from './sessionReducer.ts';

export const exportFormats = ['markdown', 'json'] as const;
export type ExportFormat = (typeof exportFormats)[number];

export interface ExportDeps {
  readonly readBlob: (blob: string) => Promise<string>;
  readonly redactor: Redactor;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Such a time in the notation of ISO 8601. */
  readonly timeText: (at: number) => string;
}

/**
 * A session, of which `model` has all messages, as a file for people or for programs: complete texts, secrets masked,
 * images by their kind only.
 */
export async function exportSession(model: SessionModel, format: ExportFormat, deps: ExportDeps): Promise<string> {
  const messages: Message[] = [];
  for (const message of model.view.messages) {
    const parts: Part[] = [];
    for (const part of message.parts) {
      parts.push(await complete(part, deps));
    }
    messages.push({ ...message, parts });
  }
  return deps.redactor.redact(format === 'json' ? asJson(model, messages, deps) : asMarkdown(model, messages, deps));
}

/** A name for the file: what the session is called, without what file systems do not take. */
export function exportFileName(name: string, day: string, format: ExportFormat): string {
  const words = name
    .normalize('NFC')
    .replaceAll(/[^\p{L}\p{N}]+/gu, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 60);
  return `${day}-${words === '' ? 'session' : words}.${format === 'json' ? 'json' : 'md'}`;
}

async function complete(part: Part, deps: ExportDeps): Promise<Part> {
  switch (part.type) {
    case 'text':
    case 'reasoning': {
      const { spilled, ...rest } = part;
      return { ...rest, text: await whole(part.text, spilled, deps) };
    }
    case 'toolCall': {
      const { spilledInput, spilledOutput, ...rest } = part;
      return {
        ...rest,
        inputText: await whole(part.inputText, spilledInput, deps),
        output: await whole(part.output, spilledOutput, deps),
      };
    }
    case 'image':
    case 'notice':
      return part;
  }
}

/** What was put aside; where that is gone, what is left of it, which says that it was cut. */
async function whole(text: string, spilled: Spilled | undefined, { readBlob }: ExportDeps): Promise<string> {
  return spilled === undefined ? text : readBlob(spilled.blob).catch(() => text);
}

function asJson(
  { identity, view, nativeSessionId, usage }: SessionModel,
  messages: Message[],
  { now, timeText }: ExportDeps,
): string {
  const { name, runtimeName, model } = view.header;
  const exported = {
    greenroom: 'export',
    format: 1,
    exportedAt: timeText(now),
    session: {
      id: identity.id,
      name,
      runtime: identity.runtime,
      runtimeName,
      model,
      cwd: identity.cwd,
      createdAt: timeText(identity.createdAt),
      nativeSessionId,
      usage,
    },
    messages: messages.map(({ role, at, parts }) => ({
      role,
      at: timeText(at),
      parts: parts.map((part) =>
        part.type === 'toolCall'
          ? { ...part, input: parseJson(part.inputText) ?? part.inputText, inputText: undefined }
          : part,
      ),
    })),
  };
  return `${JSON.stringify(exported, undefined, 2)}\n`;
}

function asMarkdown({ identity, view }: SessionModel, messages: readonly Message[], { timeText }: ExportDeps): string {
  const { name, runtimeName, model } = view.header;
  const head = [
    `# ${oneLine(name)}`,
    [
      t('Runtime: {0}', runtimeName),
      ...(model === undefined ? [] : [t('Model: {0}', model)]),
      t('Folder: {0}', identity.cwd),
      t('Begun: {0}', timeText(identity.createdAt)),
    ]
      .map((line) => `- ${line}`)
      .join('\n'),
  ];
  const body = messages.map((message) => {
    const speaker = message.role === 'user' ? t('You') : message.role === 'notice' ? t('Note') : runtimeName;
    return [`## ${speaker}`, ...message.parts.map(partAsMarkdown)].join('\n\n');
  });
  return `${[...head, ...body].join('\n\n')}\n`;
}

function partAsMarkdown(part: Part): string {
  switch (part.type) {
    case 'text':
      return part.text;
    case 'reasoning':
      return part.text.replaceAll(/^/gm, '> ');
    case 'toolCall':
      return callAsMarkdown(part);
    case 'image':
      return t('(an image, {0})', part.mediaType);
    case 'notice':
      return part.details === undefined ? part.text : `${part.text}\n\n${fenced(part.details, '')}`;
  }
}

function callAsMarkdown({ name, title, state, inputText, output, edit, decision }: ToolCallPart): string {
  return [
    `### ${oneLine(name)}${title === '' ? '' : `: ${oneLine(title)}`} (${state})`,
    ...(decision === undefined ? [] : [oneLine(decision)]),
    fenced(inputText, 'json'),
    ...(edit === undefined
      ? []
      : [
          fenced(
            edit.hunks.flatMap((hunk) => [`@@ -${hunk.oldStart} +${hunk.newStart} @@`, ...hunk.lines]).join('\n'),
            'diff',
          ),
        ]),
    ...(output === '' ? [] : [fenced(output, '')]),
  ].join('\n\n');
}

/** A fence that is longer than any in the text. */
function fenced(text: string, language: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}${language}\n${text}\n${fence}`;
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}
