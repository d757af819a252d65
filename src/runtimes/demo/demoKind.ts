import type { Clock } from '../../base/clock.ts';
import { t } from '../../base/l10n.ts';
import type { Log } from '../../base/log.ts';
import type { RuntimeKind } from '../../core/runtime.ts';
import type { DemoWorkshop } from './demoWorkshop.ts';

/** Registers the demo: no key, no program to install, and nothing outside its own folder. Loaded with its first run. */
export function demoKind(services: {
  readonly clock: Clock;
  readonly log: Log;
  /** The folder of the workshop. */
  readonly folder: string;
  readonly openWorkshop: () => Promise<DemoWorkshop>;
}): RuntimeKind {
  return {
    id: 'demo',
    displayName: t('Demo (no model)'),
    capabilities: {
      interrupt: true,
      resume: true,
      consecutiveTurns: true,
      needsTrust: false,
      suggestedModels: [],
    },
    repositoryFiles: [],
    homepage: 'https://code.claude.com/docs/en/setup',
    ownFolder: services.folder,
    firstMessage: t('Show me around.'),
    async create() {
      const { clock, log } = services;
      const [{ DemoRuntime }, workshop] = await Promise.all([import('./demoRuntime.ts'), services.openWorkshop()]);
      return new DemoRuntime({ clock, log, workshop });
    },
  };
}
