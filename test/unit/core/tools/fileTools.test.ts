import assert from 'node:assert/strict';
import { refusedReads } from '../../../../src/core/approvals/refusedReads.ts';
import { fileTools } from '../../../../src/core/tools/fileTools.ts';
import { overlaySearch } from '../../../../src/core/tools/overlaySearch.ts';
import type { ToolOutcome } from '../../../../src/core/tools/tool.ts';
import type { Found, FoundLine, TextSearch } from '../../../../src/core/tools/workFiles.ts';
import { matchLines } from '../../../../src/platform/matchLines.ts';
import { MemoryEditors, MemoryFiles } from '../../../support/memoryFiles.ts';

const png = new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0]);

describe('The file tools', () => {
  let files: MemoryFiles;
  let editors: MemoryEditors;
  let found: Found<FoundLine>;
  let call: (name: string, input: unknown, sessionId?: string) => Promise<ToolOutcome>;

  function use(texts: ConstructorParameters<typeof MemoryFiles>[0] = {}): void {
    files = new MemoryFiles(texts);
    editors = new MemoryEditors();
    found = { items: [], isCut: false };
    const search: TextSearch = {
      lines: () => Promise.resolve(found),
      files: ({ glob }) =>
        glob === '['
          ? Promise.reject(new Error('an unclosed class'))
          : Promise.resolve({ items: ['b.ts', 'a.ts'], isCut: true, note: 'slow' }),
    };
    const tools = fileTools({
      files,
      editors,
      search: overlaySearch(search, editors, matchLines),
      isRefused: refusedReads(() => ['read(.env)', 'read(secrets/**)', 'edit(b.ts)', 'run(rm)'], '/home/me'),
    });
    call = (name, input, sessionId = 'session') => {
      const prepared = tools.find((tool) => tool.name === name)?.prepare(input) ?? { problem: `no tool ${name}` };
      return 'problem' in prepared
        ? Promise.resolve({ text: prepared.problem, isError: true })
        : prepared.run({
            sessionId,
            toolCallId: 'call',
            cwd: '/work',
            signal: new AbortController().signal,
            progress: () => undefined,
          });
    };
  }
  beforeEach(() => use());

  const said = async (name: string, input: unknown): Promise<string> => (await call(name, input)).text;

  describe('read_file', () => {
    it('shows lines with their numbers, and ranges of them', async () => {
      use({ '/work/a.txt': 'one\r\ntwo\r\nthree\n' });
      assert.equal(await said('read_file', { path: 'a.txt' }), '     1\tone\n     2\ttwo\n     3\tthree');
      assert.equal(
        await said('read_file', { path: '/work/a.txt', offset: 2, limit: 1 }),
        '     2\ttwo\n(lines 2 to 2 of 3; go on with offset 3)',
      );
      assert.equal(await said('read_file', { path: 'a.txt', offset: 9 }), '/work/a.txt has only 3 lines.');
    });

    it('shows as much of a long file as fits, and of long lines their beginning', async () => {
      use({ '/work/long.txt': 'x'.repeat(90).concat('\n').repeat(5_000), '/work/wide.txt': 'y'.repeat(9_000) });
      const text = await said('read_file', { path: 'long.txt' });
      assert.ok(text.length < 61_000);
      const next = Number(/go on with offset (\d+)/.exec(text)?.[1]);
      assert.ok(
        (await said('read_file', { path: 'long.txt', offset: next })).startsWith(`${String(next).padStart(6)}\t`),
      );
      assert.match(await said('read_file', { path: 'wide.txt' }), /y… \[7000 more characters\]$/);
    });

    it('shows images, and says clearly what it cannot show', async () => {
      use({
        '/work/a.png': png,
        '/work/a.bin': new Uint8Array([1, 0, 2]),
        '/work/latin1.txt': new Uint8Array([0x67, 0xfc, 0x6e]),
        '/work/empty.txt': '',
        '/work/huge.log': new Uint8Array(21 * 1024 * 1024).fill(97),
        '/work/huge.png': Buffer.concat([png, new Uint8Array(4_000_000)]),
      });
      const image = await call('read_file', { path: 'a.png' });
      assert.deepEqual(image, {
        text: '/work/a.png (image/png, 9 bytes)',
        isError: false,
        images: [{ mediaType: 'image/png', data: Buffer.from(png).toString('base64') }],
      });
      assert.deepEqual(
        await Promise.all(
          ['a.bin', 'latin1.txt', 'empty.txt', 'huge.log', 'huge.png', 'none', '.'].map((path) =>
            said('read_file', { path }),
          ),
        ),
        [
          '/work/a.bin is no text but a binary file (3 bytes); it cannot be read.',
          '/work/latin1.txt is no text but a binary file (3 bytes); it cannot be read.',
          '(the file is empty)',
          '/work/huge.log is too large to be read (21.0 MiB). Search it with grep instead.',
          '/work/huge.png is an image of 3.8 MiB; at most 3.6 MiB can be shown.',
          'There is no file /work/none.',
          '/work is a folder; list_files shows what is in it.',
        ],
      );
    });

    it('reads what is not saved yet', async () => {
      use({ '/work/a.txt': 'saved' });
      editors.open.set('/work/a.txt', 'not saved');
      editors.dirty.add('/work/a.txt');
      assert.equal(
        await said('read_file', { path: 'a.txt' }),
        '     1\tnot saved\n(with changes that are not saved yet)',
      );
    });

    it('follows a link inside the directory, and none that leads out of it', async () => {
      use({ '/work/real/a.txt': 'inside', '/etc/passwd': 'secret' });
      files.links.set('/work/link', '/work/real').set('/work/out', '/etc');
      assert.equal(await said('read_file', { path: 'link/a.txt' }), '     1\tinside');
      const refused = await call('read_file', { path: 'out/passwd' });
      assert.deepEqual(
        [refused.isError, refused.text],
        [
          true,
          '/work/out/passwd goes through a symbolic link to /etc/passwd. Use that path itself, so that the user sees what is read.',
        ],
      );
      assert.equal(
        await said('read_file', { path: '/etc/passwd' }),
        '     1\tsecret',
        'by its own name it was approved',
      );
    });
  });

  describe('write_file', () => {
    it('makes a new file, and shows what it made', async () => {
      const made = await call('write_file', { path: 'new/a.txt', content: 'one\n' });
      assert.deepEqual(
        [made.text, files.textOf('/work/new/a.txt'), made.edit],
        [
          '/work/new/a.txt was made.',
          'one\n',
          { path: '/work/new/a.txt', hunks: [{ oldStart: 1, newStart: 1, lines: ['+one'] }], before: '' },
        ],
      );
    });

    it('replaces no file that was not read, or has changed since, by the same session', async () => {
      use({ '/work/a.txt': 'one\r\n' });
      assert.match(
        await said('write_file', { path: 'a.txt', content: 'two' }),
        /was not written: there is a file already, which you have not read/,
      );
      await call('read_file', { path: 'a.txt' });
      assert.match(
        (await call('write_file', { path: 'a.txt', content: 'x' }, 'other')).text,
        /which you have not read/,
      );
      files.contents.set('/work/a.txt', Buffer.from('changed\r\n'));
      assert.match(await said('write_file', { path: 'a.txt', content: 'two' }), /it has changed since you read it/);
      await call('read_file', { path: 'a.txt' });
      assert.equal(await said('write_file', { path: 'a.txt', content: 'two\nthree\n' }), '/work/a.txt was changed.');
      assert.equal(files.textOf('/work/a.txt'), 'two\r\nthree\r\n', 'its line ends stay');
      assert.equal(
        await said('write_file', { path: 'a.txt', content: 'four' }),
        '/work/a.txt was changed.',
        'what it wrote it knows',
      );
    });

    it('writes through no link, and says what could not be written', async () => {
      use({ '/work/real/a.txt': 'a', '/work/b.bin': new Uint8Array([0]) });
      files.links.set('/work/link', '/work/real');
      assert.match(
        await said('write_file', { path: 'link/b.txt', content: '' }),
        /goes through a symbolic link to \/work\/real\/b\.txt/,
      );
      assert.match(await said('write_file', { path: 'b.bin', content: '' }), /no text/);
      assert.match(await said('write_file', { path: 'real', content: '' }), /it is a folder/);
      files.writeResult = { kind: 'link' };
      assert.match(await said('write_file', { path: 'c.txt', content: '' }), /became, a symbolic link/);
      files.writeResult = { kind: 'failed', reason: 'no space' };
      assert.match(await said('write_file', { path: 'c.txt', content: '' }), /could not be written: no space/);
    });
  });

  describe('edit_file', () => {
    const edit = (old_text: string, new_text: string, more: object = {}) =>
      said('edit_file', { path: 'a.txt', old_text, new_text, ...more });

    it('replaces a text that is there once, or everywhere when that is meant', async () => {
      use({ '/work/a.txt': 'one two two\r\nend\r\n' });
      assert.equal(await edit('one', '$& 1'), '/work/a.txt was changed.');
      assert.equal(await edit('two', '2', { replace_all: true }), '/work/a.txt was changed.');
      assert.equal(await edit('2\nend', '2\nthe end'), '/work/a.txt was changed.');
      assert.equal(files.textOf('/work/a.txt'), '$& 1 2 2\r\nthe end\r\n');
    });

    it('says where a text is when it is not unique, and what is like it when it is missing', async () => {
      use({ '/work/a.txt': 'if (a) {\n\tgo();\n}\nif (b) {\n\tgo();\n}\n' });
      assert.equal(
        await edit('go();', 'stop();'),
        'The text is in /work/a.txt 2 times, in lines 2, 5. Add lines around it until it is unique, or set replace_all.',
      );
      assert.equal(
        await edit('if (b) {\n    go();', 'x'),
        'The text is not in /work/a.txt. With other white space it is there, from line 4 on:\nif (b) {\n\tgo();',
      );
      assert.match(
        await edit('if (a) {\nstop', 'x'),
        /Its first line is there, but what follows is different, from line 1 on/,
      );
      assert.match(await edit('nowhere', 'x'), /Read the file again/);
      assert.match(await edit('a', 'a'), /nothing would change/);
      assert.match(await edit('', 'a'), /is not empty/);
      assert.match(
        await said('edit_file', { path: 'none', old_text: 'a', new_text: 'b' }),
        /There is no file \/work\/none; write_file makes one/,
      );
      assert.deepEqual(files.written, []);
    });

    it('edits a file that is open in its editor, and tells what saving did', async () => {
      use({ '/work/a.txt': 'on the disk' });
      editors.open.set('/work/a.txt', 'in the editor');
      assert.equal(await edit('editor', 'window'), '/work/a.txt was changed.');
      editors.onSave = (text) => `${text}\n`;
      assert.match(await edit('window', 'room'), /Saving it changed more/);
      assert.deepEqual([editors.open.get('/work/a.txt'), files.written], ['in the room\n', []]);
      editors.result = { kind: 'failed', reason: 'no leave' };
      assert.match(await edit('room', 'x'), /is open in an editor and could not be changed there: no leave/);
    });

    it('says that the file had changed since it was read', async () => {
      use({ '/work/a.txt': 'one two' });
      await call('read_file', { path: 'a.txt' });
      files.contents.set('/work/a.txt', Buffer.from('one two three'));
      assert.match(await edit('one', '1'), /was changed\. It had changed since you read it/);
    });
  });

  describe('finding files', () => {
    it('lists a folder: folders first, with sizes', async () => {
      use({ '/work/z.txt': 'abc', '/work/src/a.ts': '', '/work/a.txt': '' });
      assert.equal(await said('list_files', {}), 'src/\na.txt (0 bytes)\nz.txt (3 bytes)');
      assert.equal(await said('list_files', { path: 'none' }), 'There is no folder /work/none.');
      assert.equal(await said('list_files', { path: 'a.txt' }), '/work/a.txt is no folder.');
    });

    it('finds by pattern, and leaves the directory by none', async () => {
      assert.equal(await said('glob', { pattern: '*.ts' }), 'b.ts\na.ts\n(there is more: search more exactly)\n(slow)');
      assert.equal(await said('glob', { pattern: '[' }), 'The search failed: an unclosed class');
      for (const pattern of ['../*', '/etc/*', '~/x', 'a/../../b', 'C:\\x']) {
        assert.match(await said('glob', { pattern }), /A pattern is relative to the folder/);
      }
    });

    it('searches what is unsaved in its place on the disk', async () => {
      found = {
        items: [
          { path: 'src/a.ts', line: 1, text: 'old word' },
          { path: 'b.ts', line: 2, text: 'a word' },
        ],
        isCut: false,
      };
      editors.open.set('/work/src/a.ts', 'nothing\nnew Word');
      editors.dirty.add('/work/src/a.ts');
      assert.equal(await said('grep', { pattern: 'w.rd', ignore_case: true }), 'src/a.ts:2: new Word\nb.ts:2: a word');
      assert.equal(await said('grep', { pattern: 'w.rd' }), 'b.ts:2: a word');
      assert.equal(
        await said('grep', { pattern: 'word', glob: '*.ts' }),
        'b.ts:2: a word\n(not searched, because of unsaved changes: src/a.ts)',
      );
    });
  });

  it('shows of a search nothing of what a rule refuses to read', async () => {
    found = {
      items: ['.env', 'b.ts', 'secrets/a', 'x/.env', 'Secrets/b'].map((path) => ({ path, line: 1, text: 'key' })),
      isCut: false,
    };
    assert.equal(
      await said('grep', { pattern: 'key' }),
      'b.ts:1: key\nx/.env:1: key\n(3 lines are in files that a rule of the user refuses to read)',
    );
    found = { items: [{ path: '.env', line: 1, text: 'key' }], isCut: false };
    assert.equal(
      await said('grep', { pattern: 'key' }),
      'Nothing was found.\n(1 line is in a file that a rule of the user refuses to read)',
    );
  });

  it('is not held up by a pattern that goes back and forth without end', async () => {
    editors.open.set('/work/a.ts', `${'a'.repeat(60)}!`);
    editors.dirty.add('/work/a.ts');
    const started = performance.now();
    assert.equal(
      await said('grep', { pattern: '^(a+)+$' }),
      'Nothing was found.\n(not searched, because of unsaved changes: a.ts)',
    );
    assert.ok(performance.now() - started < 5_000);
  });

  it('shows a plan', async () => {
    assert.equal(
      await said('todo', {
        items: [
          { text: 'Look', status: 'completed' },
          { text: 'Write', status: 'in_progress' },
          { text: 'Test', status: 'pending' },
        ],
      }),
      '1 of 3 done\n☑ Look\n▶ Write\n☐ Test',
    );
  });

  it('tells approvals what each call would do', () => {
    const wants = (name: string, input: unknown) => {
      const prepared = fileTools({
        files,
        editors,
        search: { lines: () => Promise.reject(), files: () => Promise.reject() },
        isRefused: () => false,
      })
        .find((tool) => tool.name === name)
        ?.prepare(input);
      return prepared !== undefined && 'wants' in prepared ? prepared.wants : undefined;
    };
    assert.deepEqual(
      [
        wants('read_file', { path: 'a' }),
        wants('write_file', { path: 'a', content: 'b' }),
        wants('edit_file', { path: 'a', old_text: 'b', new_text: 'c' }),
        wants('grep', { pattern: 'a' }),
        wants('todo', { items: [{ text: 'a', status: 'pending' }] }),
      ],
      [
        { access: 'read', paths: ['a'] },
        { access: 'edit', paths: ['a'], change: { path: 'a', content: 'b' } },
        {
          access: 'edit',
          paths: ['a'],
          change: { path: 'a', replacements: [{ oldText: 'b', newText: 'c', all: false }] },
        },
        { access: 'read', paths: ['.'] },
        { access: 'internal', paths: [] },
      ],
    );
  });
});
