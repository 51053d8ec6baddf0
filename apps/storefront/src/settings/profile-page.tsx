import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type Profile, trpc } from '../cinema.ts';
import { ChoiceField, Field, LongField } from '../ui/field.tsx';
import { Form } from '../ui/form.tsx';
import { Failure, Notice } from '../ui/notice.tsx';
import { SkeletonRows } from '../ui/page.tsx';
import { AvatarEditor } from './avatar-editor.tsx';
import { Section } from './section.tsx';

/** What a viewer tells of himself. */
export function ProfilePage() {
  const { data: profile, error, refetch } = useQuery(trpc.profile.get.queryOptions());
  if (error && !profile) return <Failure error={error} onRetry={() => void refetch()} />;
  if (!profile) return <SkeletonRows label="Loading your profile" rows={2} />;
  return (
    <div className="grid items-start gap-6 lg:grid-cols-[20rem_1fr]">
      <Section title="Picture" about="Everybody sees it, next to your name.">
        <AvatarEditor avatarUrl={profile.avatarUrl} />
      </Section>
      <Section title="About you" about="All of it may stay empty. Others see your name only.">
        <ProfileForm profile={profile} />
      </Section>
    </div>
  );
}

function ProfileForm({ profile }: { profile: Profile }) {
  const client = useQueryClient();
  const update = useMutation(
    trpc.profile.update.mutationOptions({
      onSuccess: (saved) => {
        client.setQueryData(trpc.profile.get.queryKey(), saved);
        void client.invalidateQueries(trpc.accounts.me.pathFilter());
      },
    }),
  );
  return (
    <Form
      sending={update}
      button="Save"
      onSend={(typed) =>
        update.mutate({
          firstName: typed('firstName').trim() || null,
          lastName: typed('lastName').trim() || null,
          dateOfBirth: typed('dateOfBirth') || null,
          gender: GENDERS.find(([gender]) => gender === typed('gender'))?.[0] ?? null,
          info: typed('info').trim() || null,
        })
      }
    >
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label="First name" name="firstName" autoComplete="given-name" defaultValue={profile.firstName ?? ''} />
        <Field label="Last name" name="lastName" autoComplete="family-name" defaultValue={profile.lastName ?? ''} />
        <Field
          label="Date of birth"
          name="dateOfBirth"
          type="date"
          autoComplete="bday"
          defaultValue={profile.dateOfBirth ?? ''}
        />
        <ChoiceField label="Gender" name="gender" autoComplete="sex" defaultValue={profile.gender ?? ''}>
          <option value="">Not said</option>
          {GENDERS.map(([gender, name]) => (
            <option key={gender} value={gender}>
              {name}
            </option>
          ))}
        </ChoiceField>
      </div>
      <LongField label="In your words" name="info" defaultValue={profile.info ?? ''} />
      {update.data && <Notice tone="good">Your profile is saved.</Notice>}
    </Form>
  );
}

const GENDERS = [
  ['woman', 'Woman'],
  ['man', 'Man'],
  ['other', 'Other'],
] as const;
