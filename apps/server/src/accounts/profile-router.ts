import { Profile } from '@online-cinema/contract/accounts';
import { Nothing } from '@online-cinema/contract/common';
import { Avatar, CardInput, SetAvatar, UpdateProfile, UserCard } from '@online-cinema/contract/profile';
import { anyProcedure, rest, router, userProcedure } from '../trpc.ts';
import { AVATAR_BODY, removeAvatar, setAvatar } from './avatar.ts';
import { getCard, getProfile, updateProfile } from './profile.ts';

export const profileRouter = router({
  get: userProcedure
    .meta(rest('GET', '/profile', 'Read your profile', { noStore: true }))
    .output(Profile)
    .query(({ ctx }) => getProfile(ctx.deps, ctx.caller.userId)),

  update: userProcedure
    .meta(
      rest('PUT', '/profile', 'Write your profile', {
        noStore: true,
        description: 'Null clears a field; one that is left out stays as it is.',
      }),
    )
    .input(UpdateProfile)
    .output(Profile)
    .mutation(({ ctx, input }) => updateProfile(ctx.deps, ctx.caller.userId, input)),

  setAvatar: userProcedure
    .meta(
      rest('PUT', '/profile/avatar', 'Set your avatar', {
        binary: AVATAR_BODY,
        noStore: true,
        description: 'A JPEG, PNG or WebP picture of at most 5 MB and 25 megapixels. Its middle becomes a square.',
      }),
    )
    .input(SetAvatar)
    .output(Avatar)
    .mutation(({ ctx, input }) => setAvatar(ctx.deps, ctx.caller.userId, input.image)),

  removeAvatar: userProcedure
    .meta(rest('DELETE', '/profile/avatar', 'Take your avatar away', { status: 204 }))
    .output(Nothing)
    .mutation(({ ctx }) => removeAvatar(ctx.deps, ctx.caller.userId)),
});

export const usersRouter = router({
  card: anyProcedure
    .meta(rest('GET', '/users/{userId}', 'What everybody may know of a user'))
    .input(CardInput)
    .output(UserCard)
    .query(({ ctx, input }) => getCard(ctx.deps, input.userId)),
});
