#!/usr/bin/env bash
# The main job: a network of node processes on loopback that carries real blocks as frags. Takes the flags of
# 'fragcast devnet' (see ./devnet.sh --help).
set -euo pipefail
exec "$(dirname "$(readlink -f "$0")")/fragcast" devnet "$@"
