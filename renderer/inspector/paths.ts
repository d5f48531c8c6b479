// Paths as a graph writes them: relative to its folder, with `/` on every system.

/** `path` from inside of `root`: "" for the folder itself, null where it lies elsewhere. */
export function relativePath(root: string, path: string): string | null {
  const plain = (text: string) => text.replaceAll('\\', '/').replace(/\/+$/, '');
  const [base, full] = [plain(root), plain(path)];
  if (full === base) return '';
  return full.startsWith(`${base}/`) ? full.slice(base.length + 1) : null;
}

/** "12.3 kB" */
export function shownBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const step = bytes === 0 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
  return `${(bytes / 1000 ** step).toFixed(step === 0 || bytes / 1000 ** step >= 100 ? 0 : 1)} ${units[step]}`;
}
