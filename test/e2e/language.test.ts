import { Workbench } from './workbench.ts';

describe('The workbench in Chinese', () => {
  let workbench: Workbench;

  before(async () => {
    workbench = await Workbench.start({ locale: 'zh-cn', theme: 'highContrast' });
  });

  after(() => workbench.stop());

  it('names the views in that language', async () => {
    await workbench.openContainer('Greenroom');
    await workbench.page.locator('.part.sidebar').getByText('会话').first().waitFor();
    await workbench.screenshot('container-zh-cn');
  });

  it('takes changed settings while it runs', async () => {
    workbench.changeSettings({ 'workbench.colorTheme': 'Light Modern' });
    await workbench.page.locator('.monaco-workbench.vs').waitFor();
    await workbench.screenshot('container-light');
  });

  it('changes its theme as a user does', async () => {
    await workbench.setTheme('highContrastLight');
  });
});
