// A host with one run of the real CLI that waits to be killed: `claudeHost.ts transport ledgers reaper url root`.
import path from 'node:path';
import type { RunContext } from '../../../src/core/runtime.ts';
import { ProcessLedger } from '../../../src/platform/processLedger.ts';
import { NodeProcessLauncher } from '../../../src/platform/processLauncher.ts';
import { systemClock } from '../../../src/platform/systemClock.ts';
import { cleanClaudeEnv } from '../../modelServer/cleanClaudeEnv.ts';
import { claudeCli, silentLog, testKind } from '../claudeCode/harness.ts';

const [transport, folder = '', reaper = '', url = '', root = ''] = process.argv.slice(2);
const ledger = new ProcessLedger({
  folder,
  clock: systemClock,
  log: silentLog,
  ...(reaper === '' ? {} : { reaper }),
});
const launcher = new NodeProcessLauncher({ log: silentLog, ledger, transport: transport === 'pipe' ? 'pipe' : 'pty' });
const env = cleanClaudeEnv({ home: path.join(root, 'h'), tmp: path.join(root, 't'), url });
const cwd = path.join(root, 'w');
const runtime = await testKind(launcher, env).create();
const context: RunContext = {
  sessionId: root,
  run: 1,
  agentName: 'Claude Code',
  command: claudeCli(),
  args: [],
  env: {},
  prompt: 'go',
  cwd,
  projectRoot: cwd,
  inactivityTimeoutSeconds: 0,
  idleSeconds: 60,
  mode: 'ask',
  permissionMode: 'inherit',
  loadProjectSettings: false,
  approvals: {
    judge: () => Promise.resolve({ kind: 'allow', reason: '' }),
    ask: () => Promise.resolve({ kind: 'allow' }),
    askQuestions: () => Promise.resolve(undefined),
    approvePlan: () => Promise.resolve({ kind: 'allow', mode: 'ask' }),
  },
};
void runtime.start(context, () => undefined);
setInterval(() => undefined, 1_000_000);
