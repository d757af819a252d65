import * as vscode from 'vscode';

/**
 * The page around the chat webview. Nothing remote, no inline script, no eval: only our own files, the script by nonce.
 * `l10n` is the dictionary of the display language, as data.
 */
export function chatHtml(
  webview: vscode.Webview,
  extensionUri: vscode.Uri,
  nonce: string,
  l10n: Readonly<Record<string, string>>,
): string {
  const asset = (name: string): string =>
    webview.asWebviewUri(vscode.Uri.joinPath(extensionUri, 'dist', 'webview', name)).toString();
  const csp = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src ${webview.cspSource}`,
    `img-src ${webview.cspSource}`,
    `font-src ${webview.cspSource}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  // '<' is escaped, so that no text can end the element.
  const dictionary = JSON.stringify(l10n).replaceAll('<', '\\u003c');
  return `<!DOCTYPE html>
<html lang="${vscode.env.language}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${csp}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="${asset('main.css')}">
<title>Greenroom</title>
</head>
<body>
<script type="application/json" id="l10n">${dictionary}</script>
<script type="module" nonce="${nonce}" src="${asset('main.js')}"></script>
</body>
</html>`;
}

/** What the webview may load from: nothing but its own built files. */
export function chatResourceRoots(extensionUri: vscode.Uri): vscode.Uri[] {
  return [vscode.Uri.joinPath(extensionUri, 'dist', 'webview')];
}
