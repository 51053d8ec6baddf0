#!/usr/bin/env bash
# Makes the little film that the browser check plays as HLS: two minutes of ffmpeg's own test picture, as small as can be,
# in two renditions. Needs ffmpeg with libx264.
set -euo pipefail
cd "$(dirname "$0")"
rm -rf hls
mkdir hls
cd hls

ffmpeg -hide_banner -loglevel error -y \
  -f lavfi -i "testsrc=size=160x90:rate=5:duration=120" \
  -map 0:v -map 0:v -c:v libx264 -profile:v baseline -preset slow -pix_fmt yuv420p -g 50 -sc_threshold 0 -threads 1 \
  -b:v:0 4k -s:v:0 96x54 -b:v:1 8k \
  -map_metadata -1 -fflags +bitexact -flags:v +bitexact \
  -f hls -hls_time 10 -hls_playlist_type vod -hls_segment_type fmp4 \
  -hls_flags independent_segments -var_stream_map 'v:0,name:low v:1,name:high' -master_pl_name master.m3u8 \
  -hls_fmp4_init_filename init.mp4 -hls_segment_filename '%v/%d.m4s' '%v/index.m3u8'
