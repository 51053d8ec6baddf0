import type { ErrorComponentProps } from '@tanstack/react-router';
import { Button } from '../ui/button.tsx';
import { Notice } from '../ui/notice.tsx';
import { Page } from '../ui/page.tsx';

/** The page itself broke. */
export function CrashPage({ reset }: ErrorComponentProps) {
  return (
    <Page title="The film has torn">
      <Notice tone="bad">
        <p>Something went wrong on this page.</p>
        <Button look="plain" onClick={reset}>
          Try again
        </Button>
      </Notice>
    </Page>
  );
}
