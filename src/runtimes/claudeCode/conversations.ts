import { t } from '../../base/l10n.ts';
import type { Conversation, ConversationSource, PastEvent } from '../../core/runtime.ts';
import { buildEnvironment } from './environment.ts';
import { PastConversation } from './pastConversation.ts';
import type { ClaudeCodeServices } from './services.ts';

const fileName = /^([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\.jsonl$/;
/** More are not looked at: the newest are wanted. */
const maxListed = 100;
const longestTitle = 80;

type Services = Pick<ClaudeCodeServices, 'environment' | 'listFiles' | 'readLines' | 'realPath'>;

/** The conversations that the CLI keeps for a folder, whoever had them. */
export class ClaudeConversations implements ConversationSource {
  readonly #services: Services;
  readonly #env: Readonly<Record<string, string>>;

  /** `env` are the variables that are configured for the CLI: they may move the place where it keeps things. */
  constructor(services: Services, env: Readonly<Record<string, string>>) {
    this.#services = services;
    this.#env = buildEnvironment(services.environment(), env);
  }

  async list(folderOfWork: string): Promise<readonly Conversation[]> {
    const cwd = await this.#services.realPath(folderOfWork);
    const folder = this.#folder(cwd);
    const files = [...(await this.#services.listFiles(folder))]
      .sort((a, b) => b.modifiedAt - a.modifiedAt)
      .slice(0, maxListed);
    const found: Conversation[] = [];
    for (const { name, modifiedAt } of files) {
      const nativeSessionId = fileName.exec(name)?.[1];
      if (nativeSessionId === undefined) {
        continue;
      }
      const past = await this.#read(`${folder}/${name}`, nativeSessionId);
      // Folders whose names differ in punctuation only share a place.
      if (past.messageCount > 0 && (past.cwd === undefined || past.cwd === cwd)) {
        const title = past.title ?? t('(no title)');
        found.push({
          nativeSessionId,
          title: title.length > longestTitle ? `${title.slice(0, longestTitle - 1)}…` : title,
          messageCount: past.messageCount,
          updatedAt: modifiedAt,
        });
      }
    }
    return found;
  }

  async read(folderOfWork: string, nativeSessionId: string): Promise<readonly PastEvent[]> {
    const cwd = await this.#services.realPath(folderOfWork);
    return (await this.#read(`${this.#folder(cwd)}/${nativeSessionId}.jsonl`, nativeSessionId)).events;
  }

  async #read(file: string, nativeSessionId: string): Promise<PastConversation> {
    const past = new PastConversation(nativeSessionId);
    await this.#services.readLines(file, (line) => past.push(line));
    past.end();
    return past;
  }

  /** The CLI knows its directory without links. */
  #folder(cwd: string): string {
    const { CLAUDE_CONFIG_DIR: config, HOME: home, USERPROFILE: profile } = this.#env;
    const base = config ?? `${home ?? profile ?? '~'}/.claude`;
    return `${base}/projects/${cwd.replaceAll(/[^A-Za-z0-9]/g, '-')}`;
  }
}
