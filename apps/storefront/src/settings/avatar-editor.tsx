import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRef } from 'react';
import { type Profile, trpc } from '../cinema.ts';
import { Avatar } from '../ui/avatar.tsx';
import { Button } from '../ui/button.tsx';
import { Failure } from '../ui/notice.tsx';

/** Shows the viewer's picture, and lets it be chosen and taken away. */
export function AvatarEditor({ avatarUrl }: Pick<Profile, 'avatarUrl'>) {
  const client = useQueryClient();
  const input = useRef<HTMLInputElement>(null);
  const onSuccess = () =>
    Promise.all([trpc.profile.get, trpc.accounts.me].map((part) => client.invalidateQueries(part.pathFilter())));
  const set = useMutation(trpc.profile.setAvatar.mutationOptions({ onSuccess }));
  const remove = useMutation(trpc.profile.removeAvatar.mutationOptions({ onSuccess }));
  const error = set.error ?? remove.error;

  return (
    <div className="grid justify-items-center gap-5">
      <Avatar url={avatarUrl} alt="Your picture" className="size-36" />
      <input
        ref={input}
        type="file"
        accept="image/jpeg,image/png,image/webp"
        aria-label="Picture file"
        className="sr-only"
        tabIndex={-1}
        onChange={(event) => {
          const image = event.target.files?.[0];
          // So that the same file can be chosen again.
          event.target.value = '';
          remove.reset();
          if (image) set.mutate({ image });
        }}
      />
      <div className="flex flex-wrap justify-center gap-2">
        <Button look="plain" isBusy={set.isPending} onClick={() => input.current?.click()}>
          Choose a picture
        </Button>
        {avatarUrl !== null && (
          <Button
            look="quiet"
            isBusy={remove.isPending}
            onClick={() => {
              set.reset();
              remove.mutate();
            }}
          >
            Remove it
          </Button>
        )}
      </div>
      <p className="text-center text-sm text-dust">JPEG, PNG or WebP, up to 5 MB. Its middle becomes a square.</p>
      {error && <Failure error={error} />}
    </div>
  );
}
