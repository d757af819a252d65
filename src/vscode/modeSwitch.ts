import * as vscode from 'vscode';
import { t } from '../base/l10n.ts';
import type { Log } from '../core/ports.ts';
import type { Session } from '../core/session.ts';
import { approvalModes, modeInWords, modeLabel } from '../protocol/modes.ts';
import type { ApprovalMode } from '../protocol/view.ts';
import { config, settingOr } from './config.ts';

const confirmedKey = 'autoModeConfirmed';

export interface ModeSwitchDeps {
  /** Of the workspace, and not in it. */
  readonly state: vscode.Memento;
  readonly log: Log;
}

/**
 * The one way into another mode. `auto` is entered only after the person has read what can happen and said yes: each time
 * they choose it, and once per workspace where their settings ask for it.
 */
export class ModeSwitch {
  readonly #state: vscode.Memento;
  readonly #log: Log;
  /** In this window the person has refused what their settings ask for. */
  #declined = false;

  constructor({ state, log }: ModeSwitchDeps) {
    this.#state = state;
    this.#log = log;
  }

  /** What new sessions begin in. */
  defaultMode(): ApprovalMode {
    const wanted = settingOr(config.approvalMode, 'ask');
    return wanted === 'auto' && !this.#isConfirmed ? 'ask' : wanted;
  }

  async change(session: Session, mode: ApprovalMode): Promise<void> {
    const before = session.model.view.header.mode;
    if (mode === before || (mode === 'auto' && !(await confirmAuto(t('Use Auto in This Session'))))) {
      return;
    }
    await session.setMode(mode);
    this.#log.info(`approval: the mode of session ${session.id} is ${mode} (was ${before}; by the person)`);
  }

  async choose(session: Session): Promise<void> {
    const current = session.model.view.header.mode;
    const items = approvalModes.map((mode) => ({
      label: `${mode === current ? '$(check) ' : ''}${modeLabel(mode)}`,
      detail: modeInWords(mode),
      mode,
    }));
    const chosen = await vscode.window.showQuickPick(items, { placeHolder: t('How should the agent work?') });
    if (chosen !== undefined) {
      await this.change(session, chosen.mode);
    }
  }

  /** Before the first turn of a session: the settings ask for `auto`, and nobody has confirmed that here. */
  async beforeFirstTurn(session: Session | undefined): Promise<void> {
    if (session === undefined) {
      return;
    }
    const { header, total } = session.model.view;
    const isWanted = settingOr(config.approvalMode, 'ask') === 'auto' && header.mode === 'ask' && total <= 1;
    if (!isWanted || this.#isConfirmed || this.#declined) {
      return;
    }
    if (await confirmAuto(t('Use Auto in This Workspace'))) {
      await this.#state.update(confirmedKey, true);
      await session.setMode('auto');
      this.#log.info(`approval: the mode of session ${session.id} is auto (by the settings; confirmed by the person)`);
    } else {
      this.#declined = true;
    }
  }

  get #isConfirmed(): boolean {
    return this.#state.get(confirmedKey) === true;
  }
}

async function confirmAuto(label: string): Promise<boolean> {
  const answer = await vscode.window.showWarningMessage(
    t('Let the agent do everything without asking you?'),
    {
      modal: true,
      detail: t(
        'In the mode Auto it changes files, runs commands and uses the network with your rights, and nobody looks first. A page, an issue or a file that it reads can talk it into deleting your work or sending it away. Protected files, places outside of the folder, and commands that cannot be read still ask.',
      ),
    },
    label,
  );
  return answer === label;
}
