import * as vscode from 'vscode';
import { type Disposable, DisposableStore } from '../base/lifecycle.ts';
import type { DoctorDeps } from './doctor.ts';
import type { Problems } from './problems.ts';

const walkthrough = 'greenroom.greenroom#start';

/** The commands that explain: the walkthrough and the list of checks, which is loaded when it is asked for. */
export function registerHelpCommands(problems: Problems, deps: DoctorDeps): Disposable {
  const store = new DisposableStore();
  store.add(
    vscode.commands.registerCommand('greenroom.openWalkthrough', () =>
      problems.guard(() => vscode.commands.executeCommand('workbench.action.openWalkthrough', walkthrough, false)),
    ),
  );
  store.add(
    vscode.commands.registerCommand('greenroom.doctor', async () => {
      try {
        const { runDoctor } = await import('./doctor.ts');
        return await runDoctor(deps);
      } catch (error) {
        problems.show(error);
        return undefined;
      }
    }),
  );
  return store;
}
