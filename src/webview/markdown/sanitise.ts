import createDOMPurify, { type Config, type DOMPurify } from 'dompurify';
import { isExternalLink } from './parser.ts';

const config = {
  ALLOWED_TAGS: [
    ...['p', 'br', 'hr', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'strong', 'em', 's', 'blockquote', 'ul', 'ol', 'li'],
    ...['pre', 'code', 'span', 'a', 'table', 'thead', 'tbody', 'tr', 'th', 'td'],
  ],
  ALLOWED_ATTR: ['href', 'class', 'start', 'title'],
  // DOMPurify checks every other attribute's value as if it were an address.
  ADD_URI_SAFE_ATTR: ['start'],
  ALLOWED_URI_REGEXP: /^(?:https?|mailto):/i,
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
  RETURN_DOM_FRAGMENT: true,
} satisfies Config;

const allowedClass = /^(?:path|align-(?:left|right|center)|language-[\w+#.-]+)$/;

let purifier: DOMPurify | undefined;

function getPurifier(): DOMPurify {
  if (purifier === undefined) {
    purifier = createDOMPurify(window);
    // Once: reading it again for every block would cost more than the block.
    purifier.setConfig(config);
    purifier.addHook('uponSanitizeAttribute', (_node, data) => {
      if (data.attrName === 'class' && !allowedClass.test(data.attrValue)) {
        data.keepAttr = false;
      }
      if (data.attrName === 'href' && !isExternalLink(data.attrValue)) {
        data.keepAttr = false;
      }
      if (data.attrName === 'start' && !/^\d{1,9}$/.test(data.attrValue)) {
        data.keepAttr = false;
      }
    });
  }
  return purifier;
}

/** The only way from HTML text into the document. */
export function sanitise(html: string): DocumentFragment {
  return getPurifier().sanitize(html, { RETURN_DOM_FRAGMENT: true });
}
