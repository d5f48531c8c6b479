// Catches what a part throws while it is drawn, says so in its place, and leaves the rest of the page running.
import { Component, type ErrorInfo, type ReactNode } from 'react';
import { useWords } from '../words/index.ts';

interface State {
  fault: Error | null;
}

export class Guard extends Component<{ children: ReactNode }, State> {
  override state: State = { fault: null };

  static getDerivedStateFromError(fault: unknown): State {
    return { fault: fault instanceof Error ? fault : new Error(String(fault)) };
  }

  override componentDidCatch(fault: Error, info: ErrorInfo): void {
    console.error(fault, info.componentStack);
  }

  override render(): ReactNode {
    const { fault } = this.state;
    return fault ? <Fault fault={fault} again={() => this.setState({ fault: null })} /> : this.props.children;
  }
}

function Fault({ fault, again }: { fault: Error; again: () => void }) {
  const t = useWords();
  return (
    <div className="app-fault" role="alert">
      <p>{t('app.fault', { message: fault.message })}</p>
      <p>{t('app.fault.keep')}</p>
      <button type="button" className="button" onClick={again}>
        {t('app.again')}
      </button>
    </div>
  );
}
