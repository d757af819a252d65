import * as vscode from 'vscode';
import { t } from '../base/l10n.ts';
import { type Disposable, DisposableStore } from '../base/lifecycle.ts';
import { coreErrors } from '../core/errors.ts';
import type { Credential } from '../core/ports.ts';
import type { RuntimeKind } from '../core/runtime.ts';

export interface ApiKeysDeps {
  readonly secrets: vscode.SecretStorage;
  readonly environment: () => Readonly<Record<string, string | undefined>>;
  readonly kinds: () => readonly RuntimeKind[];
}

type KeyedKind = RuntimeKind & Required<Pick<RuntimeKind, 'key'>>;

/** The keys of services: in VS Code's secret storage, nowhere else, or in the environment that the editor was started with. */
export class ApiKeys implements Disposable {
  readonly #deps: ApiKeysDeps;
  readonly #store = new DisposableStore();
  readonly #changed: vscode.EventEmitter<void>;

  constructor(deps: ApiKeysDeps) {
    this.#deps = deps;
    this.#changed = this.#store.add(new vscode.EventEmitter<void>());
    // Also when another window changes one.
    this.#store.add(
      deps.secrets.onDidChange(({ key }) => {
        if (key.startsWith(storedUnder(''))) {
          this.#changed.fire();
        }
      }),
    );
  }

  get onDidChange(): vscode.Event<void> {
    return this.#changed.event;
  }

  /** What the person stored goes before what the environment has. */
  async credential(runtime: string, variables: readonly string[]): Promise<Credential | undefined> {
    const stored = await this.#deps.secrets.get(storedUnder(runtime));
    if (stored !== undefined && stored !== '') {
      return { key: stored };
    }
    const variable = this.#variableOf(variables);
    const key = variable === undefined ? undefined : this.#deps.environment()[variable]?.trim();
    return variable === undefined || key === undefined ? undefined : { key, variable };
  }

  /** All that are known, wherever they come from: what is not to be shown. */
  async values(): Promise<readonly string[]> {
    const found = await Promise.all(
      this.#deps.kinds().map(async ({ id, key }) => {
        const stored = await this.#deps.secrets.get(storedUnder(id));
        const environment = this.#deps.environment();
        return [stored, ...(key?.variables ?? []).map((name) => environment[name]?.trim())];
      }),
    );
    return found.flat().flatMap((value) => (value === undefined || value === '' ? [] : [value]));
  }

  /** Asks for a key and stores it. `runtime`: for which kind of agent; undefined: that is asked too. */
  async set(runtime: string | undefined): Promise<void> {
    const kind = await this.#kind(runtime, t('An API key for which service?'));
    if (kind === undefined) {
      return;
    }
    const { service } = kind.key;
    const key = await vscode.window.showInputBox({
      title: t('API Key for {0}', service),
      prompt: t("It is kept in VS Code's secret storage only. You get one at {0}", kind.homepage),
      password: true,
      ignoreFocusOut: true,
      validateInput: (value) =>
        value.trim() === '' || !/\s/.test(value.trim()) ? undefined : t('A key has no spaces in it.'),
    });
    if (key === undefined || key.trim() === '') {
      return;
    }
    await this.#deps.secrets.store(storedUnder(kind.id), key.trim());
    vscode.window.setStatusBarMessage(t('The API key for {0} is stored.', service), 10_000);
  }

  async clear(runtime: string | undefined): Promise<void> {
    const kind = await this.#kind(runtime, t('The API key of which service is to be removed?'));
    if (kind === undefined) {
      return;
    }
    const { service, variables } = kind.key;
    const stored = await this.#deps.secrets.get(storedUnder(kind.id));
    await this.#deps.secrets.delete(storedUnder(kind.id));
    const variable = this.#variableOf(variables);
    const said =
      stored === undefined
        ? t('No API key for {0} was stored.', service)
        : t('The API key for {0} is removed.', service);
    vscode.window.setStatusBarMessage(
      variable === undefined ? said : `${said} ${t('The one in the variable {0} stays in use.', variable)}`,
      10_000,
    );
  }

  dispose(): void {
    this.#store.dispose();
  }

  #variableOf(variables: readonly string[]): string | undefined {
    const environment = this.#deps.environment();
    return variables.find((name) => (environment[name] ?? '').trim() !== '');
  }

  async #kind(runtime: string | undefined, placeHolder: string): Promise<KeyedKind | undefined> {
    const keyed = this.#deps.kinds().filter((kind): kind is KeyedKind => kind.key !== undefined);
    if (runtime !== undefined) {
      const found = keyed.find(({ id }) => id === runtime);
      if (found === undefined) {
        const registered = keyed.map(({ id }) => id).join(', ');
        throw coreErrors.notConfigured(t("The runtime '{0}' takes no API key; these do: {1}", runtime, registered));
      }
      return found;
    }
    if (keyed.length < 2) {
      return keyed[0];
    }
    const items = keyed.map((kind) => ({ label: kind.key.service, description: kind.displayName, keyed: kind }));
    return (await vscode.window.showQuickPick(items, { placeHolder }))?.keyed;
  }
}

function storedUnder(runtime: string): string {
  return `greenroom.apiKey.${runtime}`;
}
