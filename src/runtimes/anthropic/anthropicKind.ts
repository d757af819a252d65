import type { Clock } from '../../base/clock.ts';
import { t } from '../../base/l10n.ts';
import type { Log } from '../../base/log.ts';
import type { Credential, Ids } from '../../core/ports.ts';
import type { RuntimeKind } from '../../core/runtime.ts';

export interface AnthropicKindServices {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  /** Such as `linux`. */
  readonly platform: string;
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  /** The person's key: a stored one, or that of the first of these variables that is set. */
  readonly credential: (variables: readonly string[]) => Promise<Credential | undefined>;
}

const keyVariables = ['ANTHROPIC_API_KEY'];

/** Registers an agent of our own that talks to Claude with the person's API key. The SDK is loaded with its first use. */
export function anthropicKind(services: AnthropicKindServices): RuntimeKind {
  const vendorServices = { ...services, credential: () => services.credential(keyVariables) };
  return {
    id: 'anthropic',
    displayName: t('Claude (API key)'),
    capabilities: {
      interrupt: true,
      resume: true,
      consecutiveTurns: true,
      needsTrust: true,
      needsFileTools: true,
      suggestedModels: ['claude-sonnet-5-5', 'claude-opus-5-5', 'claude-haiku-5-5', 'claude-fable-5-1'],
    },
    repositoryFiles: [],
    homepage: 'https://platform.claude.com/settings/keys',
    settingsSection: 'anthropic',
    key: { variables: keyVariables, service: 'Anthropic' },
    async models(baseUrl, signal) {
      const { AnthropicVendor } = await import('./anthropicVendor.ts');
      return new AnthropicVendor(vendorServices, baseUrl).models(signal);
    },
    async probe() {
      const { probeKey } = await import('../shared/probeKey.ts');
      return probeKey('Anthropic', 'anthropic', vendorServices.credential);
    },
    async create() {
      const [{ AgentRuntime }, { AnthropicVendor }] = await Promise.all([
        import('../shared/agentRuntime.ts'),
        import('./anthropicVendor.ts'),
      ]);
      return new AgentRuntime(services, (context) => new AnthropicVendor(vendorServices, context.baseUrl ?? ''));
    },
  };
}
