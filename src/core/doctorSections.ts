import { t } from '../base/l10n.ts';
import type { DoctorFacts, MachineFacts, StorageFacts } from './doctorFacts.ts';
import { bytesInWords, type Check, type CheckSection } from './doctorReport.ts';
import type { RuntimeProbe } from './runtimeProbe.ts';

/** With less, a session of a day may not fit any more. */
const littleSpaceBytes = 200 * 1024 * 1024;

/** Judges what was found out: what is well, what is not, and what to do about it. */
export function doctorSections(facts: DoctorFacts): readonly CheckSection[] {
  return [
    { title: t('Versions'), checks: versions(facts) },
    { title: t('Workspace'), checks: workspace(facts) },
    { title: t('Agents'), checks: facts.agents.flatMap(({ name, probe }) => agent(name, probe)) },
    { title: t('Processes'), checks: processes(facts) },
    { title: t('Storage'), checks: [...storage(facts.storage), ...saving(facts)] },
    { title: t('Settings'), checks: settings(facts.settingProblems) },
  ];
}

function fact(label: string, value: string): Check {
  return { status: 'fact', label, value };
}

function good(label: string, value: string): Check {
  return { status: 'good', label, value };
}

function versions({ extensionVersion, editor, remote, machine }: DoctorFacts): readonly Check[] {
  return [
    fact('Greenroom', extensionVersion),
    fact(t('Editor'), editor),
    ...(remote === undefined ? [] : [fact(t('Remote'), remote)]),
    ...(machine === undefined ? [] : [fact(t('System'), machine.platform), fact('Node.js', machine.node)]),
  ];
}

function workspace({ isTrusted, hasFolder }: DoctorFacts): readonly Check[] {
  const folder: Check = hasFolder
    ? good(t('Folder'), t('open'))
    : {
        status: 'warning',
        label: t('Folder'),
        value: t('none'),
        advice: t('Open a folder: an agent works in a directory.'),
      };
  const trust: Check = isTrusted
    ? good(t('Trust'), t('trusted'))
    : {
        status: 'warning',
        label: t('Trust'),
        value: t('not trusted: no agent runs here'),
        advice: t('Run "Workspaces: Manage Workspace Trust" if you know what is in this folder.'),
      };
  return [folder, trust];
}

function agent(name: string, probe: RuntimeProbe | undefined): readonly Check[] {
  if (probe === undefined) {
    return [fact(name, t('nothing has to be installed'))];
  }
  const { path, version, loggedIn, keyNames, keyStored, problem } = probe;
  const place = path === undefined ? [] : [fact(t('Program'), path)];
  const keys = [
    keyNames.length === 0
      ? fact(t('Keys in the environment'), t('none'))
      : fact(t('Keys in the environment'), keyNames.join(', ')),
  ];
  if (problem !== undefined) {
    return [{ status: 'bad', label: name, value: problem.message, advice: adviceFor(probe) }, ...place, ...keys];
  }
  if (keyStored === true) {
    return [good(name, t('an API key is stored')), ...keys];
  }
  if (path === undefined) {
    return [good(name, t('an API key is in the environment')), ...keys];
  }
  if (version === undefined) {
    return [fact(name, t('found; it is not started in a folder that is not trusted')), ...place, ...keys];
  }
  const login: Check =
    loggedIn === true
      ? good(t('Login'), t('logged in'))
      : fact(t('Login'), t('not known before the first turn; if that fails, run "Greenroom: Log In to the Agent"'));
  return [good(name, version), ...place, login, ...keys];
}

function adviceFor({ state }: RuntimeProbe): string {
  switch (state) {
    case 'notFound':
      return t('Install it, or set its path in the settings; then run "Greenroom: Look for Agents Again".');
    case 'loggedOut':
      return t('Run "Greenroom: Log In to the Agent".');
    case 'noKey':
      return t('Run "Greenroom: Set API Key".');
    case 'tooOld':
      return t('Update it: its own command for that is "update".');
    case 'broken':
    case 'found':
    case 'ready':
      return t('Start the program in a terminal and see what it says.');
  }
}

function processes({ machine, processes: running }: DoctorFacts): readonly Check[] {
  const names = running.map(({ name, pid }) => (pid === undefined ? name : `${name} (${pid})`));
  return [
    fact(t('Processes of this window'), names.length === 0 ? t('none') : `${names.length}: ${names.join(', ')}`),
    ...(machine === undefined ? [] : terminals(machine)),
  ];
}

function terminals({ pty, wantsPty, programs, openPtys }: MachineFacts): readonly Check[] {
  const library: Check =
    'from' in pty
      ? good('node-pty', pty.from)
      : {
          status: wantsPty ? 'warning' : 'fact',
          label: 'node-pty',
          value: t('could not be loaded, so pipes are used: {0}', pty.missing),
          ...(wantsPty ? { advice: t('Install Greenroom anew: the package for this system contains it.') } : {}),
        };
  return [
    ...(openPtys === undefined ? [] : [fact(t('Open pseudo-terminals'), String(openPtys))]),
    library,
    ...programs.map(({ name, path }): Check =>
      path === undefined
        ? {
            status: 'warning',
            label: name,
            value: t('not found'),
            advice: t('Install it with the package manager of your system; until then Greenroom does without.'),
          }
        : good(name, path),
    ),
  ];
}

function storage(facts: StorageFacts | undefined): readonly Check[] {
  if (facts === undefined) {
    return [];
  }
  const { folder, problem, freeBytes, sessions, bytes } = facts;
  const writable: Check =
    problem === undefined
      ? good(t('Folder of the sessions'), folder)
      : {
          status: 'bad',
          label: t('Folder of the sessions'),
          value: t('{0} cannot be written: {1}', folder, problem),
          advice: t('Make the folder writable for you, or free some space; sessions stay in memory until then.'),
        };
  const space = (free: number): Check =>
    free >= littleSpaceBytes
      ? good(t('Free space'), bytesInWords(free))
      : {
          status: 'warning',
          label: t('Free space'),
          value: bytesInWords(free),
          advice: t('Free some space: without it sessions cannot be saved.'),
        };
  return [
    writable,
    ...(freeBytes === undefined ? [] : [space(freeBytes)]),
    fact(t('Stored sessions of this workspace'), `${sessions} (${bytesInWords(bytes)})`),
  ];
}

function saving({ saveTrouble }: DoctorFacts): readonly Check[] {
  if (saveTrouble === undefined) {
    return [good(t('Saving'), t('no trouble in this window'))];
  }
  return [
    saveTrouble.isOver
      ? fact(t('Saving'), t('works again after: {0}', saveTrouble.message))
      : {
          status: 'bad',
          label: t('Saving'),
          value: saveTrouble.message,
          advice: t('Keep this window open until it works again: what is not saved is only in memory.'),
        },
  ];
}

function settings(problems: readonly string[]): readonly Check[] {
  return problems.length === 0
    ? [good(t('Settings'), t('all are valid'))]
    : problems.map((problem) => ({
        status: 'bad',
        label: t('Setting'),
        value: problem,
        advice: t('Correct it in the settings; until then no turn starts, or the default holds.'),
      }));
}
