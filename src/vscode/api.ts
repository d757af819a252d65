import * as vscode from 'vscode';
import { type Disposable, DisposableStore } from '../base/lifecycle.ts';
import { parseJson } from '../base/json.ts';
import { t } from '../base/l10n.ts';
import { coreErrors } from '../core/errors.ts';
import { olderMessages } from '../core/olderMessages.ts';
import type { SessionCatalog } from '../core/ports.ts';
import type { Session } from '../core/session.ts';
import type { CreateOptions, SessionManager } from '../core/sessionManager.ts';
import type { SessionModels } from '../core/sessionModels.ts';
import { reduceAll } from '../core/sessionReducer.ts';
import { startInBackground, startWithPrompt } from '../core/startWithPrompt.ts';
import type { RuntimeKind } from '../core/runtime.ts';
import type { LazyShells } from '../core/shells/lazyShells.ts';
import type { Message, Part } from '../protocol/view.ts';
import { shellApi } from './shellApi.ts';
import type { GreenroomApi, SessionInfo, StartOptions, TranscriptMessage, TranscriptPart } from './greenroomApi.ts';

export interface ApiDeps {
  readonly manager: SessionManager;
  readonly catalog: Pick<SessionCatalog, 'load'> & Pick<SessionModels, 'loadMessages'>;
  readonly shells: LazyShells;
  readonly kindOf: (runtime: string) => RuntimeKind;
  readonly onProblem: (message: string) => void;
}

/** What other extensions get: the same moves as the commands, with their failures as rejections. */
export function createApi({ manager, catalog, shells, kindOf, onProblem }: ApiDeps): GreenroomApi & Disposable {
  const store = new DisposableStore();
  const changed = store.add(new vscode.EventEmitter<{ readonly sessionId?: string; readonly shellId?: string }>());
  const received = store.add(
    new vscode.EventEmitter<{
      readonly sessionId: string;
      readonly seq: number;
      readonly event: { readonly type: string };
    }>(),
  );
  store.add(manager.onDidChange((change) => changed.fire(change)));
  store.add(shells.onDidChange((change) => changed.fire(change)));
  store.add(
    manager.onDidAppend(({ sessionId, events }) => {
      for (const { seq, event } of events) {
        received.fire({ sessionId, seq, event });
      }
    }),
  );
  let storedListed = false;

  const info = (id: string): SessionInfo => {
    const found = manager.info(id);
    if (found === undefined) {
      throw coreErrors.unknownSession(id);
    }
    return found;
  };
  const load = async (id: string): Promise<Session> => {
    info(id);
    return manager.get(id);
  };
  const snapshot = async (
    id: string,
  ): Promise<{ readonly seq: number; readonly messages: readonly TranscriptMessage[] }> => {
    info(id);
    const live = manager.live(id);
    if (live !== undefined) {
      const { lastSeq: seq, view } = live.model;
      // Copied before anything is awaited: what is read after that can no longer change.
      const held = view.messages.map(toTranscriptMessage);
      const older = await olderMessages((before, count) => catalog.loadMessages(id, before, count), view.from);
      return { seq, messages: [...older.messages.map(toTranscriptMessage), ...held] };
    }
    // Only read: a stored session is not opened for writing by looking at it.
    const { identity, events } = await catalog.load(id);
    const model = reduceAll(identity, kindOf(identity.runtime).displayName, events);
    return { seq: model.lastSeq, messages: model.view.messages.map(toTranscriptMessage) };
  };

  return {
    version: 1,
    sessions() {
      if (!storedListed) {
        storedListed = true;
        manager.refreshStored().then(
          (problems) => problems.forEach(onProblem),
          (error: unknown) => onProblem(String(error)),
        );
      }
      return manager.list();
    },
    session: (id) => manager.info(id),
    transcript: async (id) => (await snapshot(id)).messages,
    snapshot,
    onDidChange: changed.event,
    onDidReceiveEvent: received.event,
    start: (options) => start(manager, options),
    send: async (id, text) => (await load(id)).send(text),
    async whenSettled(id) {
      await (await load(id)).whenSettled();
      return info(id);
    },
    cancel: async (id) => (await load(id)).cancel(),
    moveToBackground: async () => (await manager.moveToBackground()).slot ?? 0,
    resume: async (target) => info((await manager.resume(target)).session.id),
    async drop(target) {
      await manager.drop(target);
    },
    approvals: () =>
      manager.liveSessions.flatMap((session) =>
        session.model.view.header.pending.flatMap((item) =>
          item.kind === 'approval'
            ? [
                {
                  id: item.id,
                  sessionId: session.id,
                  toolName: item.toolName,
                  input:
                    session.desk.requestOf(item.id)?.input ??
                    parseJson(session.model.openApprovals.get(item.id)?.inputText ?? ''),
                  reason: item.reason,
                },
              ]
            : item.kind === 'plan'
              ? [
                  {
                    id: item.id,
                    sessionId: session.id,
                    toolName: 'ExitPlanMode',
                    input: { plan: item.plan },
                    reason: t('The agent has made a plan and wants to carry it out.'),
                  },
                ]
              : [],
        ),
      ),
    decide: (id, decision, message) => manager.decide(id, decision, message),
    questions: () =>
      manager.liveSessions.flatMap((session) =>
        session.model.view.header.pending.flatMap((item) =>
          item.kind === 'question' ? [{ id: item.id, sessionId: session.id, questions: item.questions }] : [],
        ),
      ),
    answer: (id, answers) => manager.answer(id, answers),
    ...shellApi(shells, info),
    dispose: () => store.dispose(),
  };
}

async function start(manager: SessionManager, options: StartOptions): Promise<SessionInfo> {
  if (options.worktree === true) {
    throw coreErrors.notYetAvailable(t('A worktree of its own'));
  }
  const { runtime, model, cwd, name, prompt, background } = options;
  const create = {
    ...(runtime === undefined ? {} : { runtime }),
    ...(model === undefined ? {} : { model }),
    ...(cwd === undefined ? {} : { cwd }),
    ...(name === undefined ? {} : { name }),
  };
  const session = await startSession(manager, create, prompt, background === true);
  const info = manager.info(session.id);
  if (info === undefined) {
    throw coreErrors.unknownSession(session.id);
  }
  return info;
}

async function startSession(
  manager: SessionManager,
  options: CreateOptions,
  prompt: string | undefined,
  background: boolean,
): Promise<Session> {
  if (background) {
    return prompt === undefined ? manager.createInBackground(options) : startInBackground(manager, options, prompt);
  }
  const session = await manager.create(options);
  if (prompt !== undefined) {
    await startWithPrompt(session, prompt);
  }
  return session;
}

function toTranscriptMessage(message: Message): TranscriptMessage {
  return { role: message.role, parts: message.parts.map(toTranscriptPart) };
}

function toTranscriptPart(part: Part): TranscriptPart {
  switch (part.type) {
    case 'text':
    case 'reasoning':
      return { type: part.type, text: part.text };
    case 'toolCall':
      return {
        type: 'toolCall',
        id: part.id,
        name: part.name,
        state: part.state,
        input: part.state === 'streaming' ? part.inputText : (parseJson(part.inputText) ?? part.inputText),
        ...(part.output === '' ? {} : { output: part.output }),
      };
    case 'image':
      return { type: 'image', mediaType: part.mediaType };
    case 'notice':
      return { type: 'notice', text: part.text };
  }
}
