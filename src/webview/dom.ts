export type Child = Node | string | undefined | false;
export type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

/** Makes an element. Attributes that are `undefined` or `false` are left out; children that are strings become text. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    setAttribute(element, name, value);
  }
  for (const child of children) {
    if (child !== undefined && child !== false) {
      element.append(child);
    }
  }
  return element;
}

export function setAttribute(element: Element, name: string, value: string | number | boolean | undefined): void {
  if (value === undefined || value === false) {
    element.removeAttribute(name);
  } else {
    element.setAttribute(name, value === true ? '' : String(value));
  }
}

/** Sets the text only where it differs: an unchanged live region is not announced again. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) {
    element.textContent = text;
  }
}

export interface ButtonOptions {
  /** The accessible name; shown as text unless `iconOnly`. */
  readonly label: string;
  readonly icon?: Node;
  readonly iconOnly?: boolean;
  readonly className?: string;
  readonly tooltip?: string;
}

export function button(options: ButtonOptions, onClick: (event: MouseEvent) => void): HTMLButtonElement {
  const element = h(
    'button',
    {
      type: 'button',
      class: options.className ?? 'button secondary',
      title: options.tooltip ?? (options.iconOnly === true ? options.label : undefined),
      'aria-label': options.iconOnly === true ? options.label : undefined,
    },
    options.icon,
    options.iconOnly === true ? undefined : h('span', {}, options.label),
  );
  element.addEventListener('click', onClick);
  return element;
}

let lastId = 0;

/** An id that is unique in this document, for `aria-*` references. */
export function uniqueId(prefix: string): string {
  lastId += 1;
  return `${prefix}-${String(lastId)}`;
}
