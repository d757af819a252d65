/** Line icons on a 16 x 16 grid, drawn in the colour of the text around them. */
const shapes = {
  send: 'M8 13V3.2M3.6 7.4 8 3l4.4 4.4',
  stop: 'M4.5 4.5h7v7h-7z',
  check: 'm3 8.6 3.2 3.2L13 4.9',
  close: 'm4 4 8 8m0-8-8 8',
  chevronRight: 'm6 3.5 4.5 4.5L6 12.5',
  chevronDown: 'M3.5 6 8 10.5 12.5 6',
  arrowDown: 'M8 3v9.8M3.6 8.6 8 13l4.4-4.4',
  copy: 'M5.5 5.5h7v8h-7zM3.5 10.5v-8h7',
  terminal: 'm2.5 4 4 4-4 4M8 12.5h5.5',
  file: 'M9.5 2.5h-6v11h9v-8zM9.5 2.5v3h3',
  diff: 'M8 3v6M5 6h6M5 12.5h6',
  info: 'M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM8 7.2v3.6M8 5.1v.2',
  warning: 'M8 2.5 1.8 13.3h12.4zM8 6.6v3.2M8 11.4v.2',
  error: 'M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM5.8 5.8l4.4 4.4m0-4.4-4.4 4.4',
  question: 'M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM6.2 6.3a1.8 1.8 0 1 1 2.6 1.6c-.6.3-.8.6-.8 1.2M8 11.1v.2',
  shield: 'M8 1.9c1.5 1 3.2 1.6 5 1.7v4c0 3-2 5.3-5 6.5-3-1.2-5-3.5-5-6.5v-4c1.8-.1 3.5-.7 5-1.7z',
  cancelled: 'M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM3.8 12.2l8.4-8.4',
  pending: 'M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12z',
  spinner: 'M13.5 8A5.5 5.5 0 1 1 8 2.5',
  image: 'M2.5 3.5h11v9h-11zM2.8 11l3.4-3.5 2.6 2.7 1.6-1.5 2.8 2.8M10.4 6.3v.1',
  plan: 'm2.5 4 1.1 1.1 1.9-2M2.5 9l1.1 1.1 1.9-2M8 4.3h5.5M8 9.3h5.5M8 13h5.5M3 13h1',
  ask: 'M2.5 3h11v8H8.2L5 13.5V11H2.5z',
  acceptEdits: 'm2.5 13.5 1-3.4L10.6 3l2.4 2.4-7.1 7.1zM9.2 4.4l2.4 2.4M9 13.5h4.5',
  auto: 'M9 1.8 3.5 9H8l-1 5.2L12.5 7H8z',
  model: 'M8 1.8c.4 3.6 2.6 5.8 6.2 6.2-3.6.4-5.8 2.6-6.2 6.2C7.6 10.6 5.4 8.4 1.8 8 5.4 7.6 7.6 5.4 8 1.8z',
  clock: 'M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM8 4.6V8l2.4 1.6',
  thought: 'M5.8 11.4c0-1-.5-1.5-1-2.2a4.2 4.2 0 1 1 6.4 0c-.5.7-1 1.2-1 2.2zM6.1 13.7h3.8',
} as const;

export type IconName = keyof typeof shapes;

const namespace = 'http://www.w3.org/2000/svg';

export function icon(name: IconName): SVGSVGElement {
  const svg = document.createElementNS(namespace, 'svg');
  svg.setAttribute('class', `icon icon-${name}`);
  svg.setAttribute('viewBox', '0 0 16 16');
  svg.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS(namespace, 'path');
  path.setAttribute('d', shapes[name]);
  svg.append(path);
  return svg;
}
