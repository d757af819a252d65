import assert from 'node:assert/strict';
import { formatMessage, setTranslator } from '../../../src/base/l10n.ts';
import { timeText } from '../../../src/base/timeText.ts';

describe('a time', () => {
  afterEach(() => setTranslator(formatMessage));

  it('is as short as it can be, in the language of the sentences', () => {
    const now = new Date(2026, 10, 25, 22, 30).getTime();
    const times = [new Date(2026, 10, 25, 23, 5), new Date(2026, 10, 26, 1, 5), new Date(2027, 0, 2, 1, 5)];
    const texts = (language: string): string[] => {
      setTranslator(formatMessage, language);
      return times.map((time) => timeText(time.getTime(), now).replaceAll('\u202f', ' '));
    };
    assert.deepEqual(texts('en'), ['11:05 PM', 'Nov 26, 1:05 AM', 'Jan 2, 2027, 1:05 AM']);
    assert.deepEqual(texts('zh-cn'), ['23:05', '11月26日 1:05', '2027年1月2日 1:05']);
  });
});
