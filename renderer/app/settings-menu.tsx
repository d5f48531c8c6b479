// Theme, language, saving.
import { Check } from 'lucide-react';
import { DropdownMenu } from 'radix-ui';
import type { Settings } from '../../engine/host/contract.ts';
import { useWords } from '../words/index.ts';
import { changeSettings, useSettings } from './settings.ts';

export function SettingsMenu({ icon }: { icon: React.ReactNode }) {
  const t = useWords();
  const { theme, language, autosave } = useSettings();
  return (
    <DropdownMenu.Root>
      <DropdownMenu.Trigger className="button quiet icon" aria-label={t('app.settings')} title={t('app.settings')}>
        {icon}
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content className="menu" align="end" sideOffset={4}>
          <DropdownMenu.Label className="menu-title">{t('app.theme')}</DropdownMenu.Label>
          <DropdownMenu.RadioGroup
            value={theme}
            onValueChange={(value) => changeSettings({ theme: value as Settings['theme'] })}
          >
            <Choice value="system">{t('app.theme.system')}</Choice>
            <Choice value="light">{t('app.theme.light')}</Choice>
            <Choice value="dark">{t('app.theme.dark')}</Choice>
          </DropdownMenu.RadioGroup>
          <DropdownMenu.Separator className="menu-line" />
          <DropdownMenu.Label className="menu-title">{t('app.language')}</DropdownMenu.Label>
          <DropdownMenu.RadioGroup
            value={language}
            onValueChange={(value) => changeSettings({ language: value as Settings['language'] })}
          >
            <Choice value="system">{t('app.language.system')}</Choice>
            <Choice value="en">English</Choice>
            <Choice value="zh">简体中文</Choice>
          </DropdownMenu.RadioGroup>
          <DropdownMenu.Separator className="menu-line" />
          <DropdownMenu.CheckboxItem
            className="menu-item choice"
            checked={autosave}
            onCheckedChange={(checked) => changeSettings({ autosave: checked })}
          >
            <DropdownMenu.ItemIndicator className="choice-mark">
              <Check size={14} />
            </DropdownMenu.ItemIndicator>
            {t('app.autosave')}
          </DropdownMenu.CheckboxItem>
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

function Choice({ value, children }: { value: string; children: React.ReactNode }) {
  return (
    <DropdownMenu.RadioItem className="menu-item choice" value={value}>
      <DropdownMenu.ItemIndicator className="choice-mark">
        <Check size={14} />
      </DropdownMenu.ItemIndicator>
      {children}
    </DropdownMenu.RadioItem>
  );
}
