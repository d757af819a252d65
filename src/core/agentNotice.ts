import { t } from '../base/l10n.ts';
import type { AgentNotice } from '../protocol/messages.ts';
import { action } from './errors.ts';
import type { RuntimeProbe } from './runtimeProbe.ts';

/** What an empty chat says about its agent; `probe` is undefined while it is looked for. */
export function agentNotice(agentName: string, probe: RuntimeProbe | undefined): AgentNotice {
  if (probe === undefined) {
    return { level: 'checking', title: t('Looking for {0}…', agentName), details: [], actions: [] };
  }
  const details = [
    probe.path,
    probe.keyStored === true ? t("Its API key is in VS Code's secret storage.") : undefined,
    probe.keyNames.length === 0 ? undefined : t('Key from the environment: {0}', probe.keyNames.join(', ')),
  ].filter((line) => line !== undefined);
  if (probe.problem === undefined) {
    const isTrusted = probe.state !== 'found';
    return {
      level: isTrusted ? 'good' : 'bad',
      title: isTrusted
        ? nameWithVersion(agentName, probe)
        : t('{0} is installed. It starts only in a folder that you trust.', agentName),
      details,
      actions: isTrusted ? [] : [action.trustWorkspace(), action.startDemo()],
    };
  }
  const offered = probe.problem.actions.filter(
    ({ id }) => id !== 'retry' && id !== 'showLog' && id !== 'checkAgents' && id !== 'startDemo',
  );
  return {
    level: 'bad',
    title: probe.problem.message,
    details: probe.version === undefined ? details : [nameWithVersion(agentName, probe), ...details],
    actions: [...offered, action.checkAgents(), action.startDemo()],
  };
}

/** `Claude Code 2.1.197` */
export function nameWithVersion(agentName: string, probe: RuntimeProbe): string {
  return probe.version === undefined ? agentName : `${agentName} ${probe.version}`;
}
