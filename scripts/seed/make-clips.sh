#!/usr/bin/env bash
# Makes the seed catalogue's three clips anew, from ffmpeg's own test sources and tones: nobody else's pictures or sounds.
# Needs ffmpeg with libx264. The same ffmpeg gives the same bytes; after a change, bring durations in clips.ts up to date.
set -euo pipefail
cd "$(dirname "$0")/clips"

# make_clip NAME SECONDS VIDEO_SOURCE AUDIO_SOURCE
# Baseline H.264 and AAC play in every browser; faststart puts the index first, so that playing begins at once.
make_clip() {
  local name=$1 seconds=$2 video=$3 audio=$4
  local fade_out=$((seconds - 2))
  ffmpeg -hide_banner -loglevel error -y \
    -f lavfi -i "$video" -f lavfi -i "$audio" -t "$seconds" \
    -vf "scale=640:360:flags=bilinear,format=yuv420p,fade=t=in:d=1,fade=t=out:st=$fade_out:d=2" \
    -af "aresample=44100,afade=t=in:d=1,afade=t=out:st=$fade_out:d=2" \
    -c:v libx264 -profile:v baseline -level 3.0 -preset slow -crf 27 -maxrate 220k -bufsize 440k -g 48 -threads 1 \
    -c:a aac -b:a 48k -ac 1 \
    -map_metadata -1 -fflags +bitexact -flags:v +bitexact -flags:a +bitexact -movflags +faststart \
    "$name.mp4"
}

# Curtains of green and violet light over a chord that swells.
curtain='0.5+0.5*sin(X/17+1.8*sin(Y/31+T*0.6)+T*0.45)'
height='exp(-pow((Y-38-9*sin(X/29+T*0.35))/24,2))'
make_clip aurora 16 \
  "color=c=black:size=160x90:rate=24,format=gbrp,geq=r='12+105*($curtain)*($height)*Y/70':g='18+205*($curtain)*($height)':b='42+120*(1-($curtain))*($height)'" \
  'aevalsrc=(sin(2*PI*110*t)+0.7*sin(2*PI*165*t)+0.5*sin(2*PI*220*t)*(1+sin(2*PI*0.25*t)))*0.14:s=44100'

# A dive to the edge of the Mandelbrot set, with a slowly rising tone.
make_clip deep-dive 14 \
  'mandelbrot=size=640x360:rate=24:maxiter=768:start_scale=2.6:end_scale=0.002:end_pts=320:inner=black' \
  'aevalsrc=0.25*sin(2*PI*(90*t+7*t*t)):s=44100'

# Conway's Game of Life on an amber screen: six generations and two ticks a second.
make_clip colony 15 \
  'life=size=80x45:rate=6:ratio=0.28:seed=11:mold=12:life_color=0xffcf56:death_color=0x3b2507:mold_color=0x120b02,scale=640:360:flags=neighbor,fps=24' \
  'aevalsrc=0.3*sin(2*PI*520*t)*exp(-18*mod(t\,0.5))+0.08*sin(2*PI*65*t):s=44100'
