import { avatarSweepJob } from './accounts/avatar-jobs.ts';
import { accountsCleanUpJob } from './accounts/clean-up-jobs.ts';
import {
  activatedMail,
  activationJob,
  activationMail,
  emailChangedMail,
  emailChangeMail,
  passwordChangedMail,
  passwordResetDoneMail,
  passwordResetJob,
  passwordResetMail,
} from './accounts/jobs.ts';
import { totpChangedMail } from './accounts/totp-jobs.ts';
import { invitationMail } from './admin/jobs.ts';
import type { Job } from './job.ts';
import { expiredLimitsJob } from './lib/expired-limits.ts';
import { stripeEventJob } from './payments/events.ts';
import { orderPaidMail } from './payments/jobs.ts';
import {
  accountDeletionJob,
  dataExportJob,
  dataExportMail,
  deletionScheduledMail,
  exportCleanUpJob,
} from './privacy/jobs.ts';

/** Every kind of job: a queue is made for each, and the worker works on each. */
export const JOBS = [
  activationMail,
  activatedMail,
  activationJob,
  passwordResetJob,
  passwordResetMail,
  passwordResetDoneMail,
  passwordChangedMail,
  emailChangeMail,
  emailChangedMail,
  totpChangedMail,
  stripeEventJob,
  orderPaidMail,
  invitationMail,
  expiredLimitsJob,
  avatarSweepJob,
  accountsCleanUpJob,
  dataExportJob,
  dataExportMail,
  exportCleanUpJob,
  deletionScheduledMail,
  accountDeletionJob,
] as Job[];
