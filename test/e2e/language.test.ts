import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { FrameLocator } from 'playwright-core';
import { fontAdvice, hasChineseFont } from '../../scripts/lib/browser.mjs';
import { call, say, think } from '../modelServer/steps.ts';
import { AgentWorkbench } from './agentWorkbench.ts';

/** Chinese texts are written out here, not looked up: a translation that is lost has to fail. */
describe('The workbench in Chinese', () => {
  let agent: AgentWorkbench;
  let chat: FrameLocator;
  const picture = (name: string): Promise<string> => {
    // Where everything has to be proven, pictures of boxes prove nothing.
    assert.ok(hasChineseFont() || !process.env['CI'], fontAdvice);
    return agent.workbench.screenshot(name);
  };

  before(async () => {
    agent = await AgentWorkbench.start(
      { 'greeting.ts': 'export const greeting = "Hello";\n' },
      { locale: 'zh-cn', theme: 'highContrast' },
    );
  });

  after(() => agent?.stop());

  it('names the views, the empty tree and the actions', async () => {
    const { workbench } = agent;
    await workbench.openContainer('Greenroom');
    const sidebar = workbench.page.locator('.part.sidebar');
    await sidebar.getByText('会话').first().waitFor();
    // What it says at first is replaced as soon as the agent was looked for.
    await sidebar.getByText('你的智能体已就绪').waitFor();
    await sidebar.getByRole('button', { name: '新建会话' }).first().waitFor();
  });

  it('says in the empty chat what can be done', async () => {
    chat = await agent.openChat();
    await chat.getByText('要做些什么?').waitFor();
    await chat.getByText('描述任务、询问代码问题，或粘贴错误信息。').waitFor();
    assert.equal(await chat.locator('html').getAttribute('lang'), 'zh-cn');
    assert.equal(
      await chat.getByRole('textbox', { name: '消息' }).getAttribute('placeholder'),
      '向 Claude Code 发送消息',
    );
    await chat.getByRole('button', { name: '发送' }).waitFor();
    await chat.getByRole('button', { name: '模式：询问' }).waitFor();
    await picture('zh-cn-empty');
  });

  it('asks for an approval, shows the work and says that it is done', async () => {
    const { workbench } = agent;
    agent.model.play([
      {
        reply: [
          think('用户想要中文问候语。'),
          say('我先修改 `greeting.ts`。'),
          call('Read', { file_path: path.join(agent.folder, 'greeting.ts') }),
        ],
      },
      {
        reply: [
          call('Edit', {
            file_path: path.join(agent.folder, 'greeting.ts'),
            old_string: '"Hello"',
            new_string: '"你好"',
          }),
        ],
      },
      { reply: [say('完成：问候语现在是 **你好**。')] },
    ]);
    await agent.send(chat, '把问候语改成中文');
    await chat.getByText('是否允许 Edit?').waitFor();
    await chat.getByText('将更改 greeting.ts。').waitFor();
    for (const name of ['批准', '在本会话中批准', '拒绝']) {
      await chat.getByRole('button', { name, exact: true }).waitFor();
    }
    await chat.getByRole('status').filter({ hasText: '正在等待你的批准：Edit' }).waitFor();
    await workbench.treeRows('需要你处理').waitFor();
    await workbench.page.getByRole('button', { name: 'Greenroom: 1 个会话需要你处理' }).waitFor();
    await picture('zh-cn-approval');
    await chat.getByRole('button', { name: '批准', exact: true }).click();
    await chat.getByText('问候语现在是').waitFor();
    await chat.getByRole('status').filter({ hasText: '已完成' }).waitFor();
    await chat.getByRole('article', { name: '你', exact: true }).first().waitFor();
    await chat
      .getByRole('group', { name: /^Edit.*，已完成$/ })
      .first()
      .waitFor();
    await workbench.treeRows('已完成 · 刚刚').waitFor();
    assert.match(readFileSync(path.join(agent.folder, 'greeting.ts'), 'utf8'), /你好/);
    await picture('zh-cn-done');
  });

  it('lists the background sessions in a table, their states and numbers in Chinese', async () => {
    await agent.send(chat, '/bg');
    await chat.getByText(/^新的前台会话 \[[0-9a-f]{8}\]/).waitFor();
    await agent.send(chat, '/bg list');
    const table = chat.getByRole('table', { name: '1 个后台会话' });
    await table.waitFor();
    assert.deepEqual(await table.getByRole('columnheader').allInnerTexts(), ['#', 'ID', '状态', '创建时间', '摘要']);
    const cells = await table.getByRole('row').nth(1).getByRole('cell').allInnerTexts();
    assert.deepEqual([cells[0], cells[2], cells[4]], ['1', '已完成', '把问候语改成中文']);
    await picture('zh-cn-slots');
    await agent.send(chat, '/bg 1');
    await chat.getByText(/^已恢复后台会话 \[#1\] [0-9a-f]{8}$/).waitFor();
  });

  it('takes changed settings while it runs', async () => {
    agent.workbench.changeSettings({ 'workbench.colorTheme': 'Light Modern' });
    await agent.workbench.page.locator('.monaco-workbench.vs').waitFor();
    await picture('zh-cn-light');
  });

  it('changes its theme as a user does', async () => {
    await agent.workbench.setTheme('highContrastLight');
  });
});
