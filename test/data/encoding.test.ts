import iconv from 'iconv-lite';
import { describe, expect, it } from 'vitest';
import { encodingOf, knownEncoding, openDecoder } from '../../engine/data/files/encoding.ts';
import { complaintOf } from './setting.ts';

// Plain prose of some lines, as it stands in files.
const russian =
  'Дорогие коллеги! Напоминаем, что собрание состоится в четверг в десять часов утра.\nПожалуйста, принесите отчёты за прошлый квартал и подготовьте вопросы.\n';
const czech =
  'Vážení kolegové, schůze se bude konat ve čtvrtek ráno. Přineste prosím zprávy za minulé čtvrtletí a připravte si své otázky. Ačkoliv je žádná nečeká, ještě přijďte včas.\n';
const french =
  "Chers collègues, la réunion aura lieu jeudi à dix heures. Apportez vos rapports et préparez vos questions, s'il vous plaît. Ça ira très bien, même sans le café.\n";
const japanese =
  '関係者各位\n次回の会議は木曜日の午前十時から行います。前四半期の報告書を持参し、質問を準備してください。よろしくお願いいたします。\n';
const chinese =
  '各位同事：会议将于星期四上午十点举行。请带上上个季度的报告，并准备好您的问题。谢谢大家的合作，我们到时候见。\n';
const taiwanese =
  '各位同事：會議將於星期四上午十點舉行。請帶上上個季度的報告，並準備好您的問題。謝謝大家的合作，我們到時候見。\n';
const korean =
  '동료 여러분, 회의는 목요일 오전 열 시에 열립니다. 지난 분기의 보고서를 가져오시고 질문을 준비해 주십시오. 감사합니다.\n';
const greek =
  'Αγαπητοί συνάδελφοι, η συνάντηση θα γίνει την Πέμπτη στις δέκα το πρωί. Παρακαλώ φέρτε τις αναφορές σας και ετοιμάστε τις ερωτήσεις σας.\n';

const cases: [string, string][] = [
  ['windows-1251', russian],
  ['koi8-r', russian],
  ['windows-1250', czech],
  ['windows-1252', french],
  ['shift_jis', japanese],
  ['euc-jp', japanese],
  ['gb18030', chinese],
  ['gbk', chinese],
  ['big5', taiwanese],
  ['euc-kr', korean],
  ['windows-1253', greek],
  ['utf-8', russian],
  ['utf-16le', japanese],
  ['utf-16be', russian],
  ['utf-16le', french],
  ['utf-32le', french],
];
const decode = async (encoding: string, bytes: Buffer) => {
  const decoder = await openDecoder(encoding);
  // In pieces that cut characters in two.
  let text = '';
  for (let at = 0; at < bytes.length; at += 7) text += decoder.write(bytes.subarray(at, at + 7));
  return text + decoder.end();
};

describe('an encoding that nobody names', () => {
  it.each(cases)('is found for %s', async (encoding, text) => {
    for (const bytes of [iconv.encode(text, encoding), iconv.encode(text, encoding, { addBOM: true })]) {
      expect(await decode(await encodingOf(bytes, [], 'x'), bytes)).toBe(text);
    }
  });
  it.each(cases.slice(0, 11))('is found for %s in a page that is ASCII but for a little', async (encoding, text) => {
    const page = `<p class="text">${'Lorem ipsum dolor sit amet. '.repeat(4)}</p>\n`.repeat(500);
    const bytes = Buffer.concat([Buffer.from(page), iconv.encode(text, encoding), Buffer.from(page)]);
    expect(await decode(await encodingOf(bytes, [], 'x'), bytes)).toBe(page + text + page);
  });
  it('is one in which every byte is a character, however short the file', async () => {
    const bytes = iconv.encode('имя;город\nАнна;Москва\nИван;Новгород\n', 'windows-1251');
    expect(await encodingOf(bytes, [], 'x')).toBe('windows-1251');
  });
  it('is looked for in all of a file', async () => {
    const head = Buffer.from('plain ASCII\n'.repeat(1000));
    expect(await encodingOf(head, [iconv.encode(russian, 'koi8-r')], 'x')).toBe('koi8-r');
  });
  it('is UTF-8 where a few bytes are damaged only', async () => {
    const bytes = Buffer.from(russian.repeat(3));
    bytes[101] = 0xff;
    expect(await encodingOf(bytes, [], 'x')).toBe('utf-8');
  });
});

describe('an encoding that is named', () => {
  // ICU's tables, by way of Node, as an independent reader.
  const shared = [
    'windows-1250',
    'windows-1251',
    'koi8-r',
    'shift_jis',
    'euc-jp',
    'gb18030',
    'big5',
    'euc-kr',
    'utf-16le',
  ];
  it.each(shared)('is decoded as ICU does: %s', async (encoding) => {
    const [, text] = cases.find(([name]) => name === encoding) as [string, string];
    const bytes = iconv.encode(text, encoding);
    expect(await decode(await knownEncoding(encoding.toUpperCase()), bytes)).toBe(
      new TextDecoder(encoding).decode(bytes),
    );
  });
  it('may be one that browsers alone know, and must be one', async () => {
    const mail = Buffer.from('\x1b$B$3$s$K$A$O\x1b(B\n', 'latin1');
    expect(await decode(await knownEncoding('iso-2022-jp'), mail)).toBe('こんにちは\n');
    expect(await encodingOf(mail, [], 'x')).toBe('iso-2022-jp');
    for (const name of ['klingon', 'base64'])
      expect((await complaintOf(knownEncoding(name))).code).toBe('file-encoding');
  });
});
