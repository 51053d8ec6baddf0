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
import { noticeMails, personRenamedJob, posterSweepJob, removeObjectsJob } from './catalogue/jobs.ts';
import { importJob, importSweepJob } from './catalogue/import-jobs.ts';
import { digestJob } from './community/digest-jobs.ts';
import { notificationsCleanUpJob } from './community/notifications-clean-up-jobs.ts';
import { likesDigestMail, replyMail } from './community/notifications-jobs.ts';
import { recommendJob, recommendToActiveJob, trendingJob } from './community/recommendations-jobs.ts';
import { recountJob } from './community/recount-jobs.ts';
import type { Job } from './job.ts';
import { expiredLimitsJob } from './lib/expired-limits.ts';
import { mediaSweepJob, prepareJob, renderJob, uploadCleanUpJob } from './media/jobs.ts';
import { removeMediaJob } from './media/removal-jobs.ts';
import { expireOrdersJob } from './payments/cancel-jobs.ts';
import { stripeEventJob } from './payments/events.ts';
import { orderPaidMail } from './payments/jobs.ts';
import { streamsCleanUpJob } from './playback/jobs.ts';
import { reconcileJob, sweepJob } from './payments/reconcile-jobs.ts';
import { refundJob } from './payments/refund-jobs.ts';
import { refundMail } from './payments/refund-mail.ts';
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
  refundJob,
  refundMail,
  reconcileJob,
  sweepJob,
  expireOrdersJob,
  invitationMail,
  expiredLimitsJob,
  avatarSweepJob,
  accountsCleanUpJob,
  dataExportJob,
  dataExportMail,
  exportCleanUpJob,
  deletionScheduledMail,
  accountDeletionJob,
  noticeMails,
  removeObjectsJob,
  personRenamedJob,
  posterSweepJob,
  importJob,
  importSweepJob,
  prepareJob,
  renderJob,
  removeMediaJob,
  uploadCleanUpJob,
  mediaSweepJob,
  replyMail,
  digestJob,
  likesDigestMail,
  notificationsCleanUpJob,
  streamsCleanUpJob,
  trendingJob,
  recommendToActiveJob,
  recommendJob,
  recountJob,
] as Job[];
