// A small memory of computed values: the latest `most` by name. What failed is not remembered.

export function memory<T>(most: number): (name: string, compute: () => T) => T {
  const known = new Map<string, T>();
  return (name, compute) => {
    const value = known.get(name) ?? compute();
    known.delete(name);
    known.set(name, value); // the newest stands last
    if (value instanceof Promise) value.catch(() => known.delete(name));
    if (known.size > most) known.delete(known.keys().next().value as string);
    return value;
  };
}
