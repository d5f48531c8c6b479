// Personal data in texts: what is masked, what looks like it and stays, and the same places as datatrove finds in mails.
import { beforeAll, describe, expect, it } from 'vitest';
import { cards, luhn } from '../../engine/data/pii/card.ts';
import { emails } from '../../engine/data/pii/email.ts';
import { ips } from '../../engine/data/pii/ip.ts';
import { kinds, type Masking, mask } from '../../engine/data/pii/mask.ts';
import { phones } from '../../engine/data/pii/phone.ts';
import type { Span } from '../../engine/data/pii/spans.ts';
import { regions as known } from '../../engine/nodes/data/pii.ts';
import { mails } from './mails.ts';
import { askPython, withPython } from './setting.ts';

const found = (spans: Iterable<Span>, text: string) => [...spans].map(({ start, end }) => text.slice(start, end));

describe('phone numbers', () => {
  it.each<[string, string[], string[]]>([
    ['(212) 555-0123, 212-736-5000; fax 212.736.5000', ['US'], ['(212) 555-0123', '212-736-5000', '212.736.5000']],
    ['1-800-275-2273 1 800 275 2273', ['US'], ['1-800-275-2273', '1 800 275 2273']],
    [
      'tel:+44 20 7946 0018, +1 (212) 736-5000, +49 (0)89 1234567',
      [],
      ['+44 20 7946 0018', '+1 (212) 736-5000', '+49 (0)89 1234567'],
    ],
    ['0039 06 698 12345', [], ['0039 06 698 12345']],
    ['030 901820, Tel. 089/12345678, am 01.02.2003', ['DE'], ['030 901820', '089/12345678']],
    ['01 42 68 53 00 le 12/03/2004', ['FR'], ['01 42 68 53 00']],
    ['020 7946 0018; 07911 123456', ['GB'], ['020 7946 0018', '07911 123456']],
    ['03-3581-5111 (2004/03/12)', ['JP'], ['03-3581-5111']],
    ['010-6552-9988', ['CN'], ['010-6552-9988']],
    ['212-736-5000 and 020 7946 0018', ['US', 'GB'], ['212-736-5000', '020 7946 0018']],
    ['212-736-5000', [], []],
  ])('in %j for %j', (text, regions, expected) => {
    expect(found(phones(text, regions), text)).toEqual(expected);
  });

  it.each([
    'order 2127365000',
    '2001-06-30 12:30:15, 30.06.2001 10, 6/30/2001, 1999-2001',
    '123-45-6789 90210-1234 12345-6789',
    '$1,234,567.89 and 3.14159265358',
    '192.168.100.200 and 64.161.22.236',
    'version 2.5 07/13/2001',
    'ISBN 0-306-40615-2',
    'A212-736-5000 212-736-5000a x_212-736-5000',
    '555-1212',
    '1 2 3 4 5 6 7 8 9 10 11',
  ])('are not %j', (text) => {
    expect(found(phones(text, ['US']), text)).toEqual([]);
  });
});

describe('card numbers', () => {
  it('have an issuer, its length and the check digit', () => {
    const text =
      '4111 1111 1111 1111, 5500-0000-0000-0004 and 340000000000009; 30569309025904 4222222222222 3530111333300000';
    expect(found(cards(text), text)).toEqual(text.split(/, | and |; | (?=\d{13}|\d{16})/));
  });
  it.each([
    '4111 1111 1111 1112',
    '4111-1111 1111-1111',
    '1234567812345670',
    'x4111111111111111',
    '41111111111111111111',
    '$4111111111111111',
    '0.4111111111111111',
  ])('are not %j', (text) => {
    expect(found(cards(text), text)).toEqual([]);
  });
  it('have the check digit of ISO/IEC 7812', () => {
    expect(['79927398713', '0', '18'].map(luhn)).toEqual([true, true, true]);
    expect(Array.from({ length: 10 }, (_, i) => luhn(`7992739871${i}`)).filter(Boolean)).toHaveLength(1);
  });
});

describe('IP addresses', () => {
  const text =
    '8.8.8.8 10.0.0.1 172.20.0.1 192.0.2.7 100.64.1.1 [2a00:1450:4001:81b::200e]:80 2001:4860:4860::8888 fe80::1 2001:db8::1';
  it('are public ones', () => {
    expect(found(ips(text, false), text)).toEqual(['8.8.8.8', '2a00:1450:4001:81b::200e', '2001:4860:4860::8888']);
  });
  it('are private and reserved ones as well where asked for', () => {
    expect(found(ips(text, true), text)).toEqual(text.replace(/[[\]]|:80/g, '').split(' '));
  });
  it.each([
    '1.2.3.4.5',
    '999.1.1.1',
    '12:34:56',
    'std::vector',
    'a::b c',
    '00:1A:2B:3C:4D:5E',
    '5.1.1.6.2',
    '2001:::1',
    '::',
  ])('are not %j', (other) => {
    expect(found(ips(other, false), other)).toEqual([]);
  });
});

describe('masking', () => {
  const all: Masking = {
    replacements: { email: '<email>', ip: '<ip>', phone: '<phone>', card: '<card>' },
    privateIps: false,
    regions: ['US'],
  };
  it('replaces each kind by its text and counts', () => {
    expect(
      mask('Bob <bob.smith@example.com> 8.8.8.8, 212-736-5000 or 212-736-5001: 4111 1111 1111 1111.', all),
    ).toEqual({
      text: 'Bob <<email>> <ip>, <phone> or <phone>: <card>.',
      counts: { email: 1, ip: 1, phone: 2, card: 1 },
    });
  });
  it('gives overlapping places to the earlier kind, and looks at no replacement again', () => {
    expect(
      mask('x@[8.8.8.8] 8.8.8.8', { ...all, replacements: { email: '1.1.1.1', ip: '212-736-5000', phone: 'no' } }),
    ).toEqual({
      text: '1.1.1.1 212-736-5000',
      counts: { email: 1, ip: 1, phone: 0 },
    });
  });
  it('leaves what is switched off', () => {
    const text = 'a@b.org 8.8.8.8 212-736-5000';
    for (const kind of kinds) {
      const { counts } = mask(text, { ...all, replacements: { [kind]: '' } });
      expect(Object.keys(counts)).toEqual([kind]);
    }
    expect(mask(text, { ...all, replacements: {} }).text).toBe(text);
  });
  it('takes no longer than the text is long', () => {
    for (const piece of ['a', '1', '1.', '1 ', 'a@', '@', 'a.', '1-', ':', 'f:', '+1 ']) {
      expect(mask(piece.repeat(1e6 / piece.length), all).text.length).toBeGreaterThan(0);
    }
  });
});

it('knows libphonenumber’s regions', async () => {
  const { getCountries } = await import('libphonenumber-js/max');
  expect([...known].sort()).toEqual(getCountries().sort());
});

withPython('beside datatrove’s PIIFormatter', () => {
  const texts = mails(12);
  let [theirEmails, theirIps]: string[][][] = [];
  beforeAll(() => {
    [theirEmails, theirIps] = askPython(
      `
import re
from datatrove.pipeline.formatters import PIIFormatter
formatter = PIIFormatter()
def alone(text, m):
    return not re.search(r"[\\d.]\\Z", text[: m.start()]) and not re.match(r"\\d|\\.\\d", text[m.end() :])
print(json.dumps([
    [[m.group(0) for m in formatter.emails_replacer.regex.finditer(text)] for text in ask],
    [[m.group(0) for m in formatter.ip_replacer.regex.finditer(text) if formatter.ip_replacer.validator(m.group(0)) and alone(text, m)] for text in ask],
]))`,
      texts,
    ) as [string[][], string[][]];
  });

  it('the same e-mail addresses are found in mails', () => {
    const ours = texts.map((text) => found(emails(text), text));
    expect(ours.flat().length).toBeGreaterThan(5000);
    expect(ours).toEqual(theirEmails);
  });

  it('the same IP addresses are found, but for those inside longer rows of numbers', () => {
    const ours = texts.map((text) => found(ips(text, false), text).filter((address) => !address.includes(':')));
    expect(ours.flat().length).toBeGreaterThan(1000);
    expect(ours).toEqual(theirIps);
  });
});
