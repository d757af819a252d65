import assert from 'node:assert/strict';
import fc from 'fast-check';
import { coversPath } from '../../../../src/core/approvals/pathPattern.ts';
import { coversUrl, parseHostPattern } from '../../../../src/core/approvals/hostPattern.ts';
import { RuleBook } from '../../../../src/core/approvals/ruleBook.ts';
import { readRule } from '../../../../src/core/approvals/rules.ts';

describe('rules', () => {
  it('are read where they say one thing', () => {
    const kinds = [
      'run',
      'run(git status)',
      'run(CI=1 npm test)',
      'run("my tool" --flag)',
      'edit(src/**)',
      'read(~/docs)',
      'fetch(docs.rs)',
      'fetch(*.rust-lang.org)',
      'fetch(github.com/microsoft/vscode)',
      'Bash(npm test:*)',
      'mcp__server__*',
    ].map((text) => readRule(text).kind);
    assert.deepEqual(new Set(kinds), new Set(['rule']));
  });

  it('are refused where they could mean more than they say', () => {
    const accepted = [
      '',
      '()',
      'run()',
      'run(git status; rm x)',
      'run(git status && ls)',
      'run(git status > x)',
      'run(git $X)',
      'run($(x))',
      'run(*)',
      'run(git st*)',
      'run(CI=$X npm test)',
      'run(if true; then x; fi)',
      'run(git "status)',
      'fetch()',
      'fetch(*)',
      'fetch(*.com)',
      'fetch(github.com)',
      'fetch(*.github.io)',
      'fetch(raw.githubusercontent.com)',
      'fetch(https://user@docs.rs)',
      'fetch(docs.rs:8080)',
      'run git status',
      'edit(src) x',
    ].filter((text) => readRule(text).kind === 'rule');
    assert.deepEqual(accepted, []);
  });

  it('that are none are said with their setting, so that nothing runs as if they did not stand there', () => {
    assert.throws(() => new RuleBook().read('approvals.deny', ['run(git push)', 'run(a; b)']), {
      code: 'badSetting',
      message: /run\(a; b\).*greenroom\.approvals\.deny/,
    });
  });
});

describe('patterns of paths', () => {
  const covers = (pattern: string, path: string): boolean => coversPath(pattern, path, false);

  it('cover segments, folders and what is below a name', () => {
    assert.deepEqual(
      [
        covers('/w/src/**', '/w/src/a/b.ts'),
        covers('/w/src/**', '/w/srcx/a'),
        covers('/w/src', '/w/src/a/b'),
        covers('/w/src', '/w/srcx'),
        covers('/w/*.ts', '/w/a.ts'),
        covers('/w/*.ts', '/w/a/b.ts'),
        covers('/w/*', '/w/a/b'),
        covers('/w/**/*.ts', '/w/a/b/c.ts'),
        covers('/w/**/*.ts', '/w/c.ts'),
        covers('/w/a?c', '/w/abc'),
        covers('/w/**/test/**', '/w/a/test/b/c'),
        covers('/', '/w'),
        coversPath('/W/Src/**', '/w/sRC/a', true),
      ],
      [true, false, true, false, true, false, false, true, true, true, true, false, true],
    );
  });

  it('agree with what they mean when they are tried step by step', () => {
    const segment = fc.constantFrom('a', 'b', 'ab', '*', '**', '?', 'a*', '*b');
    const name = fc.constantFrom('a', 'b', 'ab', 'aab', 'ba');
    const means = (pattern: readonly string[], path: readonly string[], last: string): boolean => {
      const [first, ...rest] = pattern;
      if (first === undefined) {
        return path.length === 0 || (last !== '' && !/[*?]/.test(last));
      }
      if (first === '**') {
        return means(rest, path, '**') || (path.length > 0 && means(pattern, path.slice(1), last));
      }
      const text = new RegExp(`^${first.replaceAll('*', '.*').replaceAll('?', '.')}$`);
      return path.length > 0 && text.test(path[0] ?? '') && means(rest, path.slice(1), first);
    };
    fc.assert(
      fc.property(
        fc.array(segment, { minLength: 1, maxLength: 5 }),
        fc.array(name, { maxLength: 6 }),
        (pattern, path) => {
          assert.equal(covers(`/${pattern.join('/')}`, `/${path.join('/')}`), means(pattern, path, ''));
        },
      ),
      { numRuns: 3_000 },
    );
  });
});

describe('patterns of hosts', () => {
  const covers = (text: string, url: string): boolean => {
    const pattern = parseHostPattern(text);
    assert.ok(pattern, text);
    return coversUrl(pattern, url);
  };

  it('compare whole labels and segments of what was parsed', () => {
    assert.deepEqual(
      [
        covers('docs.rs', 'https://docs.rs/a'),
        covers('docs.rs', 'https://DOCS.RS./a'),
        covers('docs.rs', 'https://docs.rs.evil.example/'),
        covers('docs.rs', 'https://evil.example/#https://docs.rs'),
        covers('docs.rs', 'https://docs.rs@evil.example/'),
        covers('docs.rs', 'https://docs.rs\\@evil.example/'),
        covers('docs.rs', 'javascript:docs.rs'),
        covers('*.docs.rs', 'https://a.docs.rs/'),
        covers('*.docs.rs', 'https://docs.rs/'),
        covers('*.docs.rs', 'https://evildocs.rs/'),
        covers('github.com/a/b', 'https://github.com/a/b/c'),
        covers('github.com/a/b', 'https://github.com/a/bc'),
        covers('github.com/a/b', 'https://github.com/a/b/../../evil'),
        covers('github.com/a/b', 'https://github.com/a/b/%2e%2e/%2e%2e/evil'),
        covers('github.com/a/b', 'https://github.com/a/b/..%2fevil'),
        covers('domain:docs.rs', 'https://docs.rs/'),
      ],
      [true, true, false, false, false, false, false, true, false, false, true, false, false, false, false, true],
    );
  });
});
