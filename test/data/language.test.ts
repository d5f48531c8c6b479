// Which language texts are in: prose of many languages and scripts, what is no language, and long texts that begin otherwise.
import { createHash } from 'node:crypto';
import { eld } from 'eld/large';
import { describe, expect, it } from 'vitest';
import { findLanguage } from '../../engine/data/language.ts';
import { languages } from '../../engine/nodes/data/language.ts';
import { letters, paragraphs } from './mails.ts';

const prose: Record<string, string> = {
  en: 'The old house at the end of the street has been empty for years, and nobody knows who owns it.',
  fr: 'Le petit chat dort sur le canapé pendant que la pluie tombe dehors.',
  de: 'Der Zug nach München hat heute leider zwanzig Minuten Verspätung.',
  es: 'Mañana iremos a la playa si el tiempo lo permite.',
  nl: 'Morgen gaan we naar het strand als het weer het toelaat.',
  pl: 'Jutro pojedziemy nad morze, jeśli pogoda na to pozwoli.',
  ru: 'Завтра мы поедем на море, если погода позволит.',
  ar: 'سنذهب غدا إلى الشاطئ إذا سمح الطقس بذلك',
  zh: '今天天气很好，我们打算去公园散步。',
  ja: '今日は天気がいいので、公園を散歩するつもりです。',
  ko: '오늘은 날씨가 좋아서 공원에 산책하러 갈 거예요.',
};

it('knows the languages that the kind offers', () => {
  expect([...languages].sort()).toEqual(Object.values(eld.info().Languages).sort());
});

describe('prose', () => {
  it.each(Object.entries(prose))('in %s, with a score that is usual for it', (language, text) => {
    const found = findLanguage(text);
    expect(found.language).toBe(language);
    expect(found.score).toBeGreaterThan(0.7);
  });
  it('of a few letters, in scripts of their own', () => {
    expect(['你好', 'ありがとう', '안녕하세요'].map((text) => findLanguage(text).language)).toEqual(['zh', 'ja', 'ko']);
  });
});

it.each(['', ' \n', '12345 67 89', '--- *** !!!', 'http://example.com/ a@b.org x12y34'])(
  'nothing tells in %j',
  (text) => {
    expect(findLanguage(text)).toEqual({ language: null, score: 0 });
  },
);

it('encoded data has a low score', () => {
  const encoded = Array.from({ length: 12 }, (_, i) => createHash('sha512').update(String(i)).digest('base64')).join(
    '',
  );
  expect(findLanguage(encoded).score).toBeLessThan(0.4);
});

it('looks at several places of a long text', () => {
  const head = 'Received: from mail by server; Message-Id: x; Subject: the weather and the sea\n'.repeat(4);
  expect(findLanguage(head + `${prose.fr} `.repeat(60)).language).toBe('fr');
});

it('finds English in mails and a novel', () => {
  const texts = [
    ...letters(40).filter((text) => text.trim().length > 200),
    ...paragraphs(12).filter((text) => text.length > 100),
  ];
  const english = texts.filter((text) => {
    const { language, score } = findLanguage(text);
    return language === 'en' && score >= 0.6;
  });
  // A few mails are in other languages or encoded.
  expect(english.length / texts.length).toBeGreaterThan(0.97);
});

it('works on a long text without spaces', () => {
  expect(findLanguage('x'.repeat(5e6)).score).toBeLessThan(0.6);
  expect(findLanguage('今天天气很好'.repeat(1e5)).language).toBe('zh');
});
