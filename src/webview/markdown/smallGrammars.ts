import type hljs from 'highlight.js/lib/core';

type LanguageFn = Parameters<typeof hljs.registerLanguage>[1];

/**
 * The libraries' grammars of these two list every property and function there is; colouring needs only their shape.
 */
export const css: LanguageFn = (hljs) => ({
  name: 'CSS',
  aliases: ['scss', 'less'],
  contains: [
    hljs.C_BLOCK_COMMENT_MODE,
    hljs.C_LINE_COMMENT_MODE,
    hljs.APOS_STRING_MODE,
    hljs.QUOTE_STRING_MODE,
    { className: 'keyword', begin: /@[\w-]+|!important\b/ },
    { className: 'number', begin: /#[\da-fA-F]{3,8}\b|-?\b\d+(?:\.\d+)?(?:%|[a-zA-Z]+)?/ },
    { className: 'variable', begin: /(?:--|\$)[\w-]+/ },
    { className: 'title', begin: /[.#][A-Za-z_][\w-]*/ },
    { className: 'attribute', begin: /[a-z-]+(?=\s*:\s)/ },
    { className: 'built_in', begin: /[a-z-]+(?=\()/ },
  ],
});

export const sql: LanguageFn = (hljs) => ({
  name: 'SQL',
  case_insensitive: true,
  keywords: {
    keyword:
      'add all alter analyze and any as asc begin between by cascade case check collate column commit conflict ' +
      'constraint create cross current database default delete desc distinct do drop each else end except exists ' +
      'explain filter for foreign from full function grant group having if in index inner insert intersect interval ' +
      'into is join key left like limit natural not null of offset on or order outer over partition primary ' +
      'procedure recursive references replace returning returns revoke right rollback row rows schema select set ' +
      'table temporary then to transaction trigger truncate union unique update using values view when where ' +
      'window with',
    literal: 'true false unknown',
    built_in: 'avg cast coalesce count extract greatest least lower max min now nullif round row_number sum upper',
    type:
      'bigint binary blob boolean char character date decimal double float int integer json jsonb numeric real ' +
      'serial smallint text time timestamp timestamptz uuid varchar varying',
  },
  contains: [
    hljs.C_BLOCK_COMMENT_MODE,
    hljs.COMMENT('--', '$'),
    { className: 'string', begin: "'", end: "'", contains: [{ begin: "''" }] },
    { className: 'symbol', begin: '"', end: '"' },
    hljs.C_NUMBER_MODE,
    { className: 'variable', begin: /[@:$][\w]+/ },
  ],
});
