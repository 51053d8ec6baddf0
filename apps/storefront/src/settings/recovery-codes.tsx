import { useMutation } from '@tanstack/react-query';
import { Button, buttonShape } from '../ui/button.tsx';
import { Notice } from '../ui/notice.tsx';

/** Shows recovery codes, this once. */
export function RecoveryCodes({ codes, onKept }: { codes: string[]; onKept: () => void }) {
  const text = codes.join('\n');
  // Refused to pages that came without TLS.
  const copy = useMutation({ mutationFn: async () => await navigator.clipboard.writeText(text) });
  return (
    <>
      <Notice tone="good">
        <p>Two-factor login is on. Keep these recovery codes: they are shown only now.</p>
      </Notice>
      <p className="text-dust">Each signs you in once when your authenticator app is gone.</p>
      <ul
        aria-label="Recovery codes"
        className="grid grid-cols-[repeat(auto-fit,minmax(8.5rem,1fr))] gap-x-4 gap-y-2 rounded-2xl bg-night p-5 font-mono select-all"
      >
        {codes.map((code) => (
          <li key={code} className="text-center whitespace-nowrap">
            {code}
          </li>
        ))}
      </ul>
      <div className="flex flex-wrap gap-3 *:grow">
        <Button look="plain" isBusy={copy.isPending} onClick={() => copy.mutate()}>
          {copy.isSuccess ? 'Copied' : 'Copy'}
        </Button>
        <a
          href={`data:text/plain;charset=utf-8,${encodeURIComponent(`${text}\n`)}`}
          download="online-cinema-recovery-codes.txt"
          className={buttonShape('plain')}
        >
          Download
        </a>
      </div>
      {copy.isError && (
        <Notice tone="bad">The browser does not let us copy. Select the codes, or download them.</Notice>
      )}
      <Button onClick={onKept}>I have kept them</Button>
    </>
  );
}
