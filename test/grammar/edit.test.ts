// Graph edits as text before / text after.
import { describe, expect, test } from 'vitest';
import { applyEdits, edit, type GraphEdit } from '../../grammar/index.ts';

function after(before: string, change: GraphEdit): string {
  const result = edit(before, change);
  return 'error' in result ? `${result.error.code}: ${result.error.message}` : applyEdits(before, result.edits);
}

/** Each case: the statements before (below `dsk 1`), the edit, the statements after. */
function check(before: string, change: GraphEdit, expected: string): void {
  expect(after(`dsk 1\n${before}`, change)).toBe(`dsk 1\n${expected}`);
}

describe('set', () => {
  test('replaces a value and nothing else', () => {
    check(
      'a = f(x , y:1 , z: 2) # c',
      { type: 'set', node: 'a', parameter: 'y', value: 7 },
      'a = f(x , y:7 , z: 2) # c',
    );
  });

  test('reaches inline nodes, inputs without a name and list items by path', () => {
    const before = 'a = f(g(x: 1), o: h(y: [k(z: 1), k(z: 2)]))';
    check(
      before,
      { type: 'set', node: 'a.0', parameter: 'x', value: 5 },
      'a = f(g(x: 5), o: h(y: [k(z: 1), k(z: 2)]))',
    );
    check(
      before,
      { type: 'set', node: 'a.o.y.1', parameter: 'z', value: 5 },
      'a = f(g(x: 1), o: h(y: [k(z: 1), k(z: 5)]))',
    );
  });

  test('adds what was not there', () => {
    const change: GraphEdit = { type: 'set', node: 'a', parameter: 'y', value: 'é"' };
    check('a = f()', change, 'a = f(y: "é\\"")');
    check('a = f(x,)', change, 'a = f(x, y: "é\\"",)');
    check('a = x |> f()', change, 'a = x |> f(y: "é\\"")');
  });

  test('gives it a line of its own where all have one, behind a comment', () => {
    const change: GraphEdit = { type: 'set', node: 'a', parameter: 'y', value: true };
    check('a = f(\n  x, # one\n  z: 2 # two\n)', change, 'a = f(\n  x, # one\n  z: 2, # two\n  y: true\n)');
    check('a = f(\n  x,\n  z: 2, # two\n)', change, 'a = f(\n  x,\n  z: 2, # two\n  y: true,\n)');
  });

  test('breaks a line that would become too long', () => {
    const long = `"${'x'.repeat(80)}"`;
    check(
      `a = f(p: ${long})`,
      { type: 'set', node: 'a', parameter: 'path', value: 'out' },
      `a = f(p: ${long},\n      path: "out")`,
    );
  });

  test('keeps a percentage one, and the spelling of an equal number', () => {
    check('a = f(x: 10%)', { type: 'set', node: 'a', parameter: 'x', value: 0.07 }, 'a = f(x: 7%)');
    check('a = f(x: 1_000)', { type: 'set', node: 'a', parameter: 'x', value: 1000 }, 'a = f(x: 1_000)');
  });

  test('changes only the items of a list that differ, so comments in it stay', () => {
    const value = [0.9, 0.99];
    check(
      'a = f(b: [0.9, # m\n 0.95])',
      { type: 'set', node: 'a', parameter: 'b', value },
      'a = f(b: [0.9, # m\n 0.99])',
    );
  });

  test('sets the value of a param', () => {
    check('param s = 3 # c', { type: 'set', node: 's', parameter: null, value: 4 }, 'param s = 4 # c');
  });

  test('refuses what is not there or cannot be written', () => {
    const set = { type: 'set', parameter: 'x' } as const;
    expect(after('dsk 1\na = f()', { ...set, node: 'b', value: 1 })).toBe(
      'edit-unknown: there is no node or param `b`',
    );
    expect(after('dsk 1\na = f()', { ...set, node: 'a', value: Number.NaN })).toMatch(/^edit-value: NaN/);
    expect(after('dsk 1\na = 3', { ...set, node: 'a', value: 1 })).toMatch(/^edit-shape/);
    expect(after('dsk 1\na = f(x: 1 y: 2)', { ...set, node: 'a', value: 1 })).toMatch(/^edit-broken/);
  });

  test('works beside a statement with a syntax error', () => {
    check('b = f(x\na = f(x: 1)', { type: 'set', node: 'a', parameter: 'x', value: 2 }, 'b = f(x\na = f(x: 2)');
  });
});

describe('remove', () => {
  const remove = (parameter: string): GraphEdit => ({ type: 'remove', node: 'a', parameter });

  test('takes its comma along', () => {
    check('a = f(x, y: 1, z: 2)', remove('y'), 'a = f(x, z: 2)');
    check('a = f(x, y: 1, z: 2)', remove('z'), 'a = f(x, y: 1)');
    check('a = f(x, y: 1,)', remove('y'), 'a = f(x,)');
    check('a = f(y: 1)', remove('y'), 'a = f()');
  });

  test('takes its line along, but no comment', () => {
    check('a = f(\n  x,\n  y: 1,\n  z: 2\n)', remove('y'), 'a = f(\n  x,\n  z: 2\n)');
    check('a = f(\n  x,\n  y: 1, # why\n  z: 2\n)', remove('y'), 'a = f(\n  x,\n  # why\n  z: 2\n)');
    check('a = f(x,\n  y: 1, z: 2,\n  w: 3)', remove('z'), 'a = f(x,\n  y: 1,\n  w: 3)');
    check('a = f(x, # one\n  y: 1)', remove('y'), 'a = f(x # one\n  )');
  });
});

describe('rename', () => {
  test('reaches every reference, in inline nodes and lists too, and nothing of the same spelling', () => {
    check(
      'ab = f()\nc = g(ab.ab, ab: h(ab), l: [ab]) # ab',
      { type: 'rename', from: 'ab', to: 'naïve' },
      'naïve = f()\nc = g(naïve.ab, ab: h(naïve), l: [naïve]) # ab',
    );
  });

  test('refuses a name that is taken, reserved or none', () => {
    const text = 'dsk 1\na = f()\nb = f()';
    expect(after(text, { type: 'rename', from: 'a', to: 'b' })).toMatch(/^edit-name: `b` is already/);
    expect(after(text, { type: 'rename', from: 'a', to: 'null' })).toMatch(/^edit-name/);
    expect(after(text, { type: 'rename', from: 'a', to: 'a b' })).toMatch(/^edit-name/);
  });
});

describe('connect', () => {
  const connect = (rest: object): GraphEdit => ({ type: 'connect', node: 'a', port: 'in', source: 'n.o', ...rest });

  test('replaces the input of that name or position', () => {
    check('a = f(x, in: y)', connect({}), 'a = f(x, in: n.o)');
    check('a = f(x, k: 1)', connect({ position: 0 }), 'a = f(n.o, k: 1)');
    check('a = x |> f(k: 1)', connect({ position: 0 }), 'a = n.o |> f(k: 1)');
  });

  test('adds it by position before the named ones, else by name', () => {
    check('a = f(x, k: 1)', connect({ position: 1 }), 'a = f(x, n.o, k: 1)');
    check('a = f(k: 1)', connect({ position: 1 }), 'a = f(k: 1, in: n.o)');
  });

  test('fills lists', () => {
    check('a = f(in: [x, y])', connect({ item: 1 }), 'a = f(in: [x, n.o])');
    check('a = f(in: [x, y])', connect({ item: 2 }), 'a = f(in: [x, y, n.o])');
    check('a = f(in: x)', connect({ item: 1 }), 'a = f(in: [x, n.o])');
    check('a = f()', connect({ item: 0 }), 'a = f(in: [n.o])');
  });
});

describe('disconnect', () => {
  const disconnect = (rest: object): GraphEdit => ({ type: 'disconnect', node: 'a', port: 'in', ...rest });

  test('removes the input', () => {
    check('a = f(x, in: y)', disconnect({}), 'a = f(x)');
    check('a = x |> f(k: 1)', disconnect({ position: 0 }), 'a = f(k: 1)');
    check('a = x\n  # c\n  |> f(k: 1)', disconnect({ position: 0 }), 'a = f( # c\nk: 1)');
  });

  test('keeps the place where others without a name follow', () => {
    check('a = f(x, y)', disconnect({ position: 0 }), 'a = f(null, y)');
    check('a = x |> f(y)', disconnect({ position: 0 }), 'a = null |> f(y)');
  });

  test('takes one item out of a list, and the list with its last', () => {
    check('a = f(in: [x, y])', disconnect({ item: 0 }), 'a = f(in: [y])');
    check('a = f(in: [x], k: 1)', disconnect({ item: 0 }), 'a = f(k: 1)');
  });
});

describe('add', () => {
  const add = (...inputs: string[]): GraphEdit => {
    return { type: 'add', name: 'n', kind: 'k', arguments: inputs.map((reference) => ({ value: { reference } })) };
  };

  test('after the last of its inputs, its `=` under the one above', () => {
    check(
      'one = f()\ntwo = f() # c\nx = g()\n',
      add('one', 'two.p'),
      'one = f()\ntwo = f() # c\nn   = k(one, two.p)\nx = g()\n',
    );
  });

  test('before the first that uses it, above its comments', () => {
    check('a = f()\n# c\nb = g(n)\n', add(), 'a = f()\nn = k()\n# c\nb = g(n)\n');
  });

  test('else at the end, in a file that ends anyhow', () => {
    check('a = f()', add(), 'a = f()\nn = k()');
    check('', add(), '\nn = k()\n');
    expect(after('', add())).toBe('dsk 1\n\nn = k()\n');
    expect(after('\ufeffdsk 1\r\n\r\na = f()\r\n', add())).toBe('\ufeffdsk 1\r\n\r\na = f()\r\nn = k()\r\n');
  });

  test('long calls are broken and documentation stands above', () => {
    const text = 'x'.repeat(60);
    const change: GraphEdit = {
      type: 'add',
      name: 'n',
      kind: 'k',
      documentation: 'One.\nTwo.',
      arguments: [
        { name: 'a', value: text },
        { name: 'b', value: text },
      ],
    };
    check('', change, `\n## One.\n## Two.\nn = k(a: "${text}",\n      b: "${text}")\n`);
  });

  test('a param stands behind the other params', () => {
    check(
      'param a = 1\nb = f()\n',
      { type: 'add-param', name: 'c', value: { percent: 5 } },
      'param a = 1\nparam c = 5%\nb = f()\n',
    );
  });
});

describe('delete', () => {
  test('with its comments and the references to it', () => {
    check(
      '# keep\n\n## doc\n# more\na = f(\n  x # in\n) # end\nb = g(x, in: a, l: [a, c], k: 1)\n',
      { type: 'delete', name: 'a' },
      '# keep\n\nb = g(x, l: [c], k: 1)\n',
    );
  });

  test('with inputs without a name kept in place', () => {
    check(
      'a = f()\nb = g(a, x)\nc = a |> h() |> i(a)',
      { type: 'delete', name: 'a' },
      'b = g(null, x)\nc = h() |> i()',
    );
  });

  test('reconnected', () => {
    check('a = f(x)\nb = g(a.p, q: a)\n', { type: 'delete', name: 'a', reconnect: 'x.t' }, 'b = g(x.t, q: x.t)\n');
  });

  test('as the last line of a file without an end of line', () => {
    check('a = f(x)\nb = g(m, a.p, q: a.q,\n      s: 1)\n', { type: 'delete', name: 'a' }, 'b = g(m,\n      s: 1)\n');
    check('b = f()\r\na = f()', { type: 'delete', name: 'a' }, 'b = f()');
  });
});

describe('wrap and unwrap', () => {
  test('an inline node gets a statement above, and goes back', () => {
    const inline = '# c\ntrained = train(m, optimizer: adamw(lr: 1e-3, betas: [1, # b\n 2]), k: 1)\n';
    const named = 'opt = adamw(lr: 1e-3, betas: [1, # b\n 2])\n# c\ntrained = train(m, optimizer: opt, k: 1)\n';
    check(inline, { type: 'wrap', node: 'trained.optimizer', name: 'opt' }, named);
    check(named, { type: 'unwrap', name: 'opt' }, inline);
  });

  test('line ends that only brackets allow are joined', () => {
    check(
      'a = f(x: g # c\n (1) |>\n h())',
      { type: 'wrap', node: 'a.x', name: 'n' },
      '# c\n\nn = g (1) |> h()\na = f(x: n)',
    );
  });

  test('comments of a statement that moves stay, apart from the statement below', () => {
    check('## doc\nn = g() # end\nb = f(n)\n', { type: 'unwrap', name: 'n' }, '## doc\n# end\n\nb = f(g())\n');
    check('## doc\nn = g()\nb = f(n)\n', { type: 'unwrap', name: 'n' }, '## doc\n\nb = f(g())\n');
  });

  test('only a node that is used once as a whole can go inline', () => {
    expect(after('dsk 1\na = f()\nb = g(a, a)', { type: 'unwrap', name: 'a' })).toMatch(/^edit-shape.*used 2 times/);
    expect(after('dsk 1\na = f()\nb = g(a.o)', { type: 'unwrap', name: 'a' })).toMatch(/^edit-shape.*output/);
  });
});

describe('skip', () => {
  const skip = (node: string, on = true): GraphEdit => ({ type: 'skip', node, skip: on });

  test('puts the word before the name; spaces before `=` give way', () => {
    check('a = f(x) # c', skip('a'), 'skip a = f(x) # c');
    check('long_name = f()\na         = g()', skip('a'), 'long_name = f()\nskip a    = g()');
    check('name = f()\nab   = g()', skip('ab'), 'name = f()\nskip ab = g()');
    check('## Words.\n  a = f()', skip('a'), '## Words.\n  skip a = f()');
  });

  test('takes it away; `=` goes back to where the others have it', () => {
    check('skip a = f(x) # c', skip('a', false), 'a = f(x) # c');
    check('long_name = f()\nskip a    = g()', skip('a', false), 'long_name = f()\na         = g()');
    check('skip ab = g()\nname = f()', skip('ab', false), 'ab   = g()\nname = f()');
    check('skip  skip = g()', skip('skip', false), 'skip = g()');
  });

  test('changes nothing where it is so already', () => {
    check('skip a = f()', skip('a'), 'skip a = f()');
    check('a = f()', skip('a', false), 'a = f()');
  });

  test('is refused for params, inline nodes and broken statements', () => {
    expect(after('dsk 1\nparam a = 1', skip('a'))).toBe('edit-shape: `a` is a param: only a node can be skipped');
    expect(after('dsk 1\na = f(x: g())', skip('a.x'))).toMatch(/^edit-shape: `a\.x` is written inside of another node/);
    expect(after('dsk 1\na = f(', skip('a'))).toMatch(/^edit-broken/);
  });

  test('a skipped node cannot be written inline', () => {
    expect(after('dsk 1\nskip a = f()\nb = g(a)', { type: 'unwrap', name: 'a' })).toMatch(
      /^edit-shape: `a` is skipped/,
    );
  });

  test('a new statement below it is aligned with those that are not skipped', () => {
    check(
      'book  = f()\nskip clean = g(book)',
      { type: 'add', name: 'x', kind: 'h', arguments: [{ value: { reference: 'clean' } }] },
      'book  = f()\nskip clean = g(book)\nx     = h(clean)',
    );
  });
});
