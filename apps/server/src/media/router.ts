import { Nothing } from '@online-cinema/contract/common';
import {
  AddTrack,
  MediaInput,
  MediaList,
  MediaListInput,
  MediaTrack,
  MediaUploaded,
  TrackInput,
  UploadMedia,
} from '@online-cinema/contract/media';
import { actorOf } from '../audit.ts';
import { moderatorProcedure, rest, router } from '../trpc.ts';
import { deleteMedia, listMedia } from './service.ts';
import { addTrack, deleteTrack, TRACK_BODY } from './tracks.ts';
import { MEDIA_BODY, uploadMedia } from './uploads.ts';

/** `media`: the videos of films, as those see them who keep the catalogue. */
export const mediaRouter = router({
  upload: moderatorProcedure
    .meta(
      rest('POST', '/movies/{movieId}/media', 'Upload a video of a film', {
        status: 201,
        binary: MEDIA_BODY,
        description:
          'MP4, QuickTime, Matroska or WebM, told by its bytes; 20 GB at most, unless the server says otherwise. In one ' +
          'piece: what breaks off has to be sent again. To go on where it broke off, send it by tus 1.0 to ' +
          '`/media-uploads`, with the metadata `movieId`, `kind` and `filename`. It plays when its status is `ready`.',
      }),
    )
    .input(UploadMedia)
    .output(MediaUploaded)
    .mutation(({ ctx, input }) => uploadMedia(ctx.deps, actorOf(ctx), input)),

  list: moderatorProcedure
    .meta(rest('GET', '/movies/{movieId}/media', 'The videos of a film, and how far the work on each has come'))
    .input(MediaListInput)
    .output(MediaList)
    .query(({ ctx, input }) => listMedia(ctx.deps, input.movieId)),

  delete: moderatorProcedure
    .meta(
      rest('DELETE', '/movies/{movieId}/media/{assetId}', 'Take a video away from a film', {
        status: 204,
        description: 'At once for viewers; its files are deleted soon after.',
      }),
    )
    .input(MediaInput)
    .output(Nothing)
    .mutation(({ ctx, input }) => deleteMedia(ctx.deps, actorOf(ctx), input)),

  addTrack: moderatorProcedure
    .meta(
      rest('PUT', '/movies/{movieId}/media/{assetId}/tracks/{language}', 'Give a video captions', {
        binary: TRACK_BODY,
        description: 'WebVTT in UTF-8, 1 MB at most. Those there are in the language are replaced.',
      }),
    )
    .input(AddTrack)
    .output(MediaTrack)
    .mutation(({ ctx, input }) => addTrack(ctx.deps, actorOf(ctx), input)),

  deleteTrack: moderatorProcedure
    .meta(
      rest('DELETE', '/movies/{movieId}/media/{assetId}/tracks/{language}', 'Take captions away from a video', {
        status: 204,
      }),
    )
    .input(TrackInput)
    .output(Nothing)
    .mutation(({ ctx, input }) => deleteTrack(ctx.deps, actorOf(ctx), input)),
});
