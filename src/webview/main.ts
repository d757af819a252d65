import '../../media/chat.css';
import { loadDictionary } from './dictionary.ts';
import { connectHost } from './host.ts';
import { Panel } from './panel.ts';

loadDictionary(document);
const { post, remember } = connectHost();
const panel = new Panel(post, remember);
document.body.append(panel.element);
panel.start();
