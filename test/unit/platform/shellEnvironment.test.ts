import assert from 'node:assert/strict';
import { shellEnvironment } from '../../../src/platform/shellEnvironment.ts';

describe('the environment of a shell', () => {
  it("is the person's, without what belongs to the editor or to another terminal", () => {
    const env = shellEnvironment(
      {
        PATH: '/bin',
        HOME: '/home/me',
        API_TOKEN: 'x',
        VSCODE_IPC_HOOK: 'x',
        ELECTRON_RUN_AS_NODE: '1',
        NODE_OPTIONS: '--require x',
        TMUX: 'x',
        CLAUDECODE: '1',
        NOTHING: undefined,
      },
      false,
    );
    const { PATH, HOME, API_TOKEN, TERM, ...ours } = env;
    assert.deepEqual([PATH, HOME, API_TOKEN, TERM], ['/bin', '/home/me', 'x', 'dumb']);
    assert.deepEqual(Object.keys(ours).sort(), ['GIT_EDITOR', 'GIT_PAGER', 'GIT_TERMINAL_PROMPT', 'PAGER']);
  });

  it('leaves the kind of terminal to the terminal', () => {
    assert.equal(shellEnvironment({ TERM: 'xterm' }, true)['TERM'], 'xterm');
  });
});
