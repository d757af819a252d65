import type { RunLog } from '../../src/core/ports.ts';
import type { RunSettings } from '../../src/core/session.ts';

/** What a run of the fake runtime needs to know. */
export const runSettings: RunSettings = {
  agentName: 'Fake',
  command: '',
  args: [],
  env: {},
  projectRoot: '/w',
  inactivityTimeoutSeconds: 300,
  idleSeconds: 600,
  permissionMode: 'inherit',
  loadProjectSettings: false,
};

export const noRunLog: RunLog = {
  hide: () => undefined,
  append: () => undefined,
  flush: () => Promise.resolve(),
};
