// Files a step wrote: where they are, what is among them, how large they are.
import { Copy, File, Folder } from 'lucide-react';
import { attempt } from '../app/notices.tsx';
import { useFormat } from '../runs/format.ts';
import { useWords } from '../words/index.ts';
import { useAnswer } from './use-answer.ts';
import type { ViewProps } from './views.tsx';

export function FileView({ artifact }: ViewProps<'file'>) {
  const t = useWords();
  const format = useFormat();
  const { path } = artifact;
  // A path names a folder or a file; of a file, the list of its folder tells the size.
  const folder = useAnswer('file.list', { folder: path, extensions: [] });
  const cut = Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\'));
  const parent = useAnswer(
    'file.list',
    folder.message === null ? null : { folder: path.slice(0, cut), extensions: [] },
  );
  const entries = folder.value?.entries ?? parent.value?.entries.filter((entry) => entry.path === path) ?? [];
  const bytes = entries.reduce((sum, entry) => sum + entry.bytes, 0);
  const missing = folder.message !== null && !parent.loading && entries.length === 0;
  return (
    <div className="results-file">
      <div className="results-file-path">
        {folder.value ? <Folder size={16} aria-hidden /> : <File size={16} aria-hidden />}
        <code>{path}</code>
        <button type="button" className="button" onClick={() => attempt(navigator.clipboard.writeText(path))}>
          <Copy size={14} aria-hidden />
          {t('file.copy')}
        </button>
      </div>
      {missing ? (
        <p className="runs-failure">{t('file.missing')}</p>
      ) : (
        <table className="runs-table results-file-list">
          <thead>
            <tr>
              <th scope="col">{t('file.name')}</th>
              <th scope="col" className="number">
                {t('file.size')}
              </th>
            </tr>
          </thead>
          <tbody>
            {entries.map((entry) => (
              <tr key={entry.path}>
                <td>{entry.name}</td>
                <td className="number">{entry.folder ? '' : format.bytes(entry.bytes)}</td>
              </tr>
            ))}
          </tbody>
          {entries.length > 1 && (
            <tfoot>
              <tr>
                <td>{t('file.total', { count: entries.length })}</td>
                <td className="number">{format.bytes(bytes)}</td>
              </tr>
            </tfoot>
          )}
        </table>
      )}
    </div>
  );
}
