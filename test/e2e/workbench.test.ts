import { Workbench } from './workbench.ts';

describe('The workbench', () => {
  let workbench: Workbench;

  before(async () => {
    workbench = await Workbench.start();
  });

  after(() => workbench.stop());

  it('shows the Greenroom container with its sessions', async () => {
    await workbench.openContainer('Greenroom');
    await workbench.page.locator('.part.sidebar').getByText('Sessions').first().waitFor();
    await workbench.screenshot('container');
  });

  it('opens the chat from the palette', async () => {
    await workbench.runCommand('Greenroom: Open Chat');
    const sideBar = workbench.page.locator('.part.auxiliarybar');
    await sideBar.waitFor();
    await sideBar.locator('[id="workbench.view.extension.greenroom-chat"]').waitFor();
    await workbench.screenshot('chat');
  });
});
