import assert from 'node:assert/strict';
import { canHoldTogether, type Keybinding, keysCollide, parseKeybindings } from '../support/keybindings.ts';
import { eventually } from '../support/eventually.ts';
import { Workbench } from './workbench.ts';

/** The workbench has the keys of the system that the browser says it runs on. */
const userAgents = {
  linux: undefined,
  windows:
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36',
  mac: 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36',
};

type System = keyof typeof userAgents;
const systems = Object.keys(userAgents) as System[];

/** Context keys that say where the keyboard is, by that place. */
const keyboardPlaces: Readonly<Record<string, readonly string[]>> = {
  "Greenroom's chat": ['greenroom.chatFocus'],
  'an editor': [
    'editorFocus',
    'editorTextFocus',
    'textInputFocus',
    'inBreakpointWidget',
    'standaloneColorPickerFocused',
  ],
  "an editor's headlines": ['stickyScrollFocused', 'breadcrumbsActive'],
  'a custom editor': ['markdownEditorFocus', 'webviewFindWidgetFocused'],
  'a notebook': ['notebookEditorFocused', 'notebookCellListFocused'],
  'a quick pick': ['inQuickInput', 'iconSelectBoxFocus', 'codeActionMenuVisible'],
  'a terminal': ['terminalFocus', 'terminalTabsFocus', 'terminalFindInputFocused'],
  "VS Code's chat": [
    'inChat',
    'inChatInput',
    'chatInputHasFocus',
    'chatFindInputFocused',
    'agentSessionsViewerFocused',
  ],
  'the accessible view': ['accessibleViewInCodeBlock'],
  'the debugger': ['breakpointsFocused', 'watchExpressionsFocused', 'variablesFocused', 'inDebugRepl'],
  'another view': [
    'tunnelViewFocus',
    'filesExplorerFocus',
    'fileMatchOrMatchFocus',
    'problemFocus',
    'notificationFocus',
  ],
  settings: ['keybindingFocus', 'whenFocus', 'settingRowFocus', 'settingsTocRowFocus', 'inSettingsSearch'],
};
const places = new Map(Object.entries(keyboardPlaces).flatMap(([place, keys]) => keys.map((key) => [key, place])));

/** VS Code's own bindings that ours take the place of, and why nobody misses them there. */
const replaced: Readonly<Record<string, string>> = {
  'search.action.replaceAll':
    'holds while the search is open, wherever the keyboard is; ours while the chat has it and asks',
  'workbench.action.terminal.chat.insertCommand': 'likewise, while a terminal has an answer to show',
  'workbench.action.terminal.chat.insertFirstCommand': 'likewise',
  'noteMultiCursor.deleteRight': 'holds while a notebook is the active editor; ours while our tree has the keyboard',
  'interactive.execute': 'likewise, an interactive window',
  'repl.execute': 'likewise',
  revealReference: 'holds in every list while references are shown; ours in our tree',
  'list.select': 'on macOS Enter renames, as in the explorer; Space opens',
  'list.stickyScrollselect': 'likewise',
};

const isOurs = ({ command }: Keybinding): boolean => command.startsWith('greenroom.');
const collide = (a: Keybinding, b: Keybinding): boolean =>
  keysCollide(a.key, b.key) && canHoldTogether(a.when, b.when, places);

describe('The keys of Greenroom', () => {
  const listed = new Map<System, readonly Keybinding[]>();
  let workbench: Workbench;
  let present: System = 'linux';

  before(async () => {
    // What a terminal shows is in the document then.
    workbench = await Workbench.start({ settings: { 'terminal.integrated.gpuAcceleration': 'off' } });
  });

  after(() => workbench?.stop());

  afterEach(async function () {
    if (this.currentTest?.state === 'failed') {
      await workbench.screenshot(`failed-${this.currentTest.title.replaceAll(/\W+/g, '-')}`);
    }
  });

  async function sitAt(system: System): Promise<void> {
    if (system !== present) {
      await workbench.reopen(userAgents[system]);
      present = system;
    }
  }

  async function keybindingsOf(system: System): Promise<readonly Keybinding[]> {
    const known = listed.get(system);
    if (known !== undefined) {
      return known;
    }
    await sitAt(system);
    const { page } = workbench;
    await page.evaluate("navigator.clipboard.writeText('')");
    await workbench.runCommand('Preferences: Open Default Keyboard Shortcuts (JSON)');
    await page.locator('.monaco-editor .view-lines').getByText('"key"').first().click();
    await workbench.runCommand('Select All');
    await workbench.statusItem(/selected\)/).waitFor();
    await workbench.runCommand('Copy');
    const text = await eventually(() => page.evaluate<string>('navigator.clipboard.readText()'), 'the copied text');
    await workbench.runCommand('View: Close All Editors');
    const read = parseKeybindings(text);
    listed.set(system, read);
    return read;
  }

  for (const system of systems) {
    it(`collide with none of VS Code's own, nor with each other, on ${system}`, async () => {
      const all = await keybindingsOf(system);
      const ours = all.filter(isOurs);
      assert.ok(all.length > 1_000 && ours.length >= 7, `${all.length}, ${ours.length}`);
      const found = ours.flatMap((own) =>
        all
          .filter((other) => other !== own && collide(own, other) && replaced[other.command] === undefined)
          .map((other) => ({ own, other })),
      );
      assert.deepEqual(found, []);
    });
  }

  it('take the place only of those that are known to have none in our views', async () => {
    const taken = new Set<string>();
    for (const system of systems) {
      const all = await keybindingsOf(system);
      for (const other of all) {
        if (!isOurs(other) && all.some((own) => isOurs(own) && collide(own, other))) {
          taken.add(other.command);
        }
      }
    }
    assert.deepEqual([...taken].sort(), Object.keys(replaced).sort());
  });

  it('leave Cmd+K to the terminal on macOS', async () => {
    await sitAt('mac');
    const { page } = workbench;
    await workbench.runCommand('Terminal: Create New Terminal');
    const terminal = page.locator('.terminal-wrapper.active .xterm');
    await terminal.click();
    await page.keyboard.type('echo marked-$((40+2))');
    await page.keyboard.press('Enter');
    const rows = terminal.locator('.xterm-rows').filter({ hasText: 'marked-42' });
    await rows.waitFor();
    await page.keyboard.press('Meta+K');
    await rows.waitFor({ state: 'detached' });
  });

  it('open a session with Space where Enter renames it, as in the explorer on macOS', async () => {
    await sitAt('mac');
    const { page } = workbench;
    await workbench.runCommand('Greenroom: Start the Demo');
    await workbench.openContainer('Greenroom');
    const row = workbench.treeRows('on stage').first();
    await row.waitFor();
    await workbench.runCommand('Greenroom: New Session');
    await row.waitFor({ state: 'detached' });
    await workbench.runCommand('Greenroom: Focus on Sessions View');
    await page.keyboard.press('Home');
    await page.keyboard.press('Enter');
    await workbench.quickInput().waitFor();
    await page.keyboard.press('Escape');
    await workbench.quickInput().waitFor({ state: 'hidden' });
    await workbench.runCommand('Greenroom: Focus on Sessions View');
    await page.keyboard.press('Home');
    await page.keyboard.press('Space');
    await row.waitFor();
  });
});
