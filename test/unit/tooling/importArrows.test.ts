import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..', '..', '..');

/** For each file the imports that its folder may make, and those that it may not. */
const samples: Record<string, { allowed: string[]; forbidden: string[] }> = {
  'src/base/a.ts': {
    allowed: ['./event.ts'],
    forbidden: ['../core/a.ts', '../protocol/a.ts', 'node:fs', 'zod', 'vscode'],
  },
  'src/protocol/a.ts': { allowed: ['./view.ts', '../base/a.ts'], forbidden: ['../core/a.ts', 'node:fs', 'vscode'] },
  'src/core/a.ts': {
    allowed: ['./b.ts', './tools/b.ts', '../base/a.ts', '../protocol/a.ts', 'zod'],
    forbidden: [
      'node:fs',
      'fs',
      'vscode',
      '../vscode/a.ts',
      '../platform/a.ts',
      '../runtimes/registry.ts',
      '../extension.ts',
    ],
  },
  'src/core/tools/a.ts': {
    allowed: ['./b.ts', '../b.ts', '../../base/a.ts', '../../protocol/a.ts', 'unbash'],
    forbidden: ['node:fs', 'vscode', '../../vscode/a.ts', '../../platform/a.ts', '../../extension.ts'],
  },
  'src/runtimes/registry.ts': {
    allowed: ['./claudeCode/runtime.ts', '../core/runtime.ts', '../base/a.ts'],
    forbidden: ['../platform/a.ts', '../vscode/a.ts', '../protocol/a.ts', 'node:fs'],
  },
  'src/runtimes/claudeCode/a.ts': {
    allowed: [
      './b.ts',
      '../shared/loop.ts',
      '../../core/runtime.ts',
      '../../base/a.ts',
      '@modelcontextprotocol/server',
    ],
    forbidden: [
      '../openai/b.ts',
      '../registry.ts',
      '../../platform/a.ts',
      '../../vscode/a.ts',
      'node:child_process',
      'vscode',
    ],
  },
  'src/runtimes/anthropic/a.ts': {
    allowed: ['./b.ts', '../shared/loop.ts', '../../core/runtime.ts', '@anthropic-ai/sdk/client', 'eventsource-parser'],
    forbidden: ['../claudeCode/b.ts', '../../platform/a.ts', 'node:http', 'vscode', '@google/genai'],
  },
  'src/runtimes/demo/a.ts': {
    allowed: ['./b.ts', '../shared/loop.ts', '../../core/tools/b.ts'],
    forbidden: ['@anthropic-ai/sdk/client', 'eventsource-parser', '@modelcontextprotocol/server'],
  },
  'src/platform/a.ts': {
    allowed: ['./b.ts', '../core/ports.ts', '../base/a.ts', 'node:fs', 'node:fs/promises', 'node-pty'],
    forbidden: ['vscode', '../vscode/a.ts', '../runtimes/registry.ts', '../protocol/a.ts', 'fs'],
  },
  'src/vscode/a.ts': {
    allowed: ['./b.ts', 'vscode', '../core/a.ts', '../base/a.ts', '../protocol/a.ts'],
    forbidden: ['../runtimes/registry.ts', '../platform/a.ts', 'node:fs', '../webview/a.ts'],
  },
  'src/webview/a.ts': {
    allowed: ['./b.ts', '../base/a.ts', '../protocol/a.ts', 'dompurify', 'highlight.js/lib/core'],
    forbidden: ['vscode', '../core/a.ts', '../vscode/a.ts', 'node:fs'],
  },
  'src/core/tools/deep/a.ts': { allowed: [], forbidden: ['./b.ts'] },
};

interface Finding {
  readonly code: string;
  readonly file: string;
  readonly line: number;
}

/** Lints a throw-away project that has our rules and these files. */
function lint(files: Record<string, string>, ...options: string[]): Finding[] {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'lint-'));
  try {
    // The linter follows imports only when every configuration that another names is there.
    for (const name of readdirSync(root).filter((file) => /^(\.oxlintrc|tsconfig.*)\.json$/.test(file))) {
      copyFileSync(path.join(root, name), path.join(folder, name));
    }
    for (const [name, content] of Object.entries(files)) {
      mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
      writeFileSync(path.join(folder, name), content);
    }
    const oxlint = path.join(root, 'node_modules', '.bin', 'oxlint');
    const env = { ...process.env, OXLINT_TSGOLINT_PATH: path.join(root, 'node_modules', '.bin', 'tsgolint') };
    const { stdout } = spawnSync(oxlint, ['-f', 'json', ...options], { cwd: folder, env, encoding: 'utf8' });
    return JSON.parse(stdout).diagnostics.map(
      (found: { code: string; filename: string; labels: { span: { line: number } }[] }) => ({
        code: found.code,
        file: found.filename,
        line: found.labels[0]?.span.line ?? 0,
      }),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const codesOf = (findings: Finding[]): string[] => [...new Set(findings.map(({ code }) => code))].sort();

describe('The linter', () => {
  it('lets each folder import what the table says, and nothing else', () => {
    const files: Record<string, string> = {};
    const expected: Record<string, string[]> = {};
    for (const [file, { allowed, forbidden }] of Object.entries(samples)) {
      const specifiers = [...allowed, ...forbidden];
      files[file] = specifiers.map((specifier, index) => `export { a as a${index} } from '${specifier}';\n`).join('');
      expected[file] = forbidden;
    }
    const findings = lint(files).filter(({ code }) => code === 'eslint(no-restricted-imports)');
    const found = Object.fromEntries(
      Object.entries(samples).map(([file, { allowed, forbidden }]) => {
        const lines = findings.filter((finding) => finding.file === file).map(({ line }) => line);
        const specifiers = [...allowed, ...forbidden];
        return [file, lines.toSorted((a, b) => a - b).map((line) => specifiers[line - 1])];
      }),
    );
    assert.deepEqual(found, expected);
  });

  it('sees an import that is made later, and one of types only', () => {
    const findings = lint({
      'src/core/later.ts': "export const later = async (): Promise<unknown> => import('vscode');\n",
      'src/core/types.ts': "import type { Uri } from 'vscode';\nexport type Place = Uri;\n",
    });
    assert.deepEqual(findings.map(({ code, file }) => `${file} ${code}`).sort(), [
      'src/core/later.ts eslint(no-restricted-imports)',
      'src/core/types.ts eslint(no-restricted-imports)',
    ]);
  });

  it('keeps clocks, timers and chance out of the core', () => {
    for (const expression of [
      'Date.now()',
      'new Date()',
      'setTimeout(f, 1)',
      'setInterval(f, 1)',
      'performance.now()',
      'Math.random()',
    ]) {
      const codes = codesOf(
        lint({ 'src/core/a.ts': `export const a = (f: () => void): unknown => [f, ${expression}];\n` }),
      );
      assert.ok(
        codes.some((code) => code.startsWith('eslint(no-restricted-')),
        `${expression} was not found`,
      );
    }
  });

  it('finds a promise that nobody awaits, an incomplete switch, a cycle, a default export, a barrel file and a console', () => {
    const findings = lint(
      {
        'src/core/a.ts': [
          "import { b } from './b.ts';",
          "type Side = 'left' | 'right';",
          'async function work(): Promise<void> {}',
          'export function a(side: Side): number {',
          '  work();',
          '  console.log(b);',
          "  switch (side) { case 'left': return 1; }",
          '  return 0;',
          '}',
          'export default a;',
          '',
        ].join('\n'),
        'src/core/b.ts': "import { a } from './a.ts';\nexport const b = (): number => a('left');\n",
        'src/core/index.ts': "export * from './a.ts';\n",
      },
      '--type-aware',
    );
    assert.deepEqual(codesOf(findings), [
      'eslint(no-console)',
      'import(no-cycle)',
      'import(no-default-export)',
      'oxc(no-barrel-file)',
      'typescript(no-floating-promises)',
      'typescript(switch-exhaustiveness-check)',
    ]);
  });
});
