import assert from 'node:assert/strict';
import { probeClaudeCode } from '../../../../src/runtimes/claudeCode/probe.ts';
import type { ClaudeCodeServices } from '../../../../src/runtimes/claudeCode/services.ts';
import { FakeClock, FakeCli, settle } from './fakes.ts';

interface Script {
  readonly path?: string | undefined;
  /** By the arguments: what is printed before the end; nothing: it hangs. */
  readonly answers?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
}

function bench({ path, answers = {}, env = {} }: Script) {
  const clock = new FakeClock();
  const clis: FakeCli[] = [];
  const services = {
    clock,
    launcher: {
      launch(spec: ConstructorParameters<typeof FakeCli>[0]) {
        const cli = new FakeCli(spec, false);
        clis.push(cli);
        const answer = answers[spec.args.join(' ')];
        if (answer !== undefined) {
          setImmediate(() => {
            cli.print(answer);
            cli.exit(0);
          });
        }
        return Promise.resolve(cli);
      },
    },
    environment: () => ({ PATH: '/bin', CLAUDECODE: '1', VSCODE_PID: '1', ...env }),
    findExecutable: () => path,
  } as Partial<ClaudeCodeServices> as ClaudeCodeServices;
  return { clock, clis, probe: (mayRun = true) => probeClaudeCode(services, { command: '', env: {}, mayRun }) };
}

const path = '/opt/agent/claude';

describe('looking for Claude Code', () => {
  it('names its path, its version, its login, and keys by name only', async () => {
    const { probe, clis } = bench({
      path,
      answers: { '--version': '2.1.328 (Claude Code)\r\n', 'auth status --json': '{\r\n"loggedIn": true }' },
      env: { ANTHROPIC_API_KEY: 'sk-secret-of-somebody' },
    });
    const found = await probe();
    assert.deepEqual(found, {
      state: 'ready',
      path,
      version: '2.1.328',
      loggedIn: true,
      keyNames: ['ANTHROPIC_API_KEY'],
    });
    assert.equal(JSON.stringify(found).includes('secret'), false);
    const [first] = clis;
    assert.deepEqual([first?.spec.cwd, first?.spec.env['VSCODE_PID']], ['/opt/agent/', undefined]);
  });

  it('starts nothing where that is not allowed', async () => {
    const { probe, clis } = bench({ path });
    assert.deepEqual([await probe(false), clis.length], [{ state: 'found', path, keyNames: [] }, 0]);
  });

  it('says what to do where there is none, where it is old, and where nobody is logged in', async () => {
    const states = await Promise.all(
      [
        bench({ path: undefined }),
        bench({ path, answers: { '--version': '1.0.30 (Claude Code)' } }),
        bench({ path, answers: { '--version': '2.1.328', 'auth status --json': '{"loggedIn":false}' } }),
      ].map(({ probe }) => probe()),
    );
    assert.deepEqual(
      states.map(({ state, problem }) => [state, problem?.code]),
      [
        ['notFound', 'cliNotFound'],
        ['tooOld', 'cliTooOld'],
        ['loggedOut', 'notLoggedIn'],
      ],
    );
  });

  it('asks an older one for its version only: it could take more for a prompt', async () => {
    const { probe, clis } = bench({ path, answers: { '--version': '2.0.77 (Claude Code)' } });
    assert.deepEqual([(await probe()).state, clis.length], ['ready', 1]);
  });

  it('ends one that does not answer', async () => {
    const { probe, clis, clock } = bench({ path });
    const found = probe();
    await settle();
    await clock.advance(20_000);
    assert.deepEqual([(await found).state, clis[0]?.calls], ['broken', ['stop']]);
  });
});
