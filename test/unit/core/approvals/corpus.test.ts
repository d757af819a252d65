import assert from 'node:assert/strict';
import type { StateOptions } from '../../../support/approvals.ts';
import { commandVerdict, linkedFiles, toolCall, verdictOf } from '../../../support/approvals.ts';
import { approvalModes } from '../../../../src/protocol/modes.ts';
import { autoHarmless, notDenied, ruledHarmless } from './corpus/harmless.ts';
import { denyAttacks, denyRules, denyUnsure, protectedAttacks, unknownAttacks } from './corpus/protectedAttacks.ts';
import { allowedCommands, otherShellCommands, ruleAttacks } from './corpus/ruleAttacks.ts';

const files = linkedFiles({ '/w/out': '/etc', '/w/hooks': '/w/.git/hooks', '/w/w-link': '/w/.git' });

/** The lines whose verdict is none of these, with the verdict. */
async function others(
  lines: readonly string[],
  expected: readonly string[],
  options: StateOptions,
): Promise<readonly string[]> {
  const wrong: string[] = [];
  for (const line of lines) {
    const { kind, reason } = await commandVerdict(line, options, files);
    if (!expected.includes(kind)) {
      wrong.push(`${kind}: ${line.slice(0, 200)} (${reason})`);
    }
  }
  return wrong;
}

describe('the corpus of commands', () => {
  it('has hundreds of attacks, and a hundred and more that are harmless, none of them twice', () => {
    const attacks = [
      ...Object.values(ruleAttacks).flat(),
      ...Object.values(protectedAttacks).flat(),
      ...unknownAttacks,
      ...denyAttacks,
      ...denyUnsure,
    ];
    const harmless = [...ruledHarmless, ...autoHarmless];
    assert.equal(new Set(Object.values(ruleAttacks).flat()).size, Object.values(ruleAttacks).flat().length);
    assert.ok(new Set(attacks).size >= 600, `${new Set(attacks).size} attacks`);
    assert.ok(new Set(harmless).size >= 200, `${new Set(harmless).size} harmless`);
    assert.deepEqual(
      attacks.filter((line) => ruledHarmless.includes(line)),
      [],
    );
  });

  for (const [title, lines] of Object.entries(ruleAttacks)) {
    it(`is never allowed by rules: ${title}`, async () => {
      for (const mode of ['ask', 'acceptEdits'] as const) {
        assert.deepEqual(await others(lines, ['ask'], { allow: allowedCommands, mode }), [], mode);
      }
      assert.deepEqual(await others(lines, ['deny'], { allow: allowedCommands, mode: 'plan' }), []);
    });
  }

  it('is allowed by rules where it is harmless', async () => {
    assert.deepEqual(await others(ruledHarmless, ['allow'], { allow: allowedCommands }), []);
  });

  it('asks for every command of a shell that is not read, in every mode, whatever is allowed', async () => {
    const wrong: string[] = [];
    for (const [shell, lines] of Object.entries(otherShellCommands)) {
      for (const command of lines) {
        for (const mode of approvalModes) {
          const request = toolCall('execute', { command, shell: shell as 'powershell' });
          const verdict = await verdictOf(request, {
            mode,
            allow: [...allowedCommands, 'run'],
            always: [`execute:${command}`],
          });
          if (verdict !== (mode === 'plan' ? 'deny' : 'ask')) {
            wrong.push(`${verdict}: ${shell} ${command}`);
          }
        }
      }
    }
    assert.deepEqual(wrong, []);
  });

  for (const [title, lines] of Object.entries(protectedAttacks)) {
    it(`asks each time in every mode for what writes protected files: ${title}`, async () => {
      for (const mode of ['ask', 'acceptEdits', 'auto'] as const) {
        const options = { mode, allow: ['run'], grants: lines.map((line) => `execute:${line}`) };
        assert.deepEqual(await others(lines, ['ask'], options), [], mode);
        for (const line of lines) {
          assert.equal((await commandVerdict(line, options, files)).isGrantable, false, line);
        }
      }
    });
  }

  it('asks in the mode Auto where it cannot be told what is written, or that is elsewhere', async () => {
    assert.deepEqual(await others(unknownAttacks, ['ask'], { mode: 'auto', allow: ['run'] }), []);
  });

  it('is allowed in the mode Auto where it is harmless', async () => {
    assert.deepEqual(await others(autoHarmless, ['allow'], { mode: 'auto' }), []);
  });

  it('is refused by rules that refuse, before anything allows it', async () => {
    const options = { deny: denyRules, allow: ['run'], mode: 'auto' } as const;
    const granted = denyAttacks.map((line) => `execute:${line}`);
    assert.deepEqual(await others(denyAttacks, ['deny'], { ...options, always: granted }), []);
    assert.deepEqual(await others(denyUnsure, ['ask'], options), []);
    assert.deepEqual(await others(notDenied, ['allow'], options), []);
    assert.deepEqual(await others(['node dist/index.js', 'prettier --write dist/x'], ['ask'], options), []);
  });
});
