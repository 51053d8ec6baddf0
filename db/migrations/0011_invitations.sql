-- Accounts that the staff makes for somebody: an invitation can be taken back, and nobody else can make it void.

alter table users
  -- when the staff closed the account, be it before anybody opened it; null again once the staff opens it. No mail does.
  add column closed_at timestamptz,
  add constraint users_closed_at_check check (closed_at is null or not is_active);
update users set closed_at = updated_at where not is_active and activated_at is not null and deleted_at is null;

-- The link of an invitation, or of the first setup, is another than that of a reset, for which anybody may ask.
alter table one_time_tokens
  drop constraint one_time_tokens_purpose_check,
  add constraint one_time_tokens_purpose_check
    check (purpose in ('activation', 'password_reset', 'set_password', 'email_change'));
