import type { ErrorInfo } from '../base/errors.ts';
import { t } from '../base/l10n.ts';
import type { Hunk, ProposedEdit, Question, Spilled } from '../protocol/view.ts';
import { isDelta } from './deltaMerger.ts';
import { maxRecordJsonBytes } from './logRecords.ts';
import type { EditResult, SessionEvent, ToolImage } from './sessionEvents.ts';
import { headLength, jsonSize, splitBySize, tailLength, utf8Size } from './textSize.ts';

/** Keeps a text in a file of its own. */
export type PutBlob = (text: string) => Spilled;

/** What an event may take, with room for its number, its time and its run. */
const maxEventBytes = maxRecordJsonBytes - 256;
/** A delta that is longer is cut in several: small enough that some of them still share a record. */
const maxDeltaBytes = 16_384;
/** How often the budgets are halved before the event is taken for hopeless; 2^-8 of each is nearly nothing. */
const maxHalvings = 8;

/** JSON bytes for each kind of text. Together they may exceed the record: all are halved then until it fits. */
const budget = {
  id: 512,
  name: 256,
  line: 2_048,
  message: 8_192,
  path: 4_096,
  input: 24_576,
  output: 32_768,
  prose: 49_152,
  before: 8_192,
  hunks: 20_480,
  question: 2_048,
  answer: 8_192,
} as const;
/** How many there may be of what comes in lists. */
const most = { hunks: 200, questions: 20, options: 50, commands: 500, answers: 20, images: 64, actions: 8 } as const;

/**
 * The event, or the events that stand for it, each small enough for one record. A text that is too large is replaced by
 * its beginning and its end with a visible mark between them, and kept whole through `putBlob` where the event can refer
 * to it; a long delta becomes several. Bounding again changes nothing.
 */
export function boundEvent(event: SessionEvent, putBlob: PutBlob): readonly SessionEvent[] {
  if (isDelta(event)) {
    // Its names are bounded to much less than a record: nothing has to be measured.
    const bounded = new Bounds(1, putBlob).event(event) as typeof event;
    return fits(event.text, maxDeltaBytes)
      ? [{ ...bounded, text: event.text }]
      : splitBySize(event.text, maxDeltaBytes).map((text) => ({ ...bounded, text }));
  }
  return [boundOne(event, putBlob)];
}

function boundOne(event: SessionEvent, putBlob: PutBlob): SessionEvent {
  const known = new Map<string, Spilled>();
  const putOnce: PutBlob = (text) => {
    const spilled = known.get(text) ?? putBlob(text);
    known.set(text, spilled);
    return spilled;
  };
  let bounded = new Bounds(1, putOnce).event(event);
  for (let halvings = 1; halvings <= maxHalvings && sizeOf(bounded) > maxEventBytes; halvings++) {
    bounded = new Bounds(2 ** -halvings, putOnce).event(event);
  }
  return bounded;
}

function sizeOf(event: SessionEvent): number {
  return utf8Size(JSON.stringify(event));
}

/** Cuts every text of an event to its budget times `scale`. */
class Bounds {
  readonly #scale: number;
  readonly #putBlob: PutBlob;

  constructor(scale: number, putBlob: PutBlob) {
    this.#scale = scale;
    this.#putBlob = putBlob;
  }

  event(event: SessionEvent): SessionEvent {
    switch (event.type) {
      case 'status':
        return { ...event, text: this.#cut(event.text, 'line') };
      case 'sessionStarted':
        return {
          ...event,
          nativeSessionId: this.#id(event.nativeSessionId),
          ...(event.model === undefined ? {} : { model: this.#cut(event.model, 'name') }),
          ...(event.version === undefined ? {} : { version: this.#cut(event.version, 'name') }),
          ...(event.commands === undefined
            ? {}
            : { commands: this.#some(event.commands, 'commands').map((name) => this.#cut(name, 'name')) }),
        };
      case 'textDelta':
      case 'reasoningDelta':
        return { ...event, partId: this.#id(event.partId), text: '', ...this.#parent(event.parentId) };
      case 'toolCallStreaming':
        return {
          ...event,
          id: this.#id(event.id),
          name: this.#cut(event.name, 'name'),
          text: '',
          ...this.#parent(event.parentId),
        };
      case 'toolOutput':
        return { ...event, id: this.#id(event.id), text: '' };
      case 'toolCallStarted': {
        const { text, spilled } = this.#spill(event.inputText, 'input', event.spilledInput);
        return {
          ...event,
          id: this.#id(event.id),
          name: this.#cut(event.name, 'name'),
          title: this.#cut(event.title, 'line'),
          inputText: text,
          ...(spilled === undefined ? {} : { spilledInput: spilled }),
          ...this.#parent(event.parentId),
        };
      }
      case 'toolResult': {
        const { text, spilled } = this.#spill(event.output, 'output', event.spilledOutput);
        return {
          ...event,
          id: this.#id(event.id),
          output: text,
          ...(spilled === undefined ? {} : { spilledOutput: spilled }),
          ...(event.edit === undefined ? {} : { edit: this.#editResult(event.edit) }),
          ...(event.images === undefined
            ? {}
            : { images: this.#some(event.images, 'images').map((image) => this.#image(image)) }),
        };
      }
      case 'backgroundTask':
        return {
          ...event,
          taskId: this.#id(event.taskId),
          title: this.#cut(event.title, 'line'),
          ...this.#call(event.toolCallId),
        };
      case 'rateLimit':
        return event.limit === undefined ? event : { ...event, limit: this.#cut(event.limit, 'name') };
      case 'retry':
        return { ...event, reason: this.#cut(event.reason, 'line') };
      case 'warning':
        return { ...event, code: this.#id(event.code), message: this.#cut(event.message, 'message') };
      case 'modelTold':
        return { ...event, text: this.#cut(event.text, 'prose') };
      case 'turnComplete':
        return event.error === undefined ? event : { ...event, error: this.#error(event.error) };
      case 'error':
        return { ...event, error: this.#error(event.error) };
      case 'rawOutput':
        return { ...event, text: this.#cut(event.text, 'prose') };
      case 'agentJson':
        return { ...event, data: this.#cut(event.data, 'prose') };
      case 'done':
        return event.nativeSessionId === undefined
          ? event
          : { ...event, nativeSessionId: this.#id(event.nativeSessionId) };
      case 'configured':
        return {
          ...event,
          ...(event.name === undefined ? {} : { name: this.#cut(event.name, 'line') }),
          ...(typeof event.model === 'string' ? { model: this.#cut(event.model, 'name') } : {}),
        };
      case 'messageQueued':
      case 'userMessage': {
        const { text, spilled } = this.#spill(event.text, 'prose', event.spilled);
        return {
          ...event,
          messageId: this.#id(event.messageId),
          text,
          ...(spilled === undefined ? {} : { spilled }),
        };
      }
      case 'messageUnqueued':
        return { ...event, messageId: this.#id(event.messageId) };
      case 'approvalNeeded':
        return this.#approvalNeeded(event);
      case 'approvalDecided':
        return {
          ...event,
          id: this.#id(event.id),
          ...(event.message === undefined ? {} : { message: this.#cut(event.message, 'message') }),
        };
      case 'questionAsked':
        return {
          ...event,
          id: this.#id(event.id),
          ...this.#call(event.toolCallId),
          questions: this.#some(event.questions, 'questions').map((question) => this.#question(question)),
        };
      case 'questionAnswered':
        return {
          ...event,
          id: this.#id(event.id),
          ...(event.answers === undefined ? {} : { answers: this.#answers(event.answers) }),
        };
      case 'toolDecision':
        return { ...event, toolCallId: this.#id(event.toolCallId), text: this.#cut(event.text, 'message') };
      case 'history': {
        const { text, spilled } = this.#spill(event.data, 'prose', event.spilled);
        return { ...event, data: text, ...(spilled === undefined ? {} : { spilled }) };
      }
      case 'stepStarted':
      case 'contextUsed':
      case 'usage':
      case 'compaction':
      case 'turnStarted':
      case 'turnCancelled':
        return event;
    }
  }

  #approvalNeeded(event: Extract<SessionEvent, { type: 'approvalNeeded' }>): SessionEvent {
    const subject = this.#spill(event.subject, 'input', event.spilledSubject);
    return {
      ...event,
      id: this.#id(event.id),
      ...this.#call(event.toolCallId),
      toolName: this.#cut(event.toolName, 'name'),
      inputText: this.#cut(event.inputText, 'input'),
      reason: this.#cut(event.reason, 'line'),
      subject: subject.text,
      ...(subject.spilled === undefined ? {} : { spilledSubject: subject.spilled }),
      ...(event.edit === undefined ? {} : { edit: this.#proposedEdit(event.edit) }),
      ...(event.plan === undefined ? {} : { plan: this.#cut(event.plan, 'prose') }),
      ...(event.sessionScope === undefined ? {} : { sessionScope: this.#cut(event.sessionScope, 'line') }),
      ...(event.alwaysScope === undefined ? {} : { alwaysScope: this.#cut(event.alwaysScope, 'line') }),
    };
  }

  #parent(parentId: string | undefined): { readonly parentId?: string } {
    return parentId === undefined ? {} : { parentId: this.#id(parentId) };
  }

  #call(toolCallId: string | undefined): { readonly toolCallId?: string } {
    return toolCallId === undefined ? {} : { toolCallId: this.#id(toolCallId) };
  }

  /** An id is cut the same way wherever it appears, whatever else has to give way, so that it still names the same thing. */
  #id(id: string): string {
    if (fits(id, budget.id)) {
      return id;
    }
    const half = budget.id / 2;
    return id.slice(0, headLength(id, half)) + id.slice(id.length - tailLength(id, half));
  }

  #cut(text: string, kind: keyof typeof budget): string {
    const max = Math.floor(budget[kind] * this.#scale);
    return fits(text, max) ? text : cutMiddle(text, max);
  }

  #spill(
    text: string,
    kind: keyof typeof budget,
    before: Spilled | undefined,
  ): { readonly text: string; readonly spilled: Spilled | undefined } {
    const cut = this.#cut(text, kind);
    return { text: cut, spilled: before ?? (cut === text ? undefined : this.#putBlob(text)) };
  }

  #some<T>(items: readonly T[], kind: keyof typeof most): readonly T[] {
    return items.slice(0, Math.max(1, Math.floor(most[kind] * this.#scale)));
  }

  #error(error: ErrorInfo): ErrorInfo {
    return {
      ...error,
      code: this.#id(error.code),
      message: this.#cut(error.message, 'message'),
      actions: this.#some(error.actions, 'actions'),
      ...(error.details === undefined ? {} : { details: this.#cut(error.details, 'message') }),
    };
  }

  /** The bytes of an image are always kept apart. */
  #image({ mediaType, data, spilled }: ToolImage): ToolImage {
    const kept = spilled ?? (data === undefined ? undefined : this.#putBlob(data));
    return { mediaType: this.#cut(mediaType, 'name'), ...(kept === undefined ? {} : { spilled: kept }) };
  }

  /** The text before an edit is compared with the text after it: where it is too large, only the whole of it is of use. */
  #editResult(edit: EditResult): EditResult {
    const { before, ...rest } = edit;
    const isSmall = before === undefined || this.#cut(before, 'before') === before;
    return {
      ...rest,
      path: this.#cut(edit.path, 'path'),
      hunks: this.#hunks(edit.hunks),
      ...(before === undefined || !isSmall ? {} : { before }),
      ...(isSmall ? {} : { spilledBefore: edit.spilledBefore ?? this.#putBlob(before) }),
    };
  }

  #proposedEdit(edit: ProposedEdit): ProposedEdit {
    return { ...edit, path: this.#cut(edit.path, 'path'), hunks: this.#hunks(edit.hunks) };
  }

  /** The first lines of an edit, as many as fit, and a line that says how many were left out. */
  #hunks(hunks: readonly Hunk[]): readonly Hunk[] {
    let room = budget.hunks * this.#scale;
    let lineCount = 0;
    let keptCount = 0;
    const kept: Hunk[] = [];
    for (const hunk of hunks) {
      lineCount += hunk.lines.length;
      room -= 48;
      const lines: string[] = [];
      for (const line of room > 0 && kept.length < most.hunks ? hunk.lines : []) {
        const cut = this.#cut(line, 'line');
        room -= jsonSize(cut) + 3;
        if (room < 0) {
          break;
        }
        lines.push(cut);
      }
      if (lines.length > 0) {
        kept.push({ ...hunk, lines });
        keptCount += lines.length;
      }
      if (lines.length < hunk.lines.length) {
        room = 0;
      }
    }
    if (keptCount === lineCount) {
      return kept;
    }
    const last = kept.at(-1) ?? { oldStart: 1, newStart: 1, lines: [] };
    const mark = ` ${t('[… {0} more lines …]', lineCount - keptCount)}`;
    return [...kept.slice(0, -1), { ...last, lines: [...last.lines, mark] }];
  }

  #question(question: Question): Question {
    return {
      ...question,
      question: this.#cut(question.question, 'question'),
      ...(question.header === undefined ? {} : { header: this.#cut(question.header, 'name') }),
      options: this.#some(question.options, 'options').map((option) => ({
        ...option,
        label: this.#cut(option.label, 'name'),
        ...(option.description === undefined ? {} : { description: this.#cut(option.description, 'question') }),
      })),
    };
  }

  #answers(answers: Readonly<Record<string, string | readonly string[]>>): Record<string, string | readonly string[]> {
    const entries = this.#some(Object.entries(answers), 'answers').map(([question, answer]) => [
      this.#cut(question, 'question'),
      typeof answer === 'string'
        ? this.#cut(answer, 'answer')
        : this.#some(answer, 'options').map((one) => this.#cut(one, 'line')),
    ]);
    return Object.fromEntries(entries) as Record<string, string | readonly string[]>;
  }
}

/** A code unit takes between one byte of JSON and six: most texts need not be measured. */
function fits(text: string, maxBytes: number): boolean {
  return text.length * 6 <= maxBytes || (text.length <= maxBytes && jsonSize(text) <= maxBytes);
}

/** The beginning and the end of a text, and between them how much is missing; takes at most `maxBytes` of JSON. */
function cutMiddle(text: string, maxBytes: number): string {
  const mark = (count: number) => `\n${t('[… {0} characters are left out here …]', count)}\n`;
  const room = Math.max(0, maxBytes - jsonSize(mark(text.length)));
  const head = headLength(text, Math.ceil((room * 2) / 3));
  const tail = tailLength(text.slice(head), Math.floor(room / 3));
  return text.slice(0, head) + mark(text.length - head - tail) + text.slice(text.length - tail);
}
