import { messageOf } from '../../base/errors.ts';
import { t } from '../../base/l10n.ts';
import { showInvisible } from '../../base/visibleText.ts';
import type { ApprovalPolicy } from '../approvalPolicy.ts';
import { readsOnlyBelow } from '../ownReads.ts';
import { resolvePath } from '../paths.ts';
import type { FileAccess, Log } from '../ports.ts';
import type { ToolRequest } from '../runtime.ts';
import type { SessionModel } from '../sessionReducer.ts';
import { ApprovedBefore } from './approvedBefore.ts';
import type { Judgement } from './judgement.ts';
import type { RuleBook } from './ruleBook.ts';

/** The key of an answer for later; a longer one stands for a call that nobody has read to its end. */
const maxGrantKeyLength = 8_000;

export interface CallJudgeOptions {
  readonly model: SessionModel;
  readonly files: FileAccess;
  readonly log: Log;
  readonly policy: ApprovalPolicy;
  /** A folder of the session's own, outside its directory, that it may read without asking. */
  readonly ownFolder: () => string | undefined;
}

/**
 * Decides the calls of one session by its mode, the rules and the earlier answers, and says what a person has to see of
 * them. Reading commands takes a parser: it is loaded with the first call, not with the extension.
 */
export class CallJudge {
  readonly approvedBefore = new ApprovedBefore();
  readonly #options: CallJudgeOptions;
  #ruleBook: RuleBook | undefined;

  constructor(options: CallJudgeOptions) {
    this.#options = options;
  }

  async judge(request: ToolRequest): Promise<Judgement> {
    const { model, files, policy } = this.#options;
    const [{ judge }, { RuleBook }] = await Promise.all([import('./judge.ts'), import('./ruleBook.ts')]);
    this.#ruleBook ??= new RuleBook();
    const { allow, deny } = policy.rules();
    const state = {
      mode: model.view.header.mode,
      cwd: model.identity.cwd,
      grants: model.grants,
      always: new Set((await policy.always?.list())?.map(({ key }) => key)),
      allow: this.#ruleBook.read('approvals.allow', allow),
      deny: this.#ruleBook.read('approvals.deny', deny),
      protectedFolders: policy.protectedFolders,
      home: policy.home,
    };
    const { verdict, grant } = await judge(request, state, files);
    if (verdict.kind === 'ask' && (await this.#readsItsOwn(request))) {
      return { verdict: { kind: 'allow', reason: t("it only reads the output of the session's own shells") } };
    }
    if (verdict.kind === 'ask' && this.approvedBefore.covers(request)) {
      return { verdict: { kind: 'allow', reason: t('you approved it after the turn was cut off') } };
    }
    return { verdict, ...(grant === undefined || grant.key.length > maxGrantKeyLength ? {} : { grant }) };
  }

  async subjectOf(request: ToolRequest): Promise<string> {
    const { model, files } = this.#options;
    const { subjectOf } = await import('./subject.ts');
    return subjectOf(request, model.identity.cwd, files);
  }

  /** The change that an edit would make; undefined where there is none that could be shown. */
  async proposedEdit(request: ToolRequest) {
    const { model, files, log } = this.#options;
    if (request.change === undefined) {
      return undefined;
    }
    try {
      const path = resolvePath(model.identity.cwd, request.change.path);
      // The diffing library is loaded with the first edit, not with the extension.
      const { proposeEdit } = await import('../proposedEdit.ts');
      return proposeEdit(showInvisible(path), await files.readText(path), request.change);
    } catch (error) {
      log.warn(`no preview of ${request.toolName}: ${messageOf(error)}`);
      return undefined;
    }
  }

  async #readsItsOwn(request: ToolRequest): Promise<boolean> {
    const { model, files, ownFolder } = this.#options;
    const folder = ownFolder();
    return folder !== undefined && (await readsOnlyBelow(folder, request, model.identity.cwd, files));
  }
}
